"""The report's three files, each whole or not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

from toolkit.batch.report import Report, as_data
from toolkit.output.disk import file_errors


def file_names(report: Report) -> tuple[str, str, str]:
    """Return the names of the reports: for programs, for reading, for sorting and counting."""
    return f"{report.stem}.json", f"{report.stem}.html", f"{report.stem}.xlsx"


def write_reports(report: Report, folder: Path) -> None:
    """Write the three files, each whole or not at all. Raises FileError."""
    from toolkit.batch.report_book import book
    from toolkit.batch.report_page import page

    data = json.dumps(as_data(report), ensure_ascii=False, indent=1) + "\n"
    makers = (
        lambda: data.encode("utf-8", "replace"),
        lambda: page(report).encode("utf-8", "replace"),
        lambda: book(report),
    )
    for name, make in zip(file_names(report), makers, strict=True):
        put(folder / name, make())


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises FileError."""
    with file_errors("无法写入报告"):
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
