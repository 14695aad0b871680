"""Judges files that came back: an output folder after editing, one DOCX of it, or a foreign text of a kind (``toolkit check``).

The tree that is read is judged by the same checks as a set before rendering, as far as they read printed text; a text
without ids only by those that need nothing of the unit. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from toolkit import app, checks, presets
from toolkit.app import Draft, Prepared
from toolkit.checks.contracts import text_of
from toolkit.checks.lines import compiled, lines_of
from toolkit.checks.typed_references import find_provision, references
from toolkit.core import yaml_read
from toolkit.core.data_folders import BUNDLED, Where
from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, UsageError
from toolkit.docx.reading.document import stale_refs
from toolkit.docx.reading.lint import lint
from toolkit.formats import PdfWriter, Setting
from toolkit.language.times import read_time, times
from toolkit.model.tree import Document, DocumentSet, Provision, walk
from toolkit.numbering.citations import UnresolvedRef
from toolkit.numbering.labels import SetLabels, number_set
from toolkit.output import read_manifest
from toolkit.output.set_files import RESOLVED, base_texts
from toolkit.presets import Preset
from toolkit.profile import Profile
from toolkit.profile.reading import of_document
from toolkit.versions import handwork
from toolkit.versions.handwork import edit_words, edits
from toolkit.versions.loading import Version, know, load, load_folder
from toolkit.versions.pairing import Source

#: Codes of this module's findings: severity and meaning (``docs/checks.md``); those of the checks are theirs.
CODES: dict[str, str] = {
    "broken_file": "error: a DOCX cannot be read, or its package is broken",
    "edited_since": "notice: what was edited by hand since the file was generated",
    "number_differs": "error: an edited clause does not print the time of the duty that it is about",
    "clauses_not_judged": "notice: required clauses that can be judged in a text of this kind by a person only",
}

#: Hints about a file that was edited; the checks' own hints are for those who write presets.
_HINTS = {
    "missing_clause": "恢复这一条的原文。",
    "hollow_clause": "恢复这一条的原文，或者写明由谁、在什么时候、怎样做。",
    "clause_lacks": "恢复原来的文字，或者把这些内容补写进这一条。",
}
_BASIS = "本项目的要求：改过的文件同样符合必备条款"
#: All that judging asks of the checks of the unit itself; the set that was read is judged by them.
JUDGING = frozenset({"bad_vocabulary"})
#: Families of texts that a foreign document can be.
_PROSE = ("regulation", "position", "mechanism")


def judge(path: Path, where: Where = BUNDLED, kind: str = "") -> tuple[Finding, ...]:
    """Return all findings about a folder or DOCX; ``kind`` is needed for a text that no folder of ours belongs to.

    Raises FileError for a path that cannot be read, UsageError for a missing or unknown kind, FindingsError for a broken preset.
    """
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise FileError(f"找不到 {path}", "请检查路径", code="not_found")
    manifest = read_manifest(folder) if not kind else {}
    if manifest:
        findings = judge_generated(folder, where, manifest)
        return findings if path.is_dir() else tuple(f for f in findings if f.where.file == path.name)
    if not kind:
        message = f"{path.name} 不在 toolkit generate 写入的文件夹里，要写明它是哪一类单位的"
        raise UsageError(message, "加上 --kind 单位类型，例如 --kind 村", "missing_kind")
    preset = _preset(kind, where)
    files = sorted(folder.glob("*.docx")) if path.is_dir() else [path]
    files = [file for file in files if not file.name.startswith(("~$", "."))]
    if not files:
        raise FileError(f"{path} 里没有 DOCX 文件", "请指定一个 DOCX，或者有 DOCX 的文件夹", code="empty_folder")
    return tuple(finding for file in files for finding in _foreign(file, preset))


def _preset(kind: str, where: Where) -> Preset:
    folders = where.presets_folders
    return presets.load(presets.named(kind, folders).id, folders, where.layers)


# --- generated and edited ----------------------------------------------------------------------------------------------------


def judge_generated(folder: Path, where: Where, manifest: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return the findings about a folder that was generated, by file and provision, and the edits in each file."""
    prepared = _prepared(folder, str(manifest.get("preset", {}).get("kind", "")), where)
    _know_trees(prepared)
    return judge_version(load_folder(folder), prepared, manifest["files"], where)


