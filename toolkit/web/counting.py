"""How many files there are, counted in one way on all pages: documents, each once, what they are written as, data beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

#: Endings of the files that a document is written as.
PAPERS = (".docx", ".pdf")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many ``documents``, in how many files (``papers``), and how many ``data`` files (resolved.yaml) beside them."""

    documents: int
    papers: int
    data: int

    def __str__(self) -> str:
        """Say it: 36 份文件（Word 和 PDF 共 72 个，另有数据文件 1 个）."""
        more = [f"Word 和 PDF 共 {self.papers} 个"] if self.papers != self.documents else []
        more += [f"另有数据文件 {self.data} 个"] if self.data else []
        return f"{self.documents} 份文件" + (f"（{'，'.join(more)}）" if more else "")


def counted(names: Iterable[str]) -> Counted:
    """Return how many files these are, by their names."""
    paths = [PurePath(name) for name in names]
    papers = [path for path in paths if path.suffix.lower() in PAPERS]
    return Counted(len({path.with_suffix("") for path in papers}), len(papers), len(paths) - len(papers))
