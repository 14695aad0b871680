"""``toolkit presets``: the kinds, or one kind's documents, parameters and required clauses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Sequence

import click

from toolkit.cli import options
from toolkit.cli.chinese import Command, did_you_mean
from toolkit.cli.show import as_json as to_json
from toolkit.cli.show import next_step, pad, width
from toolkit.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from toolkit.presets import KindInfo, Preset


@click.command("presets", cls=Command, help="列出单位类型；写明一类时，列出它的文件、参数和必备条款。")
@options.together(
    click.argument("kind", required=False, default="", metavar="[类型]"),
    options.json_flag, options.presets, options.layer,
)  # fmt: skip
def command(kind: str, as_json: bool, presets: tuple[Path, ...], layers: tuple[Path, ...]) -> int:
    from toolkit import locate
    from toolkit import presets as preset_module

    folders = locate.presets_folders(presets)
    if not kind:
        _list_kinds(preset_module.kinds(folders), as_json)
        return EXIT_OK
    info = kind_named(kind, folders)
    preset = preset_module.load(info.id, folders, layers)
    if as_json:
        click.echo(to_json(_data(preset)))
        return EXIT_OK
    _show(preset)
    next_step("toolkit", "init", preset.id, "-o", "unit.yaml")
    return EXIT_OK


def kind_named(name: str, folders: Sequence[Path]) -> "KindInfo":
    """Return the kind with this id or label. Raises UsageError, with a did-you-mean."""
    from toolkit import presets

    known = presets.kinds(folders)
    names = {key: info for info in known for key in (info.label, info.id)}
    if name not in names:
        listed = "、".join(f"{info.id}（{info.label}）" for info in known)
        raise UsageError(f"没有“{name}”这一类单位{did_you_mean(name, names)}", f"可以写：{listed}")
    return names[name]


def _list_kinds(known: "Sequence[KindInfo]", as_json: bool) -> None:
    if as_json:
        rows = [{"id": info.id, "label": info.label, "version": info.version} for info in known]
        click.echo(to_json({"kinds": rows}))
        return
    widest = max((width(info.id) for info in known), default=0)
    for info in known:
        click.echo(f"{pad(info.id, widest)}  {info.label}  {info.version}")
    if known:
        next_step("toolkit", "presets", known[0].id)


def _data(preset: "Preset") -> dict[str, Any]:
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
            "required": param.required,
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
    from toolkit.markup import literal_text

    return literal_text(parts).replace("\ufffc", "…")


def _show(preset: "Preset") -> None:
    data = _data(preset)
    click.echo(f"{preset.label}（{preset.id}）{preset.version}\n\n文件（{len(data['documents'])} 份）：")
    widest = max((width(document["id"]) for document in data["documents"]), default=0)
    for document in data["documents"]:
        remark = "（有条件）" if document["conditional"] else ""
        click.echo(f"  {document['number']:02d}  {pad(document['id'], widest)}  {document['name']}{remark}")
    required = [param for param in data["params"] if param["required"]]
    click.echo(f"\n必填参数（{len(required)} 个）：")
    for param in required:
        click.echo(f"  {param['label']}（{param['key']}）{_remark(param['help'])}")
    others = [param for param in data["params"] if not param["required"]]
    click.echo(f"\n有默认值的参数（{len(others)} 个）：")
    for param in others:
        click.echo(f"  {param['label']}（{param['key']}）：{_default(param['default'])}{_remark(param['help'])}")
    click.echo("\n必备条款：")
    for document in data["documents"]:
        if document["required"]:
            click.echo(f"  {document['number']:02d}  {document['name']}（{document['id']}）")
        for clause, need in document["required"].items():
            click.echo(f"      {clause}：{need['what']} ／ 依据：{need['basis']}")


def _remark(text: str) -> str:
    return f" ／ {text}" if text else ""


def _default(value: Any) -> str:
    if value in (None, "", [], ()):
        return "（空）"
    if isinstance(value, dict):
        return "、".join(f"{name}={_default(entry)}" for name, entry in value.items() if name != "by")
    if isinstance(value, (list, tuple)):
        return f"{len(value)} 条记录" if isinstance(value[0], dict) else "、".join(map(str, value))
    return str(value)
