"""Prepares a profile (all findings), renders its documents (bytes) and writes them; used by the api, batch and versions.

Writes only through :mod:`toolkit.output`. No clock: a caller that wants timings gives a ``progress`` function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import formats as all_formats
from toolkit.core import data_folders
from toolkit.core.classes import dataclass
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import Finding, FindingsError, Place, Severity, UsageError, has_errors, nearest
from toolkit.formats import MAIN, Format, Writer
from toolkit.output import set_files
from toolkit.output.set_files import RESOLVED

if TYPE_CHECKING:
    from toolkit.compose.documents import Built
    from toolkit.compose.resolve import Resolved
    from toolkit.model.tree import Document
    from toolkit.numbering.labels import SetLabels
    from toolkit.output import Report, sources
    from toolkit.pdf.document import PageBox
    from toolkit.presets import KindInfo, Preset
    from toolkit.presets.layers import Layer
    from toolkit.profile import Profile


@dataclass(frozen=True, slots=True)
class Draft:
    """A set in which examples of the preset stand where a required answer is missing: for checks, never for a paper.

    ``examples`` are these by parameter.
    """

    resolved: Resolved
    built: Built
    examples: Mapping[str, Any]

    @property
    def unit(self) -> str:
        """The unit's name, empty where an example stands in it."""
        taken = any(str(example) in self.resolved.unit for example in self.examples.values())
        return "" if taken else self.resolved.unit

    @property
    def given(self) -> dict[str, Any]:
        """The answers that the profile gives."""
        return {key: value for key, value in self.resolved.given.items() if key not in self.examples}

    def labelled(self) -> Draft:
        """Return the same for a report about the set: 〔label〕 stands where an answer is missing, not a name that is none."""
        from toolkit.compose import resolve
        from toolkit.compose.documents import build

        params = self.resolved.preset.params.params
        marks = {
            key: (f"〔{params[key].label}〕",) if params[key].type == "list" else f"〔{params[key].label}〕"
            for key in self.examples
            if params[key].type in ("text", "longtext", "phone", "list")
        }
        if not marks:
            return self
        resolved = resolve.resolve(self.resolved.preset, {**self.resolved.given, **marks}, date=self.resolved.date)
        return Draft(resolved, build(resolved), self.examples)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything known before rendering; None for stages that errors prevented.

    So are ``resolved``, ``built`` and ``labels`` where required answers are missing, so that nothing can be written from the
    examples that stand in for them; the set checked with these is the ``draft``.
    """

    profile: Profile
    preset: Preset | None = None
    resolved: Resolved | None = None
    built: Built | None = None
    findings: tuple[Finding, ...] = ()
    labels: SetLabels | None = None
    draft: Draft | None = None

    def __repr__(self) -> str:
        unit = self.judged.resolved.unit if self.judged else ""
        return f"Prepared({unit!r}, {self.preset!r}, findings={len(self.findings)}, complete={self.built is not None})"

    @property
    def judged(self) -> Draft | None:
        """The set that the checks saw: the built one, or the draft of one that lacks answers. Never written to files."""
        return self.draft or (Draft(self.resolved, self.built, {}) if self.resolved and self.built else None)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run: the prepared input, the report of the outputs and findings about them."""

    prepared: Prepared
    report: Report
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A set in memory: the files by name, the manifest without seals, the documents that were written."""

    prepared: Prepared
    files: dict[str, bytes]
    manifest: dict[str, Any]
    documents: tuple[Document, ...]

    def __repr__(self) -> str:
        return f"Made({self.prepared!r}, files={len(self.files)})"

    @property
    def base(self) -> dict[str, bytes]:
        """The base texts, for ``.toolkit/base``, made at each call."""
        return set_files.base_texts(self.documents)


def _quiet(_what: str) -> None:
    pass


def _unheard(_finding: Finding) -> None:
    pass


def prepare(
    profile_path: Path | Prepared, where: Where = BUNDLED, history: str | None = None, *, again: Prepared | bool = False
) -> Prepared:
    """Read, validate, resolve, build and check a profile; findings are collected, never raised.

    ``history`` replaces the text of the history file beside the profile. A profile that is prepared already is returned as
    it is. ``again``: True where it will be prepared again after an edit, or its earlier preparation of this kind, from which
    documents that read the same are taken. The folders of ``where`` must exist. Raises FileError for a file that cannot be read.
    """
    from toolkit import profile

    if isinstance(profile_path, Prepared):
        return profile_path
    return prepare_read(profile.read_profile(Path(profile_path), history), where, again=again)


def prepare_read(
    given: Profile, where: Where, tried: Layer | None = None, *, again: Prepared | bool = False
) -> Prepared:
    """The same for a profile that has been read; the folders are known to exist. ``tried``: see :func:`presets.load`."""
    preset, unknown = find_preset(given, where, tried)
    if unknown:
        given = replace(given, findings=_merge(given.findings, unknown))
    if preset is None:
        return Prepared(given, findings=given.findings)
    return prepare_with(given, preset, where.date, again=again)


def find_preset(given: Profile, where: Where, tried: Layer | None = None) -> tuple[Preset | None, Sequence[Finding]]:
    """Return the preset of the kind that a profile names by id or label, with its layers, or None and why there is none."""
    from toolkit import presets
    from toolkit.profile.reading import find_reserved

    folders = where.presets_folders
    kinds = presets.kinds(folders)
    names = {name: info.id for info in kinds for name in (info.label, info.id)}
    if given.kind in names:
        info = next(info for info in kinds if info.id == names[given.kind])
        size, unknown = _size_of(given, info)
        try:
            return presets.load(info.id, folders, [*given.layers, *where.layers], size, tried), unknown
        except FindingsError as error:
            return None, (*unknown, *error.findings)
    if not given.kind:  # reading the profile has said so
        return None, ()
    if broken := presets.unlisted(folders).get(given.kind):
        return None, tuple(broken)
    message = f"没有“{given.kind}”这一类单位"
    hint = nearest(given.kind, names, f"可以写：{'、'.join(info.label for info in kinds)}")
    name = find_reserved(given.raw, "kind")
    place = given.raw.place((name,)) if name else Place(file=given.raw.file)
    return None, (Finding("unknown_kind", Severity.ERROR, message, place, hint, subject=given.kind),)


def sizes(prepared: Prepared) -> dict[str, str]:
    """Return the sizes of the kind of a prepared unit: id (empty for the full one) and label; nothing where there is one only."""
    from toolkit.presets.layers import FULL

    return {"": FULL, **prepared.preset.sizes} if prepared.preset is not None and prepared.preset.sizes else {}


def in_size(prepared: Prepared, size: str, where: Where = BUNDLED) -> Prepared:
    """Return a prepared unit in another size of its kind."""
    return prepare_read(replace(prepared.profile, size=size), where)


def _size_of(given: Profile, info: KindInfo) -> tuple[str, tuple[Finding, ...]]:
    """Return the id of the size that a profile names by id or label, empty for the full set, and the findings about it."""
    from toolkit.presets.layers import FULL
    from toolkit.profile.reading import find_reserved

    sizes = {name: id for id, label in info.sizes.items() for name in (id, label)} | {"": "", FULL: ""}
    if given.size in sizes:
        return sizes[given.size], ()
    name = find_reserved(given.raw, "size")
    place = given.raw.place((name,)) if name else Place(file=given.raw.file)
    known = [FULL, *info.sizes.values()]
    hint = nearest(given.size, known, f"可以写：{'、'.join(known)}", alike=0.5)
    message = f"{info.label}没有“{given.size}”这种规模" + ("" if info.sizes else "，目前只有完整规模")
    return "", (Finding("unknown_size", Severity.ERROR, message, place, hint, subject=given.size),)


def prepare_with(
    given: Profile,
    preset: Preset,
    date: str = "",
    *,
    again: Prepared | bool = False,
    codes: frozenset[str] = frozenset(),
) -> Prepared:
    """Validate a profile against its preset, resolve, build and check.

    ``codes``: where nothing is written and only these findings are asked for; a set that lacks answers is checked whole.
    """
    from toolkit import checks, profile
    from toolkit.compose import resolve
    from toolkit.compose.again import TracedScope
    from toolkit.compose.documents import build
    from toolkit.numbering.labels import number_set

    validated = profile.validate(given, preset.params)
    findings = [*given.findings, *validated.findings, *preset.findings]
    stand_ins = _stand_ins(validated.values, preset.params.params)
    values = {**validated.values, **stand_ins}
    known = {*values, *validated.places}
    unknown = frozenset(key for key in preset.params.params if key not in validated.values and key in known)
    before = again.judged if isinstance(again, Prepared) else None
    scope_of = partial(TracedScope, before=before.resolved.scope if before else None) if again else resolve.Scope
    resolved = resolve.resolve(preset, values, date=date, places=validated.places, scope_of=scope_of)
    built = build(resolved, before.built if before else None)
    labels = number_set(built.set, again.labels if isinstance(again, Prepared) else None)
    context = checks.Context(preset, resolved, built, labels, dict(validated.places), unknown)
    about = [*resolved.findings, *built.findings, *checks.run(context, frozenset() if stand_ins else codes)]
    findings += [finding for finding in about if not _of_unknown(finding, unknown, validated.places)]
    if stand_ins:
        return Prepared(given, preset, findings=_merge(findings), draft=Draft(resolved, built, stand_ins))
    return Prepared(given, preset, resolved, built, _merge(findings), labels)


def _of_unknown(finding: Finding, unknown: frozenset[str], places: Mapping[str, Place]) -> bool:
    """Whether a finding is about a value that is missing or could not be read, which is a finding of its own."""
    return any(finding.where in (places.get(key), Place(key=key)) for key in unknown)


def _merge(*lists: Sequence[Finding]) -> tuple[Finding, ...]:
    """Join lists of findings, each finding once."""
    return tuple(dict.fromkeys(finding for findings in lists for finding in findings))


def _stand_ins(values: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the examples of required values that are missing, so that the rest is still checked.

    Of a set with any of them only a :class:`Draft` is kept.
    """
    from toolkit.presets.params import typed

    examples = {}
    for key, param in params.items():
        if param.needed and values.get(key) in (None, "", (), {}) and param.example:  # 0 is an answer
            with suppress(ValueError):  # the preset's own check reports an example that does not fit
                examples[key] = typed(param, param.example)
    return examples


