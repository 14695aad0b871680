"""Checks that every name used in a preset is known; used by ``assembly`` when a preset is loaded."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.model.tree import TAG_MAX
from toolkit.presets import counts, spec
from toolkit.presets.conditions import Expression, names
from toolkit.presets.layers import Layer
from toolkit.presets.markup import FieldSpec, Parts, Placeholder, RefSpec, TemplateBlock
from toolkit.presets.params import default_placeholders
from toolkit.presets.patch import block_ids
from toolkit.presets.spec import DocumentTemplate, GridTemplate, Preset, TableTemplate, chains, place_of
from toolkit.presets.yaml_values import Reader, strings

#: Columns of a row, which a text of that row can name.
Row = frozenset[str]
_NO_ROW: Row = frozenset()
#: Most digits of a row number in a tag.
_ROW_DIGITS = 3
#: Codes of names that a kind may have to give, with the word for each and where it is written.
_WANTED = {
    "unknown_name": ("名称", "人员和机构写在 org.yaml，其他写在 params.yaml"),
    "unknown_source": ("表和清单", "写在 params.yaml，类型用 table 或者 list"),
    "unknown_id": ("会议、职责和机构", "会议写在 meetings.yaml，职责写在 duties.yaml，机构写在 org.yaml"),
}
#: Up to so many different names are told each at its place: more likely they are mistyped.
_FEW = 3


def check_names(preset: Preset, reader: Reader) -> tuple[str, ...]:
    """Report unknown names, fields and references of a preset; return the parameters that nothing reads."""
    checker = _Checker(preset, reader)
    checker.check_reserved()
    checker.check_registers()
    params = preset.params
    for key, default in preset.defaults.items():
        row = _NO_ROW if key in params.params else checker.known.columns.get(key.rpartition(".")[0], _NO_ROW)
        checker.owner = key if key in params.params else key.rpartition(".")[0]
        checker.parts(tuple(default_placeholders(default)), params.places.get(key, Place(key=key)), row)
    checker.owner = ""
    for parts in (*preset.identity.values(), *preset.fonts.values(), *preset.unbreakable):
        checker.parts(parts, Place())
    for document in preset.documents.values():
        checker.local = frozenset(f"this.{name}" for name in _meeting_names()) if document.meeting else frozenset()
        checker.check_document(document)
    checker.check_org_keys()
    return _unread(preset, checker.reads)


def _unread(preset: Preset, reads: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return the parameters that no text, condition, duty or check reads, directly or through names that it reads.

    ``reads`` holds the names that a parameter's default, an organisation entry (by id) or anything else (``""``) uses.
    """
    params = preset.params.params
    acting = [name for duty in preset.duties.values() for name in (duty.actor, *duty.assist, duty.recipient)]
    acting += [
        name
        for meeting in preset.meetings.values()
        for name in (meeting.body, meeting.convener, meeting.chair, meeting.recorder)
    ]
    waiting = [*reads[""], *acting, *spec.READ_BY_PROGRAM, *strings((preset.rules, preset.words))]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        steps = path.split(".")
        owners = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
        owner = next((owner for owner in owners if owner in params or owner in preset.org), "")
        if owner and owner not in seen:
            seen.add(owner)
            waiting += reads.get(owner, ())
    return tuple(key for key in params if key not in seen)


def known_ids(preset: Preset) -> Mapping[str, Sequence[str]]:
    """Return the ids of documents, organisation entries, duties and meetings by the word for them, removed ones included."""
    return _Names(preset).ids


