"""``toolkit presets``, ``init`` and ``check``: the kinds of unit, a starter profile, every finding about a profile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import api
from toolkit.cli import console, options
from toolkit.cli.console import next_step, say, show_json
from toolkit.core.findings import EXIT_FINDINGS, EXIT_OK, UsageError
from toolkit.language.columns import pad, width

if TYPE_CHECKING:
    from toolkit.coverage.variants import Judged
    from toolkit.presets import KindInfo, Preset


@options.command(
    "check",
    "检查单位档案和全套文件，一次列出全部问题；也检查改过的文件夹和 DOCX。",
    *(options.argument("file", "档案、文件夹或者DOCX"), options.json),
    options.text("--kind", metavar="类型", help="不是这里生成的文本属于哪一类单位，如 村"),
    *(options.presets, options.templates, options.layer, options.unit, options.shared),
)
def check(file: Path, as_json: bool, kind: str, where: dict[str, Any]) -> int:
    if isinstance(file, Path) and (file.is_dir() or file.suffix.lower() == ".docx"):
        return console.show_check(api.check(file, kind=kind, **where), as_json)
    prepared = api.prepare(file, presets=where["presets"], layers=where["layers"])
    found = api.check(prepared, templates=where["templates"])
    left = api.left_out(prepared)
    return console.show_check(found, as_json, "toolkit", "generate", file, "-o", "out", left=left)


@options.command(
    "init",
    "写出一份带说明的单位档案；在终端上会询问必填的内容。不覆盖已有文件。",
    click.Argument(["kind"], metavar="类型"),
    options.path("-o", "--out", required=True, help="写入的文件，如 unit.yaml"),
    click.Option(["--set", "settings"], multiple=True, metavar="键=值", help="直接给出一项，可以写多次"),
    options.presets,
)
def init(kind: str, out: Path, settings: tuple[str, ...], where: dict[str, Any]) -> int:
    api.need_new(out)
    draft = api.draft(kind, **where)
    for text in settings:
        try:
            draft.set(text)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--set") from error
    if console.at_terminal():
        if draft.open or draft.optional:
            counts = f"{len(draft.open)} 个必填的问题，{len(draft.optional)} 个可以不填"
            say(f"{counts}。直接回车或者写“跳过”就先空着，写“返回”改上一个。")
        if not draft.ask(console.ask):
            say("输入已经结束，没有问到的先空着。", err=True)
    elif draft.open:
        say("没有在终端上运行，所以没有提问，管道送来的回答不读；要一次给出，用 --set 键=值。", err=True)
    api.save(out, draft.text().encode(), new=True)
    say(f"已写入 {out}")
    again = options.words(where, "presets")
    if draft.open:
        say(f"还有 {len(draft.open)} 项必须填写：" + "、".join(param.label for param in draft.open), err=True)
        say("填好后运行：toolkit check " + " ".join(map(str, (out, *again))), err=True)
        return EXIT_FINDINGS
    next_step("toolkit", "check", out)
    return EXIT_OK


@options.command(
    "presets",
    "列出单位类型；写明一类时，列出它的文件、参数和必备条款；new 写出样子。",
    click.Argument(["kind"], required=False, default="", metavar="[类型]"),
    click.Argument(["new"], required=False, default="", metavar="[编号]"),
    options.flag("--ids", help="列出每份文件里条款的编号"),
    options.flag("--check", help="检查这一类的各种情形，并逐条删去必备条款检查"),
    options.text("--of", metavar="类型", help="用于 new：建立在哪一类上面，如 village"),
    options.text("--label", metavar="名称", help="用于 new：新类型的中文名称"),
    options.flag("--own", help="用于 new：写一个单位的自有条款，不是新的类型"),
    options.path("-o", "--out", help="用于 new：写在哪个文件夹里，不写就是当前文件夹"),
    *(options.json, options.presets, options.layer),
)
def presets(kind: str, new: str, ids: bool, check: bool, as_json: bool, where: dict[str, Any], **sample: Any) -> int:
    if kind == "new":
        return _write_sample(new, where, **sample)
    if new or any(sample.values()):
        raise UsageError("这些只用于 new", "例如 toolkit presets new gacha --of village --label 嘎查 -o kinds")
    if (ids or check) and not kind:
        raise UsageError("没有写明类型", "例如 toolkit presets village --ids")
    if not kind:
        _show_kinds(api.kinds(where["presets"]), as_json)
        broken = api.broken_kinds(where["presets"])
        console.show_findings(broken, err=True)
        return EXIT_FINDINGS if broken else EXIT_OK
    preset = api.preset(kind, **where)
    if ids:
        return _show_ids(preset, as_json)
    if check:
        return _show_variants(api.kind_check(kind, **where), as_json)
    if as_json:
        show_json(preset.as_dict())
        return EXIT_OK
    _show_preset(preset)
    next_step("toolkit", "init", preset.id, "-o", "unit.yaml")
    return EXIT_OK


def _write_sample(name: str, where: dict[str, Any], of: str, label: str, own: bool, out: Path | None) -> int:
    """Write the files of a sample kind or layer, none over an existing one, and print the next command."""
    if not (name and of):
        raise UsageError("没有写明编号和类型", "例如 toolkit presets new gacha --of village --label 嘎查 -o kinds")
    folder = out or Path()
    for path in api.sample(folder, name, of, label, layer=own, presets=where["presets"]):
        say(f"已写入 {path}")
    if own:
        next_step("toolkit", "check", "unit.yaml", "--layer", folder / name)
    else:
        next_step("toolkit", "presets", name, "--presets", folder, "--check")
    return EXIT_OK


def _show_ids(preset: Preset, as_json: bool) -> int:
    found = api.clause_ids(preset)
    if as_json:
        show_json({"documents": found})
        return EXIT_OK
    for name, ids in found.items():
        say(f"{name}：{' '.join(ids) or '（没有编号）'}")
    return EXIT_OK


def _show_variants(judged: Judged, as_json: bool) -> int:
    code = console.exit_code(judged.findings)
    if as_json:
        data: dict[str, Any] = {"variants": [variant.label for variant in judged.variants], "open": list(judged.open)}
        data |= {"deleted": judged.deleted, "absent": list(judged.absent)}
        show_json({**data, "findings": [finding.as_dict() for finding in judged.findings]})
        return code
    console.show_findings(judged.findings)
    say(
        f"检查了 {len(judged.variants)} 种情形，{len(judged.conditions) - len(judged.open)} 个条件成立和不成立都检查到了。"
    )
    if judged.open:
        say(f"没有都检查到的条件 {len(judged.open)} 个：{'；'.join(judged.open)}")
    say(f"把必备条款逐条删去检查了 {judged.deleted} 次。")
    if judged.absent:
        say(f"没有一种情形有它所在的文件、没有删去检查的 {len(judged.absent)} 条：{'、'.join(judged.absent)}")
    return code


def _show_kinds(known: Sequence[KindInfo], as_json: bool) -> None:
    if as_json:
        show_json({"kinds": [{"id": info.id, "label": info.label, "version": info.version} for info in known]})
        return
    widest = max((width(info.id) for info in known), default=0)
    for info in known:
        sizes = f"  规模：完整、{'、'.join(info.sizes.values())}" if info.sizes else ""
        say(f"{pad(info.id, widest)}  {info.label}  {info.version}{sizes}")
    if known:
        next_step("toolkit", "presets", known[0].id)


def _show_preset(preset: Preset) -> None:
    data = preset.as_dict()
    say(f"{preset.label}（{preset.id}）{preset.version}\n\n文件（{len(data['documents'])} 份）：")
    widest = max((width(document["id"]) for document in data["documents"]), default=0)
    for document in data["documents"]:
        remark = "（有条件）" if document["conditional"] else ""
        remark += "（按需）" if document["on_demand"] else ""
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
            left_out = f"：可以没有（{document['left_out']}）" if document["left_out"] else ""
            say(f"  {document['number']:02d}  {document['name']}（{document['id']}）{left_out}")
        for clause, need in document["required"].items():
            say(f"      {clause}：{need['what']} ／ 依据：{need['basis']}{_contract(preset, document['id'], clause)}")


def _contract(preset: Preset, document: str, clause: str) -> str:
    """Return the contract of a clause, and why some units do not need it."""
    asked = api.contract(preset, document, clause)
    left_out = preset.required[document][clause].left_out
    return (f" ／ {asked}" if asked else "") + (f" ／ 可以没有：{left_out}" if left_out else "")


def _remarks(param: dict[str, Any]) -> str:
    choices = f"可选：{'、'.join(param['options'])}" if param["options"] else ""
    return "".join(f" ／ {text}" for text in (choices, param["help"]) if text)
