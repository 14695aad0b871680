"""Kinds of unit, one unit's profile and its set of documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import Day, Folders, FontOptions, Profile, ProfileOptions, SourceOptions, WhereOptions, edge
from toolkit.core.findings import Finding, FindingsError, UsageError
from toolkit.formats import MAIN, of_suffix

if TYPE_CHECKING:
    from toolkit.app import Made, Prepared, Result
    from toolkit.coverage import Matrix
    from toolkit.docx.template.inspection import Inspection
    from toolkit.pdf.fonts.report import FontReport
    from toolkit.presets import KindInfo, Preset
    from toolkit.profile.draft import Draft
    from toolkit.versions.history import Revised


@edge
def kinds(presets: Folders = ()) -> tuple[KindInfo, ...]:
    """Return the kinds of unit: id, label, version (``toolkit presets``). Raises FileError for a folder that does not exist."""
    from toolkit import presets as module

    return module.kinds(arguments.where({"presets": presets}).presets_folders)


@edge
def broken_kinds(presets: Folders = ()) -> tuple[Finding, ...]:
    """Return why folders of presets are not among the :func:`kinds`. Raises FileError for a folder that does not exist."""
    from toolkit import presets as module

    unlisted = module.unlisted(arguments.where({"presets": presets}).presets_folders)
    return tuple(finding for findings in unlisted.values() for finding in findings)


@edge
def preset(kind: str, presets: Folders = (), layers: Folders = ()) -> Preset:
    """Return a kind by id or label, with a unit's own layers: its parameters, documents and required clauses.

    What ``toolkit presets KIND`` shows, and as JSON with ``as_dict()``. Raises UsageError for an unknown kind, FindingsError
    for a broken one, FileError.
    """
    from toolkit import presets as module

    where = arguments.where({"presets": presets, "layers": layers})
    roots = where.presets_folders
    return module.load(module.named(arguments.text(kind, "kind"), roots).id, roots, where.layers)


@edge
def default_text(preset: Preset, key: str) -> str:
    """Return the default of a parameter as ``toolkit presets KIND`` shows it. Raises UsageError for an unknown parameter."""
    from toolkit.profile import draft

    if key not in preset.params.params:
        raise UsageError(f"没有名为“{key}”的参数", "", "unknown_key")
    return draft.default_text(preset, key)


@edge
def draft(kind: str, presets: Folders = ()) -> Draft:
    """Return a profile to be written, step by step: ``set("键=值")``, ``put(name, value)``, ``open``, ``ask(…)``, ``text()``.

    ``ask`` is called with each open question and returns the answer after ``question.read``. Raises UsageError for an unknown
    kind, FindingsError for a broken one, FileError.
    """
    from toolkit.profile.draft import Draft

    return Draft(preset(kind, presets))


@edge
def starter(kind: str, values: Mapping[str, Any] | None = None, presets: Folders = ()) -> str:
    """Return the text of a commented profile to be filled in (``toolkit init``).

    ``values``: what is known already, by English key (``unit.full_name``) or label (``单位.全称``); texts, numbers, dates, and
    lists and mappings for parameters that have several. Raises UsageError for an unknown key and a value that does not fit.
    """
    from toolkit.profile.draft import filled

    if values is not None and not isinstance(values, Mapping):
        raise UsageError("values 应当是“名称: 内容”", "例如 {'unit.full_name': '…'}", "bad_argument")
    found = preset(kind, presets)
    given = {arguments.text(name, "values 的名称"): arguments.written(value) for name, value in (values or {}).items()}
    return filled(found, given)


@edge
def prepare(profile: Profile, **where: Unpack[ProfileOptions]) -> Prepared:
    """Read, validate, resolve, build and check a profile: everything that is known before rendering.

    The result can be given instead of the profile to every other function, so that several of them prepare it once. Findings
    are in the result, never raised. Raises UsageError, FileError.
    """
    return arguments.prepared(profile, arguments.where(where, ProfileOptions))


@edge
def check(profile: Profile, *, formats: Sequence[str] = (MAIN,), **where: Unpack[WhereOptions]) -> tuple[Finding, ...]:
    """Return every finding about a profile and its documents at once (``toolkit check``).

    ``formats``: with ``pdf`` also the characters that no font has. Raises UsageError, FileError.
    """
    from toolkit import app as module

    at = arguments.where(where)
    return module.check(arguments.prepared(profile, at), at, arguments.texts(formats, "formats"))


@edge
def format_of(path: Path | str, default: str = MAIN) -> str:
    """Return the name of the output format whose files end like ``path``, ``default`` for another suffix. Raises UsageError."""
    row = of_suffix(arguments.path_of(path, "文件"))
    return row.name if row else default


@edge
def make(
    profile: Profile, *, only: Sequence[str] = (), formats: Sequence[str] = (MAIN,), **where: Unpack[WhereOptions]
) -> Made:
    """Return a set in memory: ``files`` (name → bytes), ``manifest``, ``documents`` (the trees), ``prepared``.

    ``only``: ids of documents; ``formats``: names of :data:`FORMATS`. Raises FindingsError if there is an error, UsageError
    for an unknown document or format, FileError.
    """
    from toolkit import app as module

    at = arguments.where(where)
    return module.make(
        arguments.prepared(profile, at),
        where=at,
        only=arguments.texts(only, "only"),
        formats=arguments.texts(formats, "formats"),
    )


@edge
def generate(
    profile: Profile,
    out: Path | str,
    *,
    only: Sequence[str] = (),
    formats: Sequence[str] = (MAIN,),
    force: bool = False,
    progress: Callable[[str], None] | None = None,
    **where: Unpack[WhereOptions],
) -> Result:
    """Write a set into a folder (``toolkit generate``); the result has ``report`` (written, unchanged, kept …), ``findings``.

    ``force``: write over edited files, which are kept beside. ``progress`` is called with ``"check"``, each file name and
    ``"write"`` when that part is done. Raises FindingsError before anything is written, Refused for files that were edited or
    that were not generated, UsageError, FileError.
    """
    from toolkit import app as module

    at = arguments.where(where)
    return module.generate(
        arguments.prepared(profile, at),
        arguments.path_of(out, "out"),
        where=at,
        only=arguments.texts(only, "only"),
        force=force,
        progress=progress or (lambda _: None),
        formats=arguments.texts(formats, "formats"),
    )


@edge
def coverage(profile: Profile, **where: Unpack[ProfileOptions]) -> Matrix:
    """Return which clause meets which requirement (``toolkit coverage``), also of a profile with errors.

    ``is_open`` says whether something is not met. Raises UsageError, FileError.
    """
    from toolkit import coverage as module

    return module.matrix(arguments.prepared(profile, arguments.where(where, ProfileOptions)))


@edge
def coverage_report(matrix: Matrix, format: str, *, everything: bool = False, width: int = 120) -> bytes:
    """Return a matrix as ``text``, ``html``, ``xlsx`` or ``json`` (texts in UTF-8). Raises UsageError for another format.

    ``everything``: the text also lists what is met. ``width``: columns of the text; a Chinese character has two.
    """
    from toolkit.coverage import Matrix, report

    if not isinstance(matrix, Matrix):
        raise UsageError("matrix 应当是 coverage 给出的", "", "bad_argument")
    return report.write(matrix, format, everything=everything, width=arguments.whole(width, "width", 1, 10_000))


@edge
def revise(
    profile: Path | str,
    *,
    organ: str,
    date: Day,
    issued: Day = "",
    number: str = "",
    note: str = "",
    repeal: bool = False,
    **where: Unpack[SourceOptions],
) -> Revised:
    """Write the next entry of the history beside a profile (``toolkit revise``); the profile itself is never rewritten.

    ``organ``: who adopted it; ``date``, ``issued``: when; ``number``: 文号; ``repeal``: the entry is a repeal.
    Raises FindingsError (nothing is written), Refused for dates that contradict each other, UsageError, FileError.
    """
    from toolkit.versions.history import revise as append

    organ, adopted = arguments.text(organ, "organ").strip(), arguments.day(date)
    if not organ or not adopted:
        raise UsageError("organ 不能是空的" if not organ else "date 不能是空的", "写明通过的机关和日期", "bad_argument")
    entry = {
        "organ": organ,
        "date": adopted,
        "issued": arguments.day(issued, "issued"),
        "number": arguments.text(number, "number").strip(),
        "note": arguments.text(note, "note").strip(),
    }
    at = arguments.where(where, SourceOptions)
    return append(arguments.path_of(profile, "档案"), entry, repeal=repeal, where=at)


@edge
def fonts(profile: Profile | None = None, **where: Unpack[FontOptions]) -> FontReport:
    """Return which font file prints which role of a PDF (``toolkit fonts``).

    With a profile also which characters of its documents stand-ins print (``stand_ins``); those that no font has are among
    the ``findings``. Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit import app as module
    from toolkit.pdf.fonts.report import report

    at = arguments.where(where, FontOptions)
    if profile is None:
        return report(at.fonts)
    ready = arguments.prepared(profile, at)
    if ready.built is None or ready.resolved is None:
        raise FindingsError(ready.findings)
    return report(at.fonts, ready.resolved.fonts, module.written(ready))


