"""``toolkit fonts``: which face prints which role of a PDF, and what a profile needs of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.show import as_json as to_json
from toolkit.cli.show import next_step, pad, say, show_findings, width
from toolkit.errors import EXIT_FINDINGS, EXIT_OK, Finding, has_errors

if TYPE_CHECKING:
    from toolkit.generate import Prepared
    from toolkit.pdf.fonts import Face, FontSet

_ROLES = {"body": "正文", "title": "标题", "heading": "章和一级标题", "note": "题注和二级标题", "number": "页码"}
#: Characters of a stand-in that the text shows; JSON has all.
_SHOWN = 60


@click.command("fonts", cls=Command, help="列出 PDF 的每种字体由哪个字体文件显示；写明档案时，列出它用到的替补字和缺字。")
@options.together(
    click.argument("file", metavar="[档案]", required=False, type=options.FOLDER),
    options.fonts,
    options.json_flag,
    options.presets,
    options.layer,
)
def command(
    file: Path | None, fonts: tuple[Path, ...], as_json: bool, presets: tuple[Path, ...], layers: tuple[Path, ...]
) -> int:
    from toolkit.pdf.fonts.own import find_fonts

    prepared = _prepared(file, presets, layers) if file else None
    names = prepared.resolved.fonts if prepared and prepared.resolved else {}
    found = find_fonts(fonts, names)
    findings = [*found.findings]
    data = _data(found.fonts)
    if prepared:
        findings += _add_profile(data, prepared, found.fonts)
    code = EXIT_FINDINGS if has_errors(findings) else EXIT_OK
    if as_json:
        say(to_json({**data, "findings": [finding.as_dict() for finding in findings]}))
        return code
    _show(data)
    show_findings(findings)
    if code == EXIT_OK:
        more = [("--fonts", fonts), ("--presets", presets), ("--layer", layers)]
        words = [word for name, all in more for one in all for word in (name, one)]
        next_step("toolkit", "generate", file or "unit.yaml", "--format", "pdf", "-o", "out", *words)
    return code


def _prepared(file: Path, presets: tuple[Path, ...], layers: tuple[Path, ...]) -> "Prepared":
    """Return the set of a profile; raise FindingsError if it has none because of errors."""
    from toolkit import generate
    from toolkit.errors import FindingsError

    prepared = generate.prepare(file, presets, layers)
    if prepared.built is None:
        raise FindingsError(prepared.findings)
    return prepared


def _data(fonts: "FontSet") -> dict[str, Any]:
    """Return the contract of ``fonts --json`` without what belongs to a profile."""
    from toolkit.pdf.fonts import bundled, report

    faces = report.faces_of(fonts)
    roles = {
        role: {
            "label": _ROLES[role],
            "font": bundled.TEMPLATE_FONTS[role],
            "faces": [_name(face) for face in fonts.faces(role)],
            **report.coverage(fonts, role),
        }
        for role in bundled.ROLES
    }
    return {"roles": roles, "faces": {_name(face): report.describe(face) for face in faces}}


def _name(face: "Face") -> str:
    return f"{face.path.name}#{face.index}" if face.index else face.path.name


def _add_profile(data: dict[str, Any], prepared: "Prepared", fonts: "FontSet") -> list[Finding]:
    """Add what the profile's set takes from stand-ins; return findings for characters without a font."""
    from toolkit import generate
    from toolkit.pdf.fonts import check_texts, report
    from toolkit.pdf.fonts.texts import texts

    printed = list(texts(generate.written(prepared)))
    assert prepared.resolved
    for template, name in prepared.resolved.fonts.items():
        for role in data["roles"].values():
            if role["font"] == template:
                role["font"] = name
    found = report.stand_ins(fonts, printed)
    data["stand_ins"] = {role: {_name(face): "".join(chars) for face, chars in faces.items()} for role, faces in found.items()}
    return check_texts(fonts, printed)


def _show(data: dict[str, Any]) -> None:
    say("角色（先用第一个字体，缺字时依次往后找）：")
    widest = max(width(role["label"]) for role in data["roles"].values())
    for role in data["roles"].values():
        say(f"  {pad(role['label'], widest)}  {role['font']}：{' → '.join(role['faces'])}")
        say(f"  {pad('', widest)}  合计：GB2312 {role['gb2312']}/6763，通用规范汉字表 {role['tgh8105']}/8105")
    say("\n字体文件：")
    widest = max(width(name) for name in data["faces"])
    for name, face in data["faces"].items():
        source = f"{face['licence']}；{face['package']} {face['version']}" if face["licence"] else f"自己的：{face['file']}"
        counts = f"GB2312 {face['gb2312']}，通用规范汉字表 {face['tgh8105']}，共 {face['characters']} 字"
        say(f"  {pad(name, widest)}  {face['name']}：{counts} ／ {source}")
    if "stand_ins" in data:
        say("\n本套文件由替补字体显示的字：" + ("" if data["stand_ins"] else "没有"))
        for role, faces in data["stand_ins"].items():
            for name, chars in faces.items():
                more = f"……共 {len(chars)} 个" if len(chars) > _SHOWN else ""
                say(f"  {_ROLES[role]}，{name}：{chars[:_SHOWN]}{more}")
    say("")
