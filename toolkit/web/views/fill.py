"""填写: the profile of a unit as an interview: questions by group, each with its findings, saved at every pause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web import current, readers
from toolkit.web.answers import MUST, Question, questions, rows_of, value_of
from toolkit.web.desk import Missing
from toolkit.web.unit import Conflict, Unit

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.profile.answers import Answers
    from toolkit.versions.impact import Touched

#: Places of an impact that are listed.
_PLACES = 12


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("fill", __name__)
    made.add_url_rule("/u/<unit>/fill", "page", page)
    made.add_url_rule("/u/<unit>/fill/<key>", "answer", answer, methods=["POST"])
    made.add_url_rule("/u/<unit>/card/<key>", "one", one)
    made.add_url_rule("/u/<unit>/size", "resize", resize, methods=["POST"])
    made.add_url_rule("/u/<unit>/undo", "undo", undo, methods=["POST"])
    made.add_url_rule("/u/<unit>/text", "text", text)
    made.add_url_rule("/u/<unit>/text/save", "save_text", save_text, methods=["POST"])
    return made


@dataclass(frozen=True, slots=True)
class Group:
    """A group in the list at the left: its key, label, and counts of its questions."""

    key: str
    label: str
    count: int
    given: int
    wrong: int
    missing: int


@dataclass(frozen=True, slots=True)
class Impact:
    """The changes of the last answer, as people count them: places by document and name, whole documents first."""

    places: list[Touched]
    documents: int

    @property
    def listed(self) -> list[Touched]:
        """The places that are listed."""
        return self.places[:_PLACES]


def page(unit: str) -> str:
    """Show the questions of a group; without one the required ones while any is open, else the first group."""
    opened = current.unit(unit)
    prepared = opened.prepared()
    if prepared.preset is None or not isinstance(prepared.profile.raw.data, dict):
        return current.page("unreadable.html", opened, "fill.page", findings=prepared.findings)
    answers = readers.answers_shown(opened)
    group = _group(answers, request.args.get("group", ""))
    asked = questions(answers, group)
    shown, folded = _sorted(asked, group)
    return current.page(
        "fill.html",
        opened,
        "fill.page",
        answers=answers,
        group=group,
        groups=_groups(answers),
        label=_label(answers, group),
        shown=shown,
        folded=folded,
        map=_map(answers),
        others=opened.others(g.session.token),
        neighbours=_neighbours(answers, group),
        on=request.args.get("on", ""),
        impact=_impact(opened),
        sizes=_sizes(prepared) if group == next(iter(answers.groups)) else [],
    )


def _sizes(prepared: Prepared) -> list[tuple[str, bool]]:
    """Return the sizes of the kind by label, each with whether it is that of the unit; nothing where there is one only."""
    preset = prepared.preset
    if preset is None or not preset.sizes:
        return []
    now = preset.sizes.get(prepared.profile.size, prepared.profile.size)
    return [("", now not in preset.sizes.values()), *((label, label == now) for label in preset.sizes.values())]


def _group(answers: Answers, wanted: str) -> str:
    if wanted == MUST or wanted in answers.groups:
        return wanted
    return MUST if any(answer.is_open for answer in answers.required()) else next(iter(answers.groups))


def _label(answers: Answers, group: str) -> str:
    if group != MUST:
        return answers.groups[group]
    needed = answers.required()
    still = any(question.is_open for question in needed)
    return f"先答 {len(needed)} 个问题" if still else f"必填的 {len(needed)} 个都答了"


def _sorted(asked: list[Question], group: str) -> tuple[list[Question], list[Question]]:
    """Return the questions shown open, and those that are folded: answered required ones, or those at their defaults."""
    if group == MUST:
        done = [question for question in asked if question.state == "given" and not question.answer.findings]
        return [question for question in asked if question not in done], done
    plain = [
        question
        for question in asked
        if question.state == "default" and not question.answer.findings and not question.answer.param.ask
    ]
    if len(plain) == len(asked):
        return asked, []
    return [question for question in asked if question not in plain], plain


def _groups(answers: Answers) -> list[Group]:
    """Return the groups with their counts, the required questions first."""
    named = {MUST: "必填", **answers.groups}
    found = []
    for key, label in named.items():
        asked = questions(answers, key)
        states = [question.state for question in asked]
        wrong, given = states.count("err"), states.count("given") + states.count("err")
        found.append(Group(key, label, len(asked), given, wrong, states.count("open")))
    return found


def _map(answers: Answers) -> list[str]:
    """Return the state of each question, in order."""
    return [Question(answer).state for answer in answers.by_key.values()]


def _neighbours(answers: Answers, group: str) -> tuple[str, str]:
    """Return the group before and the group after."""
    order = [MUST, *answers.groups]
    here = order.index(group)
    return (order[here - 1] if here else ""), (order[here + 1] if here + 1 < len(order) else "")


def _impact(unit: Unit) -> Impact:
    places: dict[tuple[str, str], Touched] = {}
    for touched in unit.touched():
        places.setdefault((touched.document, touched.name), touched)
    whole = [place for place in places.values() if not place.provision and place.how != "changed"]
    rest = [place for place in places.values() if place not in whole]
    return Impact([*whole, *rest], len({document for document, _ in places}))


# --- one answer ---


def one(unit: str, key: str) -> str:
    """Return the card of a question as it is now; with ``?plain`` in a line of its own words."""
    opened = current.unit(unit)
    return render_template("question.html", unit=opened, q=_asked(opened, key, "plain" in request.args), fresh=True)


def _asked(unit: Unit, key: str, own_words: bool = False) -> Question:
    answers = readers.answers_shown(unit)
    if key not in answers.by_key:
        raise Missing("没有这个问题", "请刷新这一页", "unknown_key")
    return Question(answers.by_key[key], own_words)


def answer(unit: str, key: str) -> str | Response | tuple[str, int]:
    """Write an answer and show the findings about it; ``do`` is the action of a button."""
    opened = current.unit(unit)
    before = _asked(opened, key)
    do = request.form.get("do", "")
    if do.startswith(("add", "drop")):
        return _rows_changed(opened, before, do)
    value = None if do == "default" else value_of(before.answer, request.form)
    old = {name: answer.applies for name, answer in opened.answers().by_key.items()}
    try:
        opened.answer(key, _written(before, value), request.form.get("seen", ""))
    except Conflict:
        return _conflict(opened, before)
    opened.enter(g.session.token)
    if not request.headers.get("HX-Request"):
        return redirect(
            url_for("fill.page", unit=unit, group=request.form.get("group") or key.partition(".")[0], on=key)
            + f"#q-{before.id}",
            303,
        )
    return _answered(opened, key, old, whole=do in ("default", "mine"))


def _written(before: Question, value: object) -> object:
    """Return the value to write: an emptied field without a default to take away is no answer at all."""
    param = before.answer.param
    if value in ("", [], {}) and not before.answer.given and before.answer.applies in (None, "", (), []):
        return None
    if value in ("", {}) and param.type not in ("text", "longtext", "list", "date", "phone"):
        return None  # such a type has no empty value: the default applies
    return value


def _conflict(unit: Unit, before: Question) -> tuple[str, int]:
    """Show both values: the one that is there, and the one that was typed here, which is neither written nor lost."""
    mine = value_of(before.answer, request.form)
    fields = [(name, text) for name, text in request.form.items() if name not in ("csrf", "seen", "do")]
    page = render_template("conflict.html", unit=unit, q=before, mine=mine, fields=fields, time=unit.saved)
    return page, 409


def _answered(unit: Unit, key: str, old: dict[str, object], whole: bool) -> str:
    """Return the part below the field of an answer, and the other parts of the page that it changes."""
    answers = unit.answers()
    asked = Question(answers.by_key[key])
    group = request.form.get("group", "")
    others = (
        [answer for answer in questions(answers, group) if answer.key != key]
        if group in (MUST, *answers.groups)
        else []
    )
    moved = [
        question
        for question in others
        if not question.answer.given and old.get(question.key) != question.answer.applies
    ]
    return render_template(
        "question.html" if whole else "answered.html",
        unit=unit,
        q=asked,
        fresh=whole,
        impact=_impact(unit),
        others=[question for question in others if question not in moved],
        moved=moved,
        groups=_groups(answers),
        group=group,
        answers=answers,
        map=_map(answers),
        piece=True,
    )


def _rows_changed(unit: Unit, before: Question, do: str) -> str:
    """Return the card of a table with a row more or less; nothing is written until a cell is filled or a row is dropped."""
    dropped = int(do[5:]) if do[5:].isdecimal() else -1
    rows = [row for number, row in rows_of(before.answer, request.form) if number != dropped]
    if do.startswith("drop"):
        unit.answer(before.key, [row for row in rows if row], request.form.get("seen", ""))
        return _answered(unit, before.key, {}, whole=True)
    shown = replace(before.answer, written=[row for row in rows if row] + [{}])
    return render_template("question.html", unit=unit, q=Question(shown, made_from=before.seen), fresh=True)


def resize(unit: str) -> Response:
    """Take another size of the set; all answers stay."""
    opened = current.unit(unit)
    opened.resize(request.form.get("size", ""))
    opened.enter(g.session.token)
    return redirect(url_for("fill.page", unit=unit, group=request.form.get("group") or None, on="size"), 303)


def undo(unit: str) -> Response:
    """Take the last change back, and show where it was."""
    opened = current.unit(unit)
    step = opened.undo()
    if step is None:
        raise UsageError("没有可以撤销的", "这一次打开以后还没有改过", "nothing")
    if step.file is not None:
        document, clause = step.place
        return redirect(url_for("documents.document", unit=unit, document=document, at=clause), 303)
    if not step.key:
        return redirect(url_for("fill.text", unit=unit), 303)
    group = step.key.partition(".")[0]
    return redirect(url_for("fill.page", unit=unit, group=group, on=step.key) + f"#q-{step.key.replace('.', '-')}", 303)


# --- the text ---


def text(unit: str) -> str:
    """Show the profile as text, with the findings by line."""
    opened = current.unit(unit)
    findings = sorted(
        opened.prepared().findings, key=lambda finding: (finding.where.line or 1_000_000, finding.where.column)
    )
    return _text_page(opened, opened.text(), opened.version(), findings=findings)


def save_text(unit: str) -> Response | tuple[str, int]:
    """Write the profile as it was typed, faults included; text that could not be written stays on the page."""
    opened = current.unit(unit)
    typed = request.form.get("text", "").replace("\r\n", "\n").lstrip("\ufeff")
    if "\r\n" in opened.text():
        typed = typed.replace("\n", "\r\n")
    seen = request.form.get("version", "")
    try:
        opened.rewrite(typed, seen)
    except Conflict:
        found, there = opened.prepared().findings, (opened.text(), opened.version())
        return _text_page(opened, *there, findings=found, mine=typed), 409
    except api.ToolkitError as error:
        return _text_page(opened, typed, seen, findings=(), error=error), 507
    return redirect(url_for("fill.text", unit=unit), 303)


def _text_page(unit: Unit, text: str, version: str, **more: object) -> str:
    return current.page("text.html", unit, "fill.page", text=text, version=version, **{"mine": None, **more})
