"""Sentences about changes that every output shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from toolkit.compare import Change, Comparison, substance
from toolkit.compare.classify import KINDS
from toolkit.compare.substance import NAMES, Substance
from toolkit.versions.sets import DocumentPair, SetComparison

STATUS = {"changed": "有改动", "added": "新增", "dropped": "不再有", "same": "没有变化"}
#: Classes that say nothing but that numbers or names follow: they are folded into one line each.
FOLDED = ("renumbered", "renamed")


def substances(change: Change) -> list[str]:
    """Return the points of substance of a change, one text for each kind: 频次：每月→每季度，新写明每年一次."""
    kinds: dict[str, list[Substance]] = {}
    for said in change.substance:
        kinds.setdefault(said.kind, []).append(said)
    return [_substance(kind, found) for kind, found in kinds.items()]


def _substance(kind: str, found: list[Substance]) -> str:
    if kind == "clause":
        return "整条新增" if found[0].after else "整条删除"
    came, gone = ("增加", "减少") if kind == "form_field" else ("新写明", "不再写明")
    said = [_often(f"{one}→{other}", count) for (_, one, other), count in Counter(found).items() if one and other]
    for word, texts in (
        (came, [one.after for one in found if not one.before]),
        (gone, [one.before for one in found if not one.after]),
    ):
        if texts:
            said.append(word + "、".join(_often(text, count) for text, count in Counter(texts).items()))
    return f"{NAMES[kind]}：{'，'.join(said)}"


def _often(text: str, count: int) -> str:
    return text if count == 1 else f"{text}（{count} 处）"


def reason(change: Change) -> str:
    """Return what a change is about: its class and its substance."""
    said = "；".join(substances(change))
    if change.kind in ("added", "deleted"):
        return f"{KINDS[change.kind]}本条"
    if change.kind == "moved":
        return f"由{change.old_name}移至{change.new_name}"
    if change.kind == "renamed":
        return "名称统一修改：" + "，".join(f"“{before}”改为“{after}”" for before, after in change.names)
    return f"{KINDS[change.kind]}。{said}" if said else KINDS[change.kind]


def counts(changes: Iterable[Change]) -> str:
    """Return 修改 3，新增 1 in the order of the classes."""
    found = Counter(change.kind for change in changes)
    return "，".join(f"{KINDS[kind]} {found[kind]}" for kind in KINDS if found[kind])


def set_lines(comparison: SetComparison, parameters: bool = True) -> list[str]:
    """Return what is to be said about the whole set, one sentence a line; ``parameters``: also on those that differ."""
    old, new = comparison.old, comparison.new
    out = []
    if len(comparison.documents) > 1:
        out.append(
            "文件："
            + "，".join(
                f"{STATUS[status]} {len(comparison.of(status))} 份" for status in STATUS if comparison.of(status)
            )
        )
        for status in ("added", "dropped"):
            if comparison.of(status):
                out.append(f"{STATUS[status]}的文件：" + "、".join(pair.name for pair in comparison.of(status)))
    if old.preset and new.preset:
        same = old.preset == new.preset
        out.append(f"预设版本：{old.preset}（没有变）" if same else f"预设版本：{old.preset}→{new.preset}")
    for label, before, after in comparison.parameters if parameters else ():
        out.append(f"参数 {label}：{short(before) or '（空）'}→{short(after) or '（空）'}")
    acting = []
    for before, after in comparison.names:
        told = [change for pair in comparison.documents for change in pair.changes if (before, after) in change.names]
        out.append(f"名称统一修改：“{before}”改为“{after}”，{len(told)} 条只有这一处不同")
        if any(before in substance.parties(change.sides[0].text(change.old[0])) for change in told):
            acting.append(f"“{before}”")
    if acting:
        names = "、".join(acting)
        out.append(f"请核对：{names}是责任主体或者报送对象，如果不只是改名，而是换了机构或者岗位，就是实质改动")
    return out


def short(text: str, most: int = 60) -> str:
    """Return a text that fits into a line."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 10]}……{text[-8:]}"


def runs(part: Comparison) -> list[str]:
    """Return renumbered clauses as runs of one shift: 第九条至第十二条改为第十条至第十三条."""
    out: list[list[Change]] = []
    for change in part.changes:
        if change.kind != "renumbered":
            continue
        if out and _follows(out[-1][-1], change, part):
            out[-1].append(change)
        else:
            out.append([change])
    return [_run(run) for run in out]


def references(part: Comparison, left: str = "", right: str = "") -> list[str]:
    """Return the references that follow renumbering, between quotation marks: 第三条中“第九条”→“第十条”."""
    said = (f"{one.where}中{left}{one.before}{right}→{left}{one.after}{right}" for one in part.references)
    return list(dict.fromkeys(said))


def _follows(one: Change, other: Change, part: Comparison) -> bool:
    blocks = [unit.block for unit in part.new.units if unit.level == getattr(other.new[0], "level", "table")]
    places = {block.id: place for place, block in enumerate(blocks)}
    same = getattr(one.new[0], "level", "") == getattr(other.new[0], "level", "")
    return same and places.get(one.new[0].id, -9) + 1 == places.get(other.new[0].id, -1)


def _run(run: list[Change]) -> str:
    if len(run) == 1:
        return f"{run[0].old_name}改为{run[0].new_name}"
    return f"{run[0].old_name}至{run[-1].old_name}改为{run[0].new_name}至{run[-1].new_name}"


def document_line(pair: DocumentPair) -> str:
    """Return what became of a document in one line."""
    if pair.status != "changed":
        return STATUS[pair.status]
    if pair.elsewhere and all(part.same_text for part in pair.parts):
        return "只有所附文件有改动"
    said = counts(pair.changes) or ("引用随序号调整" if any(part.references for part in pair.parts) else "条文没有变化")
    if not pair.changes and any(part.head for part in pair.parts):
        said += "，改了" + "、".join(dict.fromkeys(head.what for part in pair.parts for head in part.head))
    many = sum(bool(change.substance) for change in pair.changes)
    return f"{said}；实质改动 {many} 条" if many else said


def enclosed_elsewhere(pair: DocumentPair) -> str:
    """Return where the changes of what a document encloses are told."""
    return f"所附文件的改动同“{pair.elsewhere}”。"


def not_compared(comparison: SetComparison) -> list[str]:
    """Return what could not be compared, one sentence for each."""
    out = [
        f"{finding.where.file + '：' if finding.where.file else ''}{finding.message}" for finding in comparison.findings
    ]
    return list(dict.fromkeys(out))
