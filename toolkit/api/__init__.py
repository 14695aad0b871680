"""The functions behind the commands (``docs/api.md``). Nothing is printed; problems are values; nothing reads a clock.

A profile is a path, the bytes of a file, a mapping as YAML would give it, or the result of :func:`prepare`. Functions that judge
return findings; functions that make something raise :class:`~toolkit.core.findings.FindingsError` with all of them if one is an
error. Whatever is raised is a :class:`~toolkit.core.findings.ToolkitError` with ``message``, ``hint`` (Chinese), ``code`` and
``exit_code``. ``presets``, ``templates``, ``layers`` and ``fonts`` are lists of the user's own folders, in front of the bundled
ones. Importing this loads nothing heavy: modules are loaded when a function that needs them is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import (
    LISTS,
    Day,
    Folders,
    FontOptions,
    Form,
    ListedUnit,
    Profile,
    ProfileOptions,
    SourceOptions,
    WhereOptions,
    edge,
)
from toolkit.api.clauses import (
    clause_restore,
    clause_text,
    clause_try,
    clause_write,
    finding_in_words,
    provenance,
    provision_name,
)
from toolkit.api.fleet import (
    units_archive,
    units_archive_check,
    units_coverage,
    units_decisions,
    units_diff,
    units_entries,
    units_inbox,
    units_list,
    units_merge,
    units_profiles,
    units_report,
    units_revise,
    units_revise_states,
    units_states,
    units_status,
    units_unrevise,
    units_year,
)
from toolkit.api.meetings import (
    minutes_look,
    minutes_notice,
    minutes_packet,
    minutes_relist,
    minutes_take,
    minutes_view,
    unzipped,
    zipped,
)
from toolkit.api.minutes import (
    minutes_ask,
    minutes_check,
    minutes_fill,
    minutes_new,
    minutes_read,
    minutes_summary,
    minutes_yaml,
    papers,
    papers_write,
    register,
    register_files,
    register_occasions,
    register_report,
)
from toolkit.api.versions import (
    changed,
    diff,
    diff_changes,
    diff_format,
    diff_left_out,
    diff_note,
    diff_notes_beside,
    diff_redlines,
    diff_report,
    diff_save,
    merge,
    merge_decide,
    merge_decisions,
    merge_entries,
    merge_report,
    merge_save,
    put_aside,
    restore,
    status,
    status_and_check,
    status_report,
    use_jieba,
)
from toolkit.core.findings import (
    FileError,
    Finding,
    FindingsError,
    Place,
    Refused,
    Severity,
    ToolkitError,
    UsageError,
    has_errors,
)
from toolkit.formats import FORMATS, MAIN, of_suffix

if TYPE_CHECKING:
    from toolkit.app import Made, Pages, Prepared, Result
    from toolkit.batch import Event, Report
    from toolkit.batch.corrections import Correction
    from toolkit.batch.list_view import ListView, RecordsView
    from toolkit.checks.left_out import LeftOut
    from toolkit.coverage import Matrix
    from toolkit.coverage.load import Load
    from toolkit.coverage.variants import Judged
    from toolkit.docx.template.inspection import Inspection
    from toolkit.model.tree import Document
    from toolkit.output.machine import Part
    from toolkit.pdf.fonts.coverage import FontReport
    from toolkit.presets import KindInfo, Preset
    from toolkit.profile.answers import Answers
    from toolkit.profile.draft import Draft
    from toolkit.profile.people import Pasted
    from toolkit.versions.history import Revised

__all__ = [
    "FORMATS",
    "LISTS",
    "Day",
    "FileError",
    "Finding",
    "FindingsError",
    "Folders",
    "Form",
    "ListedUnit",
    "Place",
    "Profile",
    "Refused",
    "Severity",
    "ToolkitError",
    "UsageError",
    "answers",
    "batch",
    "batch_correct",
    "batch_look",
    "batch_pasted",
    "batch_records",
    "batch_place",
    "batch_states",
    "blank_list",
    "broken_kinds",
    "bundle",
    "changed",
    "check",
    "check_line",
    "clause_ids",
    "clause_restore",
    "clause_text",
    "clause_try",
    "clause_write",
    "contract",
    "coverage",
    "coverage_report",
    "default_text",
    "diff",
    "diff_changes",
    "diff_format",
    "diff_left_out",
    "diff_note",
    "diff_notes_beside",
    "diff_redlines",
    "diff_report",
    "diff_save",
    "doctor",
    "documents",
    "draft",
    "fonts",
    "forget",
    "format_of",
    "generate",
    "handbook",
    "has_errors",
    "kind_check",
    "kinds",
    "left_out",
    "load",
    "load_report",
    "make",
    "merge",
    "merge_decide",
    "merge_decisions",
    "merge_entries",
    "merge_report",
    "merge_save",
    "minutes_ask",
    "minutes_check",
    "minutes_fill",
    "minutes_look",
    "minutes_new",
    "minutes_notice",
    "minutes_packet",
    "minutes_read",
    "minutes_summary",
    "minutes_take",
    "minutes_relist",
    "minutes_view",
    "minutes_yaml",
    "need_new",
    "pages",
    "papers",
    "papers_write",
    "people_pasted",
    "prepare",
    "preset",
    "printout",
    "provenance",
    "finding_in_words",
    "provision_name",
    "put",
    "put_aside",
    "register",
    "register_files",
    "register_occasions",
    "register_report",
    "restore",
    "revise",
    "sample",
    "save",
    "starter",
    "status",
    "status_and_check",
    "status_report",
    "template_check",
    "unzipped",
    "units_archive",
    "units_archive_check",
    "units_coverage",
    "units_decisions",
    "units_diff",
    "units_entries",
    "units_inbox",
    "units_list",
    "units_merge",
    "units_profiles",
    "units_report",
    "units_revise",
    "units_revise_states",
    "units_states",
    "units_status",
    "units_unrevise",
    "units_year",
    "use_jieba",
    "users_folder",
    "zipped",
]

_JOBS = 256


class BatchOptions(WhereOptions, total=False):
    """How a list is worked off; see :func:`batch`."""

    base: Path | str | None
    formats: Sequence[str]
    zipped: bool
    check_only: bool
    strict: bool
    resume: bool
    force: bool
    visible: bool
    jobs: int
    shard: tuple[int, int] | None
    dask: str
    returned: bool


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

    The output of ``toolkit presets KIND``, and as JSON with ``as_dict()``. Raises UsageError for an unknown kind, FindingsError
    for a broken one, FileError.
    """
    from toolkit import presets as module

    where = arguments.where({"presets": presets, "layers": layers})
    folders = where.presets_folders
    return module.load(module.named(arguments.text(kind, "kind"), folders).id, folders, where.layers)


