"""Around a meeting: its papers beforehand, and everything that follows once the record came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import Day, FolderOptions, Form, Profile, SourceOptions, edge
from toolkit.core.findings import UsageError
from toolkit.core.outside import content
from toolkit.formats import MAIN

if TYPE_CHECKING:
    from toolkit.minutes.files import FormFile
    from toolkit.minutes.form_view import FormView
    from toolkit.minutes.looking import Looked
    from toolkit.minutes.meeting_papers import Call
    from toolkit.minutes.relisting import Relisted
    from toolkit.minutes.taking import Outcome
    from toolkit.model.tree import Document


class CallOptions(FolderOptions, total=False):
    """All folders of the user's own, and the details of a call to a meeting: the hour, the place, the day of the notice."""

    time: str
    place: str
    today: Day


class TakeOptions(FolderOptions, total=False):
    """All folders of the user's own, and where records are kept and results go (:func:`minutes_take`)."""

    records: Path | str | None
    year: int
    format: str
    force: bool
    replaces: Path | str | None


def _call(profile: Profile, minutes: FormFile | Document, given: CallOptions) -> Call:
    from toolkit.minutes.files import FormFile
    from toolkit.minutes.meeting_papers import Call

    arguments.need_known(given, CallOptions)
    own = _without(given, "time", "place", "today")
    unit = arguments.unit(profile, arguments.where(own, FolderOptions))
    unit.require_clean()
    document = minutes.document if isinstance(minutes, FormFile) else minutes
    time, place = arguments.time(given.get("time", "")), arguments.place(given.get("place", ""))
    return Call(unit, document, time, place, arguments.day(given.get("today", ""), "today"))


@edge
def minutes_notice(profile: Profile, minutes: FormFile, *, format: str = MAIN, **more: Unpack[CallOptions]) -> FormFile:
    """Return the 会议通知 for a meeting (``toolkit minutes new --notice``), in an output format.

    ``minutes`` is the result of :func:`minutes_new`: date, hour, place, agenda and people are read from it. ``time`` and
    ``place``, if they are not those of the form, are judged like typed values; ``today``: the day of the notice. What is not
    known is a blank to fill in. Raises FindingsError, also for a notice of a day after the meeting, UsageError, FileError.
    """
    from toolkit.minutes import making, meeting_papers
    from toolkit.minutes.files import FormFile

    call = _call(profile, minutes, more)
    document = meeting_papers.notice(call)
    data = making.write(call.unit, document, arguments.form_name(format), call.unit.where)
    return FormFile(data, document)


@edge
def minutes_packet(
    profile: Profile, minutes: FormFile, *, enclose: Sequence[Path | str] = (), **more: Unpack[CallOptions]
) -> bytes:
    """Return all papers of a meeting as one PDF (``toolkit minutes new --packet``).

    Notice, agenda with open resolutions, sign-in sheet, minutes form, and the PDF files of ``enclose``. Else as
    :func:`minutes_notice`. Raises the same, and FileError for an enclosed file that is no PDF.
    """
    from toolkit.minutes import meeting_papers

    call = _call(profile, minutes, more)
    enclosed = [(str(path), content(path)) for path in arguments.paths(enclose, "enclose")]
    return meeting_papers.packet(call, enclosed)


