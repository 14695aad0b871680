"""What a process remembers between units changes nothing but the time: trees, findings and bytes stay the same."""

from __future__ import annotations

import ast
import enum
import importlib
from pathlib import Path

import click
import pytest
from conftest import ROOT

from toolkit import app, docx
from toolkit.app import Prepared, prepare
from toolkit.compose import shared
from toolkit.core import memo
from toolkit.core.patterns import _Pattern
from toolkit.docx import template
from toolkit.model.tree import Cell, Column, Document, Provision, Ref, Row, Table, Text
from toolkit.numbering.labels import Labels, SetLabels

#: Profiles of one kind that differ in much and in little.
FAMILIES = {
    "village": ("village", "village_small", "village_general_branch", "village_revised", "village"),
    "school": ("school", "school_committee", "school_small", "school"),
    "railway_depot": ("railway_depot", "railway_depot_freight", "railway_depot_other_bureau", "railway_depot"),
}


def example(name: str) -> Path:
    return ROOT / "examples" / f"{name}.yaml"


def near(name: str, folder: Path) -> Path:
    """Return a copy of a profile in which only the unit's name differs."""
    text = example(name).read_text(encoding="utf-8").replace("柳河村", "柳岗村")
    path = folder / f"{name}_near.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def facts(prepared: Prepared) -> tuple:
    """Return all that preparing found out, as plain values."""
    built = prepared.built
    assert built is not None
    return (
        [finding.as_dict() for finding in prepared.findings],
        built.set,
        dict(built.sources),
        sorted(map(repr, built.quotes)),
        dict(built.dropped),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind == "village" else pytest.mark.slow) for kind in FAMILIES]
)
def test_units_after_one_another_are_as_each_alone(kind: str, tmp_path: Path) -> None:
    paths = [example(name) for name in FAMILIES[kind]]
    if kind == "village":
        paths[1:1] = [near("village", tmp_path)]
    memo.forget()
    together = []
    for path in paths:
        prepared = prepare(path)
        together.append((facts(prepared), app.render(prepared)))
    for path, (found, files) in zip(paths, together, strict=True):
        memo.forget()
        alone = prepare(path)
        assert facts(alone) == found
        assert app.render(alone) == files


def test_what_is_shared_is_the_same_object(tmp_path: Path) -> None:
    first, second = prepare(example("village")).built, prepare(near("village", tmp_path)).built
    assert first and second
    articles = [
        {block.id: block for chapter in built.set.documents[0].body for block in chapter.children}
        for built in (first, second)
    ]
    same = [name for name, block in articles[0].items() if articles[1].get(name) is block]
    assert len(same) > 0.8 * len(articles[0])


def _document(*texts: str, clash: bool = False) -> Document:
    """Return a document of articles; with ``clash`` two of them bear one id."""
    articles = [
        Provision(
            "article",
            "a0" if clash else f"a{place}",
            children=(Provision("paragraph", f"p{place}", content=(Text(text),)),),
        )
        for place, text in enumerate(texts)
    ]
    return Document("one", 1, "办法", "办法", "regulation", "regulation", body=tuple(articles))


def _write(document: Document) -> bytes:
    sheet = template.load(ROOT / "templates" / "regulation.docx")
    return docx.write(document, SetLabels("某单位", "bench", "1", {document.id: Labels(document)}), sheet)