def inspect(folder: Path, where: Where, prepare: Prepare | None = None) -> tuple[handwork.Looked, tuple[Finding, ...]]:
    """Return the state of every file of a folder, and where something was changed the findings about it: read once.

    ``prepare`` prepares the unit in its own way; then findings have no pages, which takes long for many units, and base texts
    that the unit would have today are not read: its trees share blocks with those of other units. Raises FileError for a folder
    that was not generated, FindingsError for a broken preset.
    """
    manifest = handwork.check_generated(folder)
    kind, is_paged = str(manifest.get("preset", {}).get("kind", "")), prepare is None
    ready = _known_trees(folder, kind, where, prepare) if prepare is not None else None
    looked = handwork.look(folder)
    if not looked.changed:
        return looked, ()
    prepared = ready or _prepared(folder, kind, where, prepare or app.prepare_read)
    return looked, judge_version(looked.version, prepared, looked.manifest["files"], where, is_paged)


def _known_trees(folder: Path, kind: str, where: Where, prepare: Prepare) -> Prepared | None:
    """Return the unit of a folder, whose trees are known by their base texts then; None where it cannot be prepared."""
    try:
        prepared = _prepared(folder, kind, where, prepare)
    except (FileError, FindingsError):
        return None  # it is said where it is needed
    _know_trees(prepared)
    return prepared


def _know_trees(prepared: Prepared) -> None:
    """Remember the trees of a unit by their base texts: what stands in a folder as it is generated is known by being the same."""
    documents = app.written(prepared)
    know(documents, base_texts(documents))


def judge_version(
    version: Version, prepared: Prepared, entries: Mapping[str, Any], where: Where, is_paged: bool = True
) -> tuple[Finding, ...]:
    """Return the findings about a set that was read, or that a merge makes; ``entries``: those of its manifest.

    ``prepared``: the unit with the values that the set was generated from; ``where``: templates and fonts, to number the pages
    (not without ``is_paged``).
    """
    broken = [replace(finding, code="broken_file", subject=name) for name, finding in version.unread.items()]
    about = [finding for finding in version.findings if finding not in version.unread.values()]
    judged = prepared.judged
    if judged is None or prepared.preset is None:
        return (*broken, *about, *prepared.findings)
    read = {source.document.id: source.document for source in version.sources}
    # Citations of an unreadable file are right: the document is there as it was generated.
    gone = {str(entry.get("document")) for name, entry in entries.items() if name in version.unread}
    read |= {base.id: base for base in version.cited if base.id in gone and base.id not in read}
    written = {document.id for document in app.written(prepared)}
    apart = [document for document in judged.built.set.documents if document.id not in {*written, *read}]
    context = _context(prepared.preset, judged, (*read.values(), *apart))
    names = {source.document.id: source.file for source in version.sources}
    changed = list(_numbers(context, version))
    said = set(map(_provision, changed))
    found = [
        *(
            finding
            for finding in checks.run_on_read(context)
            if finding.code != "clause_lacks" or _provision(finding) not in said
        ),
        *changed,
        *typed_numbers(context),
    ]
    placed = [_placed(finding, names, context.labels) for finding in found if not _is_of(finding, gone)]
    if not is_paged:
        return tuple(dict.fromkeys((*broken, *about, *placed, *_about_files(version))))
    paths, _ = app.template_paths(prepared, where.templates)
    told = dict.fromkeys((*broken, *about, *placed, *_about_files(version)))
    return tuple(_paged(told, read, context.labels, Setting(paths, where.fonts, judged.resolved.fonts)))


def _paged(
    findings: Iterable[Finding], documents: Mapping[str, Document], labels: SetLabels, setting: Setting
) -> Iterator[Finding]:
    """Yield findings with the page of their provision, as PDF prints the text that was read, if it can be printed."""
    writer: PdfWriter | None = None
    known: dict[str, Mapping[str, int]] = {}
    for finding in findings:
        name, provision = finding.where.document, finding.where.provision
        if provision and name in documents and name not in known:
            known[name] = {}
            writer = writer or PdfWriter(setting)
            if documents[name].layout in setting.templates:
                with suppress(UnresolvedRef, ValueError):  # a reference without a target, a character without a font
                    known[name] = writer.pages(documents[name], labels)
        page = known.get(name, {}).get(provision, 0)
        yield replace(finding, where=replace(finding.where, page=page)) if page else finding


def _provision(finding: Finding) -> tuple[str, str]:
    return finding.where.document, finding.where.provision


def _is_of(finding: Finding, documents: set[str]) -> bool:
    """Whether a finding only says that a document is missing whose file cannot be read."""
    return finding.code == "missing_document" and finding.subject in documents


#: Prepares a profile that was read, with folders and date.
Prepare = Callable[[Profile, Where], Prepared]


