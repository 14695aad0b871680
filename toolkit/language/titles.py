"""Breaks titles, notes and labels by sense (GB/T 9704-2012, 7.3.1: 词意完整，排列对称，长短适宜); used by both page writers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy
from toolkit.language.names import inner_breaks, organ_start, segments

#: Characters of 2号 in a line of the type area: 156 mm / 22 pt.
PER_LINE = 20
#: Characters of 3号 that surely fit: one less than the 28 of a line, as digits of some fonts are wider than half.
PER_NOTE_LINE = 27

# Costs of breaking before a position. ``_UNEVEN`` is the cost of one squared character of difference from the mean.
_UNEVEN = 0.4
_PLAIN = 30.0
_GOOD = 0.0
_FAIR = 12.0
_IN_WORD = 60.0
_IN_COMPOUND = 45.0
_IN_NAME, _IN_LONG_WORD, _AFTER_PREFIX = 90.0, 400.0, 600.0
_BEFORE_ORGAN = 60.0
_TORN = 2500.0
_AFTER_NAME = 2.0
_POOR = 35.0
#: For each character by which the first line of a label is moved from its centre.
_OFF_CENTRE = 12.0
_IN_BOOK = 35.0
_FORBIDDEN = 3000.0
_SHORT_LINE = 5000.0
_HOURGLASS = 20.0
_EXTRA_LINE = 40.0
#: Fewest characters of a line.
_LEAST = 3.0
#: A label of more lines is not broken by sense.
_LABEL_LINES = 5
#: Characters that stay free beside the longest line of a label.
_ROOM_SLACK = 0.2
#: A title of more lines is broken from the left: weighing all ways to break it would take minutes.
_WEIGHED = 15

_CLOSERS = "》〉”’）)】〕，。、；：？！…—·"
_OPENERS = "《〈“‘（(【〔"


def _any_of(words: str) -> re.Pattern[str]:
    """Return a pattern of the words, which spaces separate; longer words match first."""
    return lazy("|".join(sorted(map(re.escape, words.split()), key=len, reverse=True)))


#: Words of office language that a break must not split; a break before one of the first group reads well.
_HEADS = ("关于", "的通知", "的通报", "的报告", "的请示", "的意见", "的决定", "的函", "的批复", "的方案")
_WORD = _any_of(
    "工作 责任制 责任 实施 办法 制度 机制 细则 规定 方案 管理 监督 检查 考核 评分 登记表 登记 记录 台账 "
    "清单 意识形态 网络 舆情 应急 处置 重大 事件 新闻 发布 宣传 教育 培训 学习 分析 研判 风险 评估 决策 "
    "情况 报告 通报 会议 专题 研究 领导 责任追究 阵地 活动 审批 备案 账号 签到 印发 年度 季度 自查 突发 "
    "问题 材料 汇报 信息 组织 生活会 委员会 暂行 试行 意识形态工作 领导小组 工作机构 机构 成立 联络 联络表 要点 总结 "
    "专报 述职 职责 履行 落实 监督意见 意见 决定书 决定 第一责任人 责任人 评分表 自查表 考核表 汇报表 处置单 审核单 备案表 签收 "
    "提醒谈话 谈话 陈述 申辩 会商 党员大会 领域 下级 党组织 季度汇报 教材 教辅 核对 课外 读物 "
    "审核 评价 移交 交接 存档 归档 发文 批示 请示 预案 承诺书 整改 通知 通告 公告 纪要 议题 议程 台账 册子 半年 修订后 等制度"
)
#: Further words of labels in forms.
_LABEL_WORD = _any_of(
    "签名 签发 日期 时间 时限 期限 人员 单位 部门 岗位 党支部 支部 党委 书记 委员 要求 是否 电话 对象 原因 "
    "理由 地点 方式 方法 事项 意见 结果 内容 书面 证明 存放 措施 编号 标题 名称 职务 回执 负责人 主讲人 "
    "联络人 接收 说明 议题 应当 渠道 机关 机构 核对 核实 整改 完成 采纳 展示 布置 使用 办理 投诉 保密 结论 "
    "建议 现场 安全 清单 资料 评估 情形 节目 出版物 依据 条件 沟通 发生 超过 履行 启动 报告人 申请人 记录人 "
    "审核人 审批人 核准人 承办人 发布人 书屋 广播 维修 协调 解决 "
    "区间 提纲 节目单 值班 值班室 管理员 当场 答复 "
    "作品 讨论 铁路局 铁路公司 指挥中心 在场 本人 委员会 代表会议 经过 改进 地方 行政 党委 党总支 管理 宣传委员"
)
#: Words of labels that are made of words: where a label has no room for the whole, it is parted between these.
_PARTED = (
    "宣传｜委员 组织｜委员 纪检｜委员 党委｜书记 书面｜报告 行政｜职务 起止｜日期 规章｜制度 党群｜服务｜中心 "
    "综合｜服务｜中心 服务｜中心"
)
_PARTS = [word.split("｜") for word in _PARTED.split()]
_COMPOUND = _any_of(_PARTED.replace("｜", ""))
_JOINTS = {"".join(parts): tuple(accumulate(map(len, parts[:-1]))) for parts in _PARTS}
#: A label breaks well before the first and after the second, never after the first or before the second.
_JOINS, _ENDS = lazy("或者|[和与及]"), lazy("[的、后前]")
_TOKEN = lazy(r"[A-Za-z0-9.%+\-]+|[0-9]+年")
_EVENT = lazy("\u3000(?=[0-9]{4}年)")
#: A Chinese character beside a Latin letter or digit: LibreOffice always puts a quarter of a character between them,
#: Word unless the style forbids it.
_BESIDE = lazy("[\u3400-\u9fff](?=[A-Za-z0-9])|[A-Za-z0-9](?=[\u3400-\u9fff])")
_GAP = 0.25
_NARROW = lazy("[\u0000-\u00b6\u00b8-\u00ff]")


def title_lines(title: str, per_line: float = PER_LINE, unbreakable: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Break a title into balanced lines of at most ``per_line`` full-width characters.

    Breaks fall after a name in ``unbreakable`` (the issuing unit), before 关于 and 的通知, after 》, between the words of a
    name that is too long (first between the unit and its organ), and inside a word or a pair of book-title marks only if
    nothing else fits. No line has fewer than three characters unless the title itself has. Line feeds in ``title`` are kept
    as breaks.
    """
    return tuple(line for part in title.split("\n") for line in _lines(part.strip(), per_line, unbreakable))


