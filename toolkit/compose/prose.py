"""Template blocks → provisions: conditions, repetition, derived ids, final punctuation of items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from toolkit.compose import remembered, shared
from toolkit.compose.entries import Record
from toolkit.compose.texts import DocumentText
from toolkit.core.findings import Place
from toolkit.model.tree import GROUPS, FormField, Inlines, Provision, Text, plain
from toolkit.presets.markup import TemplateBlock
from toolkit.presets.spec import walk

#: Parent of top-level blocks without an id.
ROOT = "body"
#: Word's bookmark names end at 40 characters; one is the underscore before the id.
BOOKMARK_ID_MAX = 39
#: After these an item takes no further mark.
_CLOSED = ("。", "；", "：", "！", "？", "…", "。”", "。）", "。》")


class ProseBuilder:
    """Builds the provisions of one document."""

    def __init__(self, text: DocumentText) -> None:
        self.text = text
        self.document = text.template.id
        self.count = 0

    def top(self, block: TemplateBlock) -> tuple[Provision, ...]:
        """Build one block of the body (none, one, or several when it is repeated)."""
        built = tuple(self.build((block,), ROOT, None, "", "", self.count))
        self.count += len(built)
        return built

    def build(
        self,
        blocks: Sequence[TemplateBlock],
        parent: str,
        record: Record | None,
        prefix: str,
        article: str,
        count: int = 0,
    ) -> Iterable[Provision]:
        """Build sibling blocks; ``count`` of them stand before."""
        for block in blocks:
            if not block.each:
                identifier = self.identify(block, parent, 0, count + 1)
                provisions: Iterable[Provision | None] = [
                    _single(block, self.text, identifier, record, prefix, article)
                ]
            else:
                provisions = self.repeated(block, parent, record, prefix, article, count)
            for provision in provisions:
                if provision is not None:
                    count += 1
                    yield provision

    def repeated(
        self, block: TemplateBlock, parent: str, record: Record | None, prefix: str, article: str, count: int
    ) -> Iterator[Provision | None]:
        """Build a block for each record of its ``each``."""
        for row, number in self.rows(block, record):
            own = f"{prefix or (block.id or 'item') + '_'}{number}_"
            provision = self.one(block, self.identify(block, parent, number, count + 1), row, own, article)
            count += provision is not None
            yield provision

    def rows(self, block: TemplateBlock, record: Record | None) -> Iterator[tuple[Record, int]]:
        """Yield the records of a block's ``each`` for which its condition holds, numbered from 1."""
        scope, local = self.text.scope, self.text.local
        number = 0
        for row in scope.records(block.each, self.text.template.meeting):
            if record is not None:
                row = Record({**record.texts, **row.texts}, {**record.values, **row.values}, row.key)
            if scope.holds(block.when, row, local):
                number += 1
                yield row, number
        if not number:
            self.drop(block, f"“{block.each}”没有内容")

    def identify(self, block: TemplateBlock, parent: str, number: int, position: int) -> str:
        """The authored id, or a derived one ``<parent>__<n>_<m>``."""
        if block.id and not number:
            return block.id
        if block.id:
            return derived_id(block.id, number)
        return derived_id(parent, position)

    def one(
        self, block: TemplateBlock, identifier: str, record: Record | None, prefix: str, article: str
    ) -> Provision | None:
        """Build one provision with what is below it; None if nothing of it is left."""
        if block.level == "article" or block.level in GROUPS:
            article = identifier
        owner = Place(block.file, block.line, document=self.document, provision=identifier)
        children = tuple(self.build(block.children, identifier, record, prefix, article))
        group = block.level == "article" or block.level in GROUPS
        if block.children and not children and (group or ends_with(block, "：")):
            self.drop(block, "它下面的内容都不适用")
            return None
        inlines = self.text.inlines(block.parts, record, owner, prefix, article or identifier)
        if block.each in ("duties", "agenda") and record is not None:
            self.text.quote(record.key, owner, self.text.via, article or identifier)
        if block.level == "paragraph":
            children = punctuate(children)
        self.text.collector.sources[self.document, identifier] = owner
        heading, content = (inlines, ()) if group else ((), inlines)
        return shared.provision(block.level, identifier, heading, content, children, block.covers)

    def drop(self, block: TemplateBlock, reason: str) -> None:
        """Note why a block and all authored blocks in it are not there."""
        for inner in walk((block,)):
            if inner.id:
                self.text.collector.dropped.setdefault((self.document, inner.id), reason)


@remembered.built_once(remembered.provision_key)
def _single(
    block: TemplateBlock, text: DocumentText, identifier: str, record: Record | None, prefix: str, article: str
) -> Provision | None:
    """Build a block that is not repeated; None if its condition does not hold or nothing of it is left."""
    builder = ProseBuilder(text)
    if text.scope.holds(block.when, record, text.local):
        return builder.one(block, identifier, record, prefix, article)
    builder.drop(block, f"条件“{block.when.text if block.when else ''}”不成立")
    return None


def derived_id(parent: str, number: int) -> str:
    """``<parent>__<n>``, below that ``<parent>__<n>_<m>``; shortened where a bookmark could not hold it."""
    identifier = f"{parent}_{number}" if "__" in parent else f"{parent}__{number}"
    if len(identifier) <= BOOKMARK_ID_MAX:
        return identifier
    return f"{identifier[:20]}__{crc32(identifier.encode()):08x}"


def ends_with(block: TemplateBlock, mark: str) -> bool:
    """Whether a block's text as written ends with ``mark``."""
    last = block.parts[-1] if block.parts else None
    return getattr(last, "text", "").rstrip().endswith(mark)


def punctuate(items: tuple, last: bool = True, full: bool | None = None) -> tuple:
    """Set the final marks of items: ； between and 。 at the end, or 。 for all if one holds several sentences."""
    if not items:
        return items
    if full is None:
        full = any(_several(item) for item in items)
    done = []
    for index, item in enumerate(items):
        ending = last and index == len(items) - 1
        if item.children:
            children = punctuate(item.children, ending, full)
            done.append(_with(item, _mark(item.content, "："), children))
        else:
            done.append(_with(item, _mark(item.content, "。" if ending or full else "；"), ()))
    return tuple(done)


def _with(item: Provision, content: Inlines, children: tuple) -> Provision:
    if content is item.content and children == item.children:
        return item
    return shared.provision(item.level, item.id, item.heading, content, children, item.covers)


def _several(item: Provision) -> bool:
    return "。" in plain(item.content).rstrip("。”’）》") or any(
        _several(child) for child in item.children if isinstance(child, Provision)
    )


def _mark(content: Inlines, mark: str) -> Inlines:
    last = content[-1] if content else None
    if last is None or isinstance(last, FormField):
        return content
    if not isinstance(last, Text):
        return (*content, Text(mark))
    if last.text.endswith(_CLOSED):
        return content
    return (*content[:-1], Text(last.text + mark))
