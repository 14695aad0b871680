"""The report's three files, each whole or not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

from toolkit.batch.report import Report, as_data
from toolkit.batch.report_book import book
from toolkit.batch.report_page import page
from toolkit.outputs.disk import file_errors


def write_reports(report: Report, folder: Path) -> None:
    """Write the three files, each whole or not at all. Raises FileError."""
    stem = report.stem
    data = json.dumps(as_data(report), ensure_ascii=False, indent=1) + "\n"
    _put(folder / f"{stem}.json", data.encode("utf-8", "replace"))
    _put(folder / f"{stem}.html", page(report).encode("utf-8", "replace"))
    _put(folder / f"{stem}.xlsx", book(report))


def _put(path: Path, data: bytes) -> None:
    with file_errors("无法写入报告"):
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
