"""Edits a DOCX in LibreOffice as a clerk would. Runs under the system's Python, which has UNO; asserts nothing.

``python3 clerk.py PIPE`` connects to a running office and reads jobs from the standard input, one JSON object a line:
``{"open": path, "save": path, "steps": [[name, argument, …], …]}``. Paths are absolute. Steps:

* ``add``, text in the paragraph to go to, new text: the cursor goes to the paragraph's end, Enter, types;
* ``before``, text in the paragraph to go to, new text: the cursor goes to its start, Enter, up, types;
* ``split``, text: the cursor goes behind this text, Enter;
* ``delete``, text: the paragraph that holds the text goes;
* ``fill``, bookmark, text: goes one character into the form field's bookmark and types;
* ``retype``, bookmark, text: selects what is in the form field's bookmark and types over it;
* ``moved``, bookmark, moves, text: goes to the form field's bookmark, then as from the keyboard (``GoToEndOfLine`` …), types;
* ``row``, bookmark, text, …: puts a new row below the one that holds the bookmark and writes into its cells;
* ``drop``, bookmark: removes the row that holds the bookmark;
* ``merge``, bookmark, columns, rows: merges the cell that holds the bookmark with those to the right and below;
* ``divide``, bookmark, parts: splits the cell that holds the bookmark into parts beside each other;
* ``update``: updates all fields (F9).
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException


def connect(pipe: str):
    """Return the desktop of the office that listens at ``pipe``; waits up to a minute."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.2)
            continue
        return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context), context
    raise SystemExit("no office")


def options(**values) -> tuple:
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


class Clerk:
    """One open document and its cursor. Keys go through the dispatcher, as from a keyboard."""

    def __init__(self, desktop, context, path: str) -> None:
        self.document = desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, options(Hidden=True))
        self.dispatcher = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
        self.controller = self.document.CurrentController
        self.cursor = self.controller.ViewCursor

    def key(self, command: str, **values) -> None:
        self.dispatcher.executeDispatch(self.controller.Frame, f".uno:{command}", "", 0, options(**values))

    def find(self, text: str):
        search = self.document.createSearchDescriptor()
        search.SearchString = text
        found = self.document.findFirst(search)
        if found is None:
            raise SystemExit(f"not found: {text}")
        return found

    def paragraph(self, text: str):
        found = self.find(text)
        return found.Text.createTextCursorByRange(found.End)

    def add(self, after: str, text: str) -> None:
        cursor = self.paragraph(after)
        cursor.gotoEndOfParagraph(False)
        self.cursor.gotoRange(cursor, False)
        self.key("InsertPara")
        self.key("InsertText", Text=text)

    def before(self, text: str, new: str) -> None:
        cursor = self.paragraph(text)
        cursor.gotoStartOfParagraph(False)
        self.cursor.gotoRange(cursor, False)
        self.key("InsertPara")
        self.key("GoUp", Count=1)
        self.key("InsertText", Text=new)

    def split(self, text: str) -> None:
        self.cursor.gotoRange(self.find(text).End, False)
        self.key("InsertPara")

    def delete(self, text: str) -> None:
        cursor = self.paragraph(text)
        cursor.gotoStartOfParagraph(False)
        cursor.gotoNextParagraph(True)
        self.cursor.gotoRange(cursor, False)
        self.key("Delete")

    def fill(self, bookmark: str, text: str) -> None:
        anchor = self.document.Bookmarks.getByName(bookmark).Anchor
        self.cursor.gotoRange(anchor.Start, False)
        self.cursor.goRight(1, False)
        self.key("InsertText", Text=text)

    def retype(self, bookmark: str, text: str) -> None:
        anchor = self.document.Bookmarks.getByName(bookmark).Anchor
        self.cursor.gotoRange(anchor.Start, False)
        self.cursor.gotoRange(anchor.End, True)
        self.key("InsertText", Text=text)

    def moved(self, bookmark: str, moves: list[str], text: str) -> None:
        self.cursor.gotoRange(self.document.Bookmarks.getByName(bookmark).Anchor.Start, False)
        for move in moves:
            self.key(move, **({"Count": 1} if move in ("GoLeft", "GoRight", "GoUp", "GoDown") else {}))
        self.key("InsertText", Text=text)

    def _row_of(self, bookmark: str):
        anchor = self.document.Bookmarks.getByName(bookmark).Anchor
        return anchor.TextTable, int("".join(filter(str.isdigit, anchor.Cell.CellName))) - 1

    def row(self, bookmark: str, *texts: str) -> None:
        table, number = self._row_of(bookmark)
        table.Rows.insertByIndex(number + 1, 1)
        for column, text in enumerate(texts):
            table.getCellByName(f"{chr(ord('A') + column)}{number + 2}").setString(text)

    def drop(self, bookmark: str) -> None:
        table, number = self._row_of(bookmark)
        table.Rows.removeByIndex(number, 1)

    def _cell_of(self, bookmark: str):
        anchor = self.document.Bookmarks.getByName(bookmark).Anchor
        return anchor.TextTable.createCursorByCellName(anchor.Cell.CellName)

    def merge(self, bookmark: str, columns: int, rows: int) -> None:
        cursor = self._cell_of(bookmark)
        if columns > 1:
            cursor.goRight(columns - 1, True)
        if rows > 1:
            cursor.goDown(rows - 1, True)
        cursor.mergeRange()

    def divide(self, bookmark: str, parts: int) -> None:
        self._cell_of(bookmark).splitRange(parts - 1, False)

    def update(self) -> None:
        self.document.TextFields.refresh()

    def save(self, path: str) -> None:
        self.document.storeToURL(Path(path).as_uri(), options(FilterName="MS Word 2007 XML"))
        self.document.close(True)


def main() -> None:
    desktop, context = connect(sys.argv[1])
    for line in sys.stdin:
        job = json.loads(line)
        clerk = Clerk(desktop, context, job["open"])
        for name, *arguments in job["steps"]:
            getattr(clerk, name)(*arguments)
        clerk.save(job["save"])
    with suppress(DisposedException):  # the office ends while it answers
        desktop.terminate()


if __name__ == "__main__":
    main()
