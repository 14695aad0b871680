"""Two versions compared; what was edited by hand, and upgrades that keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.api import arguments
from toolkit.api.arguments import Day, Folders, Profile, edge
from toolkit.core.findings import UsageError

if TYPE_CHECKING:
    from toolkit.versions import SetComparison, Version
    from toolkit.versions.handwork import FileStatus
    from toolkit.versions.upgrade import Upgrade


@edge
def diff(
    old: Profile,
    new: Profile,
    *,
    only: Sequence[str] = (),
    presets: Folders = (),
    layers: Folders = (),
    date: Day = "",
    templates: Folders = (),
) -> SetComparison:
    """Compare two versions clause by clause (``toolkit diff``).

    A version is the path of an output folder, of a DOCX (generated, edited or foreign) or of a profile; the bytes of a DOCX;
    or a profile as a mapping or as ``prepare`` gave it, for what it would generate. ``only``: ids of documents; ``date``: the
    issue date of profiles; ``templates``: whose headers, footers and pages profiles have. The result has ``same``,
    ``documents`` with their ``changes``, ``substance()``. Raises FindingsError for a profile with errors, UsageError,
    FileError for what cannot be read.
    """
    from toolkit import versions as review

    settings = arguments.folders(presets, "presets"), arguments.folders(layers, "layers"), arguments.day(date)
    versions = [_version(one, name, *settings) for one, name in ((old, "旧版本"), (new, "新版本"))]
    own = arguments.folders(templates, "templates")
    return review.compare_versions(versions[0], versions[1], arguments.texts(only, "only"), own)


def _version(one: Profile, name: str, presets: Folders, layers: Folders, date: str) -> Version:
    from toolkit.app import Prepared
    from toolkit.versions import load

    if isinstance(one, Prepared):
        return load(one, name=name)
    if isinstance(one, Mapping):
        return load(arguments.prepared(one, presets, layers, date), name=name)
    if isinstance(one, bytes):
        return load(one, name=f"{name}.docx")
    return load(
        arguments.path_of(one, name), arguments.paths(presets, "presets"), arguments.paths(layers, "layers"), date
    )


@edge
def diff_report(
    comparison: SetComparison,
    format: str,
    *,
    when: Day = "",
    classes: bool = False,
    as_docx: bool = False,
    as_pdf: bool = False,
    author: str = "toolkit",
    track: bool = False,
    templates: Folders = (),
    fonts: Folders = (),
) -> bytes:
    """Return a comparison in a format.

    ``format``: ``text``, ``html``, ``json``, ``table`` (修订对照表), ``amendment`` (修改决定), ``docx`` or ``pdf`` (redline).
    Texts are UTF-8. ``when``: the day of the revisions (docx), or on which the decision takes effect (amendment).
    ``classes``: a column with the class of each change (table). ``as_docx``: the decision as DOCX, not as text; ``as_pdf``: the
    decision or the table as PDF. ``author``, ``track`` (go on tracking): of the redline (docx); ``fonts``: folders of your own
    fonts (PDF). Raises UsageError for another format, and where not exactly one document differs (docx, pdf: see
    :func:`diff_redlines`), FindingsError for characters that no font has (PDF), FileError.
    """
    from toolkit.versions import reports

    return reports.write(
        _compared(comparison),
        format,
        when=arguments.day(when, "when"),
        classes=classes,
        as_docx=as_docx,
        as_pdf=as_pdf,
        author=arguments.text(author, "author"),
        track=track,
        templates=arguments.folders(templates, "templates"),
        fonts=arguments.folders(fonts, "fonts"),
    )


@edge
def diff_redlines(
    comparison: SetComparison,
    *,
    author: str = "toolkit",
    when: Day = "",
    track: bool = False,
    templates: Folders = (),
    as_pdf: bool = False,
    fonts: Folders = (),
) -> dict[str, bytes]:
    """Return file name → DOCX with tracked changes (or PDF in colours) of every document whose text differs.

    Raises UsageError, FindingsError for characters that no font has (PDF), FileError.
    """
    from toolkit.versions import reports

    own = arguments.folders(templates, "templates")
    return reports.redlines(
        _compared(comparison),
        arguments.text(author, "author"),
        arguments.day(when, "when"),
        track,
        own,
        as_pdf=as_pdf,
        fonts=arguments.folders(fonts, "fonts"),
    )


def _compared(comparison: SetComparison) -> SetComparison:
    from toolkit.versions import SetComparison

    if not isinstance(comparison, SetComparison):
        raise UsageError("comparison 应当是 diff 给出的", "", "bad_argument")
    return comparison


@edge
def use_jieba() -> None:
    """Compare by the words of jieba from now on, in all threads of this process (``toolkit diff --jieba``).

    It takes about a second once. Raises UsageError if jieba is not installed.
    """
    from toolkit.versions import reports

    reports.use_jieba()


@edge
def status(folder: Path | str) -> list[FileStatus]:
    """Return what was edited in an output folder since it was generated (``toolkit status``): a state for each file.

    ``state``: ``same``, ``edited``, ``missing``, ``unknown``; ``places``: (provision, count). Raises FileError for a folder that
    was not generated.
    """
    from toolkit.versions import handwork

    return handwork.status(arguments.path_of(folder, "文件夹"))


@edge
def merge(
    profile: Profile,
    edited: Path | str,
    out: Path | str | None = None,
    *,
    base: Path | str | None = None,
    force: bool = False,
    author: str = "toolkit",
    when: Day = "",
    date: Day = "",
    presets: Folders = (),
    templates: Folders = (),
    layers: Folders = (),
) -> Upgrade:
    """Take over what would be generated now into a folder that was edited by hand, without losing an edit (``toolkit merge``).

    ``out``: the folder that is written, which may be ``edited`` itself; without it nothing is written. ``base``: the folder
    that was generated then, where ``edited`` has no base texts. ``author``, ``when``: of the tracked changes where both sides
    changed the same words. The result has ``steps`` (one per file of the folder: ``action``, ``note``, ``remarks``), ``open``
    (somebody must decide something) and ``report`` (what was written, or None). Raises FindingsError for a profile with
    errors, Refused for files in ``out`` that were edited (``force`` keeps them beside), UsageError, FileError.
    """
    from toolkit.versions import upgrade
    from toolkit.versions.reports import author_of

    folder = arguments.path_of(edited, "改过的文件夹")
    planned = upgrade.plan(
        arguments.prepared(profile, presets, layers, date),
        folder,
        base_folder=None if base is None else arguments.path_of(base, "base"),
        templates=arguments.folders(templates, "templates"),
        author=author_of(arguments.text(author, "author"), arguments.day(when, "when")),
    )
    return planned if out is None else upgrade.commit(planned, arguments.path_of(out, "out"), folder, force)
