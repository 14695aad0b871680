"""The bundled kinds are judged here for all first runs (``presets/judged.json``). After a change of one: ``pytest --accept``."""

import re
import shutil
from pathlib import Path

import pytest

from toolkit import app, checks, presets
from toolkit.checks import lines, organisation, typed_times
from toolkit.core.data_folders import data_folder
from toolkit.presets.assembly import assemble
from toolkit.presets.layers import chain, kinds
from toolkit.presets.loading import JUDGED, judged_as_text, stamp_of

BUNDLED = data_folder("presets")
KINDS = sorted(info.id for info in kinds([BUNDLED]))


def read_anew(kind):
    """Read a bundled kind as one that nobody judged."""
    return assemble(kind, chain(kind, [BUNDLED], []), [BUNDLED])


def shown(preset):
    """Return all that a preset holds; the order of a set is not its own."""
    return re.sub(r"frozenset\(\{.*?\}\)", lambda match: "".join(sorted(match[0])), repr(preset))


def test_what_was_judged_is_what_is_there(accept):
    anew = {stamp_of(chain(kind, [BUNDLED], [])): read_anew(kind) for kind in KINDS}
    now = judged_as_text(anew)
    if accept:
        (BUNDLED / JUDGED).write_text(now, encoding="utf-8")
    assert now == (BUNDLED / JUDGED).read_text(encoding="utf-8"), "wanted? run pytest --accept tests/test_judged.py"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_a_judged_kind_has_none_of_what_is_not_looked_for(kind):
    judged = presets.load(kind, [BUNDLED])
    assert judged.judged
    anew = read_anew(kind)
    assert not anew.judged
    assert shown(anew) == shown(judged)
    assert (anew.findings, anew.vocabulary, anew.times) == ((), (), judged.times)
    prepared = app.prepare(Path(__file__).parent.parent / "examples" / f"{kind}.yaml")
    context = checks.Context(anew, prepared.resolved, prepared.built, prepared.labels, {})
    assert [finding for check in checks.CHECKS if check.once for finding in check.function(context)] == []
    assert typed_times._typed(anew) == ()
    assert lines._own(anew) == ((), ())
    assert organisation._readable(anew) == organisation._readable(judged) != frozenset()


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(BUNDLED, tmp_path / "presets")
    return tmp_path / "presets"


@pytest.mark.slow
def test_an_edited_kind_is_judged_anew(copy):
    assert presets.load("village", [copy]).judged  # where it is does not matter
    document = next(
        path for path in sorted((copy / "village" / "documents").glob("*.md")) if "\n## " in path.read_text("utf-8")
    )
    text = document.read_text("utf-8")
    document.write_text(text.rstrip() + "\n\n第一时间报告有关情况。\n", encoding="utf-8")
    edited = presets.load("village", [copy])
    assert not edited.judged
    profile = Path(__file__).parent.parent / "examples" / "village.yaml"
    found = app.prepare(profile, app.Where(presets=(copy,))).findings
    assert [(finding.code, Path(finding.where.file).name) for finding in found if finding.code == "vague_word"] == [
        ("vague_word", document.name)
    ]


@pytest.mark.slow
def test_a_kind_with_a_layer_of_the_unit_is_judged_anew(tmp_path):
    (tmp_path / "preset.yaml").write_text("own_words: [示例词]\n", encoding="utf-8")
    assert not presets.load("village", [BUNDLED], [tmp_path]).judged
