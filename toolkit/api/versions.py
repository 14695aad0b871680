"""The api of two versions: their comparison and its reports, hand edits, upgrades that keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import (
    Day,
    FolderOptions,
    Folders,
    ListedUnit,
    PrintOptions,
    Profile,
    ProfileOptions,
    WhereOptions,
    edge,
)
from toolkit.core.data_folders import Where
from toolkit.core.findings import UsageError

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.core.findings import Finding
    from toolkit.output import Restored
    from toolkit.output.put_aside import Aside
    from toolkit.versions import SetComparison, Version
    from toolkit.versions.decisions import Entry
    from toolkit.versions.handwork import FileStatus
    from toolkit.versions.impact import Touched
    from toolkit.versions.listed import Listed
    from toolkit.versions.notes import Notes
    from toolkit.versions.redlines import ReportOptions, Saved
    from toolkit.versions.upgrade import Upgrade


class Inspected(NamedTuple):
    """A folder that was inspected: ``files``, the ``findings`` about it, and whether something ``changed``.

    ``profile``: the unit's profile beside the folder or in the working folder, or the unit of the list that the folder was made
    from; None where it is not known.
    """

    files: list[FileStatus]
    findings: tuple[Finding, ...]
    changed: bool
    profile: Path | ListedUnit | None


class RedlineOptions(PrintOptions, total=False):
    """How redlines are written: ``author``, ``when``, ``track`` (go on tracking) of the revisions; ``as_pdf``, ``own_layout``."""

    author: str
    when: Day
    track: bool
    as_pdf: bool
    own_layout: bool


class DiffOptions(RedlineOptions, FolderOptions, total=False):
    """The same for any report, with ``classes`` (a column in the table), ``as_docx`` or ``file``, ``paint`` (text), ``notes``.

    ``presets``, ``layers``: where the basis of clauses stands (html, table).
    """

    classes: bool
    notes: Path | str | None
    as_docx: bool
    file: str
    paint: Callable[[str, str], str]


class MergeOptions(ProfileOptions, total=False):
    """Where texts come from, templates, fonts, ``formats``, ``author`` and ``when`` of tracked changes, ``decisions``."""

    templates: Folders
    fonts: Folders
    formats: Sequence[str]
    author: str
    when: Day
    decisions: Path | str | None


@edge
def diff(
    old: Profile, new: Profile, *, only: Sequence[str] = (), templates: Folders = (), **where: Unpack[ProfileOptions]
) -> SetComparison:
    """Compare two versions clause by clause (``toolkit diff``).

    A version is the path of an output folder, of a DOCX (generated, edited or foreign) or of a profile; the bytes of a DOCX;
    or a profile as a mapping or as ``prepare`` gave it, for its generated set. ``only``: ids of documents; ``date``: the
    issue date of profiles; ``templates``: whose headers, footers and pages profiles have. The result has ``same``,
    ``documents`` with their ``changes``, ``substance()``. Raises FindingsError for a profile with errors, UsageError,
    FileError for files that cannot be read.
    """
    from toolkit import versions as review

    arguments.need_known(where, ProfileOptions)
    at = arguments.where({**where, "templates": templates})
    versions = [_version(side, name, at) for side, name in ((old, "旧版本"), (new, "新版本"))]
    return review.compare_versions(versions[0], versions[1], arguments.texts(only, "only"), at.templates)


def _version(side: Profile, name: str, where: Where) -> Version:
    from toolkit.app import Prepared
    from toolkit.versions import load

    if isinstance(side, bytes):
        return load(side, name=f"{name}.docx")
    if isinstance(side, Prepared | Mapping | ListedUnit):
        name = f"{side.source.name}（{side.unit}）" if isinstance(side, ListedUnit) else name
        return load(side if isinstance(side, Prepared) else arguments.prepared(side, where), name=name)
    path = arguments.path_of(side, name)
    arguments.need_no_list(path)
    return load(path, where)


@edge
def changed(old: Prepared, new: Prepared) -> tuple[Touched, ...]:
    """Return which provisions differ between two prepared sets of one unit, by their ids: milliseconds, unlike :func:`diff`.

    Each has ``document``, ``number``, ``title``, ``provision`` (empty: the head of the document), ``name`` and ``how``:
    ``changed``, ``added`` or ``dropped``. Raises UsageError for a value that :func:`prepare` did not return, and for a set with
    errors.
    """
    from toolkit.app import Prepared
    from toolkit.versions.impact import touched

    for version, name in ((old, "old"), (new, "new")):
        arguments.result(version, Prepared, name, "prepare")
    return touched(old, new)


@edge
def diff_format(out: Path | str | None, format: str = "") -> str:
    """Return the format of a report that is written to ``out``: ``format``, else by the suffix, else ``text``.

    Raises UsageError for a format that such a file cannot hold, and for one that needs a file if ``out`` is None.
    """
    from toolkit.versions import report

    return report.format_of(None if out is None else arguments.path_of(out, "out"), arguments.text(format, "format"))


@edge
def diff_report(comparison: SetComparison, format: str, **options: Unpack[DiffOptions]) -> bytes:
    """Return a comparison in a format; texts are UTF-8.

    ``format``: ``text``, ``html``, ``json``, ``table`` (修订对照表), ``amendment`` (修改决定), ``docx`` or ``pdf`` (redline).
    ``when``: the day of the revisions (docx), or on which the decision takes effect (amendment).
    ``classes``: a column with the class of each change (table). ``as_docx``: the decision as DOCX, not as text; ``as_pdf``: the
    decision or the table as PDF; ``file``: the same by the name of any format (``docx``, ``pdf``, ``txt``). ``author``, ``track``
    (go on tracking): of the redline (docx); ``paint``: returns a text in the colour of its tone (text); ``notes``: the file of
    the remarks of reviewers on a page (html, table); ``presets``, ``layers``, ``templates``, ``fonts``: folders of your own.

    Raises UsageError for another format, and where not exactly one document differs (docx, pdf: see :func:`diff_redlines`),
    FindingsError for characters that no font has (PDF), FileError.
    """
    from toolkit.versions import report

    return report.write(_compared(comparison), format, _report_options(options, DiffOptions))


@edge
def diff_notes_beside(out: Path | str | None, format: str) -> Path | None:
    """Return the file of notes (``审核意见.json``) beside a report that is written to ``out``, None without one.

    Pages export it; only pages and tables have notes. Raises UsageError for something else than a path.
    """
    from toolkit.versions import notes

    path = None if out is None or format not in ("html", "table") else arguments.path_of(out, "out").parent / notes.NAME
    return path if path is not None and path.is_file() else None


@edge
def diff_changes(comparison: SetComparison, notes: Path | str | None = None) -> list[Listed]:
    """Return the changes of a comparison as a list to go through, each with its note.

    Each has ``key``, ``file``, ``clause``, ``group`` (``substance``, ``words``, ``names``, ``small``), ``kind``, ``points``,
    ``causes`` (parameters), ``like`` (the same for equal changes), ``lines`` and ``note``. ``notes``: the file of remarks;
    one that does not exist has none. Raises UsageError, FileError for a file that is none of notes.
    """
    from toolkit.versions.listed import listed

    return listed(_compared(comparison), _notes_of(notes))


def _notes_of(file: Path | str | None) -> Notes:
    from toolkit.versions.notes import Notes, read_notes

    path = None if file is None else arguments.path_of(file, "notes")
    return read_notes(path) if path is not None and path.is_file() else Notes()


@edge
def diff_note(
    comparison: SetComparison, notes: Path | str, *keys: str, state: str = "", remark: str | None = None, at: str = ""
) -> None:
    """Note something at changes of a comparison (by ``key``) in a file that pages and tables read (``审核意见.json``).

    ``state``: ``seen``, ``agreed`` or empty; ``remark``: None for the one that there is; ``at``: when (ISO). Without state and
    remark the note is taken away. Raises UsageError for a key that no change has, FileError.
    """
    from toolkit.output import disk
    from toolkit.versions.notes import Note, as_json, noted

    path, known = arguments.path_of(notes, "notes"), _notes_of(notes)
    said = {
        key: Note(key, "", "", state, known.by_key.get(key, Note(key)).remark if remark is None else remark, at)
        for key in arguments.texts(keys, "keys")
    }
    disk.save(path, as_json(noted(_compared(comparison), known, said)), force=True)


@edge
def diff_left_out(comparison: SetComparison) -> list[str]:
    """Return the differences between two versions that are not shown, and the parts not compared, one sentence for each.

    Every report has these sentences. Raises UsageError for something else than a comparison.
    """
    from toolkit.versions import wording

    return wording.not_compared(_compared(comparison))


@edge
def diff_redlines(comparison: SetComparison, **options: Unpack[RedlineOptions]) -> dict[str, bytes]:
    """Return file name → DOCX with tracked changes (or PDF in colours) of every document whose text differs.

    ``author``, ``when``, ``track`` (go on tracking): of the changes; ``as_pdf``; ``own_layout``: of two files that were not
    generated here, the marks stand inside the new one, if its structure allows; ``templates``, ``fonts``: folders of your own.

    Raises UsageError, FindingsError for characters that no font has (PDF), FileError.
    """
    from toolkit.versions import redlines

    return redlines.redlines(_compared(comparison), _report_options(options, RedlineOptions))


@edge
def diff_save(
    comparison: SetComparison, out: Path | str, *, force: bool = False, **options: Unpack[RedlineOptions]
) -> Saved:
    """Write the redlines into a folder, or the only one to a file; return ``paths`` and ``remarks`` (file name, remark).

    A remark states a limit of the redline. ``force``: write over files with other content. Raises UsageError for a file where
    several documents differ, Refused, FindingsError for characters that no font has (PDF), FileError.
    """
    from toolkit.versions import redlines

    chosen = _report_options(options, RedlineOptions)
    return redlines.save_redlines(_compared(comparison), arguments.path_of(out, "out"), chosen, force)


def _report_options(given: Mapping[str, Any], known: type) -> ReportOptions:
    from toolkit.versions.notes import read_notes
    from toolkit.versions.redlines import ReportOptions

    at, others = arguments.where_and_rest(given, known, FolderOptions)
    if file := others.pop("notes", None):
        others["notes"] = read_notes(arguments.path_of(file, "notes"))
    as_pdf, as_docx = others.pop("as_pdf", False), others.pop("as_docx", False)
    others["file"] = arguments.text(given.get("file", ""), "file") or ("pdf" if as_pdf else "docx" if as_docx else "")
    others["when"] = arguments.day(given.get("when", ""), "when")
    others["author"] = arguments.text(given.get("author", "toolkit"), "author")
    return ReportOptions(**others, where=at)


def _compared(comparison: SetComparison) -> SetComparison:
    from toolkit.versions import SetComparison

    return arguments.result(comparison, SetComparison, "comparison", "diff")


@edge
def use_jieba() -> None:
    """Compare by the words of jieba from now on, in all threads of this process (``toolkit diff --jieba``).

    It takes about a second once. Raises UsageError if jieba is not installed.
    """
    from toolkit.versions import report

    report.use_jieba()


@edge
def status(folder: Path | str) -> list[FileStatus]:
    """Return the edits in an output folder since it was generated (``toolkit status``): a state for each file.

    ``state``: ``same``, ``edited``, ``filled``, ``stale``, ``missing``, ``unread``, ``unknown``; ``places``: (provision, count).
    Raises FileError for a folder that was not generated.
    """
    from toolkit.versions import handwork

    return list(handwork.look(arguments.path_of(folder, "文件夹")).files)


@edge
def status_and_check(folder: Path | str, **where: Unpack[WhereOptions]) -> Inspected:
    """Return the results of :func:`status` and, for an edited folder, of :func:`check`; the folder is read once.

    Raises FileError for a folder that was not generated, FindingsError for a broken kind.
    """
    from toolkit.batch.fleet import units
    from toolkit.versions import handwork, judging

    path = arguments.path_of(folder, "文件夹")
    looked, findings = judging.inspect(path, arguments.where(where))
    unit, profile = str(looked.manifest.get("unit", "")), None
    if looked.changed:
        listed = units.near(path, unit)
        own = handwork.profile_near(path, unit) if listed is None else None
        profile = own if listed is None else ListedUnit(listed[0], unit, listed[1])
    return Inspected(list(looked.files), findings, looked.changed, profile)


@edge
def status_report(files: Sequence[FileStatus]) -> str:
    """Return the states of files in words, as ``toolkit status`` shows them. Raises UsageError for something else."""
    from toolkit.versions import handwork

    return handwork.as_text(arguments.several(files, "files"))


@edge
def restore(folder: Path | str, names: Sequence[str] = ()) -> Restored:
    """Restore files of a set that earlier runs put aside (``toolkit restore``), with their generated texts.

    ``names``: of files, without any the last of each name. The result has ``files``, and ``kept``: edited files in their
    places and was put aside in turn (name, path). Raises UsageError for a name that was not put aside, FileError.
    """
    from toolkit import output

    return output.restore(arguments.path_of(folder, "文件夹"), arguments.texts(names, "names"))


@edge
def put_aside(folder: Path | str) -> list[Aside]:
    """Return the files that :func:`restore` would bring back: ``name``, ``path`` in the folder. Raises UsageError, FileError."""
    from toolkit import output

    return output.put_aside(arguments.path_of(folder, "文件夹"))


@edge
def merge(
    profile: Profile,
    edited: Path | str,
    out: Path | str | None = None,
    *,
    base: Path | str | None = None,
    force: bool = False,
    **options: Unpack[MergeOptions],
) -> Upgrade:
    """Bring a folder that was edited by hand up to date, without losing an edit (``toolkit merge``).

    ``out``: the folder that is written, which may be ``edited`` itself; without it nothing is written. ``base``: the folder
    that was generated then, where ``edited`` has no base texts. ``author``, ``when``: of the tracked changes where both sides
    changed the same words. ``formats``: further formats of documents beside DOCX and those that they had. ``decisions``: a file
    of decisions on conflicts, as :func:`merge_decisions` writes it (one that does not exist decides nothing). The result has
    ``steps`` (one per file of the folder: ``action``, ``note``, ``remarks``), ``open`` (somebody must decide something) and
    ``report`` (on the written files, or None). Raises FindingsError for a profile with errors, Refused for files in ``out``
    that were edited (``force`` keeps them beside), UsageError, FileError.
    """
    from toolkit.versions import decision_files, upgrade
    from toolkit.versions.decisions import NO_DECISIONS
    from toolkit.versions.redlines import author_of

    at, rest = arguments.where_and_rest(options, MergeOptions)
    author = arguments.text(rest.get("author", "toolkit"), "author")
    ready, folder = arguments.prepared(profile, at), arguments.path_of(edited, "改过的文件夹")
    then = None if base is None else arguments.path_of(base, "base")
    by = author_of(author, arguments.day(rest.get("when", ""), "when"))
    formats = arguments.texts(rest.get("formats", ()), "formats")
    decisions = decision_files.read(path) if (path := _decisions(rest)) is not None else NO_DECISIONS
    planned = upgrade.plan(ready, folder, upgrade.How(then, at, by, formats, decisions))
    return planned if out is None else merge_save(planned, out, force=force)


def _decisions(given: Mapping[str, Any]) -> Path | None:
    file = given.get("decisions")
    return None if file is None else arguments.path_of(file, "decisions")


@edge
def merge_decisions(upgrade: Upgrade, file: Path | str) -> list[Entry]:
    """Write the conflicts of an upgrade into a decision file (``merge --decisions``), with the decisions so far; return them.

    ``file``: YAML or XLSX, by its suffix. It is left alone where it has all of them already, also those that are decided. Raises
    FindingsError for a file that cannot be read, UsageError, FileError.
    """
    from toolkit.versions import decision_files
    from toolkit.versions import upgrade as module

    arguments.result(upgrade, module.Upgrade, "upgrade", "merge")
    return decision_files.update(arguments.path_of(file, "decisions"), upgrade.entries())


@edge
def merge_entries(upgrade: Upgrade, file: Path | str) -> list[Entry]:
    """Return the conflicts of an upgrade with their decisions in a file, in the unit's own names; nothing is written.

    Raises FindingsError for a file that cannot be read, UsageError, FileError.
    """
    from toolkit.versions import decision_files
    from toolkit.versions import upgrade as module
    from toolkit.versions.decisions import specific

    arguments.result(upgrade, module.Upgrade, "upgrade", "merge")
    entries = upgrade.entries(decision_files.read(arguments.path_of(file, "decisions")))
    texts = ([specific(text, upgrade.names) for text in (entry.base, entry.mine, entry.theirs)] for entry in entries)
    return [
        replace(entry, base=base, mine=mine, theirs=theirs)
        for entry, (base, mine, theirs) in zip(entries, texts, strict=True)
    ]


@edge
def merge_decide(file: Path | str, key: str, how: str, words: str = "") -> None:
    """Write a decision into a decision file that :func:`merge_decisions` wrote.

    ``how``: ``keep`` (the hand's text), ``take`` (the new version's), ``both`` (one after the other), ``own`` with ``words``, or
    empty to leave it open again. Raises UsageError for an entry that the file has not, FindingsError for a file that cannot be
    read, FileError.
    """
    from toolkit.versions import decision_files, decisions

    path = arguments.path_of(file, "decisions")
    known = decision_files.read(path)
    if key not in known.entries:
        raise UsageError("没有这一处冲突，可能已经变了", "请重新看一次合并的预览", "no_conflict")
    decision = decisions.decision(arguments.text(how, "how"), arguments.text(words, "words"))
    entries = {**known.entries, key: replace(known.entries[key], decision=decision)}
    decision_files.write(path, list(entries.values()))


@edge
def merge_report(upgrade: Upgrade, format: str) -> bytes:
    """Return what an upgrade changed, or would change, and why, as ``units_report`` does for a list (``merge --log``).

    ``format``: ``text``, ``html``, ``xlsx`` or ``json``. Raises UsageError for another one.
    """
    from toolkit.batch.fleet import report
    from toolkit.batch.fleet import upgrade as fleet
    from toolkit.versions import upgrade as module

    arguments.result(upgrade, module.Upgrade, "upgrade", "merge")
    return report.upgrade_report(fleet.of_one(upgrade), arguments.text(format, "format"))


@edge
def merge_save(upgrade: Upgrade, out: Path | str, *, force: bool = False) -> Upgrade:
    """Write a planned upgrade into a folder, which may be the edited one itself; return it with the ``report``.

    Raises Refused for files in ``out`` that were edited (``force`` keeps them beside), UsageError, FileError.
    """
    from toolkit.versions import upgrade as module

    arguments.result(upgrade, module.Upgrade, "upgrade", "merge")
    return module.commit(upgrade, arguments.path_of(out, "out"), force)
