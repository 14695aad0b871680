"""A unit may use fonts of its own names; nothing else of the layout changes."""

import io
import zipfile

from toolkit import app


def _styles(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read("word/styles.xml").decode()


def test_the_profile_chooses_the_fonts(tmp_path, village_profile):
    own = tmp_path / "unit.yaml"
    text = village_profile.read_text(encoding="utf-8")
    own.write_text(text + "字体:\n  正文: 仿宋\n  标题: R&D 小标宋\n", encoding="utf-8")
    name = "01-意识形态工作责任制实施办法.docx"
    plain = _styles(app.render(app.prepare(village_profile), ["regulation"])[name])
    chosen = _styles(app.render(app.prepare(own), ["regulation"])[name])
    assert "仿宋_GB2312" in plain and "仿宋_GB2312" not in chosen
    assert 'w:eastAsia="仿宋"' in chosen and "R&amp;D 小标宋" in chosen
    assert plain.replace("仿宋_GB2312", "仿宋").replace("方正小标宋简体", "R&amp;D 小标宋") == chosen
