"""The way in for a phone, and a link that only shows one unit; both end with the run of the program."""

from __future__ import annotations

import io

from flask import Blueprint, render_template
from markupsafe import Markup

from toolkit.core.findings import UsageError
from toolkit.web import current
from toolkit.web.desk import Missing


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("share", __name__)
    made.add_url_rule("/phone", "page", page)
    made.add_url_rule("/u/<unit>/share", "link", link, methods=["POST"])
    return made


def page() -> str:
    """Show the code for a phone, which still asks for the passphrase."""
    guard = current.guard()
    if not guard.shared:
        raise Missing(
            "现在只有这台电脑能用",
            "要用手机，先点“退出”，请管电脑的人用“手机”方式启动（toolkit web --lan），设一个口令",
            "not_shared",
        )
    return _shown(
        "用手机打开", f"{guard.outside}/sign-in", "手机要和这台电脑在同一个网络里。打开以后输入启动时设的口令。"
    )


def link(unit: str) -> str:
    """Make a link that shows a unit and changes nothing."""
    guard, opened = current.guard(), current.unit(unit)
    if not guard.shared:
        raise UsageError(
            "现在只有这台电脑能用，链接给别人打不开",
            "先点“退出”，请管电脑的人用“手机”方式启动（toolkit web --lan）",
            "not_shared",
        )
    return _shown(
        f"给人看“{opened.name}”",
        guard.outside + guard.link(opened.id),
        "拿到这个链接的人只能看这一个单位，不用口令。看得到填写、文件、台账和审阅里的改动，文件里印着的姓名也看得到；"
        "电话和印着电话的文件、人员、会议和记录不给看。除了在“审阅”里写意见，什么也改不了。程序结束，链接就作废。",
    )


def _shown(title: str, address: str, words: str) -> str:
    return render_template("share.html", heading=title, address=address, said=words, code=Markup(svg_code(address)))


def terminal_code(address: str) -> str:
    """Return a QR code that a dark or light terminal shows with half blocks."""
    out = io.StringIO()
    import segno

    segno.make(address, micro=False).terminal(out, compact=True)
    return out.getvalue()


def svg_code(address: str) -> str:
    """Return a QR code as an SVG element, black on white in dark mode too; nothing in it needs a style attribute."""
    import segno

    return str(segno.make(address, micro=False).svg_inline(scale=6, border=4, dark="#000", light="#fff"))
