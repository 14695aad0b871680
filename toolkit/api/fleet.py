"""The api of all units of a list together: their profiles, their status, the upgrade of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import Day, PrintOptions, SourceOptions, WhereOptions, edge
from toolkit.core.findings import UsageError

if TYPE_CHECKING:
    from toolkit.batch import Options
    from toolkit.batch.fleet.archive_pages import Archive, Archived
    from toolkit.batch.fleet.burden import Burden, UnitBurden
    from toolkit.batch.fleet.inbox import Inbox, Received
    from toolkit.batch.fleet.review import Review, UnitReview
    from toolkit.batch.fleet.revise import Revision, Revisions
    from toolkit.batch.fleet.status import Status, UnitStatus
    from toolkit.batch.fleet.units import Written
    from toolkit.batch.fleet.upgrade import Upgraded
    from toolkit.batch.fleet.year import UnitYear, Year
    from toolkit.output.digests import Checked
    from toolkit.versions.decisions import Entry

#: More processes than this are a slip.
_JOBS = 256


class ListOptions(WhereOptions, total=False):
    """How a list is read: ``base``, the profile that units share; ``visible``: hidden rows are skipped; ``jobs``: processes."""

    base: Path | str | None
    visible: bool
    jobs: int


class ChosenOptions(ListOptions, total=False):
    """The same, and which units are asked for: see :func:`units_status`."""

    lacks: str
    changed: str
    before: str
    failing: str
    state: str


class UpgradeOptions(ListOptions, total=False):
    """The same, and how an upgrade is made: see :func:`units_merge`."""

    decisions: Path | str | None
    check_only: bool
    marks: bool
    author: str
    when: Day
    formats: Sequence[str]


class ReviseOptions(SourceOptions, total=False):
    """How a list is read, and the next entry of all histories: see :func:`units_revise`."""

    base: Path | str | None
    visible: bool
    jobs: int
    issued: Day
    number: str
    note: str
    repeal: bool
    first: int
    kind: str
    check_only: bool


class ArchiveOptions(ListOptions, total=False):
    """The same, and how a year is archived: see :func:`units_archive`."""

    today: Day
    zipped: bool


def _options(given: dict[str, Any], known: type) -> tuple[Options, dict[str, Any]]:
    """Return how a list is read, and the other keyword arguments."""
    from toolkit.batch import Options

    at, rest = arguments.where_and_rest(given, known)
    base = rest.pop("base", None)
    shared = None if base is None else arguments.path_of(base, "base")
    jobs = arguments.whole(rest.pop("jobs", 0), "jobs", 0, _JOBS)
    return Options(base=shared, visible=bool(rest.pop("visible", False)), jobs=jobs, where=at), rest


@edge
def units_list(source: Path | str, **options: Unpack[ListOptions]) -> list[tuple[str, str, str]]:
    """Return (place in the list, name, folder) of each unit of a list (``toolkit units list``).

    Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    from toolkit.batch.fleet import units

    how, _ = _options({**options}, ListOptions)
    fleet = units.read(arguments.path_of(source, "名单"), how)
    return [(unit.row, unit.name, unit.target) for unit in fleet.units]


@edge
def units_profiles(
    source: Path | str, out: Path | str, *, force: bool = False, **options: Unpack[ListOptions]
) -> Written:
    """Write the profile of each unit of a list into a folder (``toolkit units profiles``), with the layers that it names.

    The result has ``paths`` by unit, and ``failed``: units with errors in their rows, of which none is written. Raises
    FindingsError for a list that cannot be used, Refused for files with other content (without ``force``), UsageError, FileError.
    """
    from toolkit.batch.fleet import units

    how, _ = _options({**options}, ListOptions)
    fleet = units.read(arguments.path_of(source, "名单"), how)
    return units.write_profiles(fleet, arguments.path_of(out, "out"), force)


