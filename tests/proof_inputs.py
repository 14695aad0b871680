"""The inputs that ``proof_versions.py`` gives to both versions: profiles, layers, forms, templates and lists, right and wrong."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

#: What the changed village says instead.
CHANGES = {
    "甲某": "辛某",
    "党员人数: 32": "党员人数: 45",
    "一组、二组、三组": "一组、二组",
    "0471-0000001": "0471-0000009",
    "文件:\n": "频次: {专题研究: 每季度至少1次}\n时限: {整改: 20个工作日}\n文件:\n",
}
#: Wrong profiles by name: what the village says, and what the wrong one says instead.
WRONG = {
    "empty": {},
    "no_name": {"  全称: 青禾县柳溪镇柳河村\n": ""},
    "kind": {"单位类型: 村": "单位类型: 镇"},
    "number": {"党员人数: 32": "党员人数: 三十二个左右"},
    "date": {"2026-01-05": "2026-02-30"},
    "key": {"联络人:": "联系人:"},
    "choice": {"形式: 党支部": "形式: 党小组"},
    "brackets": {"村民小组: 一组": "村民小组: [一组"},
    "twice": {"单位:\n": "单位: {全称: 甲}\n单位:\n"},
    "record": {"平台: 微信公众号": "平台: [微信, 公众号]", "管理员: 丙某": "管理人: 丙某"},
    "frequency": {"文件:\n": "频次: {专题研究: 经常}\n时限: {整改: 尽快}\n文件:\n"},
    "everything": {"32": "-1", "村民小组: ": "村民小组数: ", "2026-01-05": "昨天", "姓名: 戊某": "姓氏: 戊某"},
    "no_layer": {"文件:\n": "自有条款: 没有的文件夹\n文件:\n"},
}
#: Wrong layers by name: file and text.
WRONG_LAYERS = {
    "reference": (
        "regulation.md",
        "---\nid: regulation\n---\n## 补充 {#extra in=arrangement}\n依照[](#nothing)办理。\n",
    ),
    "position": ("regulation.md", "---\nid: regulation\n---\n## 补充 {#extra after=nowhere}\n村党支部每月检查一次。\n"),
    "value": ("regulation.md", "---\nid: regulation\n---\n## 补充 {#extra in=arrangement}\n{unit.selv}负责。\n"),
    "vague": ("regulation.md", "---\nid: regulation\n---\n## 补充 {#extra in=arrangement}\n有关部门应当适时汇报。\n"),
    "id": ("regulation.md", "---\nid: regulations\n---\n## 补充 {#extra in=arrangement}\n村党支部负责。\n"),
    "form": (
        "added.yaml",
        "id: added\nnumber: 90\nfile: 补充表\ntitle: 补充表\nfamily: record\nlayout: form\nbody: 无\n",
    ),
}
#: What the wrong form says instead of the second record of the examples.
WRONG_FORM = {
    "2026-03-18": "2026-02-30",
    "'4'": "'7'",
    "9时30分": "9点半多",
    "到会": "来了",
    "达到": "未达到",
    "宣传委员": "",
}
#: Templates of a user's own by name: their paragraphs.
TEMPLATES = {
    "own": ("{{ unit.full_name }} {{ held_on }}", "{% for p in attendance %}{{ p.name }}、{% endfor %}", "{{ place }}"),
    "wrong_own": (
        "{{ unit.leader.name2 }} {{ helt_on }}",
        "{% for r in resolutions %}{{ r.decidet }}{% endfor %}",
        "{{ unit.full_name }",
        "{% if a %}{{ held_on }}",
    ),
}


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Return a text with every old one replaced by its new one."""
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def make_inputs(code: Path, folder: Path) -> None:
    """Write the inputs of all steps, from the examples and test data of a version."""
    from docx import Document
    from openpyxl import Workbook

    shutil.copytree(code / "examples", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "examples.json").write_text(json.dumps(sorted(path.stem for path in folder.glob("*.yaml"))))
    for name in ("proof", "clinic"):
        shutil.copytree(code / "tests" / "data" / name, folder / name)
    village = (folder / "village.yaml").read_text(encoding="utf-8")
    (folder / "changed.yaml").write_text(replaced(village, CHANGES), encoding="utf-8")
    (folder / "wrong").mkdir()
    for name, changes in WRONG.items():
        text = replaced(village, changes) if changes else ""
        (folder / "wrong" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, (file, text) in WRONG_LAYERS.items():
        (folder / "wrong_layers" / name / "documents").mkdir(parents=True)
        (folder / "wrong_layers" / name / "documents" / file).write_text(text, encoding="utf-8")
    form = next((folder / "records").glob("02*.yaml")).read_text(encoding="utf-8")
    (folder / "wrong_form.yaml").write_text(replaced(form, WRONG_FORM), encoding="utf-8")
    (folder / "wrong_records").mkdir()
    shutil.copy(folder / "wrong_form.yaml", folder / "wrong_records" / "a.yaml")
    (folder / "wrong_records" / "b.docx").write_bytes(b"no package")
    for name, lines in TEMPLATES.items():
        document = Document()
        for line in lines:
            document.add_paragraph(line)
        document.save(str(folder / f"{name}.docx"))
    (folder / "units").mkdir()
    names = ("青石村", "白水村", "红木村")
    profiles = [village.replace("柳河村", name) for name in names]
    profiles.append(village.replace("32", "三十二个").replace("柳河村", "错村"))
    for number, text in enumerate(profiles):
        (folder / "units" / f"{number}.yaml").write_text(text, encoding="utf-8")
    write_lists(folder, [yaml.load(text, yaml.BaseLoader) for text in profiles], Workbook())


def write_lists(folder: Path, profiles: list[dict], book) -> None:
    """Write profiles as a workbook, their records on sheets of their own, and as a CSV without records."""
    rows: list[dict[str, str]] = []
    records: dict[str, list[dict[str, str]]] = {}
    for profile in profiles:
        row: dict[str, str] = {}
        for name, value in profile.items():
            if isinstance(value, dict):
                row |= {f"{name}.{key}": text for key, text in value.items()}
            elif isinstance(value, list):
                records.setdefault(name, []).extend({"单位": profile["单位"]["全称"], **record} for record in value)
            else:
                row[name] = value
        rows.append(row)
    book.active.title = "单位"
    for title, lines in {"单位": rows, **records}.items():
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        head = list(dict.fromkeys(key for line in lines for key in line))
        for line in ([*head], *([line.get(key) for key in head] for line in lines)):
            sheet.append(line)
    book.save(folder / "list.xlsx")
    with open(folder / "list.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
