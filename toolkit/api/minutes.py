"""The api of minutes and other filled forms, and of the register that they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import Day, FolderOptions, Form, PrintOptions, Profile, SourceOptions, edge
from toolkit.core.findings import Finding, UsageError
from toolkit.formats import MAIN

if TYPE_CHECKING:
    from toolkit.app import Result
    from toolkit.core.findings import Ask
    from toolkit.forms import FormData
    from toolkit.minutes.files import FormFile
    from toolkit.minutes.papers import Papers
    from toolkit.minutes.register.register import Register
    from toolkit.minutes.register.rows import Together


class NewOptions(FolderOptions, total=False):
    """All folders of the user's own, and when and where a meeting begins."""

    time: str
    place: str


@edge
def minutes_new(
    profile: Profile,
    meeting: str,
    *,
    records: Path | str | None = None,
    date: Day = "",
    number: int = 0,
    format: str = MAIN,
    **more: Unpack[NewOptions],
) -> FormFile:
    """Return the form for a meeting (``toolkit minutes new``): ``data`` (a file in ``format``), ``document``, ``findings``.

    ``meeting``: id or name; ``records``: the folder of earlier minutes, which tells the running number, the agenda and the
    resolutions that are still open; ``date``: of the meeting; ``number``: the running number in the year, 0 to count on.
    ``time`` and ``place``: when and where it begins, judged like typed values; both are in the form, and in papers made from it.
    Raises FindingsError for a profile with errors, UsageError for an unknown meeting or format and for a time or place that the
    form does not ask for, FileError.
    """
    from toolkit.minutes import files
    from toolkit.minutes.rules import field_ids

    own, rest = arguments.where_and_rest(more, NewOptions, FolderOptions)
    said = {
        field_ids.STARTED: arguments.time(rest.get("time", "")),
        field_ids.PLACE: arguments.place(rest.get("place", "")),
    }
    form, on, count = arguments.form_name(format), arguments.day(date), arguments.whole(number, "number", 0, 999)
    earlier = None if records is None else arguments.path_of(records, "records")
    unit = arguments.unit(profile, own)
    return files.new(unit, arguments.text(meeting, "meeting"), earlier, on, count, form, said)


@edge
def minutes_fill(
    profile: Profile,
    data: Form,
    *,
    meeting: str = "",
    format: str = MAIN,
    template: Path | str | bytes | None = None,
    **where: Unpack[FolderOptions],
) -> FormFile:
    """Return a form filled with data (``toolkit minutes fill``): ``data`` (a file in ``format``), ``document``, ``findings``.

    ``data``: a filled form (see :func:`minutes_read`), or a mapping such as ``{"表单": id, "填写": {field: text}, "表格": {table:
    [{field: text}]}}``; ``meeting``: meeting or form where the data do not say; ``template``: a docxtpl template of one's own
    (docx). Findings are about the data: the form is made all the same. Raises FindingsError for the profile, the template or
    data that the form has no place for, UsageError, FileError.
    """
    from toolkit.minutes import files

    form = arguments.form_name(format)
    unit = arguments.unit(profile, arguments.where(where, FolderOptions))
    unit.require_clean()
    given = arguments.form(data)[0]
    own = None if template is None else arguments.template(template)
    return files.fill(unit, given, arguments.text(meeting, "meeting"), form, own)


@edge
def minutes_ask(
    profile: Profile, meeting: str, ask: Ask, tell: Callable[[str], None] | None = None, **where: Unpack[SourceOptions]
) -> FormData:
    """Ask for the fields of a form, one after another (``toolkit minutes fill`` without data); an empty answer leaves one empty.

    ``ask`` is called with each question (``text``, ``default``) and returns the answer after ``question.read``, which raises
    ValueError in Chinese for an answer that cannot be; ``tell`` is called with headings. Raises FindingsError for a profile
    with errors, UsageError for an unknown meeting or form, FileError.
    """
    from toolkit.minutes import asking

    unit = arguments.unit(profile, arguments.where(where, SourceOptions))
    return asking.answers(unit, arguments.text(meeting, "meeting"), ask, tell or (lambda _: None))


@edge
def minutes_read(form: Form) -> FormData:
    """Read a filled form (``toolkit minutes read``), without a profile; :func:`minutes_yaml` writes it down.

    ``form``: the path of a DOCX or YAML file, or the bytes of one. ``values``: field → text; ``tables``: table → rows; what is
    wrong is in ``findings``. Raises FileError for a file that cannot be read, UsageError.
    """
    return arguments.form(form)[0]


@edge
def minutes_yaml(data: FormData) -> str:
    """Return the data read from a form as YAML text, which :func:`minutes_fill` takes. Raises UsageError for something else."""
    from toolkit.forms import FormData, to_yaml

    return to_yaml(arguments.result(data, FormData, "data", "minutes_read"))


