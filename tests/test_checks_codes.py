"""Every code of the modules that feed the checks is stated in a table, used, and fires."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from toolkit import checks, clauses, coverage, presets, profile
from toolkit.compose import documents, resolve
from toolkit.compose.documents import build as build_set
from toolkit.core import yaml_read
from toolkit.core.findings import Finding, FindingsError, Severity
from toolkit.docx import template
from toolkit.presets import params

ROOT = Path(__file__).resolve().parent.parent / "toolkit"

# A kind as small as can be, to lay faults over.
MINI = {
    "mini/preset.yaml": "id: mini\nlabel: 小单位\nversion: '1'\nunit: '{unit.name}'\ndate: ''\nyear: ''\n",
    "mini/params.yaml": (
        "unit:\n  label: 单位\n  name: {label: 名称, type: text, default: 某单位}\n"
        "  list: {label: 清单, type: list, default: [甲, 乙]}\n"
    ),
    "mini/org.yaml": "office: {kind: body, name: 办公室}\n",
    "mini/documents/01-main.md": (
        "---\nid: main\nnumber: 1\ntitle: 办法\nfamily: regulation\nlayout: regulation\nself: 本办法\n---\n"
        "# 总则 {#general}\n## 目的 {#purpose}\n办公室负责。\n## 范围 {#scope}\n适用于办公室的{unit.list}。\n"
        "# 附则 {#final}\n## 施行 {#effective}\n施行。\n"
    ),
    "mini/documents/02-form.yaml": (
        "id: form\nnumber: 2\ntitle: 表\nfamily: record\nlayout: form\nnumbering: none\nself: 本表\nbody:\n"
        "  - grid: head\n    columns: [6, 6]\n    rows:\n      - [姓名, '{?name 姓名}']\n"
    ),
    "mini/required.yaml": "main:\n  purpose: {what: 目的, basis: 本项目的要求, kind: legal}\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, own: dict[str, str], kind: dict[str, str] | None = None) -> list[Finding]:
    """Findings of loading the small kind, in its light size if ``kind`` has one."""
    write(folder, {**MINI, **(kind or {})})
    layers = [write(folder / "own", own)] if own else []
    size = "light" if any("/sizes/light/" in name for name in kind or {}) else ""
    try:
        return list(presets.load("mini", [folder], layers, size).findings)
    except FindingsError as error:
        return list(error.findings)


def md(body: str, front: str = "") -> dict[str, str]:
    return {"documents/main.md": f"---\nid: main\n{front}---\n{body}\n"}


def extra(text: str) -> dict[str, str]:
    return md(f"## 补充 {{#extra in=general}}\n{text}")


def form(body: str, front: str = "") -> dict[str, str]:
    return {"documents/form.yaml": f"id: form\n{front}body:\n{body}\n"}


GRID = "  - grid: more\n    after: head\n    columns: [6, 6]\n    rows:\n"
TABLE = "  - table: rows\n    after: head\n"

#: code → (own layer, files of the kind itself)
PRESET_CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "unknown_file": ({"dutys.yaml": "a: {}\n"}, {}),
    "missing_base": ({}, {"mini/preset.yaml": "id: mini\nlabel: 小单位\nextends: nothing\n"}),
    "extends_cycle": ({}, {"mini/preset.yaml": "id: mini\nlabel: 小单位\nextends: mini\n"}),
    "preset_type": ({"duties.yaml": "a: 文字\n"}, {}),
    "preset_choice": ({"org.yaml": "office: {kind: person}\n"}, {}),
    "unknown_preset_key": ({"preset.yaml": "lable: 甲\n"}, {}),
    "missing_key": ({"org.yaml": "clerk: {kind: post}\n"}, {}),
    "missing_id": ({"documents/x.md": "---\nnumber: 3\n---\n"}, {}),
    "bad_id": ({"org.yaml": "Clerk: {kind: post, name: 甲}\n"}, {}),
    "duplicate_id": (md("## 甲 {#extra in=general}\n甲。\n## 乙 {#extra in=general}\n乙。"), {}),
    "duplicate_number": (
        {"documents/x.md": "---\nid: other\nnumber: 1\ntitle: 他\nfamily: record\nlayout: form\n---\n"},
        {},
    ),
    "duplicate_field": (form(GRID + "      - [姓名, '{?name 姓名}']"), {}),
    "reserved_name": ({"org.yaml": "meeting: {kind: body, name: 会}\n"}, {}),
    "front_matter": ({"documents/x.md": "# 没有说明\n"}, {}),
    "form_block": (form("  - table: t\n    columns: [{head: 甲, cell: 甲}]"), {}),
    "grid_width": (form(GRID + "      - [姓名]"), {}),
    "blank_without_field": (
        form(
            TABLE
            + "    columns: [{head: 甲, cell: 甲}]\n    items: [{a: 甲}]\n    blank: 2".replace(
                "cell: 甲", "cell: '{a}'"
            )
        ),
        {},
    ),
    "unused_blank": (form(TABLE + "    columns: [{head: 甲, cell: 甲, blank: '{?x 甲}'}]\n    items: [{a: 甲}]"), {}),
    "tag_too_long": (
        form(TABLE.replace("rows", "r" * 30) + "    columns: [{head: 甲, cell: '{?xxxxxxxxxx 甲}'}]\n    blank: 1"),
        {},
    ),
    "unknown_field": (form("  []", "values: {nmae: 甲}\n").copy(), {}),
    "unknown_name": (extra("{unit.nmae}负责。"), {}),
    "wanted_names": (
        {},
        {
            "mini/preset.yaml": MINI["mini/preset.yaml"] + "extends: under\n",
            "under/preset.yaml": "label: 下面的\n",
            "under/org.yaml": "".join(f"b{n}: {{kind: body, name: '甲{{post_{n}}}'}}\n" for n in range(4)),
        },
    ),
    "not_printable": (extra("{duties}。"), {}),
    "unknown_source": (extra('{unit.lists: each="{value}"}。'), {}),
    "unknown_target": (extra("依照[](#purpsoe)。"), {}),
    "unknown_id": ({"duties.yaml": "a: {label: 甲, act: 办, actor: office, form: nothing}\n"}, {}),
    "unknown_anchor": (md("## 补充 {#extra in=nothing}\n甲。"), {}),
    "taken_id": (md("## 目的 {#purpose after=scope}\n办公室负责。"), {}),
    "patch_position": (md("## 补充 {#extra}\n甲。"), {}),
    "patch_level": (md("# 补充 {#purpose}\n## 甲 {#a}\n甲。"), {}),
    "patch_order": (md("", "order: [purpose, effective]\n"), {}),
    "size_fixed": (
        {},
        {
            "mini/preset.yaml": MINI["mini/preset.yaml"] + "sizes: {light: {label: 精简}}\n",
            "mini/sizes/light/preset.yaml": "id: mini\n",
            "mini/sizes/light/required.yaml": "main:\n  purpose:\n",
        },
    ),
    "layer_size": ({"preset.yaml": "for_size: 精简\n"}, {}),
    "required_fixed": ({"required.yaml": "main:\n  purpose:\n"}, {}),
    "required_dropped": ({}, {"mini/required.yaml": "main:\n  purpose:\n"}),
    "bad_template": ({"org.yaml": "office: {kind: body, name: '{?x 甲}'}\n"}, {}),
    "bad_condition": ({"org.yaml": "office: {kind: body, name: 甲, when: 'a +'}\n"}, {}),
    "bad_attribute": (md("## 补充 {#extra in=general when=}\n甲。"), {}),
    "unknown_attribute": (md('## 补充 {#extra in=general color="红"}\n甲。'), {}),
    "bad_placeholder": (extra("{单位 名称}。"), {}),
    "bad_field": (extra("{?x:colour 甲}。"), {}),
    "stray_brace": (extra("甲}。"), {}),
    "unclosed_brace": (extra("甲{unit。"), {}),
    "unsupported_markup": (extra("| 甲 | 乙 |\n| - | - |"), {}),
    "level_jump": (extra("### 三级\n甲。"), {}),
    "bad_holidays": (
        {"holidays/2027.yaml": "source: 通知\ndate: 2026-11-04\noff: {元旦: 1月1日至3日}\n"},
        {"mini/holidays/明年.yaml": "source: 通知\ndate: 2026-11-04\n"},
    ),
    "empty_article": (md("## 补充 {#extra in=general}"), {}),
    "dead_parameter": (
        {},
        {"mini/params.yaml": MINI["mini/params.yaml"] + "  idle: {label: 闲置, type: text, default: 无}\n"},
    ),
    "empty_text": (extra("甲：\n- 乙\n- {#empty}"), {}),
}


def test_every_preset_code_has_a_fixture() -> None:
    assert set(PRESET_CASES) == set(presets.CODES)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("code", PRESET_CASES)
def test_a_fault_of_a_preset_fires(tmp_path: Path, code: str) -> None:
    own, kind = PRESET_CASES[code]
    found = load(tmp_path, own, kind)
    hit = next((f for f in found if f.code == code), None)
    assert hit is not None, [(f.code, f.message) for f in found]
    _well_formed(hit, presets.CODES[code])
    assert hit.where.file.startswith(str(tmp_path))


def test_few_unknown_names_beneath_a_kind_are_told_where_they_stand(tmp_path: Path) -> None:
    _, kind = PRESET_CASES["wanted_names"]
    few = "".join(f"b{n}: {{kind: body, name: '甲{{post_{n}}}'}}\n" for n in range(3))
    found = load(tmp_path, {}, {**kind, "under/org.yaml": few})
    assert [(one.code, one.where.line) for one in found] == [("unknown_name", line) for line in (1, 2, 3)]


def test_the_small_kind_itself_is_clean(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == []


def _well_formed(finding: Finding, stated: str) -> None:
    assert finding.severity is Severity(stated.partition(":")[0])
    assert any("\u4e00" <= char <= "\u9fff" for char in finding.message)


RESOLVE_CASES = {
    "default_cycle": {
        "params.yaml": "unit:\n  a: {label: 甲, type: text, default: '{unit.b}'}\n"
        "  b: {label: 乙, type: text, default: '{unit.a}'}\n"
    },
    "bad_default": {"params.yaml": "unit:\n  a: {label: 甲, type: integer, default: '{unit.name}'}\n"},
    "bad_date": {"preset.yaml": "date: '{unit.name}'\n"},
    "bad_year": {"preset.yaml": "year: '{unit.name}'\n"},
}
BUILD_CASES = {
    "absent_name": {
        "org.yaml": "clerk: {kind: post, name: 甲, when: unit.none}\n",
        "params.yaml": "unit:\n  none: {label: 空, type: text, default: ''}\n",
        **extra("{clerk}负责。"),
    },
    "empty_value": {
        "params.yaml": "unit:\n  none: {label: 空, type: text, default: ''}\n",
        **extra("由{unit.none}负责。"),
    },
    "tag_too_long": {
        "params.yaml": "unit:\n  list: {default: [" + ", ".join("甲" * 1 + str(n) for n in range(1100)) + "]}\n",
        **form(
            TABLE.replace("rows", "r" * 20)
            + "    each: unit.list\n    columns: [{head: 甲, cell: '{?"
            + "x" * 13
            + " 甲}'}]"
        ),
    },
    "missing_enclosure": {
        "documents/x.md": "---\nid: notice\nnumber: 9\ntitle: 通知\nfamily: notice\nlayout: notice\n"
        "numbering: none\nencloses: other\n---\n印发。\n",
        "documents/y.md": "---\nid: other\nnumber: 8\ntitle: 他\nfamily: record\nlayout: form\n"
        "when: unit.none\n---\n他。\n",
        "params.yaml": "unit:\n  none: {label: 空, type: text, default: ''}\n",
    },
    "bad_date": md("", "doc_date: 2026年2月30日\n"),
}


STEPS = [("resolve", code) for code in RESOLVE_CASES] + [("build", code) for code in BUILD_CASES]


def test_every_code_of_resolving_and_building_has_a_fixture() -> None:
    assert set(RESOLVE_CASES) == set(resolve.CODES) and set(BUILD_CASES) == set(documents.CODES)


@pytest.mark.parametrize(("step", "code"), STEPS)
def test_a_fault_found_on_resolving_or_building_fires(tmp_path: Path, step: str, code: str) -> None:
    own, table = (RESOLVE_CASES[code], resolve.CODES) if step == "resolve" else (BUILD_CASES[code], documents.CODES)
    write(tmp_path, MINI)
    resolved = resolve.resolve(presets.load("mini", [tmp_path], [write(tmp_path / "own", own)]), {})
    found = resolved.findings if step == "resolve" else build_set(resolved).findings
    hit = next((f for f in found if f.code == code), None)
    assert hit is not None, [(f.code, f.message) for f in found]
    _well_formed(hit, table[code])


#: The parameters have a table of codes of their own.
_PRESETS = [
    f"presets/{path.name}"
    for path in (ROOT / "presets").glob("*.py")
    if path.name not in ("params.py", "vocabulary.py")
]
TABLES = {
    "rawyaml": (yaml_read.CODES, ["core/yaml_read.py"]),
    "params": (params.CODES, ["presets/params.py"]),
    "profile": (profile.CODES, ["profile"]),
    "presets": (presets.CODES, _PRESETS),
    "resolve": (resolve.CODES, ["compose/resolve.py", "compose/entries.py"]),
    "build": (documents.CODES, [f"compose/{name}.py" for name in ("documents", "texts", "tables", "shared")]),
    "clauses": (clauses.CODES, ["clauses"]),
    "coverage": (coverage.CODES, ["coverage"]),
    "stylesheet": (template.CODES, ["docx/template"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_table_states_the_codes_that_the_module_uses(name: str) -> None:
    table, sources = TABLES[name]
    used = {word for source in sources for word in _words(ROOT / source)}
    assert set(table) <= used, "stated and never used"
    assert {code for code, owner in _codes_made(sources)} - set(table) == set(), "used and not stated"


def _words(path: Path) -> set[str]:
    """Every text in a module's code, but for its table of codes."""
    words: set[str] = set()
    for file in [path] if path.is_file() else sorted(path.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        stated: set[int] = set()
        for node in ast.walk(tree):
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if getattr(target, "id", "") == "CODES" and isinstance(node.value, ast.Dict):
                stated = {id(key) for key in node.value.keys}
        texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
        words |= {node.value for node in texts if id(node) not in stated}
    return words


#: Functions that take a code: by name, with its position.
_MAKERS = {"Finding": 0, "finding": 0, "problem": 1, "_problem": 0, "report": 0, "fault": 0}


def _codes_made(sources: list[str]) -> set[tuple[str, str]]:
    found = set()
    for source in sources:
        path = ROOT / source
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                position = _MAKERS.get(name)
                if name == "problem" and getattr(getattr(node.func, "value", None), "attr", "") == "collector":
                    position = 0
                if position is None or len(node.args) <= position:
                    continue
                argument = node.args[position]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.isascii():
                    found.add((argument.value, str(file)))
    return found


#: The tests that make the codes of the other modules fire.
FIRED_IN = {
    "rawyaml": ["test_rawyaml.py"],
    "params": ["test_params.py"],
    "profile": ["test_profile.py"],
    "stylesheet": [
        "test_stylesheet.py",
        "test_templates.py",
        "test_fonts.py",
        "template_shapes.py",
        "test_template_shapes.py",
    ],
}


@pytest.mark.parametrize("name", FIRED_IN)
def test_the_codes_of_other_modules_are_tested_where_the_module_is(name: str) -> None:
    """Each code stands in a test of the module that makes it fire."""
    tests = Path(__file__).parent
    text = "".join((tests / file).read_text(encoding="utf-8") for file in FIRED_IN[name] if (tests / file).exists())
    assert {code for code in TABLES[name][0] if f'"{code}"' not in text and f"'{code}'" not in text} == set()


def _rows(title: str) -> list[list[str]]:
    """The rows of a section's table in docs/checks.md."""
    text = (ROOT.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    (section,) = [part for part in text.split("\n## ") if part.startswith(title)]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip().replace("\\|", "|") for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_page_of_checks_is_the_table() -> None:
    basis = {code: check.basis for check in checks.CHECKS for code in check.codes}
    assert set(basis) == set(checks.CODES)
    stated = [[f"`{code}`", *text.split(": ", 1), basis[code]] for code, text in checks.CODES.items()]
    assert _rows("Checks before rendering") == stated


@pytest.mark.parametrize(
    ("title", "table"),
    [
        ("Reading YAML", yaml_read.CODES),
        ("Parameters", params.CODES),
        ("The profile", profile.CODES),
        ("Presets and layers", presets.CODES),
        ("Resolving", resolve.CODES),
        ("Building", documents.CODES),
    ],
)
def test_the_page_of_checks_states_the_codes_of_each_module(title: str, table: dict[str, str]) -> None:
    assert _rows(title) == [[f"`{code}`", *text.split(": ", 1)] for code, text in table.items()]


def test_the_page_of_checks_states_the_codes_of_templates() -> None:
    assert [[code, what] for code, _, what in _rows("Templates")] == [
        [f"`{code}`", text] for code, text in template.CODES.items()
    ]
