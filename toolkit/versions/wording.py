"""Sentences about changes that the text, the page, the table and the JSON of a comparison share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from toolkit.compare import Change, Comparison
from toolkit.compare.classify import KINDS
from toolkit.compare.substance import NAMES, Substance
from toolkit.core.findings import Finding
from toolkit.versions.sets import DocumentPair, SetComparison

STATUS = {"changed": "有改动", "added": "新增", "dropped": "不再有", "same": "没有变化"}
#: Classes of changes in which only numbers or names follow, or that no reader sees: they are folded into one line each.
FOLDED = ("renumbered", "renamed", "spacing")
#: How a decision words them that change no word.
ADJUSTED = "对个别文字和标点作了调整"


def substances(change: Change) -> list[str]:
    """Return the points of substance of a change, one text for each kind: 频次：每月→每季度，新写明每年一次."""
    kinds: dict[str, list[Substance]] = {}
    for point in change.substance:
        kinds.setdefault(point.kind, []).append(point)
    return [_substance(kind, points) for kind, points in kinds.items()]


def _substance(kind: str, points: list[Substance]) -> str:
    if kind == "clause":
        return "整条新增" if points[0].after else "整条删除"
    came, gone = ("增加", "减少") if kind == "form_field" else ("新写明", "不再写明")
    counted = Counter(points).items()
    texts = [_often(f"{before}→{after}", count) for (_, before, after), count in counted if before and after]
    for verb, values in (
        (came, [point.after for point in points if not point.before]),
        (gone, [point.before for point in points if not point.after]),
    ):
        if values:
            texts.append(verb + "、".join(_often(value, count) for value, count in Counter(values).items()))
    return f"{NAMES[kind]}：{'，'.join(texts)}"


def renamed(part: Comparison) -> list[str]:
    """Return the changes of names only, and those of substance with their points: 第三条【实质：责任主体：甲→乙】."""
    heads = [head.what for head in part.head if head.renamed]
    plain: dict[str, list[str]] = {}
    for change in part.changes:
        if change.kind == "renamed":
            plain.setdefault("；".join(substances(change)), []).append(change.name)
    out = ["、".join([*heads, *plain.pop("", [])])]
    out += [f"{'、'.join(names)}【实质】{points}" for points, names in plain.items()]
    return [text for text in out if text]


def _often(text: str, count: int) -> str:
    return text if count == 1 else f"{text}（{count} 处）"


def reason(change: Change) -> str:
    """Return the class and the substance of a change."""
    if change.kind in ("added", "deleted"):
        return f"{KINDS[change.kind]}本条"
    if change.kind == "moved":
        return f"由{change.old_name}移至{change.new_name}"
    if change.kind == "renamed":
        names = "名称统一修改：" + "，".join(f"“{before}”改为“{after}”" for before, after in change.names)
        return "。".join(filter(None, [names, "；".join(substances(change))]))
    return "。".join(filter(None, [KINDS[change.kind], "；".join(substances(change))]))


def set_lines(comparison: SetComparison, parameters: bool = True) -> list[str]:
    """Return the sentences on the whole set, one a line; ``parameters``: also on those that differ."""
    old, new = comparison.old, comparison.new
    out = []
    if len(comparison.documents) > 1:
        documents = {status: comparison.of(status) for status in STATUS}
        out.append("文件：" + "，".join(f"{STATUS[s]} {len(pairs)} 份" for s, pairs in documents.items() if pairs))
        for status in ("added", "dropped"):
            if documents[status]:
                out.append(f"{STATUS[status]}的文件：" + "、".join(pair.name for pair in documents[status]))
    if old.preset and new.preset:
        same = old.preset == new.preset
        out.append(f"预设版本：{old.preset}（没有变）" if same else f"预设版本：{old.preset}→{new.preset}")
    out += comparison.made_of
    for label, before, after in comparison.parameters if parameters else ():
        out.append(f"参数 {label}：{short(before) or '（空）'}→{short(after) or '（空）'}")
    acting = []
    for name in comparison.names:
        before, after = name
        changes = [change for pair in comparison.documents for change in pair.changes if name in change.names]
        out.append(f"名称统一修改：“{before}”改为“{after}”，{len(changes)} 条只有这一处不同")
        if any(point.before == before and point.after == after for change in changes for point in change.substance):
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
    runs: list[list[Change]] = []
    for change in part.changes:
        if change.kind != "renumbered":
            continue
        if runs and _follows(runs[-1][-1], change, part):
            runs[-1].append(change)
        else:
            runs.append([change])
    texts = []
    for run in runs:
        first, last = run[0], run[-1]
        old, new = (f"{first.old_name}至{last.old_name}", f"{first.new_name}至{last.new_name}")
        texts.append(f"{old}改为{new}" if len(run) > 1 else f"{first.old_name}改为{first.new_name}")
    return texts


def _follows(first: Change, second: Change, part: Comparison) -> bool:
    """Whether two clauses are of one level and neighbours on it."""
    level, other = (getattr(change.new[0], "level", "") for change in (first, second))
    ids = [unit.block.id for unit in part.new.units if unit.level == (other or "table")]
    return level == other and (first.new[0].id, second.new[0].id) in pairwise(ids)


def references(part: Comparison, left: str = "", right: str = "", to: str = "→") -> list[str]:
    """Return the references that follow renumbering, between quotation marks: 第三条中“第九条”→“第十条”."""
    texts = (f"{ref.where}中{left}{ref.before}{right}{to}{left}{ref.after}{right}" for ref in part.references)
    return list(dict.fromkeys(texts))


def spaced(part: Comparison) -> list[str]:
    """Return the clauses in which only white space, characters without width or the width of brackets differ."""
    return [change.name for change in part.changes if change.kind == "spacing"]


def document_line(pair: DocumentPair) -> str:
    """Return the change of a document in one line."""
    if pair.status != "changed":
        return STATUS[pair.status]
    if pair.elsewhere and all(part.same_text for part in pair.parts):
        return "只有所附文件有改动"
    found = Counter(change.kind for change in pair.changes)
    text = "，".join(f"{KINDS[kind]} {found[kind]}" for kind in KINDS if found[kind])
    if not pair.changes:
        text = "引用随序号调整" if any(part.references for part in pair.parts) else "条文没有变化"
        if heads := dict.fromkeys(head.what for part in pair.parts for head in part.head):
            text += "，改了" + "、".join(heads)
    many = sum(bool(change.substance) for change in pair.changes)
    return f"{text}；实质改动 {many} 条" if many else text


def enclosed_elsewhere(pair: DocumentPair) -> str:
    """Return where the changes of a document's enclosure are reported."""
    return f"所附文件的改动同“{pair.elsewhere}”。"


def not_compared(comparison: SetComparison) -> list[str]:
    """Return the differences that are not shown, then the parts not compared, one sentence for each."""
    return _sentences((*comparison.unshown, *comparison.findings))


def left_out(comparison: SetComparison, pair: DocumentPair | None = None) -> list[str]:
    """Return the parts neither compared nor shown, of one document or of all."""
    return _sentences(comparison.left_out if pair is None else comparison.unshown_of(pair))


def _sentences(findings: Iterable[Finding]) -> list[str]:
    sentences = ("：".join(filter(None, [found.where.file, found.message])) for found in findings)
    return list(dict.fromkeys(sentences))


def sameness(comparison: SetComparison) -> str:
    """Return how two versions without changed documents compare."""
    if comparison.same:
        return "两个版本没有不同"
    return "两个版本的文字没有不同" + ("，但有的内容不同，没有比较或者显示不出来" if comparison.unshown else "")