@remembered(1024)
def label_lines(label: str, per_line: float) -> tuple[str, ...]:
    """Break a label of a table by sense into the fewest lines of at most ``per_line`` full-width characters.

    Lines are balanced and have at least two characters; they are less even if a word must not be split, and one more where
    that keeps all words whole.
    """
    widths = _edges(label)
    if widths[-1] <= per_line or "\n" in label or per_line < 2:
        return (label,)
    fewest = int(-(-widths[-1] // per_line))
    if fewest > _LABEL_LINES:
        return (label,)
    shape, costs = tuple(widths), tuple(_label_costs(label))
    _, cuts = _split(shape, costs, fewest, per_line, 2.0)
    if any(costs[cut] >= _IN_WORD for cut in cuts) and fewest < _LABEL_LINES:
        _, more = _split(shape, costs, fewest + 1, per_line, 2.0)
        if more and all(costs[cut] < _IN_WORD for cut in more):
            cuts = more
    edges = (0, *cuts, len(label)) if cuts else (0, len(label))
    return tuple(label[start:end] for start, end in pairwise(edges))


class Fill(NamedTuple):
    """Room of the lines of a label, and by how much the first one is shorter (longer, if negative), in full-width characters."""

    room: float
    indent: float = 0.0


@remembered(1024)
def label_fill(label: str, per_line: float) -> Fill:
    """Return the room in which a program that fills its lines from the left breaks a label best by sense.

    It is ``per_line`` where no word is split there, else less, but there are never more lines than :func:`label_lines` has.
    """
    widths = _edges(label)
    if widths[-1] <= per_line or "\n" in label:
        return Fill(per_line)
    most, costs = len(label_lines(label, per_line)), _label_costs(label)
    best = (_fill_cost(label, widths, costs, Fill(per_line), most), Fill(per_line))
    if best[0] < _PLAIN:
        return best[1]
    rooms = [edge + _ROOM_SLACK for edge in widths if 2 <= edge < per_line - _ROOM_SLACK]
    rooms.append(per_line)
    for room in rooms:
        for first in rooms:
            fill = Fill(room, room - first)
            cost = _fill_cost(label, widths, costs, fill, most) + _OFF_CENTRE * abs(fill.indent)
            if (cost, -room) < (best[0], -best[1].room):
                best = (cost, fill)
    return best[1]


def _fill_cost(label: str, widths: list[float], costs: list[float], fill: Fill, most: int) -> float:
    """Return the cost of the breaks in a label whose lines are filled from the left; too much for more than ``most`` lines."""
    total, lines, start, room = 0.0, 1, 0, fill.room - fill.indent
    while widths[-1] - widths[start] > room:
        end = bisect_right(widths, widths[start] + room) - 1
        while end > start + 1 and (label[end] in _CLOSERS or label[end - 1] in _OPENERS):
            end -= 1
        if end <= start:
            return _FORBIDDEN
        total, lines, start, room = total + costs[end], lines + 1, end, fill.room
    return total + (_SHORT_LINE if widths[-1] - widths[start] < 2 else 0.0) + (_FORBIDDEN if lines > most else 0.0)


def note_lines(note: str, unbreakable: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Break a 题注 (3号) longer than :data:`PER_NOTE_LINE` characters: between dated events, else by sense as a title."""
    if _edges(note)[-1] <= PER_NOTE_LINE:
        return (note,)
    events = _EVENT.split(note)
    return tuple(line for event in events for line in title_lines(event, PER_NOTE_LINE, unbreakable))


@remembered(512)
def _lines(title: str, per_line: float, unbreakable: tuple[str, ...]) -> tuple[str, ...]:
    if len(title) * (1 + _GAP) <= per_line:
        return (title,)
    widths = _edges(title)
    if widths[-1] <= per_line:
        return (title,)
    costs = _costs(title, unbreakable)
    fewest = int(-(-widths[-1] // per_line))
    if fewest > _WEIGHED:
        return tuple(_filled(title, widths, costs, per_line))
    best: tuple[float, tuple[int, ...]] = (float("inf"), ())
    shape, weights = tuple(widths), tuple(costs)
    for extra in range(3):
        cost, cuts = _split(shape, weights, fewest + extra, per_line)
        if cuts and cost + _EXTRA_LINE * extra < best[0]:
            best = (cost + _EXTRA_LINE * extra, cuts)
        if best[0] <= _EXTRA_LINE * (extra + 1):
            break
    edges = (0, *best[1], len(title))
    return tuple(title[start:end] for start, end in pairwise(edges))


def _edges(text: str) -> list[float]:
    """Return the width of the text before each position in full-width characters, spaces beside digits included."""
    if not _NARROW.search(text):
        return list(map(float, range(len(text) + 1)))
    beside = {match.end() for match in _BESIDE.finditer(text)}
    edges = [0.0]
    for index, character in enumerate(text):
        edges.append(edges[-1] + width(character) + (_GAP if index in beside else 0.0))
    return edges


def width(character: str) -> float:
    """Return the width of a character in full-width characters (0.5 for Latin-1)."""
    return 0.5 if character < "\u0100" and character != "·" else 1.0


def text_width(text: str) -> float:
    """Return the width of a text in full-width characters."""
    return len(text) - 0.5 * len(_NARROW.findall(text))


def _costs(title: str, unbreakable: tuple[str, ...]) -> list[float]:
    """Return the cost of a break before each position."""
    costs = [_PLAIN] * (len(title) + 1)
    _weigh_words(_WORD, title, costs)
    depth = 0
    for index, character in enumerate(title):
        if depth:
            costs[index] += _IN_BOOK
        depth += (character in "《〈") - (character in "》〉" and depth > 0)
    for start, end in _spans(_HEADS, title):
        costs[start] = _GOOD
        _keep_whole(start, end, costs, _IN_WORD)
        if title.startswith("关于", start):
            costs[end] = max(costs[end], _IN_WORD)
    for index, character in enumerate(title):
        if character == "的":
            costs[index + 1] = max(costs[index + 1], _FAIR)
        if character in "和与及":
            costs[index + 1] = max(costs[index + 1], _PLAIN)
    for start, end in _spans(unbreakable, title):
        costs[start], costs[end] = min(costs[start], _FAIR), min(costs[end], _AFTER_NAME)
        costs[start + 1 : end] = _name_costs(title[start:end])
    for match in _TOKEN.finditer(title):
        _keep_whole(*match.span(), costs, _FORBIDDEN)
    _forbid_at_marks(title, costs)
    return costs


@remembered(1024)
def _name_costs(name: str) -> tuple[float, ...]:
    """Return the cost of a break before each character of a name but the first: between its words, or not at all."""
    costs, start = [_TORN] * (len(name) + 1), 0
    for word in segments(name):
        costs[start] = _IN_NAME if start >= _LEAST else _AFTER_PREFIX
        for place in inner_breaks(word):
            costs[start + place] = _IN_LONG_WORD
        start += len(word)
    if organ := organ_start(name):
        costs[organ] = _BEFORE_ORGAN
    return tuple(costs[1:-1])


def _label_costs(label: str) -> list[float]:
    """Return the cost of a break before each position of a label."""
    costs = _costs(label, ())
    _weigh_words(_LABEL_WORD, label, costs)
    _weigh_words(_COMPOUND, label, costs)
    for match in _COMPOUND.finditer(label):
        for joint in _JOINTS[match[0]]:
            costs[match.start() + joint] = _IN_COMPOUND
    for pattern, before, after in ((_JOINS, _AFTER_NAME, _POOR), (_ENDS, _POOR, _AFTER_NAME)):
        for match in pattern.finditer(label):
            costs[match.start()], costs[match.end()] = before, after
            _keep_whole(*match.span(), costs, _IN_WORD)
    _forbid_at_marks(label, costs)
    return costs


def _weigh_words(words: re.Pattern[str], text: str, costs: list[float]) -> None:
    """Make breaks beside the words of a pattern cheap, and breaks inside them dear."""
    for match in words.finditer(text):
        start, end = match.span()
        costs[start], costs[end] = min(costs[start], _FAIR), min(costs[end], _FAIR)
        _keep_whole(start, end, costs, _IN_WORD)


def _keep_whole(start: int, end: int, costs: list[float], cost: float) -> None:
    costs[start + 1 : end] = [cost] * (end - start - 1)


def _forbid_at_marks(text: str, costs: list[float]) -> None:
    """Forbid breaks before a closing mark and after an opening one."""
    for index in range(1, len(text)):
        if text[index] in _CLOSERS or text[index - 1] in _OPENERS:
            costs[index] = _FORBIDDEN


def _spans(words: tuple[str, ...], title: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each occurrence of the words in a title."""
    for word in filter(None, words):
        yield from (match.span() for match in re.finditer(re.escape(word), title))


def _filled(title: str, widths: list[float], costs: list[float], per_line: float) -> Iterator[str]:
    """Yield lines from the left, each cut at the cheapest position of its second half (linear in the length)."""
    start = 0
    while widths[-1] - widths[start] > per_line:
        end = bisect_right(widths, widths[start] + per_line) - 1
        cut = min(range(end, start + (end - start) // 2, -1), key=costs.__getitem__)
        yield title[start:cut]
        start = cut
    yield title[start:]


@remembered(1024)
def _split(
    widths: tuple[float, ...], costs: tuple[float, ...], count: int, per_line: float, least: float = _LEAST
) -> tuple[float, tuple[int, ...]]:
    """Return cost and positions of the cheapest cuts into ``count`` lines, no positions if there are none.

    Memoised by widths and costs: titles with unit names of one length share them.
    """
    mean = widths[-1] / count
    length = len(widths) - 1
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for line in range(1, count + 1):
        following: dict[int, tuple[float, tuple[int, ...]]] = {}
        last = line == count
        for start, (cost, cuts) in best.items():
            edge = widths[start]
            for end in (length,) if last else range(start + 1, length):
                size = widths[end] - edge
                if size > per_line:
                    break
                total = cost + _UNEVEN * (size - mean) ** 2
                if size < least:
                    total += _SHORT_LINE
                if not last:
                    total += costs[end]
                elif cuts:
                    total += _shape(widths, (*cuts, end))
                known = following.get(end)
                if known is None or total < known[0]:
                    following[end] = (total, (*cuts, end))
        best = following
    cost, cuts = best.get(length, (0.0, ()))
    return cost, cuts[:-1]


def _shape(widths: tuple[float, ...], cuts: tuple[int, ...]) -> float:
    """Return the cost of a middle line shorter than both its neighbours (neither trapezoid nor lozenge)."""
    sizes = [widths[end] - widths[start] for start, end in zip((0, *cuts), cuts, strict=False)]
    return _HOURGLASS * sum(
        before > middle < after for before, middle, after in zip(sizes, sizes[1:], sizes[2:], strict=False)
    )