@edge
def kind_check(kind: str, presets: Folders = (), layers: Folders = ()) -> Judged:
    """Judge a kind in all its variants (``toolkit presets KIND --check``), without own layers in each of its sizes.

    The result has ``variants``, ``findings`` about the texts of the kind, each with the variants that have it, and ``open``: the
    conditions that no variant made both true and false. Raises UsageError for an unknown kind, FindingsError for a broken one,
    FileError.
    """
    from toolkit.coverage import variants
    from toolkit.presets import load
    from toolkit.presets.layers import FULL

    where = arguments.where({"presets": presets, "layers": layers})
    whole = preset(kind, presets, layers)
    named = {} if where.layers else whole.sizes
    kinds = {FULL: whole} | {label: load(whole.id, where.presets_folders, (), size) for size, label in named.items()}
    return variants.together({label: variants.judge(size, where) for label, size in kinds.items()})


@edge
def sample(
    out: Path | str, name: str, of: str, label: str = "", *, layer: bool = False, presets: Folders = ()
) -> tuple[Path, ...]:
    """Write the commented files of a new kind that extends the kind ``of`` (``toolkit presets new``) and return their paths.

    ``out``: the folder in which a folder ``name`` is made; ``name``: the id of the kind; ``label``: its Chinese name;
    ``layer``: a unit's own clauses instead, in a folder of any name. Raises UsageError for a name that cannot be one and for an
    unknown kind, Refused where one of the files exists (nothing is written then), FileError.
    """
    from toolkit.output import disk
    from toolkit.presets import layers, named

    kind = named(arguments.text(of, "of"), arguments.where({"presets": presets}).presets_folders)
    name, folder = arguments.text(name, "name"), arguments.path_of(out, "out")
    files = layers.sample_layer(name, kind) if layer else layers.sample_kind(name, arguments.text(label, "label"), kind)
    paths = {folder / path: text.encode() for path, text in files.items()}
    for path in paths:
        disk.need_new(path)
    for path, data in paths.items():
        with disk.file_errors("无法建立文件夹"):
            path.parent.mkdir(parents=True, exist_ok=True)
        disk.save_new(path, data)
    return tuple(paths)


