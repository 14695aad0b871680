"""Translates ids of a preset into Chinese: conditions, documents and clauses; with or without a unit at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from toolkit.core.data_folders import is_bundled
from toolkit.presets.conditions import ExpressionError, Node, parse
from toolkit.presets.markup import Literal, Parts, Placeholder, TemplateBlock
from toolkit.presets.spec import BodyBlock, GridTemplate, TableTemplate, chains

if TYPE_CHECKING:
    from toolkit.presets.spec import Preset

#: Names of the row sources of the preset language.
_SOURCES = {
    "duties": "职责",
    "agenda": "本会议的职责",
    "occasions": "到期的职责",
    "submitted": "报本会议的职责",
    "issued": "印发的制度",
    "posts": "岗位和人员",
    "calendar": "日历",
    "meetings": "会议",
}
#: Names of the preset language that no parameter and no organ has.
_NAMES = {
    "year": "年度",
    "holidays": "放假安排",
    "accounts": "新媒体账号",
    "doc.enclosed_file": "制度",
    "groups": "设立的小组",
    "report": "要交的报告",
    "since": "起算的日子",
}
#: The reasons that building a set gives for the parts that it leaves out.
_CONDITION = re.compile("条件“(.*)”不成立", re.DOTALL)
_EMPTY = re.compile("“(.+)”没有内容")
_ENCLOSED = re.compile("要印发的“(.+)”不在这套文件里")
_TAKEN_OUT = re.compile("由 (.+) 第[0-9]+行去掉")
#: Characters of the beginning of a clause; levels of names within names.
_BEGINNING, _DEEPEST = 24, 4
#: A label that is shorter than this says little by itself (名称).
_SHORT = 3


class ConditionWords:
    """Reads conditions out. ``rendered`` returns a text of the preset as people read it."""

    def __init__(self, preset: Preset, rendered: Callable[[Parts], str]) -> None:
        self.preset = preset
        self.rendered = rendered

    def words(self, node: Node, positive: bool = True) -> str:
        """Return a condition (or its contrary) in words: 有“新媒体账号”，并且“党组织.形式”是“党支部”."""
        if node.op == "not":
            return self.words(node.operands[0], not positive)
        if node.op == "name":
            return self._truth(node.text, positive)
        if node.op == "text":
            return f"“{node.text}”"
        if node.op in ("and", "or"):
            joint = "，并且" if (node.op == "and") == positive else "，或者"
            sides = ((side, self.words(side, positive)) for side in node.operands)
            return joint.join(f"（{text}）" if {side.op, node.op} == {"and", "or"} else text for side, text in sides)
        verbs = {
            "==": ("是", "不是"),
            "in": ("包括", "不包括"),
            "<": ("小于", "不小于"),
            "<=": ("不超过", "超过"),
            ">": ("超过", "不超过"),
            ">=": ("不小于", "小于"),
        }
        left, right = reversed(node.operands) if node.op == "in" else node.operands
        return f"{self._term(left)}{verbs[node.op][not positive]}{self._term(right)}"

    def _term(self, node: Node) -> str:
        return f"“{self.name(node.text)}”" if node.op == "name" else self.words(node)

    def _truth(self, path: str, positive: bool) -> str:
        param = self.preset.params.params.get(path)
        name = self.name(path)
        if param is not None and param.type == "boolean":
            return f"“{name}”{'为是' if positive else '为否'}"
        head, _, rest = path.partition(".")
        if head == "duty" and "." not in rest:
            return f"职责“{name}”{'适用' if positive else '不适用'}"
        if head in self.preset.org and not rest:
            return f"{'设有' if positive else '不设'}“{name}”"
        return f"{'有' if positive else '没有'}“{name}”"

    def name(self, path: str) -> str:
        """Return the Chinese name of a name of the preset language."""
        param = self.preset.params.params.get(path)
        if param is not None:
            return param.label
        head, _, rest = path.partition(".")
        name = rest.partition(".")[0]
        if head == "duty" and name in self.preset.duties:
            return self.rendered(self.preset.duties[name].texts["label"]) or name
        if head == "meeting" and name in self.preset.meetings:
            return self.rendered(self.preset.meetings[name].name) or name
        if head in self.preset.org:
            return self.rendered(self.preset.org[head].name).strip() or head
        table = self.preset.params.params.get(head)
        column = (
            next((column for column in table.columns if column.key == path.rpartition(".")[2]), None) if table else None
        )
        if table and column:
            return f"{table.label}最后一行的{column.label}"
        return _SOURCES.get(path) or _NAMES.get(path, path)


class PlainWords:
    """Names and reasons of a preset without a unit: an answer is shown as 〔its question〕."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self._conditions = ConditionWords(preset, self.text)
        self._blocks: dict[str, Mapping[str, tuple[BodyBlock, ...]]] = {}

    def text(self, parts: Parts, depth: int = 0) -> str:
        """Return a text with 〔〕 for the answers of a unit."""
        return "".join(self._part(part, depth) for part in parts)

    def _part(self, part: object, depth: int) -> str:
        if isinstance(part, Literal):
            return part.text
        if not isinstance(part, Placeholder):
            return ""
        path, _, _ = part.path.partition(":")
        head = path.partition(".")[0]
        if param := self.preset.params.params.get(path):
            usual = param.default if depth and isinstance(param.default, str) and "{" not in param.default else ""
            return usual or f"〔{''.join(param.labels[-2:] if len(param.labels[-1]) < _SHORT else param.labels[-1:])}〕"
        if head in self.preset.org and depth < _DEEPEST:
            return self.text(self.preset.org[head].name, depth + 1)
        if head in ("duty", "meeting", "title") and depth < _DEEPEST:
            return self._of_another(head, path.split(".")[1:2], depth)
        return f"〔{_NAMES[path]}〕" if path in _NAMES else "〔…〕"

    def _of_another(self, head: str, names: list[str], depth: int) -> str:
        name = next(iter(names), "")
        if head == "title" and name in self.preset.documents:
            return f"《{self.document(name)}》"
        texts = self.preset.duties[name].texts["label"] if head == "duty" and name in self.preset.duties else ()
        if head == "meeting" and name in self.preset.meetings:
            texts = self.preset.meetings[name].name
        return self.text(texts, depth + 1) or "〔…〕"

    def document(self, id: str) -> str:
        """Return the file name of a document in words."""
        template = self.preset.documents.get(id) or self.preset.dropped.get(id)
        if template is None:
            return id
        texts = template.texts.get("file") or template.texts.get("title", ())
        if template.encloses and template.encloses in self.preset.documents:
            inner = self.preset.documents[template.encloses].texts.get("file", ())
            texts = tuple(
                Literal(self.text(inner))
                if isinstance(part, Placeholder) and part.path == "doc.enclosed_file"
                else part
                for part in texts
            )
        return self.text(texts) or id

    def clause(self, document: str, id: str) -> str:
        """Return the name of a clause: its heading, or its first words with the heading around it."""
        chain = self._chains(document).get(id)
        if chain is None:
            return "这一类单位不用的一条"
        headings = [text for block in chain[:-1] if (text := self._heading(block))]
        own = self._called(chain[-1])
        return "　".join(filter(None, (*headings[-1:], own))) or "没有文字的一条"

    def _chains(self, document: str) -> Mapping[str, tuple[BodyBlock, ...]]:
        if document not in self._blocks:
            template = self.preset.documents.get(document) or self.preset.dropped.get(document)
            body = template.body if template else ()
            self._blocks[document] = {chain[-1].id: chain for chain in chains(body) if chain[-1].id}
        return self._blocks[document]

    def _heading(self, block: BodyBlock) -> str:
        is_named = isinstance(block, TemplateBlock) and block.level not in ("paragraph", "item", "subitem")
        return self.text(block.parts) if is_named and isinstance(block, TemplateBlock) else ""

    def _called(self, block: BodyBlock) -> str:
        if isinstance(block, TemplateBlock):
            if heading := self._heading(block):
                return heading
            text = self.text(block.parts) or next((self.text(inner.parts) for inner in block.children), "")
            return f"“{text[:_BEGINNING]}{'……' if len(text) > _BEGINNING else ''}”" if text else ""
        texts = [column.head for column in block.columns] if isinstance(block, TableTemplate) else _first_lines(block)
        heads = "、".join([text for parts in texts if (text := self.text(parts).strip())][:3])
        named = self.text(block.caption) or heads
        return f"“{named}”表" if named else "一张表"

    def reason(self, why: str) -> str:
        """Return in words why something is left out, as building a set said it."""
        if match := _CONDITION.fullmatch(why):
            try:
                return f"只在{self._conditions.words(parse(match[1]).node)}时适用"
            except ExpressionError:
                return "它的条件不成立"
        if match := _EMPTY.fullmatch(why):
            return f"按“{self._conditions.name(match[1])}”逐项写，没有这样的内容"
        if match := _ENCLOSED.fullmatch(why):
            return f"要印发的“{self.document(match[1])}”不在这套文件里"
        if match := _TAKEN_OUT.fullmatch(why):
            return "这一类单位的预设里去掉了" if is_bundled(match[1]) else "在自有条款里去掉了"
        return why


def _first_lines(block: GridTemplate) -> Iterator[Parts]:
    """Yield the texts of the label cells of a form, in order."""
    return (cell.lines[0] for row in block.rows for cell in row.cells if cell.head and cell.lines)
