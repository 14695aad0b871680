"""Says in Chinese why a clause, document or duty is left out: reads conditions of presets out; used by the matrix."""

from __future__ import annotations

from toolkit.compose.resolve import MEETING, Resolved
from toolkit.presets.conditions import Expression, Node
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import BodyBlock, DocumentTemplate, TableTemplate, chains

#: Names of the row sources of the preset language.
_SOURCES = {
    "duties": "职责",
    "agenda": "本会议的职责",
    "occasions": "到期的职责",
    "calendar": "日历",
    "meetings": "会议",
}


class Reasons:
    """Reads conditions against one unit."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.preset = resolved.preset
        self.scope = resolved.scope

    def document(self, template: DocumentTemplate) -> str:
        """Return why the document is left out, or ``""`` if its condition holds."""
        return self._unless(template.when, template)

    def duty(self, name: str) -> str:
        """Return why a duty is not in effect, or ``""``."""
        return self._unless(self.preset.duties[name].when, None)

    def clause(self, template: DocumentTemplate, clause: str) -> str:
        """Return why a clause of the document is left out, or ``""`` if the preset does not say."""
        if reason := self.document(template):
            return reason
        chain = next((chain for chain in chains(template.body) if chain[-1].id == clause), ())
        for block in chain:
            if reason := self._block(block, template):
                return reason
        return self._below(chain[-1], template) if chain else ""

    def _block(self, block: BodyBlock, template: DocumentTemplate) -> str:
        """Return why this very block is left out, or ``""``."""
        each = getattr(block, "each", "")
        row_wise = bool(each) and isinstance(block, TemplateBlock)  # its condition is asked per record
        if not row_wise and (reason := self._unless(block.when, template)):
            return reason
        if not each or (isinstance(block, TableTemplate) and block.blank):
            return ""
        records = self.scope.records(each, template.meeting)
        local = {MEETING: template.meeting}
        if not records:
            return f"按“{self._name(each)}”逐项写，本单位没有这样的内容"
        if row_wise and not any(self.scope.holds(block.when, record, local) for record in records):
            return f"只写“{self._name(each)}”中{self.words(block.when.node) if block.when else ''}的，本单位没有"
        return ""

    def _below(self, block: BodyBlock, template: DocumentTemplate) -> str:
        """Return the reasons of the blocks below, of which none applies."""
        children = getattr(block, "children", ())
        reasons = [self._block(child, template) or self._below(child, template) for child in children]
        return "；".join(dict.fromkeys(filter(None, reasons)))

    def _unless(self, when: Expression | None, template: DocumentTemplate | None) -> str:
        local = {MEETING: template.meeting} if template is not None else None
        if when is None or self.scope.holds(when, local=local):
            return ""
        return f"只在{self.words(when.node)}时适用"

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
        verb = {"==": ("是", "不是"), "in": ("包括", "不包括")}[node.op][not positive]
        left, right = node.operands if node.op == "==" else reversed(node.operands)
        return f"{self._term(left)}{verb}{self._term(right)}"

    def _term(self, node: Node) -> str:
        return f"“{self._name(node.text)}”" if node.op == "name" else self.words(node)

    def _truth(self, path: str, positive: bool) -> str:
        param = self.preset.params.params.get(path)
        name = self._name(path)
        if param is not None and param.type == "boolean":
            return f"“{name}”{'为是' if positive else '为否'}"
        head, _, rest = path.partition(".")
        if head == "duty" and "." not in rest:
            return f"职责“{name}”{'适用' if positive else '不适用'}"
        if head in self.preset.org and not rest:
            return f"{'设有' if positive else '不设'}“{name}”"
        return f"{'有' if positive else '没有'}“{name}”"

    def _name(self, path: str) -> str:
        """Return the Chinese name of a name of the preset language."""
        param = self.preset.params.params.get(path)
        if param is not None:
            return param.label
        head, _, rest = path.partition(".")
        name = rest.partition(".")[0]
        if head == "duty" and name in self.preset.duties:
            return self.scope.render(self.preset.duties[name].texts["label"]) or name
        if head == "meeting" and name in self.preset.meetings:
            return self.scope.render(self.preset.meetings[name].name) or name
        if head in self.preset.org:
            return self.scope.render(self.preset.org[head].name).strip() or head
        return _SOURCES.get(path, path)