def template_paths(prepared: Prepared, templates: Sequence[Path] = ()) -> tuple[dict[str, Path], list[Finding]]:
    """Return the template file of each layout in the set, and findings for those that are missing."""
    folders = data_folders.templates_folders(templates)
    paths: dict[str, Path] = {}
    missing: list[Finding] = []
    for layout in dict.fromkeys(document.layout for document in written(prepared)):
        path = next((folder / f"{layout}.docx" for folder in folders if (folder / f"{layout}.docx").is_file()), None)
        if path:
            paths[layout] = path
        else:
            message, hint = f"找不到版式模板 {layout}.docx", "请检查 --templates 指定的文件夹"
            missing.append(Finding("missing_template", Severity.ERROR, message, hint=hint, subject=layout))
    return paths, [*missing, *(_unused_templates(templates, paths) if templates else ())]


def _unused_templates(folders: Sequence[Path], paths: Mapping[str, Path]) -> Iterator[Finding]:
    """Find templates of the user whose name is no layout: they would be passed over without a word."""
    layouts = {path.stem for path in data_folders.data_folder("templates").glob("*.docx")} | set(paths)
    for path in (path for folder in folders for path in sorted(Path(folder).glob("*.docx"))):
        if path.stem not in layouts and not path.name.startswith(("~$", ".")):
            files = sorted(f"{layout}.docx" for layout in layouts)
            hint = nearest(path.name, files, f"可用的文件名：{'、'.join(files)}")
            message = "没有用到这个模板：没有这样的版式"
            yield Finding("unused_template", Severity.WARNING, message, Place(str(path)), hint, subject=path.stem)


