"""Assembles a preset from its layers: reads, merges and checks registers and documents; used by ``loading``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import Any

from toolkit.core.findings import Finding, Place, Severity, has_errors, nearest
from toolkit.core.memo import identity, remembered
from toolkit.language import periods
from toolkit.language.times import Time, read_time
from toolkit.model.tree import ID_MAX, SCHEMES
from toolkit.presets import sizes, spec
from toolkit.presets.documents import FRONT, TEXTS, DocumentFile, parse_document
from toolkit.presets.holidays import read_holidays
from toolkit.presets.layers import FULL, Layer, follow, residue_words, size_folders
from toolkit.presets.markup import Parts, Placeholder, literal_text
from toolkit.presets.params import TAGS, Param, ParamSchema, default_texts, load_params, read_defaults
from toolkit.presets.patch import Body, apply, block_ids, losses, quoted_duties
from toolkit.presets.spec import DocumentTemplate, Loss, Preset
from toolkit.presets.vocabulary import vocabulary_faults
from toolkit.presets.yaml_values import Fields, Reader, Source, elements, fields_of

_HEAD_KEYS = (
    "id",
    "label",
    "extends",
    "version",
    "abstract",
    "description",
    "unit_rules",
    "own_words",
    "residue_words",
    "required",
    "sizes",
    "for_size",
)
#: Parameters from which these are taken if preset.yaml does not define them.
_IDENTITY = {
    "unit": "unit.full_name",
    "date": "doc.date",
    "year": "doc.year",
    "since": "doc.since",
    "effective": "doc.effective",
    "number": "doc.number",
    "receipt": "deadline.receipt",
}
_PRESET_KEYS = (*_HEAD_KEYS, "documents_removed", "unbreakable", *_IDENTITY, "fonts")
_ORG = fields_of(
    spec.OrgSpec, kind=partial(Reader.choice, options=("body", "post", "external"), default="body", what="类别")
)
_DUTY_KEYS = ("label", "act", "frequency", "trigger", "deadline", "first", "record", "evidence")
_DUTY_TEXTS: Fields = dict.fromkeys(_DUTY_KEYS, Reader.parts)
_DUTY = fields_of(spec.DutySpec, _DUTY_KEYS)
_MEETING = fields_of(
    spec.MeetingSpec, quorum=partial(Reader.named_templates, what="法定人数", allowed=spec.QUORUM_KEYS)
)
#: The notices of ``issues_each`` are numbered from here, by the number of the issued document.
_EACH_FROM = 600
_KINDS_REQUIRED = ("legal", "organisational")
_REQUIRED = fields_of(
    spec.Required, kind=partial(Reader.choice, options=_KINDS_REQUIRED, default="organisational", what="必备条款的性质")
)

#: The key beside the clauses of a required document.
_LEFT_OUT = "left_out"

Entries = Mapping[str, Source]


def assemble(
    kind: str,
    layers: Sequence[Layer],
    folders: Sequence[Path],
    size: str = "",
    judged: tuple[str, ...] | None = None,
    only_own: bool = False,
) -> Preset:
    """Return the preset made of the layers, with all findings about them.

    ``judged``: the parameters that nothing reads, of a preset in which nothing wrong was found before. ``only_own``: this was so
    without the unit's own layers.
    """
    assembler = _Assembler(layers, folders)
    preset = assembler.of_size(assembler.preset(kind), size)
    assembler.check_layers_size(preset)
    unread = _unread(preset, assembler) if judged is None else judged
    findings = tuple(dict.fromkeys(assembler.findings))
    if findings and judged is None:
        findings = _with_wanted(findings, layers)
    merged = {
        ("words.yaml", ""): preset.words,
        ("preset.yaml", "unit_rules"): dict(preset.rules),
        ("norms.yaml", ""): preset.norms,
        ("topics.yaml", ""): preset.topics,
    }
    faults = () if judged is not None else vocabulary_faults(merged, layers, _names_of(preset), only_own)
    return replace(preset, findings=findings, unread=unread, times=_times(preset), vocabulary=faults)


def _unread(preset: Preset, assembler: _Assembler) -> tuple[str, ...]:
    """Look for faults of a preset as a whole and return the parameters that nothing reads."""
    from toolkit.presets.name_checks import check_names

    assembler.check_required(preset)
    assembler.check_contracts(preset)
    if not preset.size:  # a size says itself where a clause is met
        assembler.check_stands(preset)
    assembler.check_fixed()
    unread = check_names(preset, assembler)
    # A size leaves out the texts that some parameters are for.
    is_whole = not preset.size and not any(layer.own for layer in assembler.layers)
    if is_whole and not has_errors(assembler.findings):
        assembler.check_unread(preset, unread)
    return unread


def _names_of(preset: Preset) -> dict[str, Collection[str]]:
    """Return the names that plain data can refer to, by kind."""
    from toolkit.presets.name_checks import known_ids

    params, forms = preset.params.params, preset.rules.get("party_forms") or {}
    form = params.get(forms.get("param", "")) if isinstance(forms, dict) else None
    columns = [f"{key}.{column.key}" for key, param in params.items() for column in param.columns]
    ids = known_ids(preset)
    return {
        "param": params,
        "org": ids["机构"],
        "duty": ids["职责"],
        "document": [*ids["文件"], *preset.dropped],
        "name": [*params, *columns, *ids["机构"]],
        "family": spec.FAMILIES,
        "form": form.options if form is not None else (),
        "tag": TAGS,
        "column": {column.key for param in params.values() for column in param.columns},
        "severity": (Severity.ERROR.value, Severity.WARNING.value),
        "term": (*(preset.words.get("terms") or {}), "authority", "self", "step"),
    }


def _with_wanted(findings: tuple[Finding, ...], layers: Sequence[Layer]) -> tuple[Finding, ...]:
    from toolkit.presets.name_checks import with_wanted

    return tuple(with_wanted(findings, layers))


_PARSERS: tuple[Callable[[str], Any], ...] = (periods.parse_frequency, periods.parse_deadline, periods.parse_duration)


def _times(preset: Preset) -> dict[str, Time]:
    """Return the times that parameters and duties state, as written and as printed: no process need read them again."""
    params = [part for param in preset.params.params.values() for part in (param, *param.columns)]
    timed = [param for param in params if param.type in ("frequency", "deadline", "duration")]
    texts = [text for param in timed for text in (param.floor, param.ceiling, param.default, *param.options)]
    texts += [text for param in params if param.columns for text in _column_texts(param)]
    texts += [
        text for param in timed if param.key in preset.defaults for text in default_texts(preset.defaults[param.key])
    ]
    texts += [literal_text(duty.texts[key]) for duty in preset.duties.values() for key in ("frequency", "deadline")]
    times: dict[str, Time] = {}
    for text in dict.fromkeys(text for text in texts if isinstance(text, str)):
        for form in (text, *_printed(text)):
            if time := read_time(form):
                times[form] = time
    return times


def _column_texts(param: Param) -> Iterator[str]:
    """Yield the times in the rows of a table's default."""
    timed = {column.key for column in param.columns if column.type in ("frequency", "deadline", "duration")}
    for row in param.default if isinstance(param.default, list | tuple) else ():
        if isinstance(row, dict):
            yield from (row[key] for key in timed.intersection(row))