class _Names:
    """The names that ``{…}``, ``when`` and ``each`` can use in a preset.

    ``ids`` are those of each kind of entry, by the word for it. Names of entries that a layer removed stay known: a text
    that still uses one gets a finding when a set is built, marked as a consequence of the removal.
    """

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.columns: dict[str, Row] = {source: frozenset(columns) for source, columns in spec.ROW_SOURCES.items()}
        self.printable: set[str] = {*spec.OF_THE_SET, *(f"doc.{name}" for name in spec.DOCUMENT_ATTRIBUTES)}
        self.flags: set[str] = set(spec.ROW_SOURCES)
        self.targets = {name: _targets(document) for name, document in preset.documents.items()}
        self.ids = {
            "文件": [*preset.documents],
            "机构": [*preset.org],
            "职责": [*preset.duties, *preset.absorbed],
            "会议": [*preset.meetings],
        }
        nouns = {"org": "机构", "duty": "职责", "meeting": "会议"}
        for document, name in preset.removed:
            if not document:
                register, _, entry = name.partition(".")
                self.ids[nouns[register]].append(entry)
            elif not name:
                self.ids["文件"].append(document)
            elif document in self.targets:
                self.targets[document].setdefault(name, False)
        self._add_params()
        self._add_registers()

    def _add_params(self) -> None:
        for key, param in self.preset.params.params.items():
            self.printable.add(key)
            if param.type == "document":
                self.printable.update(f"{key}.{name}" for name in spec.TITLE_KEYS)
            elif param.type == "list":
                self.columns[key] = frozenset({"value"})
            elif param.type == "table":
                more = (spec.SEATS,) if key == spec.PEOPLE else ()
                columns = self.columns[key] = frozenset((*(column.key for column in param.columns), *more))
                self.printable.update(f"{key}.{edge}.{column}" for edge in spec.TABLE_EDGES for column in columns)
                self.printable.add(f"{key}.count")
                self.printable.discard(key)
                self.flags.add(key)

    def _add_registers(self) -> None:
        for entry in self.preset.org.values():
            for key, parts in entry.extra.items():
                self.printable.add(f"{entry.id}.{key}")
                if len(parts) == 1 and isinstance(parts[0], Placeholder) and parts[0].path in self.columns:
                    self.columns[f"{entry.id}.{key}"] = self.columns[parts[0].path]
        for name in self.ids["机构"]:
            self.printable.update((name, f"{name}.full", f"{name}.name"))
        for name in self.ids["职责"]:
            self.flags.add(f"duty.{name}")
            self.printable.update(f"duty.{name}.{key}" for key in spec.DUTY_ATTRIBUTES)
        for name in self.ids["会议"]:
            self.flags.add(f"meeting.{name}")
            self.printable.update(f"meeting.{name}.{key}" for key in _meeting_names())
        self.printable.update(f"title.{name}" for name in (*self.ids["文件"], *self.preset.dropped))


def _meeting_names() -> Iterator[str]:
    yield from spec.MEETING_ATTRIBUTES
    yield from (f"quorum.{key}" for key in spec.QUORUM_KEYS)


def _targets(document: DocumentTemplate) -> dict[str, bool]:
    """Return the ids that a reference can name → whether the block is repeated by ``each``."""
    return {
        chain[-1].id: any(isinstance(block, TemplateBlock) and bool(block.each) for block in chain)
        for chain in chains(document.body)
        if chain[-1].id or not isinstance(chain[-1], TemplateBlock)
    }