def sources_of(prepared: Prepared, where: Where = BUNDLED) -> dict[str, Any]:
    """Return the sources of a prepared set, as they are recorded beside it. Raises OSError."""
    from toolkit.output import sources

    assert prepared.preset is not None
    paths, _ = template_paths(prepared, where.templates)
    return sources.recorded(prepared.preset, paths, prepared.profile.shared)


def papers(prepared: Prepared) -> tuple[Document, ...]:
    """Return the papers on demand: no part of the set that is issued, made by name when they are due."""
    documents = prepared.built.set.documents if prepared.built else ()
    return tuple(document for document in documents if document.on_demand)


def written(prepared: Prepared) -> tuple[Document, ...]:
    """Return the documents to write: the set without papers on demand, of a repealed one only the families to keep."""
    every, rules = prepared.built.set.documents if prepared.built else (), lifecycle(prepared)
    documents = tuple(document for document in every if not document.on_demand)
    if not rules or not prepared.resolved or prepared.resolved.values.get(rules["status"]) != rules["repealed"]:
        return documents
    return tuple(document for document in documents if document.family in rules["kept"])


def lifecycle(prepared: Prepared) -> Mapping[str, Any]:
    """Return ``lifecycle`` of the kind's words; empty if there is none or the words are broken."""
    broken = any(finding.code == "bad_vocabulary" for finding in prepared.findings)
    return prepared.preset.words.get("lifecycle", {}) if prepared.preset and not broken else {}


def check(prepared: Prepared, where: Where = BUNDLED, names: Sequence[str] = (MAIN,)) -> tuple[Finding, ...]:
    """Return the findings of ``prepared``, of the templates it needs, and of the formats (characters without a font, for PDF)."""
    return _checked(prepared, (), where, names)[0]