@edge
def clause_ids(preset: Preset) -> dict[str, list[str]]:
    """Return the ids of the provisions of each document of a kind, in order; a layer names them in ``after=`` and ``remove:``.

    Raises UsageError for a value that :func:`preset` did not return.
    """
    from toolkit.presets.spec import Preset, walk

    arguments.result(preset, Preset, "preset", "preset")
    return {
        name: [block.id for block in walk(document.body) if block.id] for name, document in preset.documents.items()
    }


@edge
def default_text(preset: Preset, key: str) -> str:
    """Return the default of a parameter as ``toolkit presets KIND`` shows it. Raises UsageError for an unknown parameter."""
    from toolkit.profile import draft

    if key not in preset.params.params:
        raise UsageError(f"没有名为“{key}”的参数", "", "unknown_key")
    return draft.default_text(preset, key)


@edge
def contract(preset: Preset, document: str, clause: str) -> str:
    """Return the contract of a required clause in Chinese (``toolkit presets KIND``). Raises UsageError."""
    from toolkit.presets import contracts

    if clause not in preset.required.get(document, {}):
        raise UsageError(f"“{document}”没有必备条款“{clause}”", "", "unknown_id")
    return contracts.asked(preset, preset.required[document][clause])


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

    ``values``: the known answers, by English key (``unit.full_name``) or label (``单位.全称``); texts, numbers, dates, and
    lists and mappings for parameters that have several. Raises UsageError for an unknown key and a value that does not fit.
    """
    from toolkit.profile.draft import filled

    if values is not None and not isinstance(values, Mapping):
        raise arguments.bad("values 应当是“名称: 内容”", "例如 {'unit.full_name': '…'}")
    given = {arguments.text(name, "values 的名称"): arguments.written(value) for name, value in (values or {}).items()}
    return filled(preset(kind, presets), given)


@edge
def answers(profile: Profile, **where: Unpack[SourceOptions]) -> Answers:
    """Return the questions of a unit's kind with its answers: the written value, the one that applies, the findings about each.

    The result has ``by_key`` (in the order of the questions), ``groups``, and ``others``, the findings about no question.
    Raises UsageError, FileError, FindingsError for a profile whose kind is not known.
    """
    from toolkit.checks.left_out import left_out as find
    from toolkit.profile import answers as module

    ready = arguments.prepared(profile, arguments.where(where, SourceOptions))
    if ready.preset is None:
        raise FindingsError(ready.findings)
    judged = ready.judged
    values = {} if judged is None else dict(judged.resolved.values)
    examples = {} if judged is None else judged.examples
    values = {key: value for key, value in values.items() if key not in examples}
    lacks = {lack.key: lack.text() for lack in find(judged.resolved, judged.built)} if judged else {}
    return module.answers(ready.profile, ready.preset, values, ready.findings, lacks)


@edge
def people_pasted(text: str) -> Pasted:
    """Return the people in rows that were copied from a spreadsheet, for :func:`put`.

    The result has ``columns`` (by key, in order), ``headed`` (whether the first line named them) and ``rows`` with ``record`` and
    ``findings`` by column. Raises UsageError for something else than text.
    """
    from toolkit.profile.people import pasted

    return pasted(arguments.text(text, "text"))


@edge
def put(text: str, preset: Preset, key: str, value: Any) -> str:
    """Return the text of a profile with one parameter set; all else, comments above all, stays byte for byte.

    ``key``: dotted English key (``unit.full_name``), or ``size``, ``people``, ``layer``. ``value``: a text as typed, a list of
    texts, records by English key of the column, a mapping for a document; None takes the parameter out, so that its default
    applies. The value is not judged: a wrong one is written, and found by :func:`check`. Raises UsageError for an unknown key,
    and for a text that cannot be read as YAML.
    """
    from toolkit.presets.spec import Preset
    from toolkit.profile import editing

    arguments.result(preset, Preset, "preset", "preset")
    written = None if value is None else arguments.written(value)
    return editing.put(arguments.text(text, "text"), preset.params, arguments.text(key, "key"), written)


@edge
def prepare(profile: Profile, *, again: Prepared | bool = False, **where: Unpack[ProfileOptions]) -> Prepared:
    """Read, validate, resolve, build and check a profile: everything that is known before rendering.

    The result can be given instead of the profile to every other function, so that several of them prepare it once. Findings
    are in the result, never raised. ``again``: True where the profile will be prepared again after each edit, then the result of
    its last preparation: documents that an edit does not reach are taken from it, with the same result. Raises UsageError,
    FileError.
    """
    from toolkit.app import Prepared

    if not isinstance(again, bool):
        arguments.result(again, Prepared, "again", "prepare")
    return arguments.prepared(profile, arguments.where(where, ProfileOptions), again)


@edge
def check(
    profile: Profile, *, formats: Sequence[str] = (MAIN,), kind: str = "", **where: Unpack[WhereOptions]
) -> tuple[Finding, ...]:
    """Return every finding about a profile and its documents at once (``toolkit check``).

    ``formats``: with ``pdf`` also the characters that no font has. ``profile`` may also be the path of an output folder or of a
    DOCX: its present text is judged by the same checks, its edits are named; ``kind`` says what kind of unit a text
    belongs to that was not generated here. Raises UsageError, FileError, FindingsError for a broken kind.
    """
    from toolkit import app as module

    at = arguments.where(where)
    if isinstance(profile, (str, Path)) and (Path(profile).is_dir() or Path(profile).suffix.lower() == ".docx"):
        from toolkit.versions import judging

        return judging.judge(Path(profile), at, arguments.text(kind, "kind"))
    if kind:
        raise arguments.bad("kind 只用于 DOCX 和文件夹", "单位档案自己写明单位类型")
    return module.check(arguments.prepared(profile, at), at, arguments.texts(formats, "formats"))


@edge
def left_out(profile: Profile, **where: Unpack[WhereOptions]) -> tuple[LeftOut, ...]:
    """Return the optional answers that a profile leaves out, each with the parts that its set lacks; ``text()`` is in words.

    Raises UsageError, FileError. A profile that cannot be checked leaves out nothing.
    """
    from toolkit.checks.left_out import left_out as find

    judged = arguments.prepared(profile, arguments.where(where)).judged
    return find(judged.resolved, judged.built) if judged else ()


@edge
def check_line(findings: Sequence[Finding]) -> str:
    """Return in one line whether a set that was edited still passes, from the findings of :func:`check` in its folder.

    Raises UsageError for something else than a list.
    """
    from toolkit.versions import judging

    return judging.summary(arguments.several(findings, "findings"))


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
    ready = arguments.prepared(profile, at)
    ids, names = arguments.texts(only, "only"), arguments.texts(formats, "formats")
    return module.make(ready, where=at, only=ids, formats=names)


@edge
def documents(profile: Profile, **where: Unpack[ProfileOptions]) -> tuple[Document, ...]:
    """Return the documents that a set is written as, by number: no papers on demand, of a repealed set the documents to keep.

    Of a profile with errors nothing. Raises UsageError, FileError.
    """
    from toolkit import app as module

    return module.written(arguments.prepared(profile, arguments.where(where, ProfileOptions)))


@edge
def bundle(made: Made) -> bytes:
    """Return a set that :func:`make` made as one ZIP: the files that ``toolkit batch --zip`` writes for a unit.

    Raises UsageError for something else.
    """
    from toolkit import app as module
    from toolkit import output

    arguments.result(made, module.Made, "made", "make")
    return output.bundle(made.files, made.manifest)


@edge
def printout(made: Made, *, two_sided: bool = True) -> bytes:
    """Return the PDF files of a set that :func:`make` made as one PDF, in the order of their numbers.

    ``two_sided``: each begins on a new sheet of paper. Raises UsageError for something else, or a set without a PDF.
    """
    from toolkit import app as module
    from toolkit.pdf.joining import joined

    arguments.result(made, module.Made, "made", "make")
    files = [(name, data) for name, data in made.files.items() if name.endswith(".pdf")]
    if not files:
        raise UsageError("这一套里没有 PDF", '生成时写明 formats=["pdf"]', "no_pdf")
    return joined(files, two_sided=two_sided)


@edge
def generate(
    profile: Profile,
    out: Path | str,
    *,
    only: Sequence[str] = (),
    formats: Sequence[str] = (MAIN,),
    force: bool = False,
    progress: Callable[[str], None] | None = None,
    tell: Callable[[Finding], None] | None = None,
    **where: Unpack[WhereOptions],
) -> Result:
    """Write a set into a folder (``toolkit generate``); the result has ``report`` (written, unchanged, kept …), ``findings``.

    ``force``: write over edited files, which are kept beside. ``progress`` is called with ``"check"``, each file name and
    ``"write"`` when that part is done; ``tell`` with a finding for each source (preset, layer, template) of the set that the run
    drops or changes, before it writes. Raises FindingsError before anything is written, Refused for files that were edited or
    that were not generated, UsageError, FileError.
    """
    from toolkit import app as module

    at = arguments.where(where)
    ready, folder = arguments.prepared(profile, at), arguments.path_of(out, "out")
    ids, names = arguments.texts(only, "only"), arguments.texts(formats, "formats")
    report, said = progress or (lambda _: None), tell or (lambda _: None)
    return module.generate(ready, folder, where=at, only=ids, force=force, progress=report, tell=said, formats=names)


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

    ``everything``: the text also lists requirements that are met. ``width``: columns of the text; a Chinese character has two.
    """
    from toolkit.coverage import Matrix, report

    arguments.result(matrix, Matrix, "matrix", "coverage")
    return report.write(matrix, format, everything=everything, width=arguments.whole(width, "width", 1, 10_000))


