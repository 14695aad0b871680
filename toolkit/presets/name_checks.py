"""Checks that every name used in a preset is known; used by ``assembly`` when a preset is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from toolkit.core.findings import Place
from toolkit.model.tree import TAG_MAX
from toolkit.presets.conditions import Expression, names
from toolkit.presets.defaults import default_placeholders
from toolkit.presets.markup import FieldSpec, Parts, Placeholder, RefSpec, TemplateBlock
from toolkit.presets.patch import block_ids
from toolkit.presets.spec import (
    CLAUSE_COLUMN,
    DOCUMENT_ATTRIBUTES,
    DUTY_ATTRIBUTES,
    MEETING_ATTRIBUTES,
    QUORUM_KEYS,
    RESERVED_NAMES,
    ROW_SOURCES,
    TABLE_EDGES,
    TITLE_KEYS,
    DocumentTemplate,
    GridTemplate,
    Preset,
    TableTemplate,
    chains,
    place_of,
)
from toolkit.presets.yaml_values import Reader, nearest

_NONE: frozenset[str] = frozenset()
#: Most digits of a row number in a tag.
_ROW_DIGITS = 3


class Namespace:
    """The names that ``{…}``, ``when`` and ``each`` can use in a preset.

    Names of entries that a layer removed stay known: a text that still uses one
    gets a finding when a set is built, marked as a consequence of the removal.
    """

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.columns: dict[str, frozenset[str]] = {
            source: frozenset(columns) for source, columns in ROW_SOURCES.items()
        }
        self.printable: set[str] = {"date", "year", *(f"doc.{name}" for name in DOCUMENT_ATTRIBUTES)}
        self.flags: set[str] = set(ROW_SOURCES)
        self.targets = {name: _targets(document) for name, document in preset.documents.items()}
        for name, clause in preset.removed:
            if clause and name in self.targets:
                self.targets[name].setdefault(clause, False)
        self.add_params()
        self.add_registers()

    def add_params(self) -> None:
        for key, param in self.preset.params.params.items():
            self.printable.add(key)
            if param.type == "document":
                self.printable.update(f"{key}.{name}" for name in TITLE_KEYS)
            elif param.type == "list":
                self.columns[key] = frozenset({"value"})
            elif param.type == "table":
                columns = self.columns[key] = frozenset(column.key for column in param.columns)
                self.printable.update(f"{key}.{edge}.{column}" for edge in TABLE_EDGES for column in columns)
                self.printable.add(f"{key}.count")
                self.printable.discard(key)
                self.flags.add(key)

    def add_registers(self) -> None:
        preset = self.preset
        for entry in preset.org.values():
            self.printable.update(f"{entry.id}.{key}" for key in entry.extra)
            for key, parts in entry.extra.items():
                if len(parts) == 1 and isinstance(parts[0], Placeholder) and parts[0].path in self.columns:
                    self.columns[f"{entry.id}.{key}"] = self.columns[parts[0].path]
        for name in self.body_ids():
            self.printable.update((name, f"{name}.full", f"{name}.name"))
        for name in self.duty_ids():
            self.flags.add(f"duty.{name}")
            self.printable.update(f"duty.{name}.{key}" for key in DUTY_ATTRIBUTES)
        for name in self.meeting_ids():
            self.flags.add(f"meeting.{name}")
            self.printable.update(f"meeting.{name}.{key}" for key in MEETING_ATTRIBUTES)
            self.printable.update(f"meeting.{name}.quorum.{key}" for key in QUORUM_KEYS)
        self.printable.update(f"title.{name}" for name in self.document_ids())

    def document_ids(self) -> list[str]:
        """Return the ids of all documents, removed ones too."""
        return [*self.preset.documents, *(name for name, clause in self.preset.removed if name and not clause)]

    def body_ids(self) -> list[str]:
        """Return the ids of the organisation register, removed ones too."""
        return [*self.preset.org, *self._removed("org.")]

    def duty_ids(self) -> list[str]:
        """Return the ids of all duties, removed ones too."""
        return [*self.preset.duties, *self._removed("duty.")]

    def meeting_ids(self) -> list[str]:
        """Return the ids of all meetings, removed ones too."""
        return [*self.preset.meetings, *self._removed("meeting.")]

    def _removed(self, prefix: str) -> list[str]:
        entries = (name for document, name in self.preset.removed if not document)
        return [name.removeprefix(prefix) for name in entries if name.startswith(prefix)]


class _Checker:
    """Checks texts against the namespace and adds findings."""

    def __init__(self, space: Namespace, reader: Reader) -> None:
        self.space = space
        self.reader = reader
        self.local: frozenset[str] = _NONE

    def parts(self, parts: Parts, place: Place, row: frozenset[str] = _NONE) -> None:
        for part in parts:
            if not isinstance(part, Placeholder):
                continue
            if part.each is None:
                self.name(part.path, place, row)
            else:
                self.parts(part.each, place, row | self.source(part.path, place))

    def name(self, path: str, place: Place, row: frozenset[str], condition: bool = False) -> None:
        space = self.space
        if path in row or path in space.printable or path in self.local or (condition and path in space.flags):
            return
        if path in space.flags:
            message, hint = f"“{{{path}}}”不能直接印出来", '表和清单用 {名称: each="…"}，职责和会议写到具体一项'
            self.reader.problem(place, "not_printable", message, hint, path)
            return
        known = [*row, *self.local, *space.printable, *(space.flags if condition else ())]
        message, hint = f"没有“{path}”这个名称", nearest(path, known) or "参数、机构、职责和会议的名称见预设"
        self.reader.problem(place, "unknown_name", message, hint, path)

    def condition(self, expression: Expression | None, place: Place, row: frozenset[str] = _NONE) -> None:
        if expression is not None:
            for path in names(expression):
                self.name(path, place, row, condition=True)

    def source(self, path: str, place: Place) -> frozenset[str]:
        """Return the columns of a row of ``each`` over ``path``; an unknown source is reported."""
        columns = self.space.columns.get(path)
        if columns is None:
            message = f"each 不能用“{path}”"
            hint = nearest(path, self.space.columns) or "each 用列表、表格参数或者 duties、meetings、calendar、agenda"
            self.reader.problem(place, "unknown_source", message, hint, path)
            return _NONE
        if path == "agenda" and not self.local:
            self.reader.problem(place, "unknown_source", "each: agenda 只能用在写了 meeting 的文件里", subject=path)
        return columns

    def known(self, name: str, known: Iterable[str], what: str, place: Place) -> None:
        if name and name not in (known := list(known)):
            self.reader.problem(place, "unknown_id", f"没有{what}“{name}”", nearest(name, known), name)


def check_names(preset: Preset, reader: Reader) -> None:
    """Report unknown names, fields and references of a preset."""
    space = Namespace(preset)
    checker = _Checker(space, reader)
    _check_namespace(preset, reader)
    _check_registers(preset, space, checker)
    for key, default in preset.defaults.items():
        place = preset.params.places.get(key, Place(key=key))
        row = space.columns.get(key.rpartition(".")[0], _NONE) if key not in preset.params.params else _NONE
        checker.parts(tuple(default_placeholders(default)), place, row)
    for parts in (*preset.identity.values(), *preset.fonts.values(), *preset.unbreakable):
        checker.parts(parts, Place())
    for document in preset.documents.values():
        checker.local = _locals(document)
        _check_document(document, space, checker)


def _locals(document: DocumentTemplate) -> frozenset[str]:
    if not document.meeting:
        return _NONE
    quorum = (f"this.quorum.{key}" for key in QUORUM_KEYS)
    return frozenset((*(f"this.{key}" for key in MEETING_ATTRIBUTES), *quorum))


def _check_namespace(preset: Preset, reader: Reader) -> None:
    """Report reserved names and names that are both a parameter and an organisation id."""
    for key in preset.params.params:
        if key.split(".")[0] in RESERVED_NAMES or key in ("doc.self", "doc.title"):
            message = f"参数不能叫“{key}”，这个名称有固定含义"
            reader.problem(preset.params.places.get(key, Place(key=key)), "reserved_name", message, subject=key)
    for entry in preset.org.values():
        taken = {entry.id, f"{entry.id}.full", *(f"{entry.id}.{key}" for key in entry.extra)}
        clash = sorted(taken.intersection(preset.params.params))
        if entry.id in RESERVED_NAMES or entry.id == "doc" or clash:
            message = f"机构编号“{(clash or [entry.id])[0]}”与参数或固定名称相同"
            reader.problem(entry.place, "reserved_name", message, subject=entry.id)


def _check_registers(preset: Preset, space: Namespace, checker: _Checker) -> None:
    documents, bodies, meetings = space.document_ids(), space.body_ids(), space.meeting_ids()
    for entry in preset.org.values():
        for parts in (entry.name, entry.full, *entry.extra.values()):
            checker.parts(parts, entry.place)
        checker.condition(entry.when, entry.place)
        checker.known(entry.of, bodies, "机构", entry.place)
    for duty in preset.duties.values():
        for key, parts in duty.texts.items():
            checker.parts(parts, duty.places.get(key, duty.place))
        checker.condition(duty.when, duty.places.get("when", duty.place))
        checker.known(duty.form, documents, "文件", duty.places.get("form", duty.place))
        checker.known(duty.meeting, meetings, "会议", duty.places.get("meeting", duty.place))
    for meeting in preset.meetings.values():
        for parts in (meeting.name, meeting.form, *meeting.quorum.values()):
            checker.parts(parts, meeting.place)
        checker.condition(meeting.when, meeting.place)
        checker.known(meeting.minutes, documents, "文件", meeting.place)
        checker.known(meeting.prepared_by, meetings, "会议", meeting.place)


def _check_document(document: DocumentTemplate, space: Namespace, checker: _Checker) -> None:
    place = replace(document.place, document=document.id)
    texts = (*document.texts.values(), *document.attachments, *document.unbreakable, *document.values.values())
    for parts in texts:
        checker.parts(parts, place)
    checker.condition(document.when, place)
    checker.known(document.meeting, space.meeting_ids(), "会议", place)
    others = [name for name in space.document_ids() if name != document.id]
    checker.known(document.encloses, others, "文件", place)
    for name in document.record_of:
        checker.known(name, space.duty_ids(), "职责", place)
    for row, parts, condition, where in _texts(document, checker):
        checker.parts(parts, where, row)
        checker.condition(condition, where, row)
        for part in parts:
            if isinstance(part, RefSpec):
                _check_reference(part, document, space, checker, where)
    for rich in (document.texts.get("note", ()), document.texts.get("addressee", ())):
        for part in rich:
            if isinstance(part, RefSpec):
                _check_reference(part, document, space, checker, place)
    _check_block_ids(document, checker)
    _check_fields(document, checker, place)


#: (columns of the row that it can name, text, condition, location).
CheckedText = tuple[frozenset[str], Parts, "Expression | None", Place]


def _texts(document: DocumentTemplate, checker: _Checker) -> Iterator[CheckedText]:
    """Yield every text and condition of a body."""
    for block in document.body:
        if isinstance(block, TemplateBlock):
            yield from _prose(block, _NONE, document.id, checker)
        elif isinstance(block, GridTemplate):
            yield _NONE, (), block.when, place_of(block, document.id)
            for row in block.rows:
                yield _NONE, (), row.when, place_of(block, document.id, line=row.line)
            for parts, line in block.texts():
                yield _NONE, parts, None, place_of(block, document.id, line=line)
        else:
            yield from _table(block, document, checker)


def _prose(block: TemplateBlock, row: frozenset[str], document: str, checker: _Checker) -> Iterator[CheckedText]:
    place = place_of(block, document)
    if block.each:
        row = row | checker.source(block.each, place)
    yield row, block.parts, block.when, place
    for child in block.children:
        yield from _prose(child, row, document, checker)


def _table(block: TableTemplate, document: DocumentTemplate, checker: _Checker) -> Iterator[CheckedText]:
    place = place_of(block, document.id)
    yield _NONE, block.caption, block.when, place
    row = {"row"}
    if block.each:
        row |= checker.source(block.each, place)
    if block.each in ("duties", "agenda", "calendar"):
        row.add(CLAUSE_COLUMN)
    for item in block.items:
        row |= item.keys()
        for parts in item.values():
            yield _NONE, parts, None, place
    yield frozenset(row - {CLAUSE_COLUMN}), (), block.where, place
    for column in block.columns:
        yield _NONE, column.head, None, place
        for parts in column.cell:
            yield frozenset(row), parts, None, place
        for parts in column.blank or ():
            yield frozenset({"row"}), parts, None, place
        yield frozenset(row - {CLAUSE_COLUMN}), column.value, None, place
    _check_blank_rows(block, frozenset(row - {"row"}), checker, place)


def _check_blank_rows(block: TableTemplate, row: frozenset[str], checker: _Checker, place: Place) -> None:
    """Report columns whose blank rows have no field, number or text: entries made there by hand would be lost."""
    if not block.blank or not (block.each or block.items):
        return
    for number, column in enumerate(block.columns, 1):
        if column.blank is not None:
            continue
        parts = [part for line in column.cell for part in line]
        filled = any(isinstance(part, FieldSpec) for part in parts)
        if not filled and any(isinstance(part, Placeholder) and part.path in row for part in parts):
            message = f"表“{block.id}”的空白行在第{number}栏没有填写项"
            checker.reader.problem(place, "blank_without_field", message, '给这一栏写 blank: "{?编号 提示}"', block.id)


def _check_reference(
    ref: RefSpec, document: DocumentTemplate, space: Namespace, checker: _Checker, place: Place
) -> None:
    name = ref.document or document.id
    if name not in space.targets:
        checker.known(name, space.document_ids(), "文件", place)
        return
    ids = space.targets[name]
    if ref.target and ref.target not in ids:
        checker.reader.problem(
            place, "unknown_target", f"引用的“{ref.target}”在文件“{name}”里不存在", nearest(ref.target, ids), ref.target
        )
    elif ref.target and ids[ref.target]:
        checker.reader.problem(
            place, "unknown_target", f"“{ref.target}”按 each 重复，不能引用", "引用它所在的条或者款", ref.target
        )


def _targets(document: DocumentTemplate) -> dict[str, bool]:
    """Return the ids that a reference can name → whether the block is repeated by ``each``."""
    return {
        chain[-1].id: any(isinstance(block, TemplateBlock) and bool(block.each) for block in chain)
        for chain in chains(document.body)
        if chain[-1].id or not isinstance(chain[-1], TemplateBlock)
    }


def _check_block_ids(document: DocumentTemplate, checker: _Checker) -> None:
    seen: set[str] = set()
    for name in block_ids(document.body):
        if name in seen:
            checker.reader.problem(
                replace(document.place, document=document.id, provision=name),
                "duplicate_id",
                f"文件“{document.id}”里编号“{name}”用了两次",
                subject=name,
            )
        seen.add(name)


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


def _column_cells(block: TableTemplate) -> Iterator[tuple[Parts, ...]]:
    """Yield the cells of a table's columns; a field that ``blank`` repeats from ``cell`` counts once."""
    for column in block.columns:
        yield column.cell
        own = {part.id for line in column.cell for part in line if isinstance(part, FieldSpec)}
        yield tuple(
            tuple(part for part in line if not (isinstance(part, FieldSpec) and part.id in own))
            for line in column.blank or ()
        )


def _check_fields(document: DocumentTemplate, checker: _Checker, place: Place) -> None:
    """Report field ids used twice in a document (in repeated rows: in their table), too long tags and unknown values."""
    seen: set[tuple[str, str]] = set()
    for spec, owner, where in field_owners(document):
        if (owner, spec.id) in seen:
            checker.reader.problem(
                where, "duplicate_field", f"填写项“{spec.id}”用了两次", "同一文件里填写项编号不能重复", spec.id
            )
        seen.add((owner, spec.id))
        if owner and len(owner) + len(spec.id) + _ROW_DIGITS + 2 > TAG_MAX:
            message = f"“{owner}”和填写项“{spec.id}”的编号合起来太长（最多{TAG_MAX - _ROW_DIGITS - 2}个字符）"
            checker.reader.problem(where, "tag_too_long", message, "缩短其中一个", spec.id)
    fields: Mapping[str, None] = dict.fromkeys(name for owner, name in seen if not owner)
    for name in document.values:
        if name not in fields:
            checker.reader.problem(
                place, "unknown_field", f"values 中的“{name}”不是这份文件的填写项", nearest(name, fields), name
            )
