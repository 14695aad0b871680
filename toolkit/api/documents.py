"""Kinds of unit, one unit's profile and its set of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.api import arguments
from toolkit.api.arguments import Day, Folders, Profile, edge
from toolkit.core.findings import Finding, FindingsError, UsageError

if TYPE_CHECKING:
    from toolkit.app import Made, Prepared, Result
    from toolkit.coverage import Matrix
    from toolkit.docx.template.inspection import Inspection
    from toolkit.pdf.fonts.report import FontReport
    from toolkit.presets import KindInfo, Preset
    from toolkit.versions.history import Revised


@edge
def kinds(presets: Folders = ()) -> tuple[KindInfo, ...]:
    """Return the kinds of unit: id, label, version (``toolkit presets``). Raises FileError for a folder that is none."""
    from toolkit import presets as module
    from toolkit.core import data_folders

    return module.kinds(data_folders.presets_folders(arguments.folders(presets, "presets")))


@edge
def preset(kind: str, presets: Folders = (), layers: Folders = ()) -> Preset:
    """Return a kind by id or label, with a unit's own layers: its parameters, documents and required clauses.

    What ``toolkit presets KIND`` shows. Raises UsageError for a kind that there is not, FindingsError for a broken one,
    FileError.
    """
    from toolkit import presets as module
    from toolkit.core import data_folders

    roots = data_folders.presets_folders(arguments.folders(presets, "presets"))
    return module.load(module.named(arguments.text(kind, "kind"), roots).id, roots, arguments.folders(layers, "layers"))


@edge
def starter(kind: str, values: Mapping[str, Any] | None = None, presets: Folders = ()) -> str:
    """Return the text of a commented profile to be filled in (``toolkit init``).

    ``values``: what is known already, by English key (``unit.full_name``) or label (``单位.全称``); texts, numbers, dates, and
    lists and mappings for parameters that have several. Raises UsageError for a key that there is not and a value that does
    not fit.
    """
    from toolkit import presets as module
    from toolkit import profile

    if values is not None and not isinstance(values, Mapping):
        raise UsageError("values 应当是“名称: 内容”", "例如 {'unit.full_name': '…'}", "bad_argument")
    found = preset(kind, presets)
    known = {}
    for name, value in (values or {}).items():
        key, value = profile.setting_key(arguments.text(name, "values 的名称"), found.params), arguments.written(value)
        if isinstance(value, str):
            try:
                profile.fits(found.params, key, value)
            except ValueError as error:
                raise UsageError(str(error), "", "bad_value") from error
        known[key] = value
    return profile.starter(found.params, found.label, known, module.printed_names(found))


@edge
def prepare(profile: Profile, *, presets: Folders = (), layers: Folders = (), date: Day = "") -> Prepared:
    """Read, validate, resolve, build and check a profile: everything that is known before rendering.

    ``date``: the issue date, before the profile's own. What it gives stands for the profile in every other function, so
    that several of them prepare it once. Findings are in the result, never raised. Raises UsageError, FileError.
    """
    return arguments.prepared(profile, presets, layers, date)


@edge
def check(
    profile: Profile,
    *,
    presets: Folders = (),
    templates: Folders = (),
    layers: Folders = (),
    fonts: Folders = (),
    formats: Sequence[str] = ("docx",),
    date: Day = "",
) -> tuple[Finding, ...]:
    """Return every finding about a profile and its documents at once (``toolkit check``).

    ``formats``: with ``pdf`` also the characters that no font has. Raises UsageError, FileError.
    """
    from toolkit import app as module

    ready = arguments.prepared(profile, presets, layers, date)
    own, more = arguments.paths(templates, "templates"), arguments.paths(fonts, "fonts")
    return module.check_all(ready, own, arguments.texts(formats, "formats"), more)


@edge
def make(
    profile: Profile,
    *,
    only: Sequence[str] = (),
    formats: Sequence[str] = ("docx",),
    presets: Folders = (),
    templates: Folders = (),
    layers: Folders = (),
    fonts: Folders = (),
    date: Day = "",
) -> Made:
    """Return a set in memory: ``files`` (name → bytes), ``manifest``, ``documents`` (the trees), ``prepared``.

    ``only``: ids of documents; ``formats``: ``docx``, ``pdf``. Raises FindingsError if there is an error, UsageError for a
    document or format that there is not, FileError.
    """
    from toolkit import app as module

    return module.make(
        arguments.prepared(profile, presets, layers, date),
        only=arguments.texts(only, "only"),
        templates=arguments.paths(templates, "templates"),
        formats=arguments.texts(formats, "formats"),
        fonts=arguments.paths(fonts, "fonts"),
    )


@edge
def generate(
    profile: Profile,
    out: Path | str,
    *,
    only: Sequence[str] = (),
    formats: Sequence[str] = ("docx",),
    force: bool = False,
    presets: Folders = (),
    templates: Folders = (),
    layers: Folders = (),
    fonts: Folders = (),
    date: Day = "",
) -> Result:
    """Write a set into a folder (``toolkit generate``); the result has ``report`` (written, unchanged, kept …), ``findings``.

    ``force``: write over edited files, which are kept beside. Raises FindingsError before anything is written, Refused for
    files that were edited or are none of ours, UsageError, FileError.
    """
    from toolkit import app as module

    return module.generate(
        arguments.prepared(profile, presets, layers, date),
        arguments.path_of(out, "out"),
        only=arguments.texts(only, "only"),
        force=force,
        templates=arguments.paths(templates, "templates"),
        formats=arguments.texts(formats, "formats"),
        fonts=arguments.paths(fonts, "fonts"),
    )


@edge
def coverage(profile: Profile, *, presets: Folders = (), layers: Folders = (), date: Day = "") -> Matrix:
    """Return which clause meets which requirement (``toolkit coverage``), also of a profile with errors.

    ``is_open`` says whether something is not met. Raises UsageError, FileError.
    """
    from toolkit import coverage as module

    return module.matrix(arguments.prepared(profile, presets, layers, date))


@edge
def coverage_report(matrix: Matrix, format: str, *, everything: bool = False, width: int = 120) -> bytes:
    """Return a matrix as ``text``, ``html``, ``xlsx`` or ``json`` (texts in UTF-8). Raises UsageError for another format.

    ``everything``: the text also lists what is met. ``width``: columns of the text; a Chinese character has two.
    """
    from toolkit.coverage import Matrix, reports

    if not isinstance(matrix, Matrix):
        raise UsageError("matrix 应当是 coverage 给出的", "", "bad_argument")
    return reports.write(matrix, format, everything=everything, width=arguments.whole(width, "width", 1, 10_000))


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
    presets: Folders = (),
    layers: Folders = (),
) -> Revised:
    """Write the next entry of the history beside a profile (``toolkit revise``); the profile itself is never rewritten.

    ``organ``: who adopted it; ``date``, ``issued``: when; ``number``: 文号; ``repeal``: the entry is a repeal.
    Raises FindingsError (nothing is written), Refused for dates that contradict each other, UsageError, FileError.
    """
    from toolkit.versions.history import revise as append

    organ, adopted = arguments.text(organ, "organ").strip(), arguments.day(date)
    if not organ or not adopted:
        raise UsageError("organ 不能是空的" if not organ else "date 不能是空的", "写明通过的机关和日期", "bad_argument")
    own, extra = arguments.folders(presets, "presets"), arguments.folders(layers, "layers")
    entry = {
        "organ": organ,
        "date": adopted,
        "issued": arguments.day(issued, "issued"),
        "number": arguments.text(number, "number").strip(),
        "note": arguments.text(note, "note").strip(),
    }
    return append(arguments.path_of(profile, "档案"), entry, repeal=repeal, presets=own, layers=extra)


@edge
def fonts(
    profile: Profile | None = None, *, fonts: Folders = (), presets: Folders = (), layers: Folders = (), date: Day = ""
) -> FontReport:
    """Return which font file prints which role of a PDF (``toolkit fonts``).

    With a profile also which characters of its documents stand-ins print (``stand_ins``); those that no font has are among
    the ``findings``. Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit import app as module
    from toolkit.pdf.fonts.report import report

    own = arguments.folders(fonts, "fonts")
    if profile is None:
        arguments.folders(presets, "presets")
        return report(own)
    ready = arguments.prepared(profile, presets, layers, date)
    if ready.built is None or ready.resolved is None:
        raise FindingsError(ready.findings)
    return report(own, ready.resolved.fonts, module.written(ready))


@edge
def template_check(template: Path | str | bytes, kind: str = "", presets: Folders = ()) -> Inspection:
    """Return what a Word template (docxtpl) of one's own asks for, without data (``toolkit template check``).

    ``template``: a path, or the bytes of the file; ``kind``: id or label, all kinds without it. The result has ``variables``
    (path → places), ``types`` and ``findings`` (unknown variables, broken tags, missing styles). Raises UsageError, FileError.
    """
    from toolkit.core import data_folders
    from toolkit.minutes import own_template

    roots = data_folders.presets_folders(arguments.folders(presets, "presets"))
    return own_template.check_for(arguments.template(template), arguments.text(kind, "kind"), roots)