def _checked(
    prepared: Prepared, only: Sequence[str], where: Where, names: Sequence[str]
) -> tuple[tuple[Finding, ...], dict[Format, Writer]]:
    """Return all findings, and the writer of each format. Raises UsageError for an unknown format."""
    rows = all_formats.chosen(names)
    if prepared.draft:
        prepared = replace(prepared, resolved=prepared.draft.resolved, built=prepared.draft.built)
    paths: Mapping[str, Path] = {}
    findings: list[Sequence[Finding]] = [prepared.findings]
    if any("templates" in row.needs for row in rows):
        from toolkit.docx import template

        paths, missing = template_paths(prepared, where.templates)
        findings += [missing, *(template.load(path, _fonts(prepared)).findings for path in paths.values())]
    setting = all_formats.Setting(paths, where.fonts, _fonts(prepared))
    writers = {row: row.open(setting) for row in rows if prepared.built is not None}
    findings += [writer.check(_wanted(prepared, only)) for row, writer in writers.items() if "fonts" in row.needs]
    return _merge(*findings), writers


def _checked_for_writing(
    prepared: Prepared, only: Sequence[str], where: Where, names: Sequence[str]
) -> tuple[Prepared, list[Document], dict[Format, Writer]]:
    """Return the prepared profile with all findings, the documents to be written, the writers. Raises FindingsError."""
    findings, writers = _checked(prepared, only, where, names)
    if has_errors(findings) or prepared.built is None:
        raise FindingsError(findings)
    return replace(prepared, findings=findings), _wanted(prepared, only), writers


def render(prepared: Prepared, only: Sequence[str] = (), formats: Sequence[str] = (MAIN,)) -> dict[str, bytes]:
    """Return file name → content of each document (of those in ``only``, if given) in each of ``formats``.

    Raises FindingsError if the set has errors, UsageError for an id that the set does not have.
    """
    prepared, wanted, writers = _checked_for_writing(prepared, only, BUNDLED, formats)
    return {name: data for name, _, data, _ in _rendered(prepared, wanted, writers, _quiet)}


def _rendered(
    prepared: Prepared, wanted: Sequence[Document], writers: Mapping[Format, Writer], progress: Callable[[str], None]
) -> Iterator[tuple[str, Document, bytes, str]]:
    """Yield (file name, document, content, its seal or ""); everything has been checked."""
    from toolkit.output import file_name

    assert prepared.labels
    for document in wanted:
        for row, writer in writers.items():
            name = file_name(document.number, document.file_name, row.suffix)
            yield name, document, *writer.write(document, prepared.labels)
            progress(name)


def _fonts(prepared: Prepared) -> dict[str, str]:
    """Return the templates' fonts that the unit replaces by others."""
    return prepared.resolved.fonts if prepared.resolved else {}


def _wanted(prepared: Prepared, only: Sequence[str]) -> list[Document]:
    """Return the documents of ``only`` (ids or file names; papers on demand too), without it the whole set.

    Raises UsageError for an unknown name.
    """
    if not only:
        return list(written(prepared))
    documents = {document.id: document for document in (*written(prepared), *papers(prepared))}
    names = {document.file_name: document.id for document in documents.values()}
    chosen = {names.get(name, name) for name in only}
    if unknown := [name for name in only if names.get(name, name) not in documents]:
        kind = prepared.built.set.kind if prepared.built else ""
        hint = nearest(unknown[0], [*documents, *names], f"toolkit presets {kind} 列出全部文件和它们的编号")
        raise UsageError(f"这套文件里没有“{unknown[0]}”", hint)
    return [document for id, document in documents.items() if id in chosen]


def generate(
    profile_path: Path | Prepared,
    folder: Path,
    *,
    where: Where = BUNDLED,
    only: Sequence[str] = (),
    force: bool = False,
    progress: Callable[[str], None] = _quiet,
    tell: Callable[[Finding], None] = _unheard,
    formats: Sequence[str] = (MAIN,),
) -> Result:
    """Check, then write the whole set (or ``only`` some of it) into ``folder`` in each of ``formats``.

    Without DOCX among the formats the DOCX files of the last run stay beside the new ones. ``progress`` is called with
    ``"check"``, each file name and ``"write"`` when that part is done; ``tell`` with the changes that the run makes to the set's
    preset, layers and templates, before it writes. Raises FindingsError before anything is written if there
    is an error; Refused for edited or unknown files; FileError for files and disk.
    """
    from toolkit import output

    output.recover(Path(folder))
    made = make(prepare(profile_path, where), where=where, only=only, progress=progress, formats=formats)
    for change in source_changes(Path(folder), made.manifest):
        tell(change.as_finding())
    partial = bool(only) or MAIN not in formats
    report = output.commit(Path(folder), made.files, made.manifest, base=made.base, force=force, partial=partial)
    progress("write")
    return Result(made.prepared, report, tuple(about_outputs(report, made.manifest["input"])))