@edge
def units_status(
    source: Path | str,
    folder: Path | str,
    *,
    fresh: bool = False,
    tell: Callable[[UnitStatus], None] | None = None,
    **options: Unpack[ChosenOptions],
) -> Status:
    """Return the status of every unit of a list in a folder of outputs (``toolkit units status``).

    ``lacks``: those without a clause (id, name, or part of it); ``changed``: those that edited a provision (第十九条);
    ``before``: made with an older version than this; ``failing``: with this error, ``*`` for any; ``state``: one of
    ``STATES`` of ``batch.fleet.status``. ``fresh``: nothing that was found before is taken over; ``tell`` gets each unit. The
    result has ``units`` (all) and ``shown``, ``lacking()``, ``changed()``, ``made_with()``, ``failing()``. A unit that cannot be
    looked at says why. Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    from toolkit.batch.fleet import status

    how, rest = _options({**options}, ChosenOptions)
    chosen = status.Chosen(**{name: arguments.text(value, name) for name, value in rest.items()})
    if chosen.state and chosen.state not in status.STATES:
        raise UsageError(f"没有“{chosen.state}”这种状态", f"可以写：{'、'.join(status.STATES)}", "unknown_state")
    listed, made = arguments.path_of(source, "名单"), arguments.path_of(folder, "文件夹")
    return status.look(listed, made, how, chosen, fresh, tell or (lambda _: None))


@edge
def units_merge(
    source: Path | str,
    folder: Path | str,
    *,
    tell: Callable[[str, Any], None] | None = None,
    **options: Unpack[UpgradeOptions],
) -> Upgraded:
    """Take the new version over into every unit of a list (``toolkit units merge``); hand edits stay.

    A unit with a conflict that is not decided stays whole in its old version; with ``marks`` it is written with tracked changes.
    ``decisions``: a file of decisions, as :func:`units_decisions` writes it; ``check_only``: nothing is written; ``author``,
    ``when``: of tracked changes; ``formats``: further formats of documents beside those that they had. ``tell`` gets
    ``findings``, a tuple (of the list, and changes of presets and layers by the run, before anything is written), and ``unit``,
    one that is done. The result has ``units`` and ``entries``: equal conflicts as one. Raises FindingsError for a list or
    decisions that cannot be used, UsageError, FileError.
    """
    from toolkit.batch.fleet import upgrade
    from toolkit.versions import decision_files

    how, rest = _options({**options}, UpgradeOptions)
    file = rest.pop("decisions", None)
    asked = upgrade.Asked(
        how,
        arguments.path_of(folder, "文件夹"),
        check_only=bool(rest.get("check_only")),
        marks=bool(rest.get("marks")),
        author=arguments.text(rest.get("author", "toolkit"), "author"),
        when=arguments.day(rest.get("when", ""), "when"),
        formats=arguments.texts(rest.get("formats", ()), "formats"),
        **({} if file is None else {"decisions": decision_files.read(arguments.path_of(file, "decisions"))}),
    )
    return upgrade.run(arguments.path_of(source, "名单"), asked, tell or (lambda what, value: None))


@edge
def units_coverage(
    source: Path | str, *, tell: Callable[[UnitBurden], None] | None = None, **options: Unpack[ListOptions]
) -> Burden:
    """Return coverage and burden of every unit of a list (``toolkit units coverage``), as ``coverage`` and ``load`` for one.

    The result has ``units`` in the order of the list (``states`` of requirements, ``open``, ``figures`` without pages, ``over``:
    above the ceiling of the size), ``lacking()``, ``is_fine``. Raises FindingsError for a list that cannot be used, UsageError,
    FileError.
    """
    from toolkit.batch.fleet import burden

    how, _ = _options({**options}, ListOptions)
    return burden.burden(arguments.path_of(source, "名单"), how, tell or (lambda _: None))


@edge
def units_diff(
    source: Path | str,
    old: Path | str,
    new: Path | str,
    *,
    tell: Callable[[UnitReview], None] | None = None,
    **options: Unpack[ListOptions],
) -> Review:
    """Compare two versions of every unit of a list (``toolkit units diff``): folders of outputs, or archives.

    The result has ``clauses`` (changes that several units have, once, with those that differ), ``own`` (changes of one unit
    alone), ``reasons`` (sources that differ between sets, with the units), ``units`` with all changes of each, ``same``. Texts
    are equal where they differ only in the units' own names. Raises FindingsError for a list that cannot be used, UsageError,
    FileError.
    """
    from toolkit.batch.fleet import review

    how, _ = _options({**options}, ListOptions)
    before, after = arguments.path_of(old, "旧版本"), arguments.path_of(new, "新版本")
    return review.review(arguments.path_of(source, "名单"), before, after, how, tell or (lambda _: None))


@edge
def units_decisions(upgraded: Upgraded, file: Path | str) -> list[Entry]:
    """Write the conflicts of all units into a decision file, with the decisions so far; return them.

    As :func:`merge_decisions` does for one. Raises FindingsError, UsageError, FileError.
    """
    from toolkit.batch.fleet import upgrade
    from toolkit.versions import decision_files

    arguments.result(upgraded, upgrade.Upgraded, "upgraded", "units_merge")
    return decision_files.update(arguments.path_of(file, "decisions"), list(upgraded.entries))


def units_states() -> dict[str, str]:
    """Return how a unit of :func:`units_merge` can end (its ``state``), in words. Raises nothing."""
    from toolkit.batch.fleet.upgrade import STATES

    return dict(STATES)


@edge
def units_entries(upgraded: Upgraded, file: Path | str) -> list[Entry]:
    """Return the conflicts of all units with their decisions in a file; nothing is written.

    A file that does not exist decides nothing. Raises FindingsError for a file that cannot be read, UsageError, FileError.
    """
    from toolkit.batch.fleet import upgrade
    from toolkit.versions import decision_files

    arguments.result(upgraded, upgrade.Upgraded, "upgraded", "units_merge")
    return decision_files.joined(arguments.path_of(file, "decisions"), list(upgraded.entries))


@edge
def units_inbox(
    source: Path | str,
    inbox: Path | str,
    out: Path | str,
    *,
    check_only: bool = False,
    tell: Callable[[Received], None] | None = None,
    **options: Unpack[ListOptions],
) -> Inbox:
    """Sort filled forms of a folder to the units of a list by their content (``toolkit units inbox``).

    Each is copied into ``out`` / folder of its unit, byte for byte, and stays in the inbox; ``check_only``: nothing is copied.
    The result has ``files`` (``state``: ``sorted``, ``known``, ``doubtful``, ``blank``, ``other``, ``unread``; ``reason``) and
    ``silent``: units from which nothing came. Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    from toolkit.batch.fleet import inbox as module

    how, _ = _options({**options}, ListOptions)
    listed, folder = arguments.path_of(source, "名单"), arguments.path_of(inbox, "收件文件夹")
    return module.sort(listed, folder, arguments.path_of(out, "out"), how, check_only, tell or (lambda _: None))