def _prepared(folder: Path, kind: str, where: Where, prepare: Prepare = app.prepare_read) -> Prepared:
    """Return the unit that ``resolved.yaml`` of a folder describes: the values that it was generated from."""
    path = folder / RESOLVED
    if not path.is_file():
        message = f"{folder} 里没有 {RESOLVED}，不知道这一套文件是用哪些值生成的"
        raise FileError(message, "从备份恢复这个文件，或者重新生成", code="no_resolved")
    text, _ = yaml_read.read_text(path)
    raw = yaml_read.load(text, str(path))
    data = raw.data if isinstance(raw.data, dict) else {}
    values: dict[str, Any] = {"kind": kind or str(data.get("kind", "")), "size": str(data.get("size") or "")}
    entries = data.get("values")
    for key, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict) and "source" not in entry and entry.get("value") not in (None, "", []):
            _put(values, str(key).split("."), entry.get("value"))
    profile = of_document(yaml_read.RawDocument(values, {}, {}, str(path)), folder, [])
    at = replace(where, date=str(data.get("date") or "") or where.date)
    return prepare(profile, at)


def _put(values: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
    values[keys[-1]] = value


def _context(
    preset: Preset, judged: Draft, documents: Sequence[Document], unknown: frozenset[str] = frozenset()
) -> checks.Context:
    """Return the input of the checks, with documents that were read in place of the built ones."""
    built = judged.built
    whole = DocumentSet(
        preset.id, preset.version, judged.resolved.unit, tuple(documents), built.set.duties, built.set.year
    )
    return checks.Context(preset, judged.resolved, replace(built, set=whole), number_set(whole), {}, unknown, built.set)


def _placed(finding: Finding, names: Mapping[str, str], labels: SetLabels) -> Finding:
    """Return a finding placed in the file of its document, with the provision as it is cited."""
    document, provision = finding.where.document, finding.where.provision
    key = cited(labels, document, provision)
    if provision.startswith("?"):  # a file without ids
        provision = ""
    hint = _HINTS.get(finding.code, finding.hint)
    where = Place(names.get(document, ""), key=key, document=document, provision=provision)
    return replace(finding, where=where, hint=hint)


def cited(labels: SetLabels, document: str, provision: str) -> str:
    """Return how a provision is cited (第八条第二款), "" where it has no number."""
    if not provision or document not in labels or labels[document].document.numbering == "none":
        return ""
    try:
        return labels[document].path(provision)
    except UnresolvedRef:
        return ""


def _about_files(version: Version) -> Iterator[Finding]:
    """Yield the edits in each file, its stale references and faults of its package."""
    for source in version.sources:
        if not source.edited and source.base is not None:
            continue
        places = edit_words(edits(version, source))
        if places:
            message = f"生成以后改过：{'；'.join(places)}。"
            yield Finding("edited_since", Severity.NOTICE, message, Place(source.file), subject=source.document.id)
        yield from _of_package(source)


def _of_package(source: Source) -> Iterator[Finding]:
    stale = source.read.stale if source.read is not None else stale_refs(source.data) if source.data else ()
    for finding in (*stale, *lint(source.data)) if source.data else ():
        if finding.severity is Severity.ERROR:
            message = f"{source.file} 的内部结构有错：{finding.message}。"
            hint = "用 Word 或者 WPS 打开另存一次；仍然有错的，从备份恢复。"
            yield Finding("broken_file", Severity.ERROR, message, Place(source.file), hint, subject=finding.code)
        else:
            yield replace(
                finding, where=Place(source.file, document=source.document.id, provision=finding.where.provision)
            )


def _numbers(context: checks.Context, version: Version) -> Iterator[Finding]:
    """Yield the times of duties that a generated clause printed and the edited one does not."""
    edited = [source for source in version.sources if source.base is not None and source.base is not source.document]
    before = {(source.document.id, name): text for source in edited for name, text in _texts(source.base)}
    now = {(source.document.id, name): text for source in edited for name, text in _texts(source.document)}
    duties = context.resolved.duties
    for quote in dict.fromkeys((q.document, q.provision, q.duty) for q in context.built.quotes if q.via == "clause"):
        place, duty = (quote[0], quote[1]), duties.get(quote[2])
        if duty is None or place not in now or before.get(place, now[place]) == now[place]:
            continue
        for stated, what in ((duty.frequency, "频次"), (duty.deadline, "时限")):
            if not stated or stated not in before[place] or stated in now[place] or _same_time(stated, now[place]):
                continue
            name = f"职责“{duty.label}”（{duty.id}）"
            message = f"这里原来写的{what}是“{stated}”，改过以后不是了；{name}和别的文件仍然是“{stated}”。"
            hint = f"恢复“{stated}”；确要改变的，改档案里的{what}，重新生成全套文件。"
            where = Place(document=place[0], provision=place[1])
            yield Finding("number_differs", Severity.ERROR, message, where, hint, _BASIS, subject=f"{duty.id}:{what}")


def _texts(document: Document | None) -> Iterator[tuple[str, str]]:
    for block in walk(document.body) if document is not None else ():
        if isinstance(block, Provision) and block.content:
            yield block.id, text_of(replace(block, children=()))


def _same_time(stated: str, text: str) -> bool:
    """Whether a text prints a time in other words."""
    time = read_time(stated)
    days = set(time.days()) - {None} if time is not None else set()
    return any(days & (set(other.days()) - {None}) for other in times(text))


def typed_numbers(context: checks.Context) -> Iterator[Finding]:
    """Yield the references that are typed as text and name a provision that the text does not have."""
    titles = {
        name: document.id for document in context.built.set.documents for name in (document.file_name, document.title)
    }
    for line in lines_of(context.built.set).lines_with(["第[^，。；]{1,6}条"]):
        for reference in references(line.text):
            document = titles.get(reference.title, "") if reference.title else line.document
            labels = context.labels.get(document)
            if labels is None or labels.document.numbering != "articles" or not line.provision:
                continue
            if not find_provision(labels, reference.numbers):
                message = f"引用了不存在的“{reference.words}”：《{labels.document.title}》没有这一条款。"
                hint = "核对要引用的条款；条文增减以后，直接写的条号不会跟着变。"
                where = Place(document=line.document, provision=line.provision)
                yield Finding(
                    "reference_nowhere", Severity.ERROR, message, where, hint, _BASIS, subject=reference.words
                )


# --- foreign texts ------------------------------------------------------------------------------------------------------------


def _foreign(path: Path, preset: Preset) -> Iterator[Finding]:
    """Yield the findings about a text that was not generated here, as a document of a kind."""
    try:
        version = load(path)
    except FileError as error:
        yield Finding("broken_file", Severity.ERROR, error.message, Place(path.name), error.hint, subject=path.name)
        return
    (source,) = version.sources
    judged = app.prepare_with(
        of_document(yaml_read.RawDocument({"kind": preset.id}, {}, {}, ""), path.parent, []), preset
    ).judged
    template = _nearest(source.document, preset)
    if judged is None:
        return
    document = replace(source.document, id=template, family=preset.documents[template].family)
    context = _context(preset, judged, (document,), frozenset(preset.params.params))
    found = [*checks.run_on_read(context, foreign=True), *typed_numbers(context), *_clauses(context, document)]
    for finding in found:
        if not finding.where.document or finding.where.document == template:
            yield _placed(finding, {template: path.name, "": path.name}, context.labels)
    yield from (replace(finding, where=replace(finding.where, file=path.name)) for finding in version.findings)
    yield from _of_package(replace(source, document=document))


def _nearest(document: Document, preset: Preset) -> str:
    """Return the document of a kind that a foreign text is, by its title; the first regulation if none is near."""
    prose = [template for template in preset.documents.values() if template.family in _PROSE]
    if document.id in preset.documents:
        return document.id

    def likeness(name: str) -> float:
        return SequenceMatcher(None, name, document.title[-len(name) - 2 :]).ratio() if name else 0

    names = {
        template.id: "".join(getattr(part, "text", "") for part in template.texts.get("file", ())) for template in prose
    }
    best = max(names, key=lambda name: likeness(names[name]))
    return best if likeness(names[best]) >= 0.6 else prose[0].id


def _clauses(context: checks.Context, document: Document) -> Iterator[Finding]:
    """Yield the required clauses whose contract no article states, and how many only a person can judge."""
    articles = [
        block
        for block in walk(document.body)
        if isinstance(block, Provision) and block.level in ("article", "paragraph")
    ]
    texts = [text_of(article) for article in articles] or [text_of(block) for block in document.body]
    concepts, unsure = context.words.get("concepts") or {}, []
    for clause, required in context.preset.required.get(document.id, {}).items():
        patterns = [concepts[name].get("says") or concepts[name]["act"] for name in required.says]
        if not patterns:
            unsure.append(required.what)
        elif not required.left_out and not any(all(compiled(p).search(text) for p in patterns) for text in texts):
            message = f"《{document.title}》没有找到必备条款：{required.what}。"
            asked = "、".join(concepts[name]["what"] for name in required.says)
            hint = f"补写这一条，说明：{asked}；已经写了的，把几层意思写进同一条。"
            where = Place(document=document.id)
            yield Finding("missing_clause", Severity.ERROR, message, where, hint, required.basis, subject=clause)
    if unsure:
        message = f"还有 {len(unsure)} 项必备条款要由人核对：{'、'.join(unsure)}。"
        where = Place(document=document.id)
        yield Finding("clauses_not_judged", Severity.NOTICE, message, where, basis=_BASIS, subject=document.id)


def summary(findings: Iterable[Finding]) -> str:
    """Return in one line whether a set that was edited still passes."""
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    if errors:
        return f"改过的这一套没有通过检查：要改 {errors} 处" + (f"，请看 {warnings} 处" if warnings else "")
    return "改过的这一套仍然通过检查" + (f"，请看 {warnings} 处" if warnings else "")
