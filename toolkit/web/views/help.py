"""帮助: the handbook, docs/手册.md, with its pictures, rendered by the server."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, url_for
from markupsafe import Markup

from toolkit import api
from toolkit.web.desk import Missing

if TYPE_CHECKING:
    from markdown_it.token import Token

_PICTURE = re.compile(r"[a-z0-9-]{1,40}")


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("help", __name__)
    made.add_url_rule("/help", "page", page)
    made.add_url_rule("/help/pictures/<name>.png", "picture", picture)
    return made


def page() -> str:
    """Show the handbook with its chapters at the left."""
    text = (_folder() / "手册.md").read_text(encoding="utf-8")
    chapters, body = rendered(text)
    return render_template("help.html", chapters=chapters, body=body)


def picture(name: str) -> Response:
    """Return a picture of the handbook."""
    path = _folder() / "pictures" / f"{name}.png"
    if not _PICTURE.fullmatch(name) or not path.is_file():
        raise Missing("手册里没有这张图", "刷新“帮助”这一页", "no_picture")
    return Response(path.read_bytes(), mimetype="image/png", headers={"Cache-Control": "private, max-age=3600"})


def _folder() -> Path:
    return api.handbook()


def rendered(text: str) -> tuple[list[tuple[str, str]], Markup]:
    """Return the chapters of the handbook (anchor, title) and its HTML; pictures come from this server, HTML stays text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    chapters = []
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open" and opening.tag == "h2":
            anchor = f"h{hashlib.sha256(inline.content.encode()).hexdigest()[:8]}"
            opening.attrSet("id", anchor)
            chapters.append((anchor, inline.content))
        for child in inline.children or ():
            _serve(child)
    return chapters, Markup(parser.renderer.render(tokens, parser.options, {}))


def _serve(token: Token) -> None:
    """Let a picture come from this server, loaded when it is scrolled to."""
    if token.type == "image":
        name = Path(str(token.attrGet("src"))).stem
        token.attrSet("src", url_for("help.picture", name=name))
        token.attrSet("loading", "lazy")