@edge
def load(profile: Profile, *, tell: Callable[[Document], None] | None = None, **where: Unpack[WhereOptions]) -> Load:
    """Return the load of a set on its unit in a year (``toolkit load``): pages, dated tasks, meetings, forms to fill in.

    ``tell`` gets each document before it is laid out.
    Raises FindingsError for a profile with errors, UsageError, FileError.
    """
    from toolkit.coverage import load as module

    at = arguments.where(where)
    return module.load(arguments.prepared(profile, at), at, tell or (lambda _: None))


@edge
def load_report(load: Load, format: str, *, width: int = 120) -> bytes:
    """Return a load as ``text``, ``html``, ``xlsx`` or ``json`` (texts in UTF-8). Raises UsageError for another format.

    ``width``: columns of the text; a Chinese character has two.
    """
    from toolkit.coverage import load_report as module
    from toolkit.coverage.load import Load

    arguments.result(load, Load, "load", "load")
    return module.write(load, format, width=arguments.whole(width, "width", 1, 10_000))


@edge
def revise(
    profile: Path | str | ListedUnit,
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

    if isinstance(profile, ListedUnit):
        hint = "用 toolkit units revise 名单 给各单位一起写，或者在名单里“沿革”这张工作表上加一行"
        raise UsageError("名单里的单位没有自己的沿革文件", hint, "unit_of_list")
    organ, adopted = arguments.text(organ, "organ").strip(), arguments.day(date)
    if not organ or not adopted:
        raise arguments.bad(f"{'date' if organ else 'organ'} 不能是空的", "写明通过的机关和日期")
    entry = {"organ": organ, "date": adopted, "issued": arguments.day(issued, "issued")}
    entry |= {name: arguments.text(text, name).strip() for name, text in (("number", number), ("note", note))}
    at = arguments.where(where, SourceOptions)
    return append(arguments.path_of(profile, "档案"), entry, repeal=repeal, where=at)


@edge
def doctor(folder: Path | str = "") -> tuple[Part, ...]:
    """Examine whether this machine has all that the program needs (``toolkit doctor``): each part with its state and way out.

    ``folder``: where the user works; without it this folder and the one that the page opens.
    States are ``good``, ``poor`` (works, with less) and ``bad``. Raises UsageError.
    """
    from toolkit.output import machine

    return machine.parts(arguments.path_of(folder, "folder").absolute() if folder else None)


@edge
def forget() -> None:
    """Forget results shared between units that were not asked for since the last call; no result depends on it. Raises nothing.

    For a program that runs for days, from time to time.
    """
    from toolkit.core import memo

    memo.turn()


@edge
def fonts(profile: Profile | None = None, **where: Unpack[FontOptions]) -> FontReport:
    """Return which font file prints which role of a PDF (``toolkit fonts``).

    With a profile also which characters of its documents stand-ins print (``stand_ins``); those that no font has are among
    the ``findings``. Raises FindingsError for a profile whose documents cannot be built, UsageError, FileError.
    """
    from toolkit import app as module
    from toolkit.pdf.fonts.coverage import report

    at = arguments.where(where, FontOptions)
    if profile is None:
        return report(at.fonts)
    ready = arguments.prepared(profile, at)
    if ready.built is None or ready.resolved is None:
        raise FindingsError(ready.findings)
    return report(at.fonts, ready.resolved.fonts, module.written(ready))


@edge
def pages(profile: Profile, document: str, **where: Unpack[WhereOptions]) -> Pages:
    """Return one document (id or file name) as PDF with the place of every provision and table on its pages.

    The result has ``data``, ``count``, ``width`` and ``height`` of a page, and ``boxes``: :class:`toolkit.pdf.document.PageBox`
    with page number, ``x``, ``y``, ``width``, ``height`` in points from the top left corner. Raises FindingsError, UsageError,
    FileError.
    """
    from toolkit import app as module

    at = arguments.where(where, WhereOptions)
    return module.pages(arguments.prepared(profile, at), arguments.text(document, "document"), where=at)


@edge
def template_check(
    template: Path | str | bytes, kind: str = "", meeting: str = "", presets: Folders = ()
) -> Inspection:
    """Return the fields that a Word template (docxtpl) of one's own asks for, without data (``toolkit template check``).

    ``template``: a path, or the bytes of the file; ``kind``: id or label, all kinds without it; ``meeting``: the meeting or form
    (id or name) that it is for, any without it. The result has ``variables`` (path → places), ``types``, ``forms`` (that have
    every field that it asks for) and ``findings`` (faults that :func:`minutes_fill` would refuse, and text that it would lose).
    Raises UsageError, FileError.
    """
    from toolkit.minutes import own_template

    roots = arguments.where({"presets": presets}).presets_folders
    named = arguments.text(kind, "kind"), arguments.text(meeting, "meeting")
    return own_template.check_for(arguments.template(template), named[0], roots, named[1])


@edge
def save(path: Path | str, data: bytes, *, force: bool = False, new: bool = False) -> None:
    """Write a file whole or not at all; a file with the same content is left as it is.

    ``force``: write over other content; ``new``: the file must not exist. Raises Refused, UsageError for a folder, FileError.
    """
    from toolkit.output import disk

    if not isinstance(data, bytes):
        raise arguments.bad("data 应当是 bytes", "文字先用 encode() 转换")
    file = arguments.path_of(path, "文件")
    if new:
        with disk.folders_made(file.parent):
            disk.save_new(file, data)
    else:
        disk.save(file, data, force)


@edge
def handbook() -> Path:
    """Return the folder of the handbook for clerks (``手册.md``, ``pictures``). Raises nothing."""
    from toolkit.core.data_folders import data_folder

    return data_folder("handbook")


@edge
def users_folder() -> Path:
    """Return the folder that the page opens where none is named: 文书 in the user's documents. Raises nothing."""
    from toolkit.core import data_folders

    return data_folders.users_folder()


@edge
def need_new(path: Path | str) -> None:
    """Raise Refused for a file that exists already, before anybody answers questions for it. Raises UsageError."""
    from toolkit.output import disk

    disk.need_new(arguments.path_of(path, "文件"))


@edge
def batch(
    source: Path | str, out: Path | str, *, tell: Callable[[Event], None] | None = None, **given: Unpack[BatchOptions]
) -> Report:
    """Make the sets of all units of a list (``toolkit batch``); the report is in ``out`` as well.

    ``source``: an XLSX or CSV file, or a folder of profiles. ``base``: a profile for answers that the list does not give.
    ``zipped``: a zip for each unit instead of a folder. ``check_only``: nothing is generated. ``strict``: nothing is generated
    if one unit has errors. ``resume``: go on with a run that was interrupted. ``jobs``: processes, 0 for one per processor; 1
    stays in this one. ``shard``: (K, N), the K-th part of N, from 1. ``dask``: the address of a cluster; with ``returned`` and
    ``zipped`` results come back over the network. ``tell`` is called with each event, in the thread that called.

    A unit with errors is a line of the report. Raises FindingsError for a list that cannot be used, UsageError, FileError.
    Run it under ``if __name__ == "__main__":`` where processes are spawned (Windows, macOS).
    """
    from toolkit import batch as module

    at, chosen = arguments.where_and_rest(given, BatchOptions)
    if (shard := given.get("shard")) is not None:
        chosen["shard"] = arguments.pair(shard, "shard")
    if (base := given.get("base")) is not None:
        chosen["base"] = arguments.path_of(base, "base")
    chosen["formats"] = arguments.texts(given.get("formats", (MAIN,)), "formats")
    chosen["jobs"] = arguments.whole(given.get("jobs", 0), "jobs", 0, _JOBS)
    chosen["dask"] = arguments.text(given.get("dask", ""), "dask")
    list_of_units, folder = arguments.path_of(source, "名单"), arguments.path_of(out, "out")
    return module.batch(list_of_units, folder, module.Options(**chosen, where=at), tell or (lambda _: None))


@edge
def batch_look(
    source: Path | str, *, empty: bool = False, again: ListView | None = None, **given: Unpack[BatchOptions]
) -> ListView:
    """Return a list as a table: its rows with their findings by cell, each judged by itself; nothing is built or written.

    ``base``, ``visible`` and the folders count, as in :func:`batch`; ``empty``: a list without units is no error;
    ``again``: the result for the same list with the same ``base`` before an edit, of which rows that did not change are taken.
    ``view.spot(row, finding)`` is the cell to correct. Raises FindingsError for a list that cannot be used, UsageError,
    FileError.
    """
    from toolkit import batch as module
    from toolkit.batch import list_view

    at, chosen = arguments.where_and_rest(given, BatchOptions)
    if (base := given.get("base")) is not None:
        chosen["base"] = arguments.path_of(base, "base")
    if again is not None:
        arguments.result(again, list_view.ListView, "again", "batch_look")
    return list_view.look(arguments.path_of(source, "名单"), module.Options(**chosen, where=at), empty, again)


@edge
def batch_records(view: ListView, source: Path | str, number: int) -> RecordsView | None:
    """Return a further sheet of a list (人员 …), by its number in ``view.heads`` from 1, as a table like :func:`batch_look`.

    None for one whose rows no column 单位 gives to units. Raises FindingsError, UsageError, FileError.
    """
    from toolkit.batch import list_view

    arguments.result(view, list_view.ListView, "view", "batch_look")
    at = arguments.whole(number, "number", 1, max(1, len(view.heads) - 1))
    if at >= len(view.heads):
        return None
    return list_view.records_of(view, arguments.path_of(source, "名单"), at)


@edge
def batch_pasted(
    text: str, source: Path | str, *, order: Sequence[str] = (), number: int = 0, **given: Unpack[BatchOptions]
) -> Pasted:
    """Return the units in rows that were copied from a spreadsheet, judged as rows of the list ``source`` would be.

    ``order``: keys of the columns that rows without a line of names have; ``number``: the sheet of the list (人员 …) that they
    belong to, as in :func:`batch_records`, whose records are judged once they are there. The result is that of
    :func:`people_pasted`, with parameters as columns; findings about no column have the key "". Raises FindingsError,
    UsageError, FileError.
    """
    from toolkit import batch as module
    from toolkit.batch import pasted as pasting

    at, chosen = arguments.where_and_rest(given, BatchOptions)
    if (base := given.get("base")) is not None:
        chosen["base"] = arguments.path_of(base, "base")
    options = module.Options(**chosen, where=at)
    sheet = arguments.whole(number, "number", 0, 500)
    return pasting.pasted(arguments.text(text, "text"), arguments.path_of(source, "名单"), options, tuple(order), sheet)


@edge
def batch_correct(source: Path | str, corrections: Sequence[Correction], drop: Sequence[tuple[str, int]] = ()) -> None:
    """Write texts into cells of a list (XLSX, CSV), which else stays as it is; each file is replaced whole or not at all.

    ``drop``: lines to be emptied (sheet as in ``Spot.sheet``, line). Raises UsageError for a cell that cannot be written (a
    formula), FindingsError, FileError.
    """
    from toolkit.batch import corrections as module

    path = arguments.path_of(source, "名单")
    cells = [*corrections, *(cell for sheet, line in drop for cell in module.emptied(path, sheet, line))]
    for file, data in module.corrected(path, cells).items():
        save(file, data, force=True)


@edge
def batch_states() -> dict[str, str]:
    """Return the states in which units end, in the order of the counts: ``line.state`` → its name. Raises nothing."""
    from toolkit.batch import STATES

    return dict(STATES)


@edge
def batch_place(finding: Finding) -> str:
    """Return where a finding is, for people: a cell of the list, or a place in a file. Raises nothing."""
    from toolkit.batch import where_text

    return where_text(finding)


@edge
def blank_list(kind: str, presets: Folders = ()) -> bytes:
    """Return the empty list of a kind as XLSX (``toolkit batch --sheet``). Raises UsageError, FindingsError, FileError."""
    from toolkit import presets as module
    from toolkit.batch.blank import workbook

    chosen = preset(kind, presets)
    return workbook(chosen, module.printed_names(chosen))