def source_changes(folder: Path, manifest: Mapping[str, Any]) -> list[sources.Change]:
    """Return the sources of the set in a folder that a new ``manifest`` drops or changes; nothing where there is no set."""
    from toolkit.core.findings import Refused
    from toolkit.output import read_manifest, sources

    before: Mapping[str, Any] = {}
    with suppress(Refused):  # a manifest that is not ours is refused where it would be written over
        before = read_manifest(folder)
    return sources.changes(sources.known(before), sources.known(manifest))


def make(
    prepared: Prepared,
    *,
    where: Where = BUNDLED,
    only: Sequence[str] = (),
    progress: Callable[[str], None] = _quiet,
    formats: Sequence[str] = (MAIN,),
) -> Made:
    """Render a set (or ``only`` some of it) with its side files. Raises FindingsError if there is an error."""
    prepared, chosen, writers = _checked_for_writing(prepared, only, where, formats)
    progress("check")
    assert prepared.resolved and prepared.built
    files: dict[str, bytes] = {}
    entries: dict[str, dict] = {}
    for name, document, content, seal in _rendered(prepared, chosen, writers, progress):
        files[name] = content
        entries[name] = {"document": document.id, "layout": document.layout, "seal": seal}
        if document.on_demand:
            entries[name]["on_demand"] = True
    sources = sources_of(prepared, where)
    for name, (content, entry) in set_files.side_files(prepared.resolved, prepared.built, chosen, sources).items():
        files[name] = content
        entries[name] = entry
    manifest = set_files.manifest(prepared.resolved, prepared.built, files[RESOLVED], entries, sources)
    if hashes := {name: value for writer in writers.values() for name, value in writer.hashes().items()}:
        manifest["fonts"] = hashes
    return Made(prepared, files, manifest, tuple(chosen))


@dataclass(frozen=True, slots=True)
class Pages:
    """A document on its pages: the PDF, how many pages of which size in points, and where each provision stands."""

    data: bytes
    count: int
    width: float
    height: float
    boxes: tuple[PageBox, ...]


def pages(prepared: Prepared, document: str, *, where: Where = BUNDLED) -> Pages:
    """Lay out one document (id or file name) as PDF. Raises FindingsError if the set has errors, UsageError for an unknown id."""
    from toolkit.pdf.document import page_boxes

    prepared, (wanted, *_), writers = _checked_for_writing(prepared, (document,), where, ("pdf",))
    (writer,) = writers.values()
    assert isinstance(writer, all_formats.PdfWriter) and prepared.labels
    laid = writer.lay_out(wanted, prepared.labels)
    sheet = laid.sheet
    return Pages(laid.data, laid.page, sheet.width, sheet.height, page_boxes(wanted, laid))


def about_outputs(report: Report, digest: str) -> list[Finding]:
    """Return findings about files that were left as they are; ``digest`` is that of the input."""
    findings = []
    for name, path in report.kept:
        message, hint = f"{name} 生成以后改过，这一次换成了新版，原来的存为 {path}", "toolkit restore 文件夹 可以取回"
        findings.append(Finding("put_aside", Severity.WARNING, message, Place(file=name), hint, subject=name))
    for name, path in report.moved:
        message = f"{name} 已不在这套文件中，移到 {path}"
        findings.append(Finding("moved_aside", Severity.NOTICE, message, Place(file=name), subject=name))
    for name in report.left:
        message, hint = f"{name} 已不在这套文件中，但被改过，所以没有移走", "不再需要时请自行删除"
        findings.append(Finding("edited_leftover", Severity.WARNING, message, Place(file=name), hint, subject=name))
    stays = {name: entry for name, entry in report.stays.items() if not entry.get("on_demand")}
    older = [name for name, entry in stays.items() if entry.get("input") != digest]
    if older:
        names = f"{'、'.join(older[:3])}{' 等' if older[3:] else ''}"
        message = f"有 {len(older)} 个文件还是按以前的档案或者日期生成的：{names}"
        hint = "不带 --only、写明全部 --format 再生成一次，全套就一致了"
        findings.append(Finding("older_input", Severity.WARNING, message, Place(file=older[0]), hint, subject=older[0]))
    return findings