@edge
def template_check(template: Path | str | bytes, kind: str = "", presets: Folders = ()) -> Inspection:
    """Return what a Word template (docxtpl) of one's own asks for, without data (``toolkit template check``).

    ``template``: a path, or the bytes of the file; ``kind``: id or label, all kinds without it. The result has ``variables``
    (path → places), ``types`` and ``findings`` (unknown variables, broken tags, missing styles). Raises UsageError, FileError.
    """
    from toolkit.minutes import own_template

    roots = arguments.where({"presets": presets}).presets_folders
    return own_template.check_for(arguments.template(template), arguments.text(kind, "kind"), roots)


@edge
def save(path: Path | str, data: bytes, *, force: bool = False, new: bool = False) -> None:
    """Write a file whole or not at all; a file with the same content is left as it is.

    ``force``: write over other content; ``new``: the file must not exist. Raises Refused, UsageError for a folder, FileError.
    """
    from toolkit.output import single

    if not isinstance(data, bytes):
        raise UsageError("data 应当是 bytes", "文字先用 encode() 转换", "bad_argument")
    if new:
        single.save_new(arguments.path_of(path, "文件"), data)
    else:
        single.save(arguments.path_of(path, "文件"), data, force)


@edge
def need_new(path: Path | str) -> None:
    """Raise Refused for a file that exists already, before anybody answers questions for it. Raises UsageError."""
    from toolkit.output import single

    single.need_new(arguments.path_of(path, "文件"))