def _printed(text: str) -> Iterator[str]:
    """Yield how a frequency, deadline or duration is printed."""
    for parse in _PARSERS:
        with suppress(ValueError):
            yield parse(text).text()


class _Draft:
    """A document over which layers are being laid."""

    def __init__(self, file: DocumentFile) -> None:
        self.front = dict(file.front)
        #: A block is the same object from preset to preset where it can be: results made from it are remembered.
        self.body: Body = tuple(replace(block, position=None) if block.position else block for block in file.body)
        self.place = file.front["id"].place()
        self.own_files: set[str] = set()
        self.is_form = not file.file.endswith(".md")


class _Assembler(Reader):
    """Reads and merges the layers of a preset; ``heads`` are their preset.yaml, ``removed`` and ``lost`` as in a preset."""

    def __init__(self, layers: Sequence[Layer], folders: Sequence[Path]) -> None:
        super().__init__()
        follow(layers, folders, self)
        self.folders = folders
        for layer in layers:
            self.findings.extend(layer.findings)
        self.layers = layers
        heads = [self.register(layer, "preset.yaml") for layer in layers]
        self.heads = [self.mapping(head, _PRESET_KEYS, "preset.yaml") for head in heads]
        self.removed: dict[tuple[str, str], Place] = {}
        self.lost: dict[tuple[str, str], Loss] = {}
        self.drafts: dict[str, _Draft] = {}
        self.left_out: dict[str, str] = {}
        self.own_removed: set[str] = set()
        self.contracts: dict[tuple[str, str], dict[str, Source]] = {}
        self.full: dict[str, sizes.Full] = {}
        self.dropped: dict[str, DocumentTemplate] = {}
        self.taken: dict[spec.Target, spec.Target] = {}
        self.conditions: dict[str, dict[str, tuple[str, str]]] = {}

    def preset(self, kind: str) -> Preset:
        """Return the preset without findings."""
        heads = self.heads
        schema = load_params([layer.register("params.yaml") for layer in self.layers])
        self.findings.extend(schema.findings)
        org = self.entries("org", "org.yaml", "机构", self.org)
        duties, absorbed = sizes.absorb(self.entries("duty", "duties.yaml", "职责", self.duty), self)
        meetings = self.entries("meeting", "meetings.yaml", "会议", self.meeting)
        documents, required = self.documents(), self.required()
        words = self.vocabulary()
        kind_head = [h for h, layer in zip(heads, self.layers, strict=True) if not layer.own and not layer.size][-1]
        own_words = [word for head in heads for word in self.words(head.get("own_words"))]
        return Preset(
            kind,
            self.text(kind_head.get("label")) or kind,
            self.text(kind_head.get("version")),
            schema,
            org,
            duties,
            meetings,
            documents,
            required,
            _merged([head["unit_rules"].value for head in heads if "unit_rules" in head]) or {},
            words,
            _merged([self.data(layer, "topics.yaml") for layer in self.layers]) or {},
            _merged([self.data(layer, "norms.yaml") for layer in self.layers]) or {},
            read_holidays(self.layers, self),
            tuple(dict.fromkeys([*own_words, *self.inherited(words)])),
            tuple(parts for head in heads for parts in self.templates(head.get("unbreakable"))),
            {name: self.identity(name, path, schema) for name, path in _IDENTITY.items()},
            {font: name for head in heads for font, name in self.named_templates(head.get("fonts"), "fonts").items()},
            read_defaults(schema, self),
            self.removed,
            self.lost,
            self.quoted(),
            (),
            left_out={name: why for name, why in self.left_out.items() if name not in self.own_removed},
            absorbed=absorbed,
            marks=tuple(self.mark(layer, head) for layer, head in zip(self.layers, heads, strict=True)),
            sizes={name: self.text(entry.items().get("label")) or name for name, entry in self.named_sizes().items()},
        )

    def mark(self, layer: Layer, head: Mapping[str, Source]) -> spec.LayerMark:
        """Return the identity of a layer."""
        own = self.text(head.get("id")) or layer.folder.resolve().name
        name = f"{layer.folder.parent.parent.name}/{layer.size}" if layer.size else own
        return spec.LayerMark(name, self.text(head.get("version")), layer.stamp(), layer.own)

    def named_sizes(self) -> dict[str, Source]:
        """Return the sizes of the kind beside the full one, as ``preset.yaml`` gives them."""
        heads = [head for head, layer in zip(self.heads, self.layers, strict=True) if "sizes" in head and not layer.own]
        named = [self.mapping(head["sizes"], None, "sizes") for head in heads]
        there = [size for layer in self.layers if not layer.own and not layer.size for size in size_folders(layer)]
        for name, entry in ((name, entry) for given in named for name, entry in given.items()):
            if name not in there:
                message = f"没有规模“{name}”的文件夹 sizes/{name}"
                self.problem(entry, "unknown_id", message, nearest(name, there), name, key=True)
        return {name: entry for sizes in named for name, entry in sizes.items() if isinstance(entry.value, dict)}

    def of_size(self, preset: Preset, size: str) -> Preset:
        """Return the preset with the statements of its size: where each requirement is met, its name and ceilings."""
        if not size:
            return preset
        layers = [layer for layer in self.layers if layer.size]
        for layer, head in zip(self.layers, self.heads, strict=True):
            if layer.size:
                names = ("required.yaml", "topics.yaml", "words.yaml", "norms.yaml", "duties.yaml", "params.yaml")
                sizes.check_fixed(layer, head, {name: self.register(layer, name) for name in names}, self)
        places = sizes.Places(self.full, preset.documents, preset.required, self.removed, self)
        met = places.read(layers, self.taken)
        own = frozenset(path for layer in layers for path, _ in layer.documents())
        places.check_excuses(met, preset.left_out, own)
        given = self.mapping(self.named_sizes()[size], ("label", "ceilings", "besides"), "sizes")
        besides = self.mapping(given.get("besides"), None, "besides")
        return replace(
            preset,
            size=size,
            size_label=preset.sizes[size],
            ceilings=self._figures(given.get("ceilings"), "ceilings"),
            besides={name: self._figures(source, f"besides.{name}") for name, source in besides.items()},
            met=met,
            moved=places.moved(met),
            dropped={name: self.dropped[name] for name in self.full if name not in preset.documents},
        )

    def _figures(self, source: Source | None, what: str) -> dict[str, int]:
        return {name: self.whole(entry) for name, entry in self.mapping(source, None, what).items()}

    def vocabulary(self) -> Any:
        """Return the words of ``words.yaml``, with those by which each kind in the folders is known in the set of another."""
        words = _merged([self.data(layer, "words.yaml") for layer in self.layers], extend_lists=True) or {}
        listed = words.get("kinds", {}) if isinstance(words, dict) else None
        if not isinstance(listed, dict):
            return words
        own = {
            layer.folder.name: list(self.words(head.get("residue_words")))
            for layer, head in zip(self.layers, self.heads, strict=True)
            if not layer.own and "residue_words" in head
        }
        kinds = {**residue_words(self.folders), **own, **listed}
        return {**words, "kinds": kinds} if kinds else words

    def inherited(self, words: Any) -> Iterator[str]:
        """Yield the words that ``words.yaml`` lists for the kinds that this one extends: no residue of another kind."""
        named = words.get("kinds") if isinstance(words, dict) else None
        kinds = named if isinstance(named, dict) else {}
        for layer in self.layers:
            listed = kinds.get(layer.folder.name) if not layer.own and not layer.size else None
            yield from (word for word in listed or () if isinstance(listed, list) and isinstance(word, str))

    def identity(self, name: str, path: str, schema: ParamSchema) -> Parts:
        given = [head[name] for head in self.heads if name in head]
        if given:
            return self.parts(given[-1])
        return (Placeholder(path),) if path in schema.params else ()

    # --- registers ---

    def register(self, layer: Layer, name: str) -> Source:
        raw = layer.register(name)
        self.findings.extend(raw.findings)
        return Source(raw, (), raw.data)

    def data(self, layer: Layer, name: str) -> dict[str, Any]:
        """Return the plain data of a register; a register that is no mapping is reported."""
        source = self.register(layer, name)
        self.mapping(source, None, name)
        return source.value if isinstance(source.value, dict) else {}

    def entries(self, prefix: str, file: str, what: str, read: Callable[[str, Source, Entries], Any]) -> dict[str, Any]:
        """Merge a register key-wise, later layers over earlier, and return its specifications; an empty entry removes."""
        merged: dict[str, tuple[Source, dict[str, Source]]] = {}
        for layer in self.layers:
            for name, entry in self.mapping(self.register(layer, file), None, what).items():
                if isinstance(entry.value, dict):
                    below = merged[name][1] if name in merged else {}
                    merged[name] = entry, {**below, **entry.items()}
                    self.removed.pop(("", f"{prefix}.{name}"), None)
                elif entry.value in ("", None):
                    if merged.pop(name, None) is None:
                        message, hint = f"{what}中没有“{name}”，无法去掉", nearest(name, merged)
                        self.problem(entry, "unknown_anchor", message, hint, name, key=True)
                    self.removed["", f"{prefix}.{name}"] = entry.place(key=True)
                else:
                    self.problem(entry, "preset_type", f"{what}“{name}”应当是“名称: 值”的形式", subject=name)
        specs: dict[str, Any] = {}
        for name, (entry, keys) in merged.items():
            self.identifier(entry, what, key=True)
            specs[name] = read(name, entry, keys)
        return specs

    def org(self, name: str, entry: Source, keys: Entries) -> spec.OrgSpec:
        """Read an entry of org.yaml; keys beyond the known ones become ``extra``."""
        self.missing(entry, {"name"} - keys.keys(), f"“{name}”", name, key=True)
        given = self.fields(keys, _ORG)
        given["full"] = given["full"] or given["name"]
        extra = {key: self.parts(source) for key, source in keys.items() if key not in _ORG}
        places = {key: keys[key].place(key=True) for key in extra}
        return spec.OrgSpec(id=name, **given, extra=extra, place=entry.place(key=True), places=places)

    def duty(self, name: str, entry: Source, keys: Entries) -> spec.DutySpec:
        """Read an entry of duties.yaml; ``reports`` defaults to whether a recipient is given."""
        keys = self.known(keys, _DUTY, f"职责“{name}”")
        texts = self.fields(keys, _DUTY_TEXTS)
        self.missing(entry, [key for key in ("label", "act") if not texts[key]], f"职责“{name}”", name, key=True)
        given = self.fields(keys, _DUTY)
        if "reports" not in keys:
            given["reports"] = bool(given["recipient"])
        places = {key: source.place() for key, source in keys.items()}
        return spec.DutySpec(id=name, texts=texts, **given, place=entry.place(key=True), places=places)

    def meeting(self, name: str, entry: Source, keys: Entries) -> spec.MeetingSpec:
        keys = self.known(keys, _MEETING, f"会议“{name}”")
        self.missing(entry, {"name"} - keys.keys(), f"会议“{name}”", name, key=True)
        return spec.MeetingSpec(id=name, **self.fields(keys, _MEETING), place=entry.place(key=True))

    def required(self) -> dict[str, dict[str, spec.Required]]:
        """Merge ``required`` by document, clause and key: the key in preset.yaml, then the file; a unit's own layer can only add.

        ``left_out`` beside the clauses of a document says why some units do not need it at all.
        """
        merged: dict[str, dict[str, tuple[Source, dict[str, Source]]]] = {}
        for layer, head in zip(self.layers, self.heads, strict=True):
            for source in (head.get("required"), self.register(layer, "required.yaml")):
                for document, clauses in self.mapping(source, None, "required").items():
                    known = merged.setdefault(document, {})
                    for clause, entry in self.mapping(clauses, None, f"required.{document}").items():
                        if layer.own and (clause in known or clause == _LEFT_OUT):
                            message = f"必备条款“{clause}”由预设规定，自有条款不能改"
                            self.problem(entry, "required_fixed", message, subject=clause)
                        elif clause == _LEFT_OUT:
                            self.left_out[document] = self.text(entry)
                        elif entry.value in ("", None):
                            message = f"必备条款“{clause}”不能用空值去掉"
                            hint = f"这一类单位不需要的，写明理由：{clause}: {{left_out: 为什么不需要}}"
                            self.problem(entry, "required_dropped", message, hint, clause, key=True)
                        else:
                            below = known[clause][1] if clause in known else {}
                            keys = self.mapping(entry, _REQUIRED, "必备条款")
                            known[clause] = entry, {**below, **keys}
        self.contracts = {
            (document, clause): keys for document in merged for clause, (_, keys) in merged[document].items()
        }
        return {
            document: {clause: self.requirement(clause, *given) for clause, given in clauses.items()}
            for document, clauses in merged.items()
            if clauses
        }

    def requirement(self, clause: str, entry: Source, keys: Entries) -> spec.Required:
        given = self.fields(keys, _REQUIRED)
        self.missing(entry, [key for key in ("what", "basis") if not given[key]], f"必备条款“{clause}”", clause)
        return spec.Required(**given)

    def check_contracts(self, preset: Preset) -> None:
        """Report names and concepts of contracts that do not exist."""
        concepts = preset.words.get("concepts")
        known = concepts if isinstance(concepts, dict) else {}
        for (document, clause), keys in self.contracts.items():
            required = preset.required[document][clause]
            for name in required.names():
                if not self._is_name(preset, name):
                    hint = nearest(name, (*preset.params.params, *preset.org))
                    self.problem(keys["quotes"], "unknown_name", f"quotes 里的“{name}”不存在", hint, name)
            for key, names in (("says", required.says), ("never", required.never)):
                for name in names:
                    if name not in known:
                        message = f"{key} 里的“{name}”不是 words.yaml 的 concepts 登记的内容"
                        self.problem(keys[key], "unknown_id", message, nearest(name, known), name)

    def check_stands(self, preset: Preset) -> None:
        """Report required clauses that no layer has or ever had: their id is mistyped, or that of their document."""
        for document, clauses in preset.required.items():
            template = preset.documents.get(document)
            standing = None if template is None else frozenset(block_ids(template.body))
            if standing is None and (document, "") in self.removed:
                continue
            for clause in clauses:
                entry = next(iter(self.contracts[document, clause].values()), None)
                if entry is None:
                    continue  # reported as lacking its subject
                if standing is None:
                    where = Source(entry.raw, entry.path[:-2], None)
                    message, hint = f"required 里没有文件“{document}”", nearest(document, preset.documents)
                    self.problem(where, "unknown_id", message, hint, document, key=True)
                    break
                if clause not in standing and (document, clause) not in self.removed:
                    where = Source(entry.raw, entry.path[:-1], None)
                    message = f"必备条款“{clause}”在文件“{document}”里不存在"
                    self.problem(where, "unknown_target", message, nearest(clause, standing), clause, key=True)

    def _is_name(self, preset: Preset, name: str) -> bool:
        """Whether a contract can quote a name; a duty that a layer removed is one."""
        head, _, rest = name.partition(".")
        if head != "duty":
            return name in preset.params.params or name in preset.org
        duty, _, attribute = rest.partition(".")
        is_duty = duty in preset.duties or duty in preset.absorbed or ("", f"duty.{duty}") in self.removed
        return is_duty and attribute in spec.DUTY_ATTRIBUTES

    def check_layers_size(self, preset: Preset) -> None:
        """Report a unit's own layer that was written for another size (``for_size``): its anchors are not those of this one."""
        own = preset.size_label or FULL
        for layer, head in zip(self.layers, self.heads, strict=True):
            written = self.text(head.get("for_size"))
            if layer.own and written and written not in (own, preset.size):
                message = f"这一层自有条款是为“{written}”规模写的，本单位用的是“{own}”规模"
                hint = "改写到这个规模的条款上，再改 for_size；或者在档案里换回原来的规模"
                self.problem(head["for_size"], "layer_size", message, hint, written)

    def check_required(self, preset: Preset) -> None:
        """Report a condition that a unit's own layer puts on a required document."""
        for file in _files(layer for layer in self.layers if layer.own):
            if "when" in file.front and file.id in preset.required:
                message = f"“{file.id}”是必备文件，自有条款不能给它加条件"
                self.problem(file.front["when"], "required_fixed", message, subject=file.id)

    def check_unread(self, preset: Preset, unread: Sequence[str]) -> None:
        """Report parameters that nothing reads: a unit that fills one in would change nothing."""
        for key in unread:
            message = f"参数“{preset.params.params[key].label}”没有任何条文、条件或者职责用到"
            hint = "在条文或者职责里写 {" + key + "}，或者在本类的 params.yaml 里删去它（写一个空值）"
            place = preset.params.places.get(key, Place(key=key))
            self.findings.append(Finding("dead_parameter", Severity.WARNING, message, place, hint, subject=key))

    def check_fixed(self) -> None:
        """Report changes that a unit's own layer makes to the rules of its kind or to a pattern or text of the checks."""
        below: dict[tuple[str, ...], str] = {}
        for layer, head in zip(self.layers, self.heads, strict=True):
            files = ("words.yaml", "norms.yaml")
            texts = {path: source for file in files for path, source in _texts(self.register(layer, file))}
            if not layer.own:
                below.update({path: source.value for path, source in texts.items()})
                continue
            if "unit_rules" in head:
                message, hint = "unit_rules 由预设规定，自有条款不能改", "本单位确有的用语写进 own_words"
                self.problem(head["unit_rules"], "required_fixed", message, hint, "unit_rules", key=True)
            for path, source in texts.items():
                if below.get(path, source.value) != source.value:
                    message = f"检查用的“{'.'.join(path)}”由预设规定，自有条款不能改"
                    self.problem(source, "required_fixed", message, "自有条款只能增加检查用的词", ".".join(path))

    # --- documents ---

    def documents(self) -> dict[str, DocumentTemplate]:
        """Lay the documents of all layers over one another; return them by id."""
        for layer, head in zip(self.layers, self.heads, strict=True):
            if layer.size and not self.full:
                self.full = {name: self.as_full(name, draft) for name, draft in self.drafts.items()}
            if layer.own and not self.conditions:
                self.conditions = {name: _conditions_of(draft.body) for name, draft in self.drafts.items()}
            removed, lost = dict(self.removed), dict(self.lost)
            self.lay_layer(layer)
            for source in elements(head.get("documents_removed")):
                name = str(source.value)
                if self.drafts.pop(name, None) is None:
                    message, hint = f"documents_removed 中的“{name}”不存在", nearest(name, self.drafts)
                    self.problem(source, "unknown_anchor", message, hint, name)
                self.removed[name, ""] = source.place()
                if layer.own:
                    self.own_removed.add(name)
            if (
                layer.size
            ):  # a clause that a size leaves out is no loss: it is met elsewhere, or that is an error of its own
                self.removed, self.lost = removed, lost
        templates = [self.template_of(name, draft) for name, draft in self.drafts.items()]
        templates = [repeated for template in templates for repeated in _for_each(template, templates)]
        numbers: dict[int, str] = {}
        for template in templates:
            if template.number in numbers:
                message = f"文件“{template.id}”和“{numbers[template.number]}”的 number 都是{template.number}"
                self.problem(template.place, "duplicate_number", message, subject=template.id)
            numbers[template.number] = template.id
        return {template.id: template for template in sorted(templates, key=lambda t: (t.number, t.id))}

    def as_full(self, name: str, draft: _Draft) -> sizes.Full:
        """Return a document before a size is laid over it, and keep its names."""
        self.dropped[name] = replace(self.template_of(name, draft), body=())
        return sizes.Full(draft.body, self.text(draft.front.get("when")))

    def lay_layer(self, layer: Layer) -> None:
        """Lay the document files of a layer over the drafts, and note the clauses that are lost."""
        seen: dict[str, str] = {}
        for path, text in layer.documents():
            file = parse_document(text, path)
            self.findings.extend(file.findings)
            if "id" not in file.front:
                continue
            before = self.drafts[file.id].body if file.id in self.drafts else ()
            if layer.size:
                taker = sizes.Taker(self.full, self)
                file = replace(file, body=taker.fill(file.body, file.id, before))
                self.taken |= taker.met
            self.lay(file, seen)
            gone = [clause for clause in block_ids(before) if (file.id, clause) in self.removed]
            self.lost.update({(file.id, clause): loss for clause, loss in losses(before, gone).items()})
            if layer.own:
                self.drafts[file.id].own_files.add(path)

    def lay(self, file: DocumentFile, seen: dict[str, str]) -> None:
        """Lay a document file over the draft of its id, or begin one; ``seen`` are the ids of its own layer with their files."""
        source, removed = file.front["id"], self.removed
        name = self.identifier(source, "文件")
        if name in seen:
            message = f"文件编号“{name}”用了两次，另一处在 {seen[name]}"
            self.problem(source, "duplicate_id", message, subject=name)
            return
        seen[name] = file.file
        mode = self.choice(file.front.get("mode"), ("patch", "replace"), "patch", "mode")
        old = self.drafts.get(name)
        if old is not None and mode == "patch":
            old.front.update(file.front)
            old.body, gone = apply(old.body, file.body, file.front, self)
            removed.update({(name, clause): place for clause, place in gone.items()})
            for clause in block_ids(old.body):
                removed.pop((name, clause), None)
            return
        self.drafts[name] = new = _Draft(file)
        removed.pop((name, ""), None)
        if old is not None:
            new.front = {**old.front, **file.front}
            new.own_files = old.own_files
            kept = set(block_ids(new.body))
            removed.update({(name, clause): new.place for clause in block_ids(old.body) if clause not in kept})
            return
        for key in ("remove", "order"):
            if key in file.front:
                message, hint = f"下层没有文件“{name}”，不能用 {key}", nearest(name, self.drafts.keys() - {name})
                self.problem(file.front[key], "unknown_anchor", message, hint, name, key=True)

    def template_of(self, name: str, draft: _Draft) -> DocumentTemplate:
        front = draft.front
        texts = self.fields(front, {key: read for key, read in TEXTS.items() if key in front})
        needed = [key for key in ("title", "number", "family", "layout") if not self.text(front.get(key))]
        self.missing(draft.place, needed, f"文件“{name}”", name)
        scheme = "none" if draft.is_form else "articles"
        return DocumentTemplate(
            id=name,
            texts=texts,
            numbering=self.choice(front.get("numbering"), SCHEMES, scheme, "numbering"),
            **self.fields(front, FRONT),
            conditions=self.conditions.get(name, {}),
            body=draft.body,
            place=draft.place,
            own_files=frozenset(draft.own_files),
        )

    def quoted(self) -> dict[tuple[str, str], frozenset[str]]:
        """Return the duties that each authored block of any layer quotes, its children included."""
        quoted: dict[tuple[str, str], frozenset[str]] = {}
        for file in _files(self.layers):
            for clause, duties in _quoted_in(file).items():
                quoted[file.id, clause] = duties | quoted.get((file.id, clause), frozenset())
        return quoted