class _Checker:
    """Checks texts against the known names and adds findings; ``local`` are the names of one document only.

    ``reads`` collects the names in use by their ``owner``: a parameter, an organisation entry, or ``""`` for all else.
    """

    def __init__(self, preset: Preset, reader: Reader) -> None:
        self.preset = preset
        self.known = _Names(preset)
        self.local: Row = _NO_ROW
        self.owner = ""
        self.reads: dict[str, set[str]] = {"": set()}
        self.problem = reader.problem

    # --- names ---

    def parts(self, parts: Parts, place: Place, row: Row = _NO_ROW) -> None:
        for part in parts:
            if not isinstance(part, Placeholder):
                continue
            if part.each is None:
                self.name(part.path, place, row)
            else:
                self.parts(part.each, place, row | self.source(part.path, place))

    def condition(self, expression: Expression | None, place: Place, row: Row = _NO_ROW) -> None:
        if expression is not None:
            for path in names(expression):
                self.name(path, place, row, condition=True)

    def name(self, path: str, place: Place, row: Row, condition: bool = False) -> None:
        known = self.known
        self.reads.setdefault(self.owner, set()).add(path)
        is_flag = path in known.flags
        if path in row or path in known.printable or path in self.local or (condition and is_flag):
            return
        if is_flag:
            message, hint = f"“{{{path}}}”不能直接印出来", '表和清单用 {名称: each="…"}，职责和会议写到具体一项'
            self.problem(place, "not_printable", message, hint, path)
            return
        near = nearest(path, [*row, *self.local, *known.printable, *(known.flags if condition else ())])
        self.problem(place, "unknown_name", f"没有“{path}”这个名称", near or "参数、机构、职责和会议的名称见预设", path)

    def source(self, path: str, place: Place) -> Row:
        """Return the columns of a row of ``each`` over ``path``; an unknown source is reported."""
        columns = self.known.columns.get(path)
        self.reads.setdefault(self.owner, set()).add(path)
        if columns is None:
            near = nearest(path, self.known.columns)
            hint = (
                near
                or "each 用列表、表格参数或者 duties、occasions、calendar、meetings、agenda、submitted、issued、posts"
            )
            self.problem(place, "unknown_source", f"each 不能用“{path}”", hint, path)
            return _NO_ROW
        if path in spec.OF_A_MEETING and not self.local:
            self.problem(place, "unknown_source", f"each: {path} 只能用在写了 meeting 的文件里", subject=path)
        return columns

    def id(self, name: str, what: str, place: Place, but: str = "") -> None:
        """Report an id that no entry of the kind ``what`` has, or that is ``but``."""
        ids = [known for known in self.known.ids[what] if known != but]
        if name and name not in ids:
            self.problem(place, "unknown_id", f"没有{what}“{name}”", nearest(name, ids), name)

    # --- registers ---

    def check_reserved(self) -> None:
        """Report reserved names and names that are both a parameter and an organisation id."""
        params = self.preset.params
        for key in params.params:
            if key.split(".")[0] in spec.RESERVED_NAMES or key in ("doc.self", "doc.title"):
                message = f"参数不能叫“{key}”，这个名称有固定含义"
                self.problem(params.places.get(key, Place(key=key)), "reserved_name", message, subject=key)
        for entry in self.preset.org.values():
            taken = {entry.id, f"{entry.id}.full", *(f"{entry.id}.{key}" for key in entry.extra)}
            clash = sorted(taken.intersection(params.params))
            if entry.id in spec.RESERVED_NAMES or entry.id == "doc" or clash:
                message = f"机构编号“{(clash or [entry.id])[0]}”与参数或固定名称相同"
                self.problem(entry.place, "reserved_name", message, subject=entry.id)

    def check_registers(self) -> None:
        for entry in self.preset.org.values():
            self.owner = entry.id
            for parts in (entry.name, entry.full, *entry.extra.values()):
                self.parts(parts, entry.place)
            self.condition(entry.when, entry.place)
            self.id(entry.of, "机构", entry.place)
        self.owner = ""
        for duty in self.preset.duties.values():
            for key, parts in duty.texts.items():
                self.parts(parts, duty.places.get(key, duty.place))
            self.condition(duty.when, duty.places.get("when", duty.place))
            self.id(duty.form, "文件", duty.places.get("form", duty.place))
            self.id(duty.meeting, "会议", duty.places.get("meeting", duty.place))
            self.parts(duty.kept, duty.places.get("kept", duty.place))
            for name in duty.papers:
                self.id(name, "文件", duty.places.get("papers", duty.place))
            for name in duty.after:
                self.id(name, "职责", duty.places.get("after", duty.place), but=duty.id)
        for meeting in self.preset.meetings.values():
            for parts in (meeting.name, meeting.form, *meeting.quorum.values()):
                self.parts(parts, meeting.place)
            self.condition(meeting.when, meeting.place)
            self.id(meeting.minutes, "文件", meeting.place)
            self.id(meeting.prepared_by, "会议", meeting.place)
            self.id(meeting.convener, "机构", meeting.place)

    def check_org_keys(self) -> None:
        """Report a further key of an organisation entry that nothing reads and that is a slip for another one."""
        read = {path for paths in self.reads.values() for path in paths}
        spare = [
            (entry, key)
            for entry in self.preset.org.values()
            for key in entry.extra
            if key not in spec.ORG_KEYS_OF_PROGRAM and f"{entry.id}.{key}" not in read
        ]
        known = {*spec.ORG_KEYS, *spec.ORG_KEYS_OF_PROGRAM}
        known.update(key for entry in self.preset.org.values() for key in entry.extra if f"{entry.id}.{key}" in read)
        for entry, key in spare:
            if key not in known and (near := nearest(key, known)):
                message = f"“{entry.id}”没有“{key}”这一项，也没有条文用到它"
                self.problem(entry.places[key], "unknown_preset_key", message, near, key)

    # --- documents ---

    def check_document(self, document: DocumentTemplate) -> None:
        place = replace(document.place, document=document.id)
        texts = document.texts
        for parts in (*texts.values(), *document.attachments, *document.unbreakable, *document.values.values()):
            self.parts(parts, place)
        self.condition(document.when, place)
        self.id(document.meeting, "会议", place)
        self.id(document.encloses, "文件", place, but=document.id)
        for name in (*document.record_of, *document.proved_by):
            self.id(name, "职责", place)
        for name in document.inspected:
            self.id(name, "机构", place)
        for block in document.body:
            if isinstance(block, TemplateBlock):
                self.prose(block, _NO_ROW, document)
            elif isinstance(block, GridTemplate):
                self.condition(block.when, place_of(block, document.id))
                for row in block.rows:
                    self.condition(row.when, place_of(block, document.id, line=row.line))
                for parts, line in block.texts():
                    self.text(parts, document, place_of(block, document.id, line=line))
            else:
                self.table(block, document)
        for key in ("note", "addressee"):
            self.references(texts.get(key, ()), document, place)
        self.block_ids(document, place)
        self.fields(document, place)

    def text(self, parts: Parts, document: DocumentTemplate, place: Place, row: Row = _NO_ROW) -> None:
        self.parts(parts, place, row)
        self.references(parts, document, place)

    def references(self, parts: Parts, document: DocumentTemplate, place: Place) -> None:
        for ref in parts:
            if not isinstance(ref, RefSpec):
                continue
            name, target = self.preset.where(ref.document or document.id, ref.target)
            targets = self.known.targets.get(name)
            if targets is None:
                self.id(name, "文件", place)
            elif target and target not in targets:
                message = f"引用的“{target}”在文件“{name}”里不存在"
                self.problem(place, "unknown_target", message, nearest(target, targets), target)
            elif target and targets[target]:
                message = f"“{target}”按 each 重复，不能引用"
                self.problem(place, "unknown_target", message, "引用它所在的条或者款", target)

    def prose(self, block: TemplateBlock, row: Row, document: DocumentTemplate) -> None:
        place = place_of(block, document.id)
        if block.each:
            row = row | self.source(block.each, place)
        self.parts(block.parts, place, row)
        self.condition(block.when, place, row)
        self.references(block.parts, document, place)
        for child in block.children:
            self.prose(child, row, document)

    def table(self, block: TableTemplate, document: DocumentTemplate) -> None:
        place = place_of(block, document.id)
        self.text(block.caption, document, place)
        self.condition(block.when, place)
        columns = self.source(block.each, place) if block.each else _NO_ROW
        self.text(block.upto, document, place)
        self.text(block.unlisted, document, place)
        for item in block.items:
            columns |= item.texts.keys()
            self.condition(item.when, place)
            for parts in item.texts.values():
                self.text(parts, document, place)
        row = columns | {"row"}
        self.condition(block.where, place, row)
        in_cells = row | {spec.CLAUSE_COLUMN} if block.each in spec.DUTY_SOURCES else row
        for column in block.columns:
            self.text(column.head, document, place)
            self.condition(column.when, place)
            for parts in column.cell:
                self.text(parts, document, place, in_cells)
            for parts in column.blank or ():
                self.text(parts, document, place, frozenset({"row"}))
            self.text(column.value, document, place, row)
        self.blank_rows(block, in_cells - {"row"}, place)

    def blank_rows(self, block: TableTemplate, row: Row, place: Place) -> None:
        """Report columns whose blank rows have no field, number or text: entries made there by hand would be lost."""
        if not block.blank or not (block.each or block.items):
            return
        for number, column in enumerate(block.columns, 1):
            parts = [part for line in column.cell for part in line] if column.blank is None else []
            filled = any(isinstance(part, FieldSpec) for part in parts)
            if not filled and any(isinstance(part, Placeholder) and part.path in row for part in parts):
                message = f"表“{block.id}”的空白行在第{number}栏没有填写项"
                self.problem(place, "blank_without_field", message, '给这一栏写 blank: "{?编号 提示}"', block.id)

    def block_ids(self, document: DocumentTemplate, place: Place) -> None:
        for name, count in Counter(block_ids(document.body)).items():
            if count > 1:
                message = f"文件“{document.id}”里编号“{name}”用了两次"
                self.problem(replace(place, provision=name), "duplicate_id", message, subject=name)

    def fields(self, document: DocumentTemplate, place: Place) -> None:
        """Report field ids used twice in a document (in repeated rows: in their table), too long tags and unknown values."""
        seen: set[tuple[str, str]] = set()
        for field, owner, where in field_owners(document):
            if (owner, field.id) in seen:
                message, hint = f"填写项“{field.id}”用了两次", "同一文件里填写项编号不能重复"
                self.problem(where, "duplicate_field", message, hint, field.id)
            seen.add((owner, field.id))
            if owner and len(owner) + len(field.id) + _ROW_DIGITS + 2 > TAG_MAX:
                message = f"“{owner}”和填写项“{field.id}”的编号合起来太长（最多{TAG_MAX - _ROW_DIGITS - 2}个字符）"
                self.problem(where, "tag_too_long", message, "缩短其中一个", field.id)
        every = {f"{owner}.{name}" if owner else name for owner, name in seen}
        for condition in document.proved_by.values():
            name = condition.partition("=")[0]
            if name not in every and not document.own_files:  # a unit may take away a part of the form
                message = f"proved_by 中的“{name}”不是这份文件的填写项"
                self.problem(place, "unknown_field", message, nearest(name, every), name)
        fields = {name for owner, name in seen if not owner}
        self.counts(document, fields, place)
        is_whole = not any(clause and name == document.id for name, clause in self.preset.removed)
        for name in document.values:
            if name not in fields and is_whole:  # a layer may take away the part of the form that has the field
                message = f"values 中的“{name}”不是这份文件的填写项"
                self.problem(place, "unknown_field", message, nearest(name, fields), name)

    def counts(self, document: DocumentTemplate, fields: set[str], place: Place) -> None:
        """Report counts of a form that cannot be read, are of an unknown field, or name a missing duty or form."""
        for name, text in document.counts.items():
            count = counts.read(text)
            if count is None:
                message = f"counts 中的“{text}”无法读取"
                hint = (
                    f"写成 count(职责)、sum(表.填写项)、rows(表.栏)、list(表.栏) 等；可以用：{'、'.join(counts.KINDS)}"
                )
                self.problem(place, "bad_placeholder", message, hint, name)
                continue
            if name not in fields and not document.own_files:
                message = f"counts 中的“{name}”不是这份文件的填写项"
                self.problem(place, "unknown_field", message, nearest(name, fields), name)
            for wanted in count.names:
                known = self.preset.documents.keys() | (() if count.path else self.preset.duties.keys())
                gone = ("", f"duty.{wanted}") in self.preset.removed or (wanted, "") in self.preset.removed
                if wanted not in known and not gone:
                    message = f"counts 中的“{wanted}”不是职责，也不是文件"
                    self.problem(place, "unknown_id", message, nearest(wanted, known), wanted)


