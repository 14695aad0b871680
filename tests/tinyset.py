"""The tiny preset of the tests, and ways to lay things over it."""

from __future__ import annotations

from pathlib import Path

from toolkit import presets
from toolkit.compose.documents import build
from toolkit.compose.resolve import resolve
from toolkit.core.findings import FindingsError

DATA = Path(__file__).parent / "data"
ROOTS = (DATA / "tiny",)
LAYER = DATA / "tiny_layer"
KIND = "office_demo"
VALUES = {
    "unit.full_name": "示例镇示例村",
    "unit.motto": "说明。",
    "accounts": (
        {"name": "甲号", "platform": "微信", "admin": "{party.short}宣传委员"},
        {"name": "乙号", "platform": "广播", "admin": "丙"},
    ),
    "subunits": ("一组", "二组"),
}


def load(*layers):
    return presets.load(KIND, ROOTS, layers)


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a layer's files; return its folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def problems(*layers) -> list:
    """The findings of loading the tiny kind with these layers."""
    try:
        return list(load(*layers).findings)
    except FindingsError as error:
        return list(error.findings)


def made(values=None, *layers, date="2026-01-05"):
    """Resolved and built."""
    resolved = resolve(load(*layers), VALUES if values is None else values, date=date)
    return resolved, build(resolved)


def document(built, identifier):
    return next(document for document in built.set.documents if document.id == identifier)
