"""``toolkit presets``: the kinds, or one kind's documents, parameters and required clauses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, say, show_findings
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK
from toolkit.language.columns import pad, width

if TYPE_CHECKING:
    from toolkit.presets import KindInfo, Preset


@click.command("presets", cls=Command, help="列出单位类型；写明一类时，列出它的文件、参数和必备条款。")
@options.together(
    click.argument("kind", required=False, default="", metavar="[类型]"),
    options.json_flag,
    options.presets,
    options.layer,
)
def command(kind: str, as_json: bool, presets: tuple[Path, ...], layers: tuple[Path, ...]) -> int:
    if not kind:
        _list_kinds(api.kinds(presets), as_json)
        broken = api.broken_kinds(presets)
        show_findings(broken, err=True)
        return EXIT_FINDINGS if broken else EXIT_OK
    preset = api.preset(kind, presets, layers)
    if as_json:
        say(to_json(preset.as_dict()))
        return EXIT_OK
    _show(preset)
    next_step("toolkit", "init", preset.id, "-o", "unit.yaml")
    return EXIT_OK


def _list_kinds(known: Sequence[KindInfo], as_json: bool) -> None:
    if as_json:
        rows = [{"id": info.id, "label": info.label, "version": info.version} for info in known]
        say(to_json({"kinds": rows}))
        return
    widest = max((width(info.id) for info in known), default=0)
    for info in known:
        say(f"{pad(info.id, widest)}  {info.label}  {info.version}")
    if known:
        next_step("toolkit", "presets", known[0].id)


def _show(preset: Preset) -> None:
    data = preset.as_dict()
    say(f"{preset.label}（{preset.id}）{preset.version}\n\n文件（{len(data['documents'])} 份）：")
    widest = max((width(document["id"]) for document in data["documents"]), default=0)
    for document in data["documents"]:
        remark = "（有条件）" if document["conditional"] else ""
        say(f"  {document['number']:02d}  {pad(document['id'], widest)}  {document['name']}{remark}")
    required = [param for param in data["params"] if param["required"]]
    say(f"\n必填参数（{len(required)} 个）：")
    for param in required:
        say(f"  {param['label']}（{param['key']}）{_remarks(param)}")
    others = [param for param in data["params"] if not param["required"]]
    say(f"\n有默认值的参数（{len(others)} 个）：")
    for param in others:
        default = api.default_text(preset, param["key"])
        say(f"  {param['label']}（{param['key']}）：{default}{_remarks(param)}")
    say("\n必备条款：")
    for document in data["documents"]:
        if document["required"]:
            say(f"  {document['number']:02d}  {document['name']}（{document['id']}）")
        for clause, need in document["required"].items():
            say(f"      {clause}：{need['what']} ／ 依据：{need['basis']}")


def _remarks(param: dict[str, Any]) -> str:
    options = f"可选：{'、'.join(param['options'])}" if param["options"] else ""
    return "".join(f" ／ {text}" for text in (options, param["help"]) if text)
