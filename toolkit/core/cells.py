"""Cells of tables as clerks type them: numbers as shown, marks of spreadsheets, the line of column names.

Used by lists of units and by files of people, which have the same shapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import Any, NamedTuple

from toolkit.core.patterns import lazy

#: So many lines that hold something are searched for the names of columns.
_HEAD_LINES = 15
#: So many characters and lines of a text are examined for the separator of its cells.
_SAMPLE, _SAMPLE_LINES = 20_000, 20
#: So many merged cells are looked at.
_AREAS_MAX = 2_000
#: Remarks at the end of a column's name: that it must be filled in, a unit of measure, a colon.
_MARKS = lazy(r"(?:[*＊:：]|[（(](?:必填|选填|可不填|全称|人|名|个|户)[）)])+$")
#: A text that a spreadsheet was made to keep: ="0533-1234567".
_QUOTED = lazy(r'\s*=\s*"((?:[^"]|"")*)"\s*', re.DOTALL)
#: Characters of no width; they are never meant.
_NO_WIDTH = lazy("[\u00ad\u200b-\u200f\u2060\ufeff]+")
#: Blanks that are not the ordinary one.
_BLANKS = lazy("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff·（）]"
_BETWEEN = lazy(rf"(?<={_WIDE})[ \t]+(?={_WIDE})")
#: One piece of a number format (ECMA-376 part 1, 18.8.31): quoted or escaped text, padding, a bracket, a character.
_PIECE = lazy(r'"([^"]*)"|\\(.)|([_*].)|(\[[^\]]*\])|(.)', re.DOTALL)
_COLOUR = lazy(
    r"\[(?:\$[^\]]*|Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?[0-9]+|黑色|蓝色|红色)\]", re.IGNORECASE
)
_DIGITS, _PLAIN = "0#?", " -+()（）－—·"

#: The pieces of a number format: text, None for a digit (0 if there is none), "" for one that may be missing.
Layout = tuple[str | None, ...]


class Shown(NamedTuple):
    """A number whose format shows another text: 5331234567 as 0533-1234567."""

    value: int
    text: str


def layout(code: str) -> Layout | None:
    """Return the pieces of a number format that shows digits, zeros and text only; None for any other."""
    first = code.partition(";")[0]
    if "@" in first or (first == "General" and "@" in code):
        return _text_layout(code)
    pieces: list[str | None] = []
    for literal, escaped, _padding, bracket, char in _PIECE.findall(code):
        if char == ";":  # negative numbers follow
            break
        if char and char in _DIGITS:
            pieces.append(None if char == "0" else "")
        elif literal or escaped:
            pieces.append(literal or escaped)
        elif char and (char in _PLAIN or "\u4e00" <= char <= "\u9fff"):
            pieces.append(char)
        elif char or (bracket and not _COLOUR.fullmatch(bracket)):
            return None
    digits = sum(not piece for piece in pieces)
    return tuple(pieces) if digits > 1 or (digits and len(pieces) > digits) else None


def _text_layout(code: str) -> Layout | None:
    """Return the pieces of a format of texts, ``@`` for the text itself (``"中共"@``); None if it shows nothing besides."""
    pieces: list[str | None] = []
    for literal, escaped, _padding, bracket, char in _PIECE.findall(
        next(part for part in code.split(";") if "@" in part)
    ):
        if literal or escaped:
            pieces.append(literal or escaped)
        elif char == "@" or char in _PLAIN or "\u4e00" <= char <= "\u9fff":
            pieces.append(char)
        elif char or (bracket and not _COLOUR.fullmatch(bracket)):
            return None
    return tuple(pieces) if len(pieces) > 1 else None


def shown(value: Any, pieces: Layout) -> Any:
    """Return a whole number as :class:`Shown` in a format of zeros and text, and a text in a format of texts.

    Other values, and the same text, are returned as they are.
    """
    if "@" in pieces:
        return "".join(value if piece == "@" else piece or "" for piece in pieces) if isinstance(value, str) else value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        return value
    number = str(int(value))
    places = sum(not piece for piece in pieces)
    padded = number.rjust(places)
    first = len(padded) - places + 1  # a number of more digits than places has all the others in the first
    digits, out = iter((padded[:first], *padded[first:])), []
    for piece in pieces:
        digit = piece or next(digits)
        out.append(digit if piece or digit != " " else "0" if piece is None else "")
    text = "".join(out).strip()
    return value if text == number else Shown(int(value), text)


def as_shown(value: float, text: str) -> Any:
    """Return a number with the text that its program shows, if that holds its digits and, before them, zeros and text."""
    if value < 0 or value != int(value) or any(char in ",.%Ee，" for char in text):
        return value
    digits, number = "".join(char for char in text if char.isascii() and char.isdigit()), str(int(value))
    is_same = text.strip() != number and digits.endswith(number)
    return Shown(int(value), text.strip()) if is_same else value


def quoted(formula: str) -> str | None:
    """Return the text of a formula that is nothing but a text in quotes (="0533…"), else None."""
    match = _QUOTED.fullmatch(formula)
    return match[1].replace('""', '"') if match else None


class BadLine(ValueError):
    """A line of a text that cannot be read as cells: a quote that is left open. ``line`` is its number."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def separator(text: str) -> str:
    """Return the separator of cells: that of most of the first lines (titles have none), then the most frequent of the first."""
    lines = text.lstrip("\ufeff\r\n")[:_SAMPLE].split("\n")[:_SAMPLE_LINES]
    return max(",\t;，", key=lambda char: (sum(char in line for line in lines), lines[0].count(char)))


