"""The floors of docs/architecture.md, sizes of functions and modules, and that no Python names a kind."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "toolkit"
FILES = sorted(PACKAGE.rglob("*.py"))
#: Files of the package itself that stand on no floor.
FREE = {"__init__", "__main__"}
FUNCTION_LINES = 60
PARAMETERS = 8
#: A module with one importer has at least so many lines, or it belongs in that importer.
MODULE_LINES = 60
#: Modules that are smaller; each goes as soon as it is merged, has a second importer, or has grown.
SMALL_MODULES: set[str] = set()


def floors() -> dict[str, int]:
    """Read the table of floors: module (or package) name → floor."""
    table = {}
    for line in (ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\| (\d+) [^|]*\|([^|]*)\|", line):
            for name in re.findall(r"`([^`]+)`", match[2]):
                table[name.rstrip("/")] = int(match[1])
    return table


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit_of(module: str) -> str:
    """Return the row's name that a module belongs to: the part after ``toolkit.``."""
    return module.split(".")[1] if "." in module else "__init__"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def modules() -> frozenset[str]:
    return frozenset(map(module_of, FILES))


@cache
def imports_of(path: Path, *, typing_too: bool = True) -> frozenset[str]:
    """Return the toolkit modules that a file imports, also inside functions; those for typing only if ``typing_too``."""
    found: set[str] = set()
    tree = tree_of(path)
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    skipped = set() if typing_too else {inner for node in typing for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else node.module for name in names}
    return frozenset(name for name in found if name.split(".")[0] == "toolkit")


def test_the_house_has_few_rooms():
    """One can hold so many in mind; what belongs to a room is a folder in it."""
    assert len({path.parent for path in ROOT.glob("toolkit/*/__init__.py")}) <= 24


def test_every_module_has_a_floor():
    names = {unit_of(module_of(path)) for path in FILES} - FREE
    assert names <= set(floors()), f"not in the table of docs/architecture.md: {sorted(names - set(floors()))}"


def test_imports_go_down_or_sideways():
    table, upwards = floors(), []
    for path in FILES:
        here = unit_of(module_of(path))
        others = {unit_of(module) for module in imports_of(path)} - FREE - {here}
        if here not in FREE:
            upwards += [f"{path}: {here} imports {there}" for there in others if table[there] > table[here]]
    assert not upwards, "\n".join(upwards)


