"""A village to try checks on: a profile with changes, a layer over the preset, and what is found."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from conftest import ROOT

from toolkit.app import Prepared, prepare
from toolkit.core.data_folders import Where
from toolkit.core.findings import Finding

#: Of the preset of the village.
VERSION = re.findall(r"(?m)^version: (\S+)", (ROOT / "presets/village/preset.yaml").read_text(encoding="utf-8"))[0]
#: One value a line, so that a changed line is found again by what it says.
PROFILE = """\
单位类型: 村
单位:
  全称: 青禾县柳溪镇柳河村
  简称: 柳河村
党组织:
  全称: 中共柳溪镇柳河村支部委员会
  形式: 党支部
  党员人数: 32
上级:
  党组织: 柳溪镇党委
  政府: 柳溪镇人民政府
联络人:
  姓名职务: 甲某（宣传委员）
  电话: 0471-0000000
村情:
  村民小组: 一组、二组
新媒体账号:
  - {名称: 柳河村, 平台: 微信公众号, 管理员: 乙某}
文件:
  机关代字: 柳党字
  成文日期: 2026-01-05
"""


def write_profile(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the profile with lines replaced (old text → new text); each old text stands once."""
    text = PROFILE
    for old, new in (changes or {}).items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    path = folder / "unit.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def write_layer(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a unit's own layer."""
    layer = folder / "own"
    for name, text in files.items():
        path = layer / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    layer.mkdir(exist_ok=True)
    return layer


def check(
    files: Mapping[str, str] | None = None, changes: Mapping[str, str] | None = None, folder: Path | None = None
) -> Prepared:
    """Prepare the village with a layer of ``files`` and a changed profile."""
    with tempfile.TemporaryDirectory() as temporary:
        home = folder or Path(temporary)
        return prepare(write_profile(home, changes), Where(layers=(write_layer(home, files),) if files else ()))


def findings(
    code: str, files: Mapping[str, str] | None = None, changes: Mapping[str, str] | None = None
) -> list[Finding]:
    """Return the findings of one code."""
    return [finding for finding in check(files, changes).findings if finding.code == code]


def line_of(texts: Iterable[str], marker: str) -> int:
    """Return the line (from 1) on which ``marker`` stands in the one text that has it."""
    lines = [number for text in texts for number, line in enumerate(text.splitlines(), start=1) if marker in line]
    assert len(lines) == 1, f"{marker!r} stands on lines {lines}"
    return lines[0]


def article(text: str, document: str = "regulation", position: str = "in=arrangement", family: str = "md") -> dict:
    """A layer with one more article, ``extra``, in a document."""
    return {f"documents/{document}.{family}": f"---\nid: {document}\n---\n## 补充 {{#extra {position}}}\n{text}\n"}


def new_document(body: str, **keys: str) -> dict:
    """A layer with one more prose document, ``added``."""
    head = {
        "id": "added",
        "number": "90",
        "file": "补充办法",
        "title": "补充办法",
        "family": "mechanism",
        "layout": "regulation",
        "numbering": "articles",
        "self": "本办法",
        **keys,
    }
    front = "".join(f"{key}: {value}\n" for key, value in head.items())
    return {"documents/added.md": f"---\n{front}---\n{body}\n"}


def new_form(body: str, **keys: str) -> dict:
    """A layer with one more form, ``added``."""
    head = {
        "id": "added",
        "number": "90",
        "file": "补充表",
        "title": "补充表",
        "family": "record",
        "layout": "form",
        "numbering": "none",
        "self": "本表",
        **keys,
    }
    return {"documents/added.yaml": "".join(f"{key}: {value}\n" for key, value in head.items()) + f"body:\n{body}\n"}
