"""Data into a form: values checked and normalised, rows added where there are more than the form has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from toolkit.core.classes import dataclass
from toolkit.core.excerpts import beginning
from toolkit.core.findings import Finding, Place, Severity, nearest
from toolkit.forms.data import FormData, FormRow, trimmed
from toolkit.forms.fields import Form, FormTable, RowShape, normalised_as
from toolkit.forms.values import Unclear, clean
from toolkit.model.tree import Block, Document, FormField, Inlines, Provision, Row, Table, map_row

#: A form grows to at most this many rows in a table.
ROWS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with its values, and the findings about them. Unreadable values stay as written."""

    document: Document
    findings: tuple[Finding, ...] = ()


def fill(document: Document, data: FormData) -> Filled:
    """Return ``document`` filled with ``data``; keys may be ids or labels.

    Fields that ``data`` does not name keep their values. A table that it names gets its rows: keyed rows of the form
    that it lacks go, rows beyond the form's are added.
    """
    filler = _Filler(Form(document), data)
    body = tuple(filler.block(block) for block in document.body)
    dated = filler.inlines(document.dated)
    filler.strangers()
    return Filled(replace(document, body=body, dated=dated), tuple(filler.findings))


def resolve(
    form: Form, data: FormData
) -> tuple[dict[str, str], dict[str, tuple[FormRow, ...]], Callable[..., None], list[Finding], dict[str, Place]]:
    """Return values and rows by field id, a function that adds a problem, the list that it adds to, and the places."""
    filler = _Filler(form, data)
    filler.strangers()
    return filler.values, filler.tables, filler.problem, filler.findings, filler.places


