"""Presets, and what checks find in them, kept between processes: used where they are safe and current, never a reason to fail."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from checking import write_layer
from conftest import ROOT
from test_imports import imports_of, unit_of
from tinyset import KIND, ROOTS

from toolkit import app, checks, presets
from toolkit.checks import lines, organisation, typed_times
from toolkit.core import memo
from toolkit.core.data_folders import Where
from toolkit.presets import assembly, loading

KEEP = loading.keep
posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners and modes of files are POSIX's")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv(loading.VARIABLE, str(folder))
    monkeypatch.setattr(loading, "keep", KEEP)
    monkeypatch.setattr(loading, "_assembled", loading._assembled.__wrapped__)  # nothing is remembered in the process
    return folder


def load(monkeypatch: pytest.MonkeyPatch, layers: tuple[Path, ...] = ()) -> tuple[presets.Preset, bool]:
    """Load the tiny kind as a new process would; also return whether the preset's own files were parsed."""
    parsed = []
    assemble = assembly.assemble
    with monkeypatch.context() as patch:
        patch.setattr(assembly, "assemble", lambda *args, **more: parsed.append(args) or assemble(*args, **more))
        return presets.load(KIND, ROOTS, layers), bool(parsed)


def test_the_second_process_takes_what_the_first_kept(place, monkeypatch):
    first, parsed = load(monkeypatch)
    second, parsed_again = load(monkeypatch)
    assert (parsed, parsed_again) == (True, False)
    assert first is not second
    assert first.documents == second.documents and first.duties == second.duties and first.words == second.words


@pytest.mark.slow
def test_output_is_the_same_with_and_without(place, tmp_path):
    profile = ROOT / "examples/village.yaml"
    outputs = []
    for name, value in (("first", str(place)), ("second", str(place)), ("none", "")):
        environment = {**os.environ, loading.VARIABLE: value}
        command = [sys.executable, "-m", "toolkit", "generate", str(profile), "-o", str(tmp_path / name)]
        subprocess.run(command, env=environment, check=True, cwd=ROOT)
        outputs.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir() if path.is_file()})
    assert outputs[0] == outputs[1] == outputs[2]
    assert any(place.iterdir())


def test_a_changed_layer_is_read(place, tmp_path, monkeypatch):
    layer = tmp_path / "own"
    layer.mkdir()
    (layer / "preset.yaml").write_text("own_words: [甲]\n", encoding="utf-8")
    load(monkeypatch, layers=(layer,))
    (layer / "preset.yaml").write_text("own_words: [乙]\n", encoding="utf-8")
    found, parsed = load(monkeypatch, layers=(layer,))
    assert parsed and "乙" in found.own_words


@pytest.mark.sampled(2)
@posix
@pytest.mark.parametrize("mode", [0o720, 0o702])
def test_what_others_may_write_is_not_read(place, monkeypatch, mode):
    load(monkeypatch)
    place.chmod(mode)
    assert load(monkeypatch)[1]
    place.chmod(0o700)
    (only,) = place.iterdir()
    only.chmod(0o622)
    assert load(monkeypatch)[1]
    assert not load(monkeypatch)[1], "the bad file was replaced by a good one"


@posix
def test_a_link_is_not_followed(place, tmp_path, monkeypatch):
    load(monkeypatch)
    (only,) = place.iterdir()
    elsewhere = tmp_path / "elsewhere"
    only.rename(elsewhere)
    only.symlink_to(elsewhere)
    assert load(monkeypatch)[1]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:40] + b"x" + data[41:], lambda data: b""]
)
def test_a_damaged_file_is_read_anew(place, monkeypatch, damage):
    load(monkeypatch)
    (only,) = place.iterdir()
    only.write_bytes(damage(only.read_bytes()))
    assert load(monkeypatch)[1]
    assert not load(monkeypatch)[1]