@edge
def units_year(
    source: Path | str,
    folder: Path | str,
    *,
    today: Day,
    year: int = 0,
    tell: Callable[[UnitYear], None] | None = None,
    **options: Unpack[ListOptions],
) -> Year:
    """Return the duties of a year of all units (``toolkit units year``): done, overdue, due within thirty days, no records.

    ``folder`` has the records of each unit in a folder of its own, as :func:`units_inbox` sorts them; ``today``: the day that it
    is judged on; ``year``: 0 for that of each profile. The result has ``units`` in the order of the list, ``duties()``,
    ``of_duty(id)``, ``silent``. Raises FindingsError for a list that cannot be used, UsageError, FileError.
    """
    from toolkit.batch.fleet import year as module

    judged = arguments.day(today, "today")
    if not judged:
        raise UsageError("today 不能是空的", "例如 2026-01-05", "bad_date")
    if year:
        arguments.whole(year, "year", *arguments.YEARS)
    how, _ = _options({**options}, ListOptions)
    listed, kept = arguments.path_of(source, "名单"), arguments.path_of(folder, "文件夹")
    return module.year_of_all(listed, kept, how, Date.fromisoformat(judged), year, tell or (lambda _: None))


@edge
def units_revise(
    source: Path | str,
    *,
    organ: str,
    date: Day,
    tell: Callable[[Revision], None] | None = None,
    **options: Unpack[ReviseOptions],
) -> Revisions:
    """Write the next entry in the history of every unit of a list (``toolkit units revise``), as ``revise`` does for one.

    ``organ``, ``number`` and ``note`` may have fields in braces: parameters of the unit (``{机关代字}``), ``{年}``
    (of ``issued``, else of ``date``), ``{序号}``, which counts from ``first`` in list order. ``kind``: only units of this kind;
    ``check_only``: nothing is written. Entries of a table go to ``<list>.沿革.csv`` beside it, those of a folder to the history
    files of its profiles. The result has ``units`` (``state``, ``event``, ``entry``, ``changes``, ``findings``). Raises
    FindingsError for a list that cannot be used, UsageError, FileError.
    """
    from toolkit.batch.fleet import revise

    how, rest = _options({**options}, ReviseOptions)
    who, adopted = arguments.text(organ, "organ").strip(), arguments.day(date)
    if not who or not adopted:
        raise arguments.bad(f"{'date' if who else 'organ'} 不能是空的", "写明通过的机关和日期")
    entry = {"organ": who, "date": adopted, "issued": arguments.day(rest.get("issued", ""), "issued")}
    entry |= {name: arguments.text(rest.get(name, ""), name).strip() for name in ("number", "note")}
    asked = revise.Asked(
        how,
        entry,
        repeal=bool(rest.get("repeal")),
        first=arguments.whole(rest.get("first", 1), "first", 1, 1_000_000),
        kind=arguments.text(rest.get("kind", ""), "kind"),
        check_only=bool(rest.get("check_only")),
    )
    return revise.revise(arguments.path_of(source, "名单"), asked, tell or (lambda _: None))


