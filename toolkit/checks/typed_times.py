"""Checks of times typed into the prose of presets and layers: they are quoted from a duty or a parameter, and contradict none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from toolkit.checks.lines import is_found, place_of
from toolkit.checks.registry import Context, error, warning
from toolkit.checks.wording import is_added, place_in_prose, prose_of
from toolkit.core.findings import Finding, Place
from toolkit.core.memo import identity, remembered
from toolkit.core.patterns import lazy
from toolkit.language.times import Time, read_time, times
from toolkit.model.tree import Duty
from toolkit.presets.loading import kept_with_preset
from toolkit.presets.spec import LiteralText, Preset

_BASIS = "本项目的要求：频次、时限和对象只写一次"
_NAMES = {"frequency": "频次", "deadline": "时限"}
#: Units of the frequencies that a duty can have; 每天 and 每学期 cannot be quoted.
_QUOTABLE = ("week", "ten_days", "half_month", "month", "quarter", "half", "year")
#: Words in front of a span that is a time limit: 保管期限为10年, 公示3日.
_TERMS = (
    "期限",
    "期",
    "期限为",
    "期为",
    "期间为",
    "时限为",
    "保管",
    "保存",
    "保留",
    "公示",
    "公布",
    "任期",
    "期限是",
    "期不少于",
)
#: Words behind a period that name no act in it: 每季度的台账, 每年最后一次报告.
_NO_ACT = ("的", "最后", "最末", "第", "首", "之", "内", "度", "和", "与", "及", "或", "例", "工作")
_STOP = lazy("[。；]")
#: An order: 应当, or whose task it is.
_ORDER = lazy(
    r"应当|必须|由[^，。；的]{2,16}(?:报|交|送|检查|核对|清点|复核|复查|汇总|整理|更新|更换|召开|组织|填写|负责)|清点|报送|上报"
)
#: A label of fewer characters (归档) names an act of other papers as well.
_LEAST_LABEL = 4
#: Rates and lengths that differ by less are the same: 每月一次 and 每年十二次.
_SAME = 0.02


def typed_times(context: Context) -> Iterator[Finding]:
    """Frequencies and deadlines are quoted from duties and parameters, never typed into prose."""
    for literal, _, kind, shown in _typed(context.preset):
        message = f"正文里直接写了{_NAMES[kind]}“{shown}”。"
        hint = "改为引用职责（如 {duty.标识.frequency}）或者参数。"
        make = warning if is_added(context.preset, literal) else error
        yield make(f"literal_{kind}", message, place_in_prose(literal), hint, _BASIS, subject=shown)


def contradictions(context: Context) -> Iterator[Finding]:
    """A time typed into a clause does not contradict the duty that the clause is about."""
    for literal, time, kind, shown in _typed(context.preset):
        stated = [(duty, getattr(duty, kind)) for duty in _duties_of(context, literal) if getattr(duty, kind)]
        differing = [duty for duty, text in stated if _differ(time, read_time(text))]
        if not differing or len(differing) < len(stated):
            continue
        duty = differing[0]
        spec = context.preset.duties[duty.id]
        source = place_of(context, spec.texts[kind], spec.places.get(kind, spec.place))
        where = _shown(source)
        name = f"职责“{duty.label}”（{duty.id}，{where}）"
        stated_time = getattr(duty, kind)
        message = f"这里写的{_NAMES[kind]}是“{shown}”，{name}定的是“{stated_time}”。"
        hint = f"改为引用 {{duty.{duty.id}.{kind}}}；要改{_NAMES[kind]}的，改职责或者档案里的参数。"
        subject = f"{duty.id}:{shown}"
        yield error("time_contradicts_duty", message, place_in_prose(literal), hint, _BASIS, subject=subject)


def _shown(place: Place) -> str:
    """Return a place in short: the parameter of the profile, or file and line."""
    return place.key or f"{PurePath(place.file).name} 第{place.line}行"


@kept_with_preset("compose", "numbering", "checks")
def _typed(preset: Preset) -> tuple[tuple[LiteralText, Time, str, str], ...]:
    """Return the times typed into the documents of a preset: literal, time, kind of finding, words. A judged one has none."""
    typed: list[tuple[LiteralText, Time, str, str]] = []
    if preset.judged:
        return ()
    for literal, text in prose_of(preset).lines:
        for time in times(text, True) if literal.document else ():
            if kind := _kind(time, text):
                act = text[time.end : time.end + 2] if _is_bare(time) else ""
                typed.append((literal, time, kind, text[time.start : time.end] + act))
    return tuple(typed)


def _kind(time: Time, text: str) -> str:
    """Return which finding a time in prose is, if any: times that no duty could state are none (当日, 每天)."""
    before, after = text[: time.start], text[time.end :]
    if time.kind == "frequency" and time.unit in _QUOTABLE:
        is_named = not after[:1].isalnum() or after.startswith(_NO_ACT) or before.endswith(("称", "“"))
        return "" if _is_bare(time) and is_named else "frequency"
    if time.kind == "deadline":
        at_once = time.most == 0
        counted = "n" in time.parts or time.most is not None
        recurs = not time.parts.keys() & {"this", "last"} and time.unit not in ("", "hour")
        if "event" in time.parts:
            return "deadline" if _is_ordered(time, text) else ""
        return "deadline" if not time.gap and not at_once and (counted or recurs) else ""
    if (
        time.kind == "point"
        and ("end" in time.parts or time.bound == "since")
        and time.unit not in ("", "hour", "minute")
    ):
        return "deadline" if not time.gap and _is_ordered(time, text) else ""
    return "deadline" if time.kind == "duration" and time.unit and not time.gap and before.endswith(_TERMS) else ""


def _is_ordered(time: Time, text: str) -> bool:
    """Whether the sentence of an event or of a point in time (汛期前, 季末, 满三个月后) orders somebody to act then."""
    before, after = _STOP.split(text[: time.start])[-1], _STOP.split(text[time.end :])[0]
    return not after.startswith("的") and _ORDER.search(before + "\ufffc" + after) is not None


def _is_bare(time: Time) -> bool:
    """Whether a frequency has neither a number nor days: 每季度, 逐月, 单月."""
    return time.kind == "frequency" and "count" not in time.parts and (not time.anchor or "apart" in time.parts)


def _duties_of(context: Context, literal: LiteralText) -> list[Duty]:
    """Return the duties in effect that a clause quotes, or quoted before a layer replaced it.

    Of an article that the unit added they are those that it speaks of.
    """
    clause = literal.document, literal.provision
    names = _quoted(context).get(clause, frozenset()) | context.preset.quoted.get(clause, frozenset())
    if not names and is_added(context.preset, literal):
        return [duty for duty in context.resolved.duties.values() if _speaks_of(context, literal.text, duty)]
    return [duty for name, duty in context.resolved.duties.items() if name in names]


def _speaks_of(context: Context, text: str, duty: Duty) -> bool:
    """Whether a text names a duty, or its actor and what its clause is to say (村党支部…报告)."""
    if len(duty.label) >= _LEAST_LABEL and duty.label in text:
        return True
    patterns = _said_of(context.preset).get(duty.id, ())
    return bool(duty.actor_name) and duty.actor_name in text and any(is_found(pattern, text) for pattern in patterns)


@remembered(4, key=identity)
def _said_of(preset: Preset) -> dict[str, tuple[str, ...]]:
    """Return for each duty the patterns of the concepts that the clauses quoting it are to state."""
    said: dict[str, tuple[str, ...]] = {}
    for required in (required for clauses in preset.required.values() for required in clauses.values()):
        rules = [preset.words["concepts"][name] for name in required.says]
        duties = {name.split(".")[1] for name in required.names() if name.startswith("duty.")}
        for duty in duties:
            said[duty] = (*said.get(duty, ()), *(rule.get("says") or rule["act"] for rule in rules))
    return said


@remembered(4, key=identity)
def _quoted(context: Context) -> dict[tuple[str, str], frozenset[str]]:
    """Return the duties that each clause quotes, by document and provision."""
    names: dict[tuple[str, str], set[str]] = {}
    for quote in context.built.quotes:
        names.setdefault((quote.document, quote.provision), set()).add(quote.duty)
    return {clause: frozenset(duties) for clause, duties in names.items()}


def _differ(typed: Time, stated: Time | None) -> bool:
    """Whether two times of one kind that can be compared are not the same."""
    if stated is None or not typed.known or typed.gap:
        return False
    first, second = (next((days for days in time.days() if days is not None), None) for time in (typed, stated))
    if first is None and second is None:
        return typed.text != stated.text
    return first is not None and second is not None and abs(first - second) > _SAME * max(first, second)
