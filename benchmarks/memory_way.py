"""One job of ``bench_template.py`` twenty times one way: ``python memory_way.py INPUT.json docxtpl|toolkit``; prints MiB."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

TIMES = 20


def docxtpl(job: dict[str, Any], out: str) -> None:
    """Render in docxtpl's ordinary way."""
    from docxtpl import DocxTemplate
    from markupsafe import Markup

    for _ in range(TIMES):
        template = DocxTemplate(job["template"])
        template.render({**job["context"], "body": Markup(job["body"])}, autoescape=True)
        template.save(out)


def toolkit(job: dict[str, Any], out: str) -> None:
    """Render a body that is there already, or a document of a tree."""
    from toolkit.docx.template import load

    sheet = load(job["template"], keys=frozenset(job["context"]) | {"body"})
    if "set" not in job:
        for _ in range(TIMES):
            Path(out).write_bytes(sheet.render(job["context"], job["body"]))
        return
    from toolkit import docx
    from toolkit.model import tree_json
    from toolkit.numbering.labels import number_set

    whole = tree_json.from_json(job.pop("set"))
    document = next(one for one in whole.documents if one.id == job["document"])
    for _ in range(TIMES):
        Path(out).write_bytes(docx.write(document, number_set(whole), sheet))


def peak() -> float:
    """Return this process's peak (MiB); ``ru_maxrss`` counts the parent's from before exec, so /proc comes first."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(path: str, way: str) -> None:
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    if way == "docxtpl":
        job.pop("set", None)
    handle, out = tempfile.mkstemp(suffix=".docx")
    os.close(handle)
    {"docxtpl": docxtpl, "toolkit": toolkit}[way](job, out)
    os.unlink(out)
    print(peak())


if __name__ == "__main__":
    main(*sys.argv[1:3])
