"""Assembles a preset from its layers: reads, merges and checks registers and documents; used by ``loading``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.core.findings import Finding, Place
from toolkit.model.tree import SCHEMES
from toolkit.presets import registers
from toolkit.presets.defaults import is_choice, read_defaults
from toolkit.presets.documents import RICH_KEYS, TEXT_KEYS, DocumentFile, parse_document
from toolkit.presets.layers import Layer, follow
from toolkit.presets.markup import Parts, Placeholder
from toolkit.presets.params import ParamSchema, load_params
from toolkit.presets.patch import Body, Patch, apply, block_ids, losses, quoted_duties
from toolkit.presets.spec import FAMILIES, LAYOUTS, DocumentTemplate, Loss, Preset, walk
from toolkit.presets.yaml_values import Reader, Source, nearest

_PRESET_KEYS = (
    "id",
    "label",
    "extends",
    "version",
    "abstract",
    "description",
    "unit_rules",
    "own_words",
    "required",
    "documents_removed",
    "unbreakable",
    "unit",
    "date",
    "year",
    "fonts",
)
#: Parameters from which unit, date and year are taken if preset.yaml does not define them.
_IDENTITY = {"unit": "unit.full_name", "date": "doc.date", "year": "doc.year"}


def assemble(kind: str, layers: Sequence[Layer], folders: Sequence[Path]) -> Preset:
    """Return the preset made of the layers, with all findings about them."""
    from toolkit.presets.name_checks import check_names

    reader = Reader()
    follow(layers, folders, reader)
    for layer in layers:
        reader.findings.extend(layer.findings)
    heads = [_register(layer, "preset.yaml", reader) for layer in layers]
    top = [reader.mapping(head, _PRESET_KEYS, "preset.yaml") for head in heads]
    schema = load_params([layer.register("params.yaml") for layer in layers])
    reader.findings.extend(f for f in schema.findings if not _by_choice(f, schema))
    org, org_gone = _entries(layers, "org.yaml", "机构", registers.read_org, reader)
    duties, duties_gone = _entries(layers, "duties.yaml", "职责", registers.read_duty, reader)
    meetings, meetings_gone = _entries(layers, "meetings.yaml", "会议", registers.read_meeting, reader)
    lost: dict[tuple[str, str], Loss] = {}
    documents, removed = _documents(layers, top, lost, reader)
    for prefix, gone in (("org", org_gone), ("duty", duties_gone), ("meeting", meetings_gone)):
        removed.update({("", f"{prefix}.{name}"): place for name, place in gone.items()})
    words = registers.merge_data([_mapping(layer, "words.yaml", reader) for layer in layers]) or {}
    kind_head = [entries for entries, layer in zip(top, layers, strict=True) if not layer.own][-1]
    preset = Preset(
        kind,
        reader.text(kind_head.get("label")) or kind,
        reader.text(kind_head.get("version")),
        schema,
        org,
        duties,
        meetings,
        documents,
        registers.read_required(list(_required(layers, top, reader)), reader),
        registers.override_data([e["unit_rules"].value for e in top if "unit_rules" in e]) or {},
        words,
        registers.override_data([_mapping(layer, "topics.yaml", reader) for layer in layers]) or {},
        tuple(
            dict.fromkeys(
                [*(word for e in top for word in reader.words(e.get("own_words"))), *_inherited(layers, words)]
            )
        ),
        tuple(reader.parts(word) for e in top for word in _list(e.get("unbreakable"))),
        _identity(top, schema, reader),
        _fonts(top, reader),
        read_defaults(schema, reader),
        removed,
        lost,
        _quoted(layers),
        (),
    )
    _check_required(layers, preset, reader)
    _check_fixed(layers, top, reader)
    check_names(preset, reader)
    return replace(preset, findings=tuple(dict.fromkeys(reader.findings)))


def _inherited(layers: Sequence[Layer], words: Any) -> Iterator[str]:
    """Yield the words that ``words.yaml`` lists for the kinds that this one extends: no residue of another kind."""
    kinds = words.get("kinds") if isinstance(words, dict) else None
    for layer in layers:
        listed = kinds.get(layer.folder.name) if isinstance(kinds, dict) and not layer.own else None
        yield from (word for word in listed or () if isinstance(listed, list) and isinstance(word, str))


def _by_choice(finding: Finding, schema: ParamSchema) -> bool:
    """Whether a finding about a default is due to ``by:``, whose cases are read here, not by the schema."""
    param = schema.params.get(finding.subject)
    return finding.code == "param_default" and param is not None and is_choice(param.default)


def _register(layer: Layer, name: str, reader: Reader) -> Source:
    raw = layer.register(name)
    reader.findings.extend(raw.findings)
    return Source(raw, (), raw.data)


def _mapping(layer: Layer, name: str, reader: Reader) -> dict[str, Any]:
    """Return the plain data of a register; a register that is no mapping is reported."""
    source = _register(layer, name, reader)
    reader.mapping(source, None, name)
    return source.value if isinstance(source.value, dict) else {}


def _required(
    layers: Sequence[Layer], top: Sequence[Mapping[str, Source]], reader: Reader
) -> Iterator[tuple[Source, bool]]:
    """Yield ``required`` of each layer (the key in preset.yaml, then the file) with whether the layer is a unit's own."""
    for layer, head in zip(layers, top, strict=True):
        if "required" in head:
            yield head["required"], layer.own
        yield _register(layer, "required.yaml", reader), layer.own


