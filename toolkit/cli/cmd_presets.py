"""``toolkit presets``: the kinds, or one kind's documents, parameters and required clauses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command
from toolkit.cli.console import as_json as to_json
from toolkit.cli.console import next_step, pad, say, show_findings, width
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK

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
    from toolkit import presets as preset_module
    from toolkit.core import data_folders

    data_folders.need_folders([*presets, *layers])
    folders = data_folders.presets_folders(presets)
    if not kind:
        _list_kinds(preset_module.kinds(folders), as_json)
        broken = [finding for found in preset_module.unlisted(folders).values() for finding in found]
        show_findings(broken, err=True)
        return EXIT_FINDINGS if broken else EXIT_OK
    preset = preset_module.load(preset_module.named(kind, folders).id, folders, layers)
    if as_json:
        say(to_json(_data(preset)))
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


def _data(preset: Preset) -> dict[str, Any]:
    """Return the contract of ``presets KIND --json``."""
    documents = [
        {
            "id": document.id,
            "number": document.number,
            "name": _text(document.texts.get("file", ())),
            "family": document.family,
            "conditional": document.when is not None,
            "required": {
                clause: {"what": need.what, "basis": need.basis, "kind": need.kind}
                for clause, need in preset.required.get(document.id, {}).items()
            },
        }
        for document in preset.documents.values()
    ]
    params = [
        {
            "key": param.key,
            "label": param.label,
            "type": param.type,
            "required": param.needed,
            "options": list(param.options),
            "default": param.default,
            "help": param.help,
            "basis": param.basis,
            "tag": param.tag,
        }
        for param in preset.params.params.values()
    ]
    head = {"id": preset.id, "label": preset.label, "version": preset.version}
    return {**head, "documents": documents, "params": params}


def _text(parts: Any) -> str:
    from toolkit.presets.markup import literal_text

    return literal_text(parts).replace("\ufffc", "…")


def _show(preset: Preset) -> None:
    from toolkit import presets as preset_module
    from toolkit.profile import printable

    data = _data(preset)
    names = preset_module.printed_names(preset)
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
        default = _default(printable(param["default"], preset.params, names))
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


def _default(value: Any) -> str:
    if value in (None, "", [], ()):
        return "（空）"
    if isinstance(value, dict):
        from toolkit.presets.params import DOCUMENT_FIELDS

        labels = {field.key: field.label for field in DOCUMENT_FIELDS}
        return "，".join(f"{labels.get(name, name)} {_default(entry)}" for name, entry in value.items())
    if isinstance(value, (list, tuple)):
        return f"{len(value)} 条记录" if isinstance(value[0], dict) else "、".join(map(str, value))
    return str(value)
