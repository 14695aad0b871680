"""Accepts or rejects all changes of DOCX files in LibreOffice and tells what is left. Runs under the system's Python.

``python3 reviewer.py PIPE`` connects to a running office and reads jobs from the standard input, one JSON object a line:
``{"open": path, "act": "accept" | "reject" | "none", "styles": bool}``; it prints for each a line of JSON: the body as a list of
paragraphs (texts) and tables (lists of cells, each a list of texts). With ``styles`` a text follows its style and number.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from clerk import connect, options
from com.sun.star.lang import DisposedException

_ACTS = {"accept": "AcceptAllTrackedChanges", "reject": "RejectAllTrackedChanges"}


def texts(holder, styles: bool) -> list:
    """Return paragraphs and tables of a text in order."""
    found = []
    walk = holder.createEnumeration()
    while walk.hasMoreElements():
        one = walk.nextElement()
        if one.supportsService("com.sun.star.text.TextTable"):
            found.append([texts(one.getCellByName(name), styles) for name in one.getCellNames()])
        else:
            lead = f"{one.ParaStyleName}|{one.ListLabelString}|" if styles else ""
            found.append(lead + one.getString())
    return found


def main() -> None:
    desktop, context = connect(sys.argv[1])
    for line in sys.stdin:
        job = json.loads(line)
        document = desktop.loadComponentFromURL(Path(job["open"]).as_uri(), "_blank", 0, options(Hidden=True))
        if job["act"] in _ACTS:
            helper = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
            frame = document.CurrentController.Frame
            helper.executeDispatch(frame, f".uno:{_ACTS[job['act']]}", "", 0, ())
        document.TextFields.refresh()
        print(json.dumps(texts(document.Text, job["styles"]), ensure_ascii=False), flush=True)
        document.close(True)
    with suppress(DisposedException):  # the office ends while it answers
        desktop.terminate()


if __name__ == "__main__":
    main()