def field_owners(document: DocumentTemplate) -> Iterator[tuple[FieldSpec, str, Place]]:
    """Yield each form field with the id of the repeated block around it (``""``: not repeated) and its location."""
    for chain in chains(document.body):
        block = chain[-1]
        if isinstance(block, TableTemplate):
            owner, texts = block.id, [parts for lines in _column_cells(block) for parts in lines]
        else:
            repeated = (above for above in chain if isinstance(above, TemplateBlock) and above.each)
            owner, texts = next((above.id or "item" for above in repeated), ""), [parts for parts, _ in block.texts()]
        place = place_of(block, document.id)
        yield from ((part, owner, place) for parts in texts for part in parts if isinstance(part, FieldSpec))
    yield from ((part, "", document.place) for part in document.texts.get("dated", ()) if isinstance(part, FieldSpec))


def _column_cells(block: TableTemplate) -> Iterator[tuple[Parts, ...]]:
    """Yield the cells of a table's columns; a field that ``blank`` repeats from ``cell`` counts once."""
    for column in block.columns:
        yield column.cell
        own = {part.id for line in column.cell for part in line if isinstance(part, FieldSpec)}
        yield tuple(
            tuple(part for part in line if not (isinstance(part, FieldSpec) and part.id in own))
            for line in column.blank or ()
        )