def _circle(graph: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def visit(node: str, trail: list[str]) -> list[str]:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in done:
            return []
        for other in sorted(graph.get(node, ())):
            if found := visit(other, [*trail, node]):
                return found
        done.add(node)
        return []

    return next((found for node in sorted(graph) if (found := visit(node, []))), [])


def test_no_circle_between_modules_or_packages():
    units: dict[str, set[str]] = {}
    for path in FILES:
        here = unit_of(module_of(path))
        if here not in FREE:
            units.setdefault(here, set()).update({unit_of(name) for name in imports_of(path)} - FREE - {here})
    assert not (found := _circle(units)), " → ".join(found)


#: What a shell may know beside its own modules; the command line starts the page.
SHELL_MAY_IMPORT = ("toolkit.api", "toolkit.core.findings", "toolkit.core.text_encoding", "toolkit.language.columns")
OWN = {"cli": ("toolkit.cli", "toolkit.web"), "web": ("toolkit.web",)}


@pytest.mark.parametrize(
    "path", [path for shell in OWN for path in sorted((PACKAGE / shell).rglob("*.py"))], ids=module_of
)
def test_a_shell_calls_the_api_and_shows(path):
    """Types of other rooms may be named in annotations only."""
    for module in imports_of(path, typing_too=False) - {"toolkit"}:
        allowed = (*SHELL_MAY_IMPORT, *OWN[unit_of(module_of(path))])
        assert any(module == one or module.startswith(f"{one}.") for one in allowed), f"{path} imports {module}"


def package_of(module: str) -> str:
    return module if (ROOT / module.replace(".", "/")).is_dir() else module.rpartition(".")[0]


def test_no_circle_inside_a_package():
    """Imports inside functions and for typing count too; a package's ``__init__`` may not be imported by its modules."""
    inside = {
        module_of(path): {name for name in imports_of(path) if package_of(name) == package_of(module_of(path))}
        - {module_of(path)}
        for path in FILES
    }
    assert not (found := _circle(inside)), " → ".join(found)


def test_the_circle_finder_finds_circles():
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert _circle({"a": {"b", "c"}, "b": {"c"}}) == []


@cache
def functions_of(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(tree_of(path))
    return [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_functions_are_short():
    lengths = {
        f"{path}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in FILES
        for node in functions_of(path)
    }
    assert not {name: length for name, length in lengths.items() if length > FUNCTION_LINES}


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many parameters a function has, ``self`` and ``cls`` not counted."""
    given = node.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return len([one for one in named if one.arg not in ("self", "cls")]) + bool(given.vararg) + bool(given.kwarg)


def test_functions_have_few_parameters():
    functions = [(f"{module_of(path)}.{node.name}", node) for path in FILES for node in functions_of(path)]
    assert not [name for name, node in functions if parameters_of(node) > PARAMETERS], (
        "put what goes together into one value"
    )


def test_no_error_that_is_raised_stays_in_a_name():
    """It holds its frame, and the frame it: all that was read at the time waits for a collection of garbage, which is rare."""
    found = []
    named = [path for path in FILES if re.search(r"raise [a-z_]+\s", path.read_text(encoding="utf-8"))]
    for node in (node for path in named for node in functions_of(path)):
        names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
        stored, gone = ({one.id for one in names if isinstance(one.ctx, kind)} for kind in (ast.Store, ast.Del))
        raised = {one.exc.id for one in ast.walk(node) if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Name)}
        found += [f"{node.name}: {name}" for name in raised & stored - gone]
    assert not found


def small_modules() -> set[str]:
    """Return the small modules that one other imports; faces, and commands that click loads by name, are none."""
    importers: dict[str, set[str]] = {}
    for path in FILES:
        for name in imports_of(path) - {module_of(path)}:
            importers.setdefault(name, set()).add(module_of(path))
    lines = {
        module_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES if path.stem != "__init__"
    }
    return {name for name, count in lines.items() if count < MODULE_LINES and len(importers.get(name, ())) == 1}


def test_no_module_is_a_crumb_of_another():
    small = small_modules()
    assert small - SMALL_MODULES == set(), "merge it into the one that imports it, or where it belongs by subject"
    assert SMALL_MODULES - small == set(), "these are merged or have grown: take them out of the table"


def kind_names() -> set[str]:
    """Read ids and labels of all kinds from the presets; only ``base`` is a word of the format itself."""
    import yaml

    names = set()
    for path in (ROOT / "presets").glob("*/preset.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.parent.name != "base":
            names |= {data["id"], data["label"]}
    return names


def own_words() -> set[str]:
    """Read the words of all kinds: bodies, posts and things that only such units have."""
    import yaml

    paths = (ROOT / "presets").glob("*/preset.yaml")
    return {word for path in paths for word in yaml.safe_load(path.read_text(encoding="utf-8")).get("own_words") or ()}


def test_no_code_uses_a_word_of_a_kind():
    """Neither names nor texts of the program: not even inside a longer text (docstrings aside, which nothing prints)."""
    words = own_words()
    assert len(words) > 50
    for path in FILES:
        tree = tree_of(path)
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
                found = [word for word in words if word in node.value]
                assert not found, f"{path}:{node.lineno} uses {found}"


def test_no_code_names_a_kind():
    kinds = kind_names()
    assert kinds
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            words: list[str] = []
            if isinstance(node, ast.Name):
                words = node.id.split("_")
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = [node.value]
            for word in words:
                assert word not in kinds, f"{path}:{node.lineno} names the kind {word!r}"


HEAVY = [
    "cerberus",
    "docxtpl",
    "docx",
    "flask",
    "jinja2",
    "markdown_it",
    "mdit_py_plugins",
    "lxml",
    "openpyxl",
    "pypdfium2",
    "python_calamine",
    "reportlab",
    "segno",
    "uharfbuzz",
    "waitress",
    "yaml",
]


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from toolkit.cli import cli\n"
        "code = cli.main(['--help'], standalone_mode=False)\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules], code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED [] 0"