class _Filler:
    def __init__(self, form: Form, data: FormData) -> None:
        self.form = form
        self.data = data
        self.findings: list[Finding] = list(data.findings)
        self.places = dict(data.places)
        self.values = self._resolved(data.values, form, "", "")
        self.tables = self._tables()

    def _tables(self) -> dict[str, tuple[FormRow, ...]]:
        captions = self.form.table_names
        found: dict[str, tuple[FormRow, ...]] = {}
        for given, rows in self.data.tables.items():
            name = given if given in self.form.tables else captions.get(given, "")
            if not name:
                self._unknown(given, [*captions], [*self.form.tables], "表", given)
                continue
            table = self.form.tables[name]
            found[name] = tuple(
                FormRow(
                    self._resolved(row.values, table, f"{given}.{number}.", f"{name}.{number}."), table.key_of(row.key)
                )
                for number, row in enumerate(rows[:ROWS_MAX], 1)
            )
            self._known_rows(table, found[name], given)
            if len(rows) > ROWS_MAX:
                self.problem("too_many_rows", f"表“{self.form.label(name)}”超过 {ROWS_MAX} 行，多出的没有填入", given)
        return found

    def _known_rows(self, table: FormTable, rows: tuple[FormRow, ...], given: str) -> None:
        """Say where a row is about something that this form does not print: an older form's duty, or a wrong word."""
        waiting = set(table.keys)
        rest = "没有位置" if all(shape.fixed for shape in table.shapes) else "写在空行里"
        for number, row in enumerate(rows, 1):
            if table.keys and row.key and row.key not in waiting and any(row.values.values()):
                about = table.words_of(row.key)
                what = f"“{about}”写了两行" if row.key in table.keys else f"没有“{about}”这一行"
                message = f"“{self.form.label(given)}”里{what}，第{number}行的内容{rest}"
                self.problem("lost_value", message, f"{table.id}.{number}", severity=Severity.WARNING)
            waiting.discard(row.key)

    def _resolved(self, values: Mapping[str, str], fields: Form | FormTable, prefix: str, own: str) -> dict[str, str]:
        """Return values by field id; a name that only one field has names it too. Places follow from ``prefix`` to ``own``."""
        found: dict[str, str] = {}
        for given, value in values.items():
            name = given if given in fields.fields else _called(fields, given)
            if name:
                if found.get(name, value) != value:
                    label = fields.fields[name].label or given
                    message = f"“{label}”写了两次，内容不同，只用后一个：“{beginning(value)}”，没有用“{beginning(found[name])}”"
                    self.problem("duplicate_field", message, own + name, severity=Severity.WARNING)
                found[name] = value
                if prefix + given in self.data.places:
                    self.places[own + name] = self.data.places[prefix + given]
            elif value.strip():
                self._unknown(given, [*fields.names], [*fields.fields], "填写项", prefix + given)
        return found

    def _unknown(self, given: str, names: list[str], ids: list[str], what: str, key: str) -> None:
        hint = nearest(given, [*names, *ids], f"可以写：{'、'.join(names[:12])}")
        self.problem("unknown_field", f"这份表没有叫“{given}”的{what}", key, hint)

    def problem(self, code: str, message: str, key: str, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        """Add a finding about a field."""
        place = self.places.get(key) or Place(key=self.form.label(key))
        self.findings.append(Finding(code, severity, message, place, hint, subject=key))

    def strangers(self) -> None:
        """Say where the data are of another form."""
        if self.data.document and self.data.document != self.form.document.id:
            message = f"数据是“{self.data.document}”的，填入的是“{self.form.document.title}”"
            self.problem("other_form", message, "", "请核对会议或者表的编号")

    def block(self, block: Block) -> Block:
        """Return a block with its fields filled in."""
        if isinstance(block, Table):
            if block.id in self.tables:
                return self._table(self.form.tables[block.id], self.tables[block.id])
            return (
                block if block.id in self.form.tables else replace(block, rows=tuple(map(self._grid_row, block.rows)))
            )
        heading, content = self._inlines(block.heading, self.values), self._inlines(block.content, self.values)
        children = tuple(self.block(child) for child in block.children)
        return (
            replace(block, heading=heading, content=content, children=children)
            if _changed(block, heading, content, children)
            else block
        )

    def inlines(self, parts: Inlines) -> Inlines:
        """Return inlines outside of tables with their fields filled in."""
        return self._inlines(parts, self.values)

    def _grid_row(self, row: Row) -> Row:
        return self._row(row, self.values, "", "")

    def _row(self, row: Row, values: Mapping[str, str], prefix: str, key: str) -> Row:
        filled = map_row(row, lambda line: self._inlines(line, values, prefix, key))
        return filled if filled != row else row

    def _inlines(self, parts: Inlines, values: Mapping[str, str], prefix: str = "", key: str = "") -> Inlines:
        if not any(isinstance(part, FormField) for part in parts):
            return parts
        return tuple(self._field(part, values, prefix, key) if isinstance(part, FormField) else part for part in parts)

    def _field(self, part: FormField, values: Mapping[str, str], prefix: str, key: str) -> FormField:
        name = part.id.removeprefix(prefix)
        if name not in values:
            return part
        given = values[name]
        try:
            value = normalised_as(part, given)
        except Unclear as error:
            self.problem(error.code, f"“{part.label or name}”：{error}", key + name, severity=_severity(part, error))
            value = clean(given)
        if part.kind == "check":
            value = "是" if value else ""
        return replace(part, value=value) if value != part.value else part

    def _table(self, table: FormTable, rows: tuple[FormRow, ...]) -> Table:
        made: list[Row] = list(table.table.rows[: table.table.header_rows])
        for number, (shape, row) in enumerate(place_rows(table, rows), 1):
            fresh = table.renumbered(shape.row, shape.number, number)
            if row is None and not shape.fixed:
                row = FormRow({})  # a listed person whom the data do not name is not of this meeting
            if row is not None:
                lost = [name for name, value in row.values.items() if value and name not in shape.fields]
                for name in lost:
                    self.problem(
                        "lost_value",
                        f"第{number}行不能填“{table.fields[name].label or name}”：这一行的这一栏已经印好",
                        f"{table.id}.{number}.{name}",
                        severity=Severity.WARNING,
                    )
                values = {name: row.values.get(name, "") for name in shape.fields}
                fresh = self._row(fresh, values, f"{table.id}_{number}_", f"{table.id}.{number}.")
            made.append(fresh)
        return replace(table.table, rows=tuple(made))


def _severity(part: FormField, error: Unclear) -> Severity:
    """A field that may be empty may also hold a time limit in words: nothing is reckoned with it, and that is said."""
    return Severity.WARNING if error.in_words and not part.required else Severity.ERROR


def _changed(block: Provision, heading: Inlines, content: Inlines, children: tuple[Block, ...]) -> bool:
    return (heading, content, children) != (block.heading, block.content, block.children)


def place_rows(table: FormTable, rows: tuple[FormRow, ...]) -> list[tuple[RowShape, FormRow | None]]:
    """Return for each row of the filled table the row of the form that it is made from, and its data.

    Rows with a key go to the form's row of that key; rows of a printed list to the row of the same number; all others to
    the free rows, in order, as many as there are. Free rows of the form that are left stay.
    """
    fixed = [shape for shape in table.shapes if shape.fixed]
    free = [shape for shape in table.shapes if not shape.fixed]
    keyed = {shape.key: shape for shape in fixed if shape.key}
    strangers = [row for row in rows if keyed and row.key and row.key not in keyed]
    placed: list[tuple[RowShape, FormRow | None]] = []
    rest: list[FormRow] = []
    if keyed and any(row.key in keyed for row in rows):
        for row in rows:
            shape = keyed.pop(row.key, None) if row.key else None
            if shape is None:
                rest.append(row)
            else:
                placed.append((shape, row))
    else:
        rest = [row for row in rows if row not in strangers]
        for shape in fixed:
            placed.append((shape, rest.pop(0) if rest and _fits(shape, rest[0]) else None))
        rest += strangers
    if not free and table.keys:
        rest = [row for row in rest if not row.key]  # each printed row is about something else
    placed.extend(_free(free or fixed[-1:], rest, bool(free)))
    return placed


def _fits(shape: RowShape, row: FormRow) -> bool:
    """Whether a row without a known key can be the data of a printed row."""
    return all(name in shape.fields for name, value in row.values.items() if value)


def _free(shapes: list[RowShape], rows: list[FormRow], keep: bool) -> Iterator[tuple[RowShape, FormRow | None]]:
    for number in range(max(len(rows), len(shapes) if keep else 0)):
        yield shapes[min(number, len(shapes) - 1)], rows[number] if number < len(rows) else None


def normalised(form: Form, data: FormData) -> tuple[FormData, tuple[Finding, ...]]:
    """Return ``data`` by field id and normalised, and findings about unreadable values (they stay as written)."""
    values, tables, problem, findings, places = resolve(form, data)

    def value_of(part: FormField, given: str, key: str) -> str:
        try:
            return normalised_as(part, given)
        except Unclear as error:
            hint = _how_to_choose(part, given) if error.code == "bad_choice" else ""
            problem(error.code, f"“{part.label or part.id}”：{error}", key, hint, severity=_severity(part, error))
            return clean(given)

    known = {
        name: value
        for name, part in form.fields.items()
        if name in values and (value := value_of(part, values[name], name))
    }
    rows: dict[str, tuple[FormRow, ...]] = {}
    for table, lines in tables.items():
        fields = form.tables[table].fields
        lines = tuple(replace(line, values=_shared_out(form.tables[table], line.values)) for line in lines)
        rows[table] = trimmed(
            [
                FormRow(
                    {
                        name: value
                        for name, given in line.values.items()
                        if (value := value_of(fields[name], given, f"{table}.{number}.{name}"))
                    },
                    line.key,
                )
                for number, line in enumerate(lines, 1)
            ]
        )
    kept = {table: lines for table, lines in rows.items() if lines}
    return replace(data, document=form.document.id, values=known, tables=kept, places=places), tuple(findings)


#: A count with its unit: 3票同意, 弃权1票, 反对：无.
_COUNTED = re.compile(
    r"(?P<before>[^\W\d]*?)[：:]?(?P<count>[0-9０-９]+|[零〇一二两三四五六七八九十]+|无)[票人名张]?(?P<behind>[^\W\d]*)"
)
_SAME_VOTE = {"赞成": "同意", "赞同": "同意", "反对": "不同意", "不赞成": "不同意"}
_GAPS = re.compile("[、，,；;。\\s]+")


def _shared_out(table: FormTable, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return the values of a row in which one number field says several counts: each goes to the field of its column.

    Nothing changes where a word is no column's, or another count stands in its field.
    """
    for name, text in values.items():
        part = table.fields.get(name)
        pieces = [piece for piece in _GAPS.split(text) if piece]
        if part is None or part.kind != "number" or len(pieces) < 2:
            continue
        found: dict[str, str] = {}
        for piece in pieces:
            match = _COUNTED.fullmatch(piece)
            word = (match["before"] or match["behind"]) if match else ""
            target = _called(table, _SAME_VOTE.get(word, word)) if word else ""
            if match is None or not target or target in found:
                break
            if target != name and values.get(target, "") not in ("", match["count"]):
                break
            found[target] = match["count"]
        else:
            return {**{key: value for key, value in values.items() if key != name}, **found}
    return values


def _how_to_choose(part: FormField, given: str) -> str:
    """Return the hint for a text that says an option and more; empty for others."""
    inside = [option for option in part.options if option in given]
    longest = [option for option in inside if not any(option != other and option in other for other in inside)]
    return f"只写“{longest[0]}”，说明写在别的栏目里" if len(longest) == 1 else ""


def _called(fields: Form | FormTable, words: str) -> str:
    """Return the id of the only field that people call so; empty for none or several."""
    same = fields.names.get(words) or fields.names.get("".join(words.split()), [])
    return same[0] if len(same) == 1 else ""