# --- names that a kind has to give ---


def with_wanted(findings: Sequence[Finding], layers: Sequence[Layer]) -> list[Finding]:
    """Return the findings of a preset; those caused by statements that its kind lacks are joined at the kind.

    ``layers``: the layers of the preset, that of the kind behind those that it extends.
    """
    kinds = [layer for layer in layers if not layer.own and not layer.size]
    if len(kinds) < 2:
        return list(findings)
    beneath = tuple(f"{layer.folder}{os.sep}" for layer in kinds[:-1])
    rest, found = list(findings), list[Finding]()
    for code, (noun, where) in _WANTED.items():
        wanted = [finding for finding in findings if finding.code == code and finding.where.file.startswith(beneath)]
        if len({finding.subject for finding in wanted}) > _FEW:
            found.append(_together(wanted, noun, where, kinds[-1]))
            rest = [finding for finding in rest if finding not in wanted]
    return [*found, *rest]


def _together(wanted: Sequence[Finding], noun: str, where: str, kind: Layer) -> Finding:
    names = list(_counted(wanted))
    first = wanted[0].where
    message = (
        f"被继承的文件要用的{noun}，这个类别有 {len(names)} 个没有写：{'、'.join(names)}；"
        f"第一处在 {first.file} 第 {first.line} 行"
    )
    hint = f"{where}；样子见 toolkit presets new 写出来的样板"
    return Finding("wanted_names", Severity.ERROR, message, Place(kind.path("preset.yaml")), hint)


def _counted(wanted: Sequence[Finding]) -> Iterator[str]:
    """Yield each name, with the number of its places if it has more than one."""
    names = [finding.subject for finding in wanted]
    for name in dict.fromkeys(names):
        yield f"{name}（{names.count(name)} 处）" if names.count(name) > 1 else name