def _check_required(layers: Sequence[Layer], preset: Preset, reader: Reader) -> None:
    """Report a condition that a unit's own layer puts on a required document."""
    for layer in layers:
        for path, text in layer.documents() if layer.own else ():
            front = parse_document(text, path).front
            if "when" in front and "id" in front and str(front["id"].value) in preset.required:
                message = f"“{front['id'].value}”是必备文件，自有条款不能给它加条件"
                reader.problem(front["when"], "required_fixed", message, subject=str(front["id"].value))


def _check_fixed(layers: Sequence[Layer], top: Sequence[Mapping[str, Source]], reader: Reader) -> None:
    """Report changes that a unit's own layer makes to the rules of its kind or to a pattern or text of the checks."""
    if not any(layer.own for layer in layers):
        return
    below: dict[tuple[str, ...], str] = {}
    for layer, head in zip(layers, top, strict=True):
        texts = dict(_texts(_register(layer, "words.yaml", reader)))
        if layer.own and "unit_rules" in head:
            message, hint = "unit_rules 由预设规定，自有条款不能改", "本单位确有的用语写进 own_words"
            reader.problem(head["unit_rules"], "required_fixed", message, hint, "unit_rules", key=True)
        for path, source in texts.items():
            if layer.own and below.get(path, source.value) != source.value:
                message = f"检查用的“{'.'.join(path)}”由预设规定，自有条款不能改"
                reader.problem(source, "required_fixed", message, "自有条款只能增加检查用的词", ".".join(path))
        below.update({path: source.value for path, source in texts.items() if not layer.own})


def _texts(source: Source) -> Iterator[tuple[tuple[str, ...], Source]]:
    """Yield the texts of a register outside lists (lists are extended, not replaced)."""
    for entry in source.items().values():
        if isinstance(entry.value, str):
            yield tuple(map(str, entry.path)), entry
        else:
            yield from _texts(entry)


def _entries(layers: Sequence[Layer], file: str, what: str, read: Any, reader: Reader) -> tuple[dict, dict]:
    return registers.read_all([_register(layer, file, reader) for layer in layers], what, read, reader)


def _list(source: Source | None) -> list[Source]:
    return source.elements() if source is not None else []


def _fonts(top: Sequence[Mapping[str, Source]], reader: Reader) -> dict[str, Parts]:
    """Return the font names of the templates with the fonts to use for them."""
    return {
        name: reader.parts(source)
        for entries in top
        if "fonts" in entries
        for name, source in reader.mapping(entries["fonts"], None, "fonts").items()
    }


def _identity(top: Sequence[Mapping[str, Source]], schema: ParamSchema, reader: Reader) -> dict[str, Parts]:
    identity: dict[str, Parts] = {}
    for name, path in _IDENTITY.items():
        given = [entries[name] for entries in top if name in entries]
        if given:
            identity[name] = reader.parts(given[-1])
        else:
            identity[name] = (Placeholder(path),) if path in schema.params else ()
    return identity


class _Merged:
    """A document over which layers are being laid."""

    def __init__(self, file: DocumentFile) -> None:
        self.front = dict(file.front)
        self.body: Body = tuple(replace(block, position=None) for block in file.body)
        self.place = file.front["id"].place()
        self.own_files: set[str] = set()
        self.is_form = not file.file.endswith(".md")


def _documents(
    layers: Sequence[Layer], top: Sequence[Mapping[str, Source]], lost: dict[tuple[str, str], Loss], reader: Reader
) -> tuple[dict[str, DocumentTemplate], dict[tuple[str, str], Place]]:
    merged: dict[str, _Merged] = {}
    removed: dict[tuple[str, str], Place] = {}
    for layer, head in zip(layers, top, strict=True):
        seen: dict[str, str] = {}
        for path, text in layer.documents():
            file = parse_document(text, path)
            reader.findings.extend(file.findings)
            if "id" not in file.front:
                continue
            before = merged[name].body if (name := str(file.front["id"].value)) in merged else ()
            _lay(file, merged, removed, seen, reader)
            gone = [clause for clause in block_ids(before) if (name, clause) in removed]
            lost.update({(name, clause): loss for clause, loss in losses(before, gone).items()})
            if layer.own:
                merged[name].own_files.add(path)
        for source in _list(head.get("documents_removed")):
            name = str(source.value)
            if merged.pop(name, None) is None:
                reader.problem(
                    source, "unknown_anchor", f"documents_removed 中的“{name}”不存在", nearest(name, merged), name
                )
            removed[name, ""] = source.place()
    templates = [_template(name, document, reader) for name, document in merged.items()]
    _check_numbers(templates, reader)
    return {template.id: template for template in sorted(templates, key=lambda t: (t.number, t.id))}, removed