def _citing(title: str, other: str, *extra: Table) -> bytes:
    """Return a document of two articles, one in a chapter, that cites two others by their titles and its own parts."""
    text, cite = Text("100%按照"), Ref("", "two")
    body = (
        Provision(
            "chapter",
            "c1",
            (Text("总则"),),
            children=(
                Provision(
                    "article",
                    "a1",
                    children=(
                        Provision(
                            "paragraph",
                            "p1",
                            content=(text, cite, Text("和"), Ref("", "three"), Text("以及"), Ref("a2"), Text("办理：")),
                            children=(
                                Provision("item", "i1", content=(Ref("x2", "two"), Text("；"))),
                                Provision("item", "i2", content=(Text("5%d。"),)),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Provision(
            "article",
            "a2",
            children=(Provision("paragraph", "p2", content=(Text("见"), Ref("i1", relative=True), Text("。"))),),
        ),
        Provision(
            "article", "a3", children=(Provision("paragraph", "p3", content=(Text("按"), cite, Text("填写下表："))),)
        ),
        *extra,
    )
    body = shared.body(tuple(_same.setdefault(repr(block), block) for block in body))
    two = Provision("article", "x2", children=(Provision("paragraph", "y2", content=(Text("甲。"),)),))
    documents = (
        Document("one", 1, "办法", "办法", "regulation", "regulation", body=body),
        Document("two", 2, title, "乙", "regulation", "regulation", body=(two,)),
        Document("three", 3, other, "丙", "regulation", "regulation"),
    )
    labels = SetLabels("某单位", "bench", "1", {document.id: Labels(document) for document in documents})
    return docx.write(documents[0], labels, template.load(ROOT / "templates" / "regulation.docx"))


#: Blocks that read the same are the same object, as :mod:`toolkit.compose.shared` has it.
_same: dict[str, Provision | Table] = {}
_TITLES = [
    "甲村办法",
    "乙村办法",
    "很长很长很长很长很长很长很长很长很长很长的村的办法",
    "甲&乙%d“丙”<村>办法",
    "\\g<0>1办法",
]


@pytest.mark.parametrize("with_table", [False, True])
def test_titles_of_others_are_each_file_s_own(with_table: bool) -> None:
    cells = (Cell(((Text("甲"),),)), Cell(((Ref("", "two"),),)))
    extra = (
        (Table("t1", (Column(1), Column(1)), (Row((cells[0], cells[0])), Row(cells)), 1, (Text("登记"),)),)
        if with_table
        else ()
    )
    pairs = [(title, other) for title in _TITLES for other in (*_TITLES[:2], title)]
    alone = []
    for pair in pairs:
        memo.forget()
        alone.append(_citing(*pair, *extra))
    assert len(set(alone)) == len(set(pairs))
    memo.forget()
    for _ in range(3):
        assert [_citing(*pair, *extra) for pair in pairs] == alone


def test_percent_signs_survive_keeping() -> None:
    document = _document("完成率不低于100%。", "提高5%%d。", "甲")
    memo.forget()
    assert len({_write(document) for _ in range(4)}) == 1


def test_an_id_twice_is_refused_however_often_it_was_written() -> None:
    document = _document("甲", "乙", clash=True)
    for _ in range(4):
        with pytest.raises(ValueError, match="书签重名"):
            _write(document)


def test_memory_is_bounded() -> None:
    calls: list[int] = []

    @memo.remembered(10, key=lambda number_: number_)
    def twice(number_: int) -> int:
        calls.append(number_)
        return 2 * number_

    assert [twice(number_) for number_ in range(1000)] == [2 * number_ for number_ in range(1000)]
    assert twice(999) == 1998 and len(calls) == 1000
    assert twice(500) == 1000 and calls[-1] == 500
    calls.clear()
    for number_ in range(1000):
        twice(number_)
        twice(3)
    assert calls.count(3) == 1


def test_what_is_asked_for_survives_a_turn() -> None:
    calls: list[str] = []

    @memo.remembered(10, key=lambda name: name)
    def named(name: str) -> None:
        calls.append(name)

    named("kept")
    named("alone")
    for _ in range(3):
        memo.turn()
        named("kept")
    named("alone")
    assert calls == ["kept", "alone", "alone"]
    memo.forget()
    named("kept")
    assert calls[-1] == "kept"


def test_what_is_asked_for_once_is_only_counted() -> None:
    calls: list[object] = []

    @memo.remembered(key=memo.identity, after=1)
    def first(block: object) -> object:
        calls.append(block)
        return block

    blocks = [object(), object()]
    for _ in range(3):
        assert list(map(first, blocks)) == blocks
    assert calls == [*blocks, *blocks]


def test_items_are_remembered_one_by_one() -> None:
    calls: list[list[str]] = []

    @memo.remembered(10, each=True)
    def lengths(texts: list[str], more: int) -> list[int]:
        calls.append(texts)
        return [len(text) + more for text in texts]

    assert lengths(["a", "bb", "a"], 1) == [2, 3, 2]
    assert lengths(["ccc", "a"], 1) == [4, 2]
    assert lengths(["a"], 2) == [3]
    assert calls == [["a", "bb"], ["ccc"], ["a"]]


def test_effects_are_done_again() -> None:
    class Appending:
        def begin(self, name: str, out: list[str]) -> int:
            return len(out)

        def end(self, mark: int, name: str, out: list[str]) -> list[str]:
            return out[mark:]

        def repeat(self, done: list[str], name: str, out: list[str]) -> None:
            out += done

    @memo.remembered(key=lambda name, out: name or None, effects=Appending())
    def written(name: str, out: list[str]) -> int:
        out += [name, name]
        return len(name)

    outs: list[list[str]] = [[], ["x"], []]
    assert [written("ab", out) for out in outs] == [2, 2, 2]
    assert outs == [["ab", "ab"], ["x", "ab", "ab"], ["ab", "ab"]]
    assert written("", outs[0]) == 0 and outs[0][-2:] == ["", ""]


# --- nothing is remembered elsewhere -----------------------------------------------------------------------------

#: Module-level state outside the memory, with its reason.
STATE = {
    "toolkit.compare.words._cut": "how texts are cut, chosen once by the command or the caller",
    "toolkit.core.zips.codec": "libdeflate or zlib, whichever is installed",
    "toolkit.output.disk._held": "the locks that this process holds, which a forked one closes",
    "toolkit.reports.html._environment": "Jinja's environment, imported when first needed",
    "toolkit.docx.template.environment.environment": "Jinja's environment, imported when first needed",
    "toolkit.presets.markup._block_parser": "markdown-it's parser, imported when first needed",
    "toolkit.presets.loading._modules": "the files of the program",
    "toolkit.presets.loading._parameters": "the fields of the program's classes",
    "toolkit.pdf.fonts.font_set.record": "a file of the program",
    "toolkit.pdf.fonts.font_set.tgh": "a file of the program",
    "toolkit.pdf.fonts.font_set.standard_fonts": "the bundled fonts",
    "toolkit.pdf.fonts.coverage.gb2312": "a constant that takes time to make",
}
_CHANGING = {
    "append",
    "add",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "clear",
    "extend",
    "insert",
    "remove",
    "discard",
}
_MAKING_STATE = {
    "count",
    "cycle",
    "local",
    "deque",
    "defaultdict",
    "Counter",
    "WeakKeyDictionary",
    "WeakValueDictionary",
}


def state_in(path: Path) -> set[str]:
    """Return the names of a module that hold something that changes after it was imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names, found = set(), set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
        value = getattr(node, "value", None)
        if isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1].split("[")[0] in _MAKING_STATE:
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        decorators = [ast.unparse(one) for one in function.decorator_list]
        at_top = function in tree.body
        if any("lru_cache" in one for one in decorators):
            found.add(function.name)
        if at_top and any(one in ("cache", "functools.cache") for one in decorators):
            found.add(function.name)
        own = {one.id for one in ast.walk(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        own |= {one.arg for one in ast.walk(function) if isinstance(one, ast.arg)}
        for node in ast.walk(function):
            changed: ast.expr | None = None
            if isinstance(node, ast.Global):
                found |= set(node.names)
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                changed = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
                changed = node.func.value
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                changed = node.value
            if isinstance(changed, ast.Name) and changed.id in names - own:
                found.add(changed.id)
    return found


def objects_in(module: str) -> set[str]:
    """Return the names of a module's own objects that can change: instances of classes that are neither frozen nor plain.

    A pattern is a constant, whenever it is compiled.
    """
    found = set()
    loaded = importlib.import_module(module)
    for name, value in vars(loaded).items():
        cls = type(value)
        if not cls.__module__.startswith("toolkit") or isinstance(value, (tuple, enum.Enum)) or name.startswith("__"):
            continue
        frozen = getattr(cls, "__dataclass_params__", None) is not None and cls.__dataclass_params__.frozen
        if frozen or isinstance(value, click.Command | _Pattern) or not getattr(value, "__dict__", True):
            continue
        found.add(name)
    return found


@pytest.mark.slow
def test_state_is_in_the_memory_and_nowhere_else() -> None:
    """A function that remembers says so with :func:`toolkit.core.memo.remembered`."""
    found = set()
    for path in sorted((ROOT / "toolkit").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if module == "toolkit.core.memo" or parts[-1] == "__main__":
            continue
        found |= {f"{module}.{name}" for name in state_in(path) | objects_in(module)}
    assert found == set(STATE)