def test_no_folder_is_no_fault(place, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(loading.VARIABLE, str(tmp_path / "file" / "below"))
    assert load(monkeypatch)[1] and load(monkeypatch)[1]
    monkeypatch.setenv(loading.VARIABLE, "")
    assert loading.folder() is None
    assert load(monkeypatch)[1] and load(monkeypatch)[1]


def test_only_the_latest_stay(place, tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "_MOST", 2)
    layer = tmp_path / "own"
    layer.mkdir()
    for word in "甲乙丙丁":
        (layer / "preset.yaml").write_text(f"own_words: [{word}]\n", encoding="utf-8")
        load(monkeypatch, layers=(layer,))
    assert len(list(place.iterdir())) == 2


def test_a_broken_preset_is_never_kept(place, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "org.yaml").write_text("a: [\n", encoding="utf-8")
    prepared = app.prepare(ROOT / "examples/village.yaml", Where(layers=(tmp_path / "bad",)))
    assert prepared.preset is None
    assert not place.exists()


# --- what checks find in a preset alone ----------------------------------------------------------------------------


VAGUE = {
    "documents/regulation.md": "---\nid: regulation\n---\n"
    "## 补充 {#extra in=arrangement}\n村党支部要定期公布情况，每季度公布一次。\n"
}


def fresh(layers: tuple[Path, ...] = ()) -> app.Prepared:
    """Prepare as a new process would."""
    memo.forget()
    return app.prepare(ROOT / "examples/village.yaml", Where(layers=layers))


@pytest.mark.slow
def test_findings_in_a_preset_are_the_same_from_the_cache(place, tmp_path, monkeypatch):
    layers = (write_layer(tmp_path, VAGUE),)
    first = fresh(layers)
    kept = len(list(place.iterdir()))
    monkeypatch.setattr(checks.wording, "prose_of", None)  # the second run does not look at the prose
    assert fresh(layers).findings == first.findings
    assert len(list(place.iterdir())) == kept == 5
    assert {"vague_word", "literal_frequency"} <= {finding.code for finding in first.findings}


@pytest.mark.slow
def test_a_changed_layer_is_checked_anew(place, tmp_path):
    layer = write_layer(tmp_path, VAGUE)
    before = {finding.code for finding in fresh((layer,)).findings}
    write_layer(tmp_path, {name: text.replace("定期", "每年") for name, text in VAGUE.items()})
    assert "vague_word" in before
    assert "vague_word" not in {finding.code for finding in fresh((layer,)).findings}


@pytest.mark.slow
def test_a_preset_that_was_changed_in_the_process_is_not_the_one_that_was_kept(place):
    from dataclasses import replace

    preset = fresh().preset
    assert preset and preset.digest
    assert not replace(preset, words={}).digest


@pytest.mark.slow
def test_what_is_kept_depends_on_no_other_rooms():
    """A change of any module on which a kept value depends makes its file a stale one."""
    kept = (checks._of_preset, typed_times._typed, organisation._readable, lines._own)
    rooms = {*loading.ROOMS, *(room for function in kept for room in function.rooms)}
    files = [path for room in rooms for path in sorted((ROOT / "toolkit" / room).rglob("*.py"))]
    assert {unit_of(name) for path in files for name in imports_of(path)} - {"__init__"} <= rooms
    own = [path for room in loading.ROOMS for path in sorted((ROOT / "toolkit" / room).rglob("*.py"))]
    assert {unit_of(name) for path in own for name in imports_of(path)} - {"__init__"} <= set(loading.ROOMS)


@pytest.mark.slow
def test_checks_of_a_preset_read_nothing_else():
    preset = fresh().preset
    assert preset
    context = checks.Context(preset, None, None, None, None)  # type: ignore[arg-type]
    for check in (checks.CHECKS[0], *(check for check in checks.CHECKS if check.once)):
        assert list(check.function(context)) is not None


@pytest.mark.slow
def test_a_later_process_compiles_no_grammar_for_the_presets_own_words(place):
    """Compiling the grammars of times and majorities takes about 40 ms, a tenth of a check."""
    fresh()
    code = (
        "import pathlib, sys; from toolkit import app; from toolkit.language import times\n"
        "app.prepare(pathlib.Path('examples/village.yaml'))\n"
        "print(times._compiled.cache_info().currsize, 'toolkit.language.majorities' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["0", "False"]


@pytest.mark.slow
def test_kept_values_are_equal_after_reading(place):
    preset = fresh().preset
    assert preset
    again = pickle.loads(loading.pickled(preset))
    fields = [name for name in preset.__dataclass_fields__ if name != "params"]  # schemas are compared by identity
    assert [getattr(again, name) for name in fields] == [getattr(preset, name) for name in fields]
    assert again.params.params == preset.params.params and again.params.places == preset.params.places