@edge
def units_unrevise(source: Path | str, lines: Iterable[tuple[str, Mapping[str, str]]]) -> int:
    """Take entries that :func:`units_revise` wrote beside a list out again (``lines`` of its result); return of how many units.

    All of them or none. Raises Refused where a unit has later entries or one of these was edited since, FileError.
    """
    from toolkit.batch.fleet import revise

    return revise.withdraw(arguments.path_of(source, "名单"), tuple(lines))


@edge
def units_revise_states() -> dict[str, str]:
    """Return the states in which units end in :func:`units_revise`: ``unit.state`` → its name. Raises nothing."""
    from toolkit.batch.fleet.revise import STATES

    return dict(STATES)


@edge
def units_archive(
    source: Path | str,
    folder: Path | str,
    records: Path | str,
    out: Path | str,
    *,
    year: int,
    tell: Callable[[Archived], None] | None = None,
    **options: Unpack[ArchiveOptions],
) -> Archive:
    """Archive a year of every unit of a list (``toolkit units archive``): its set as it stands and its records, byte for byte.

    ``folder`` and ``records`` as for :func:`units_status` and :func:`units_year`; each unit gets a folder in ``out``, or a zip
    (``zipped``), with a page and a list of digests. ``today``: the day that overdue is judged on, else the last of the year.
    Files in the archive are never written over. The result has ``units`` in the order of the list (``state``,
    ``files``, ``records``, ``other_years``, ``findings``). Raises FindingsError for a list that cannot be used, UsageError,
    FileError.
    """
    from toolkit.batch.fleet import archive

    of = arguments.whole(year, "year", *arguments.YEARS)
    how, rest = _options({**options}, ArchiveOptions)
    today = Date.fromisoformat(arguments.day(rest.get("today", ""), "today") or f"{of}-12-31")
    sets, kept = arguments.path_of(folder, "文件夹"), arguments.path_of(records, "records")
    target, zipped = arguments.path_of(out, "out"), bool(rest.get("zipped"))
    asked = archive.Asked(how, sets, kept, target, of, today, zipped)
    return archive.archive(arguments.path_of(source, "名单"), asked, tell or (lambda _: None))


@edge
def units_archive_check(archive: Path | str) -> Checked:
    """Compare an archive with its lists of digests (``toolkit units archive --check``), of all units or of one, folder or zip.

    The result has ``fine`` (files that are as they were archived), ``findings`` and ``is_fine``. Raises FileError for a folder
    that is no archive, UsageError.
    """
    from toolkit.output import digests

    return digests.check(arguments.path_of(archive, "归档"))


@edge
def units_report(
    found: Status | Upgraded | Year | Inbox | Burden | Review | Revisions | Archive | Checked,
    format: str,
    **where: Unpack[PrintOptions],
) -> bytes:
    """Write the result of one of the functions ``units_…`` in a format; texts are UTF-8.

    ``format``: ``text``, ``html``, ``xlsx`` or ``json``; of an archive ``text`` or ``json``; of a year also ``docx`` and ``pdf``,
    one page of counts for the head of the office. Raises UsageError for another one, FindingsError for templates and fonts.
    """
    from toolkit.batch.fleet import archive_pages, burden, report, review_report, revise_report, year_report
    from toolkit.batch.fleet.burden import Burden
    from toolkit.batch.fleet.inbox import Inbox
    from toolkit.batch.fleet.review import Review
    from toolkit.batch.fleet.revise import Revisions
    from toolkit.batch.fleet.status import Status
    from toolkit.batch.fleet.year import Year
    from toolkit.output.digests import Checked

    form = arguments.text(format, "format")
    if isinstance(found, archive_pages.Archive):
        return archive_pages.archive_report(found, form)
    if isinstance(found, Burden):
        return burden.burden_report(found, form)
    if isinstance(found, Review):
        return review_report.review_report(found, form)
    if isinstance(found, Revisions):
        return revise_report.revise_report(found, form)
    if isinstance(found, Checked):
        return archive_pages.checked_report(found, form)
    if isinstance(found, Year):
        return year_report.year_report(found, form, arguments.where(where, PrintOptions))
    if isinstance(found, Inbox):
        return year_report.inbox_report(found, form)
    return report.status_report(found, form) if isinstance(found, Status) else report.upgrade_report(found, form)
