"""Says in Chinese why a clause, document or duty is left out: reads conditions of presets out; used by the matrix."""

from __future__ import annotations

from toolkit.compose.resolve import MEETING, Resolved
from toolkit.presets.conditions import Expression
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.plain_words import ConditionWords
from toolkit.presets.spec import BodyBlock, DocumentTemplate, TableTemplate, chains


class Reasons(ConditionWords):
    """Reads conditions against one unit."""

    def __init__(self, resolved: Resolved) -> None:
        super().__init__(resolved.preset, resolved.scope.render)
        self.resolved = resolved
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
            return f"按“{self.name(each)}”逐项写，本单位没有这样的内容"
        if row_wise and not any(self.scope.holds(block.when, record, local) for record in records):
            return f"只写“{self.name(each)}”中{self.words(block.when.node) if block.when else ''}的，本单位没有"
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
