"""Lays the blocks of a layer over those below by id: replace, remove, insert, reorder; used by ``assembly``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.core.findings import Place, nearest
from toolkit.presets.markup import TemplateBlock, placeholders
from toolkit.presets.spec import BodyBlock, Loss, TableTemplate, chains, walk
from toolkit.presets.yaml_values import Reader, Source, elements

Body = tuple[BodyBlock, ...]


def block_ids(body: Sequence[BodyBlock]) -> Iterator[str]:
    """Yield the authored ids of a body, nested ones included."""
    return (block.id for block in walk(body) if block.id)


def apply(body: Body, blocks: Body, front: Mapping[str, Source], reader: Reader) -> tuple[Body, dict[str, Place]]:
    """Return a body with the ``blocks`` of a layer laid over it and with ``remove`` and ``order`` of its ``front`` carried out.

    With it comes each removed id with the location of its removal.
    """
    before = dict.fromkeys(block_ids(body))
    removed: dict[str, Place] = {}
    for source in elements(front.get("remove")):
        name = str(source.value)
        lost = _inside(body, name)
        if not lost:
            _unknown(reader, source, name, before, "remove")
        body = _swap(body, name, ())
        removed.update(dict.fromkeys(lost, source.place()))
    for block in blocks:
        lost = _inside(body, block.id) if block.id else ()
        body = _lay(body, block, reader)
        removed.update(dict.fromkeys(lost, _place(block)))
    if order := elements(front.get("order")):
        body = _reorder(body, order, reader)
    after = set(block_ids(body))
    return body, {name: place for name, place in removed.items() if name not in after}


def _place(block: BodyBlock) -> Place:
    return Place(block.file, block.line)


def _inside(body: Sequence[BodyBlock], name: str) -> tuple[str, ...]:
    """Return an id and all authored ids below it, ``()`` for an unknown id."""
    block = _find(body, name)
    return tuple(block_ids((block,))) if block is not None else ()


def _edit(body: Body, name: str, change: Callable[[Body, int], Body | None]) -> Body | None:
    """Return the body with ``change`` made to the siblings among which ``name`` is, at any depth, given its index.

    None if there is no such block, or ``change`` returns None. A group that loses its only children stays.
    """
    for index, block in enumerate(body):
        if block.id == name:
            return change(body, index)
        if isinstance(block, TemplateBlock) and (children := _edit(block.children, name, change)) is not None:
            return (*body[:index], replace(block, children=_prose(children)), *body[index + 1 :])
    return None


def _swap(body: Body, name: str, new: Body) -> Body:
    """Replace the block ``name``, if it is there, by ``new``."""
    changed = _edit(body, name, lambda siblings, index: (*siblings[:index], *new, *siblings[index + 1 :]))
    return body if changed is None else changed


def _prose(blocks: Body) -> tuple[TemplateBlock, ...]:
    """Return the blocks below a chapter or article: :func:`_insert` refuses tables there."""
    prose = tuple(block for block in blocks if isinstance(block, TemplateBlock))
    assert len(prose) == len(blocks)
    return prose


def _find(body: Sequence[BodyBlock], name: str) -> BodyBlock | None:
    return next((block for block in walk(body) if name and block.id == name), None)


def _lay(body: Body, block: BodyBlock, reader: Reader) -> Body:
    old = _find(body, block.id) if block.id else None
    if old is None:
        return _insert(body, block, reader)
    if getattr(old, "level", "") != getattr(block, "level", ""):
        reader.problem(_place(block), "patch_level", f"“{block.id}”与下层同名条款的层级不同", subject=block.id)
        return body
    if isinstance(block, TemplateBlock) and block.level == "chapter":
        return _lay_chapter(body, old, block, reader)
    if block.position is None:
        return _swap(body, block.id, (block,))
    message = f"编号“{block.id}”已经有了（{old.file}:{old.line}），不能再新增一个"
    hint = f"新的条款另写一个编号；改写原来的，去掉 {block.position[0]}=；换位置，在文件开头写 order:"
    reader.problem(_place(block), "taken_id", message, hint, block.id)
    return body


def _lay_chapter(body: Body, old: BodyBlock, new: TemplateBlock, reader: Reader) -> Body:
    """Lay a chapter over another of the same id: its heading replaces, its articles patch or are appended."""
    assert isinstance(old, TemplateBlock)
    heading = replace(old, parts=new.parts or old.parts, when=new.when or old.when)
    body = _swap(body, old.id, (heading,))
    for child in new.children:
        if _find(body, child.id) is None and child.position is None:
            child = replace(child, position=("in", new.id))
        body = _lay(body, child, reader)
    return body


def _insert(body: Body, block: BodyBlock, reader: Reader) -> Body:
    place = _place(block)
    if block.position is None:
        hint = "写明位置：{#编号 after=旧编号}、before= 或者 in=章编号"
        reader.problem(place, "patch_position", f"新增的“{block.id or '段落'}”没有写明放在哪里", hint, block.id)
        return body
    how, anchor_id = block.position
    anchor = _find(body, anchor_id)
    if anchor is None:
        hint = nearest(anchor_id, block_ids(body))
        reader.problem(place, "unknown_anchor", f"“{how}={anchor_id}”指向的编号不存在", hint, anchor_id)
        return body
    if not isinstance(block, TemplateBlock) and (how == "in" or all(anchor_id != top.id for top in body)):
        hint = "用 after= 或者 before= 放在最外层的一块（例如一章）之后或之前"
        reader.problem(place, "patch_level", f"表“{block.id}”不能放在章或者条的里面", hint, block.id)
        return body
    placed = replace(block, position=None)
    if how == "in":
        if not isinstance(anchor, TemplateBlock) or anchor.level not in ("chapter", "article"):
            reader.problem(place, "patch_level", f"“in={anchor_id}”应当是章或者条", subject=anchor_id)
            return body
        return _swap(body, anchor_id, (replace(anchor, children=_prose((*anchor.children, placed))),))
    if getattr(anchor, "level", "") == "chapter" and getattr(block, "level", "") == "article":
        reader.problem(place, "patch_level", f"条不能放在章“{anchor_id}”之前或之后", "用 in= 放进这一章", anchor_id)
        return body
    return _swap(body, anchor_id, (anchor, placed) if how == "after" else (placed, anchor))


def _reorder(body: Body, order: Sequence[Source], reader: Reader) -> Body:
    """Put the named blocks, which are siblings, into the given order on their positions."""
    named = {str(source.value): source for source in order}
    for name, source in named.items():
        if _find(body, name) is None:
            _unknown(reader, source, name, block_ids(body), "order")
            return body

    def reordered(siblings: Body, _index: int) -> Body | None:
        by_id = {block.id: block for block in reversed(siblings)}
        if not named.keys() <= by_id.keys():
            return None
        queue = iter(named)
        return tuple(by_id[next(queue)] if block.id in named else block for block in siblings)

    changed = _edit(body, next(iter(named)), reordered)
    if changed is None:
        reader.problem(order[0], "patch_order", "order 中的条款不在同一章", "各章分别用 after= 或者 in= 移动")
        return body
    return changed


def _unknown(reader: Reader, source: Source, name: str, known: Iterable[str], what: str) -> None:
    reader.problem(source, "unknown_anchor", f"{what} 中的“{name}”在这份文件里不存在", nearest(name, known), name)


def losses(before: Body, removed: Mapping[str, object] | Sequence[str]) -> dict[str, Loss]:
    """Return a :class:`Loss` for each removed id, from the body before the removal."""
    lost: dict[str, Loss] = {}
    for chain in chains(before):
        block = chain[-1]
        if block.id and block.id in removed:
            root = next(above.id for above in chain if above.id and above.id in removed)
            covered = frozenset(topic for prose in _prose_below(block) for topic in prose.covers)
            each = block.each if isinstance(block, TableTemplate) else ""
            lost[block.id] = Loss(root, quoted_duties(block), each, covered)
    return lost


def quoted_duties(block: BodyBlock) -> frozenset[str]:
    """Return the ids of the duties that a block and the prose below it quote."""
    paths = (inner.path.split(".") for prose in _prose_below(block) for inner in placeholders(prose.parts))
    return frozenset(names[1] for names in paths if names[0] == "duty" and len(names) > 1)


def _prose_below(block: BodyBlock) -> Iterator[TemplateBlock]:
    return (below for below in walk((block,)) if isinstance(below, TemplateBlock))