@edge
def minutes_take(
    profile: Profile, *paths: Path | str, out: Path | str, today: Day, **more: Unpack[TakeOptions]
) -> Outcome:
    """Take filled forms, files or folders, to everything that follows (``toolkit minutes take``).

    Each is checked; for minutes without errors the 纪要 (in ``format``), its public version and a text for a group message are
    written to ``out``, with the register of the ``year`` (0: the profile's, else that of ``today``). ``records``: the folder that
    keeps the year's forms, by default that of the first path (of a file's folder only the files, not the folders in it); a form
    from elsewhere is copied into it. ``force`` replaces edited files in ``out`` (the old ones are kept aside).
    ``replaces``: the record that a single form is the corrected version of; it is put aside (``.旧`` beside it) once the new
    one is kept. Raises FindingsError for the profile, Refused, UsageError, FileError.
    """
    from toolkit.minutes.taking import Target, take_all

    arguments.need_known(more, TakeOptions)
    judged = arguments.day(today, "today")
    if not paths or not judged:
        raise UsageError("没有写明文件" if not paths else "today 不能是空的", "", "bad_argument")
    files = [arguments.path_of(path, "文件") for path in paths]
    own = _without(more, "records", "year", "format", "force", "replaces")
    unit = arguments.unit(profile, arguments.where(own, FolderOptions))
    kept, year = more.get("records"), more.get("year") or 0
    home = files[0] if files[0].is_dir() else files[0].parent
    target = Target(
        home if kept is None else arguments.path_of(kept, "records"),
        arguments.path_of(out, "out"),
        arguments.form_name(more.get("format", MAIN)),
        bool(more.get("force")),
        deep=kept is not None or files[0].is_dir(),
        replaces=None if (old := more.get("replaces")) is None else arguments.path_of(old, "replaces"),
    )
    on = Date.fromisoformat(judged)
    if year:
        arguments.whole(year, "year", *arguments.YEARS)
    return take_all(unit, files, target, year or unit.set.year or on.year, on)


@edge
def minutes_view(profile: Profile, form: Form, meeting: str = "", **where: Unpack[SourceOptions]) -> FormView:
    """Return a filled form as something to show and to correct: fields in printed order with values and findings.

    ``form`` as for :func:`minutes_fill`; ``meeting``: meeting or form where it does not say which it is. The findings are those
    of :func:`minutes_check` for the file that :func:`minutes_fill` would make. The result has ``parts`` (none for a file that
    is no form of this unit), ``findings``, ``turnout`` and ``data``, which :func:`minutes_yaml` writes down. Raises
    FindingsError for a profile whose documents cannot be built, UsageError for a form that the unit does not have, FileError.
    """
    from toolkit.minutes import form_view

    unit = arguments.unit(profile, arguments.where(where, SourceOptions))
    return form_view.view(unit, arguments.form(form)[0], arguments.text(meeting, "meeting"))


@edge
def minutes_relist(profile: Profile, form: Form, **where: Unpack[SourceOptions]) -> Relisted:
    """Return minutes that were begun earlier with the people of the profile as they are now; what was marked stays.

    ``data`` is the form, ``come``, ``gone`` and ``changed`` name whom the list gets, loses, or has with another post or vote,
    ``kept`` those who stay though the profile does not have them, for something is marked about them; ``is_same``: nothing to do.
    Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit.minutes.relisting import relisted

    return relisted(arguments.unit(profile, arguments.where(where, SourceOptions)), arguments.form(form)[0])


@edge
def minutes_look(profile: Profile, *paths: Path | str, **where: Unpack[SourceOptions]) -> list[Looked]:
    """Classify files that came back, or those of folders: ``state``, ``title``, ``day``, ``data``, ``findings`` of each.

    Nothing is raised for a file that cannot be read: its findings say why. Raises FindingsError for a profile whose documents
    cannot be built, UsageError, FileError for a folder that does not exist.
    """
    from toolkit.minutes import looking

    unit = arguments.unit(profile, arguments.where(where, SourceOptions))
    return list(looking.look(unit, [arguments.path_of(path, "文件") for path in paths]))


@edge
def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP archive that somebody handed in, by name, without files that systems leave in one.

    Names of Windows in GBK are read as such. Raises FileError for an archive that is damaged, has a password or is too large.
    """
    from toolkit.core import zips

    if not isinstance(data, bytes):
        raise arguments.bad("data 应当是 bytes")
    return zips.handed_in(data)


@edge
def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files (name → content) as one ZIP; the same files give the same bytes. Raises UsageError for something else."""
    from toolkit.core import zips

    if not all(isinstance(name, str) and isinstance(data, bytes) for name, data in files.items()):
        raise arguments.bad("files 应当是“名称: 内容”，内容是 bytes")
    return zips.assemble(zips.stored(name, data) for name, data in files.items())


def _without(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}