@edge
def minutes_check(profile: Profile, *forms: Form, **where: Unpack[SourceOptions]) -> tuple[Finding, ...]:
    """Return every finding about filled forms (``toolkit minutes check``): missing values, counts, quorum, votes, deadlines.

    A path may be a folder: each form in it and in its folders is checked, every file that cannot be read is a finding, and so
    are two files of one record. Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit.minutes import files

    unit = arguments.unit(profile, arguments.where(where, SourceOptions))
    return files.check_all(unit, [arguments.source(form) for form in forms])


@edge
def minutes_summary(
    profile: Profile, minutes: Form, *, public: bool = False, format: str = MAIN, **where: Unpack[FolderOptions]
) -> FormFile:
    """Return the 纪要 of a meeting's minutes as ``docx`` or ``pdf`` (``toolkit minutes summary``).

    The result has ``data``, ``document`` and ``findings``. It has decisions only; telephone numbers are masked. ``public``: of
    names only the family name. The findings are those of the minutes: it is made all the same. Raises FindingsError for the
    profile, for a file that is no form of this unit and for a meeting below its quorum, UsageError for a form that is no minutes,
    FileError.
    """
    from toolkit.minutes import files

    unit = arguments.unit(profile, arguments.where(where, FolderOptions))
    data, findings = files.check_data(unit, *arguments.form(minutes))
    return files.summary(unit, data, findings, public, arguments.form_name(format))


@edge
def papers(profile: Profile, **where: Unpack[SourceOptions]) -> Papers:
    """Return the papers on demand of a unit with when each is due, and the records that are kept elsewhere (``toolkit papers``).

    Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit.minutes import papers as module

    return module.listed(arguments.unit(profile, arguments.where(where, SourceOptions)))


@edge
def papers_write(
    profile: Profile,
    out: Path | str,
    *names: str,
    records: Path | str | None = None,
    date: Day = "",
    formats: Sequence[str] = (MAIN,),
    force: bool = False,
    **where: Unpack[FolderOptions],
) -> Result:
    """Write papers on demand by id, name or number into a folder (``toolkit papers NAME -o DIR``), beside its files.

    ``records``: the folder of records that counts and lists are taken from; ``date``: the day on which they are written, which
    tells the period. Raises FindingsError, UsageError for a name that is no such paper, Refused, FileError.
    """
    from toolkit.minutes import papers as module

    unit = arguments.unit(profile, arguments.where(where, FolderOptions))
    kept = None if records is None else arguments.path_of(records, "records")
    wanted, forms = arguments.texts(names, "names"), arguments.texts(formats, "formats")
    return module.write(unit, wanted, arguments.path_of(out, "out"), kept, arguments.day(date), forms, force)


@edge
def register(
    profile: Profile,
    folder: Path | str | None,
    *,
    today: Day,
    year: int = 0,
    progress: Callable[[Path], None] | None = None,
    **where: Unpack[SourceOptions],
) -> Register:
    """Read a folder of filled forms against the duties of a year (``toolkit register``): duties done, overdue, next.

    ``folder``: None where nothing was recorded yet; ``today``: the day that it is judged on (nothing here reads a clock);
    ``year``: 0 for the profile's, else that of ``today``;
    ``progress`` is called with each file that was read. The result has ``statuses`` (one per duty), ``scan``, ``findings``.
    Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit.minutes.register import register as module

    judged = arguments.day(today, "today")
    if not judged:
        raise UsageError("today 不能是空的", "例如 2026-01-05", "bad_date")
    if year:
        arguments.whole(year, "year", *arguments.YEARS)
    unit = arguments.unit(profile, arguments.where(where, SourceOptions))
    records, on = None if folder is None else arguments.path_of(folder, "文件夹"), Date.fromisoformat(judged)
    return module.register(unit, records, year or unit.set.year or on.year, on, progress or (lambda _: None))


@edge
def register_occasions(register: Register) -> list[Together]:
    """Return the duties that each meeting and each form settles on each day of the register's year.

    Each has ``day``, ``name``, ``opens`` (the meeting or form that :func:`minutes_new` makes), ``state``, ``dues``, ``waiting``.
    Raises UsageError for something else than a register.
    """
    from toolkit.minutes.register import rows
    from toolkit.minutes.register.register import Register

    return rows.overview(arguments.result(register, Register, "register", "register"))


@edge
def register_files(folder: Path | str) -> list[Path]:
    """Return the files that :func:`register` reads, in order. Raises UsageError, FileError for a folder that does not exist."""
    from toolkit.minutes import records

    return records.files(arguments.path_of(folder, "文件夹"))


@edge
def register_report(
    register: Register,
    format: str,
    *,
    width: int = 120,
    beside: Path | str | None = None,
    **where: Unpack[PrintOptions],
) -> bytes:
    """Return a register as ``text``, ``xlsx``, ``html``, ``json`` or ``ics``, or in an output format; texts are UTF-8.

    ``width``: columns of the text; a Chinese character has two. ``beside``: the folder that it will be saved in, from which its
    links lead to the files; None for the folder of the records. Raises UsageError for another format, FindingsError for
    templates and fonts, FileError.
    """
    from toolkit.minutes.register import report
    from toolkit.minutes.register.register import Register

    arguments.result(register, Register, "register", "register")
    at = arguments.where(where, PrintOptions)
    folder = None if beside is None else arguments.path_of(beside, "beside")
    return report.write(register, format, width=arguments.whole(width, "width", 1, 10_000), where=at, beside=folder)