def _lay(file: DocumentFile, merged: dict[str, _Merged], removed: dict, seen: dict[str, str], reader: Reader) -> None:
    source = file.front["id"]
    name = reader.identifier(source, "文件")
    if name in seen:
        reader.problem(source, "duplicate_id", f"文件编号“{name}”用了两次，另一处在 {seen[name]}", subject=name)
        return
    seen[name] = file.file
    mode = reader.choice(file.front.get("mode"), ("patch", "replace"), "patch", "mode")
    old = merged.get(name)
    if old is None or mode == "replace":
        for key in ("remove", "order") if old is None else ():
            if key in file.front:
                message = f"下层没有文件“{name}”，不能用 {key}"
                reader.problem(file.front[key], "unknown_anchor", message, nearest(name, merged), name, key=True)
        merged[name] = _Merged(file)
        removed.pop((name, ""), None)
        if old is not None:
            merged[name].front = {**old.front, **file.front}
            merged[name].own_files = old.own_files
            _note_lost(name, block_ids(old.body), merged[name], removed)
        return
    old.front.update(file.front)
    patch = Patch(file.body, tuple(_list(file.front.get("remove"))), tuple(_list(file.front.get("order"))))
    old.body, gone = apply(old.body, patch, reader)
    removed.update({(name, clause): place for clause, place in gone.items()})
    for clause in block_ids(old.body):
        removed.pop((name, clause), None)


def _quoted(layers: Sequence[Layer]) -> dict[tuple[str, str], frozenset[str]]:
    """Return the duties that each authored block of any layer quotes, its children included."""
    quoted: dict[tuple[str, str], frozenset[str]] = {}
    for layer in layers:
        for path, text in layer.documents():
            file = parse_document(text, path)
            for block in walk(file.body) if "id" in file.front else ():
                key = (str(file.front["id"].value), block.id)
                if block.id and (duties := quoted_duties(block)):
                    quoted[key] = duties | quoted.get(key, frozenset())
    return quoted


def _note_lost(name: str, ids: Any, new: _Merged, removed: dict[tuple[str, str], Place]) -> None:
    kept = set(block_ids(new.body))
    removed.update({(name, clause): new.place for clause in ids if clause not in kept})


def _check_numbers(templates: Sequence[DocumentTemplate], reader: Reader) -> None:
    seen: dict[int, str] = {}
    for template in templates:
        if template.number in seen:
            message = f"文件“{template.id}”和“{seen[template.number]}”的 number 都是{template.number}"
            reader.problem(template.place, "duplicate_number", message, subject=template.id)
        seen[template.number] = template.id


def _template(name: str, document: _Merged, reader: Reader) -> DocumentTemplate:
    front = document.front
    texts = {key: reader.parts(front[key], rich=key in RICH_KEYS) for key in TEXT_KEYS if key in front}
    for key in ("title", "number", "family", "layout"):
        if not reader.text(front.get(key)):
            reader.problem(document.place, "missing_key", f"文件“{name}”没有写 {key}", subject=name)
    values = reader.mapping(front["values"], None, "values") if "values" in front else {}
    return DocumentTemplate(
        name,
        int(reader.number(front.get("number"), 0)),
        reader.choice(front.get("family"), FAMILIES, FAMILIES[0], "family"),
        reader.choice(front.get("layout"), LAYOUTS, LAYOUTS[0], "layout"),
        reader.choice(front.get("numbering"), SCHEMES, "none" if document.is_form else "articles", "numbering"),
        texts,
        reader.condition(front.get("when")),
        reader.ids(front.get("record_of")),
        reader.ids(front.get("covers")),
        reader.text(front.get("meeting")),
        reader.text(front.get("encloses")),
        reader.boolean(front.get("conclusions")),
        reader.boolean(front.get("ref_brackets")),
        tuple(reader.parts(source) for source in _list(front.get("attachments"))),
        tuple(reader.parts(source) for source in _list(front.get("unbreakable"))),
        {key: reader.parts(source) for key, source in values.items()},
        document.body,
        document.place,
        frozenset(document.own_files),
    )