@remembered(512, key=identity)
def _conditions_of(body: Body) -> dict[str, tuple[str, str]]:
    """Return the clauses of a document that are conditional, each with its own condition."""
    ids = spec.conditional(body)
    return {block.id: spec.condition_of(block) for block in spec.walk(body) if block.id in ids}


@remembered(512, key=identity)
def _quoted_in(file: DocumentFile) -> dict[str, frozenset[str]]:
    """Return the duties that each block of a document file quotes, its children included, by its id."""
    quoted: dict[str, frozenset[str]] = {}
    for block in spec.walk(file.body):
        if block.id and (duties := quoted_duties(block)):
            quoted[block.id] = duties | quoted.get(block.id, frozenset())
    return quoted


def _for_each(template: DocumentTemplate, templates: Sequence[DocumentTemplate]) -> Iterator[DocumentTemplate]:
    """Yield a template, or the notices that it makes: one for each document of the families of ``issues_each``."""
    if not template.issues_each:
        yield template
    for other in templates if template.issues_each else ():
        if other.family in template.issues_each:
            name = f"issue_{other.id}"[:ID_MAX]
            number = _EACH_FROM + other.number
            yield replace(template, id=name, number=number, encloses=other.id, made_by=template.id)


def _files(layers: Iterable[Layer]) -> Iterator[DocumentFile]:
    """Yield the document files of layers that have an id."""
    files = (parse_document(text, path) for layer in layers for path, text in layer.documents())
    return (file for file in files if "id" in file.front)


def _texts(source: Source) -> Iterator[tuple[tuple[str, ...], Source]]:
    """Yield the texts of a register outside lists (lists are extended, not replaced)."""
    for entry in source.items().values():
        if isinstance(entry.value, str):
            yield tuple(map(str, entry.path)), entry
        else:
            yield from _texts(entry)


def _merged(sources: Sequence[Any], *, extend_lists: bool = False) -> Any:
    """Merge plain data: mappings by key, other values replaced by the last that is not empty.

    With ``extend_lists`` lists are joined without repeats, and an empty text replaces too.
    """

    def merge(below: Any, above: Any) -> Any:
        if isinstance(below, dict) and isinstance(above, dict):
            return {**below, **above, **{key: merge(below[key], above[key]) for key in below.keys() & above.keys()}}
        if extend_lists:
            if isinstance(below, list) and isinstance(above, list):
                return [*below, *(item for item in above if item not in below)]
            return below if above is None else above
        if above in (None, ""):
            return None if below == "" else below
        return above

    return reduce(merge, sources, None)