def text_rows(text: str, most: int) -> list[tuple[int, dict[int, str]]]:
    """Return the lines of a text as cells, at most ``most``: by tabs, as spreadsheets copy them, or by commas, as typed.

    Lines without content are left out. Raises BadLine.
    """
    import csv
    import io

    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))
    rows, line = [], 1
    try:
        for cells in reader:
            if found := {number: cell for number, cell in enumerate(cells[:most], 1) if cell.strip()}:
                rows.append((line, found))
            line = reader.line_num + 1
    except csv.Error:
        raise BadLine(line) from None
    return rows


def plain_text(text: str, is_name: bool = False) -> str:
    """Return a text without characters of no width and without wide blanks; in a name, without blanks between Han characters.

    Between Han characters a blank of any other kind than the ordinary one goes, elsewhere it becomes an ordinary one.
    """
    if not text.isprintable():
        wide = _BLANKS.search(text) is not None
        text = _BLANKS.sub(" ", _NO_WIDTH.sub("", text))
        is_name = is_name or wide
    return (_BETWEEN.sub("", text) if is_name and " " in text else text).strip()


# --- the names of columns -------------------------------------------------------------------------------------------

#: Cells of a line by column.
Cells = Mapping[int, Any]
#: First and last line and column of merged cells.
Area = tuple[int, int, int, int]


def head_name(value: Any) -> str:
    """Return the name of a column as it is looked up: without blanks, and without marks such as * or （必填）."""
    name = _NO_WIDTH.sub("", "".join(str(getattr(value, "text", value)).split()))  # a formula has a text
    return name if name.startswith("#") else _MARKS.sub("", name) or name


class HeadLine(NamedTuple):
    """The line of column names: its number (``row``) among the lines, the names, and groups of columns above (党组织 above 全称).

    ``titles`` is how many lines stand above that are no part of it; ``score`` how sure it is.
    """

    row: int
    names: dict[int, str]
    groups: dict[int, str]
    titles: int
    score: float


def find_head(
    rows: Sequence[tuple[int, Cells]], merged: Iterable[Area], score: Callable[[str, str], float]
) -> HeadLine | None:
    """Return the line of column names among the first lines (titles stand above it); None for no lines.

    ``score`` says of a name, and the name of its group, how sure it is a column's (0 to 1). The first line counts that has
    half of the best sum, for lines of values may hold names too, or the next one where that is its second line.
    """
    first = rows[:_HEAD_LINES]
    areas = list(islice((area for area in merged if first and area[0] <= first[-1][0]), _AREAS_MAX))
    found = [_head_at(first, index, areas, score) for index in range(len(first))]
    best = max((head.score for head in found), default=0)
    head = next((head for head in found if head.score >= best / 2), None)
    if head is None:
        return None
    below = found[head.row + 1] if head.row + 1 < len(found) else head
    return below if below.titles == head.row and below.score > head.score else head


def _head_at(
    rows: Sequence[tuple[int, Cells]], index: int, areas: Sequence[Area], score: Callable[[str, str], float]
) -> HeadLine:
    line, cells = rows[index]
    names = {column: head_name(value) for column, value in cells.items()}
    groups: dict[int, str] = {}
    upper = dict(rows[index - 1 : index])  # a head has two lines at most
    for first, last, left, right in areas:
        if first < line and left in upper.get(first, ()):
            name = head_name(upper[first][left])
            if last >= line and left == right:
                names.setdefault(left, name)
            elif last < line:
                groups.update(dict.fromkeys((n for n in range(left, right + 1) if n in names), name))
    if len(upper.get(rows[index - 1][0], ())) == 1 and (not names or min(groups, default=0) <= min(names)):
        groups = {}  # a title, which stands at the left
    titles = index - bool(groups or names.keys() - cells.keys())
    texts = (column for column, name in names.items() if isinstance(cells.get(column, ""), str) and name)
    return HeadLine(index, names, groups, titles, sum(score(names[column], groups.get(column, "")) for column in texts))


def spans_of(rows: Sequence[tuple[int, Cells]]) -> list[Area]:
    """Return the groups of columns that the first lines of copied text show, as areas of :func:`find_head`.

    Merged cells leave their text in the first column and nothing in the others: a line counts where the next one has texts there.
    """
    found: list[Area] = []
    for (line, cells), (_, below) in pairwise(rows[:_HEAD_LINES]):
        starts = sorted(cells)
        ends = [*(start - 1 for start in starts[1:]), max((*cells, *below), default=0)]
        spans = list(zip(starts, ends, strict=True))
        if any(number in below for start, end in spans for number in range(start + 1, end + 1)):
            found += [(line, line, start, end) for start, end in spans]
    return found


def first_lines(ranges: Iterable[range], most: int = 6) -> list[int]:
    """Return the first lines of ranges of lines, which may be long."""
    return list(islice(chain.from_iterable(ranges), most))
