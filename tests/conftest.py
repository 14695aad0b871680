"""Shared fixtures: folders of the checkout, and skips with a reason."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import threading
import uuid
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
#: The processes that tests start find their modules compiled, as pip leaves them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
#: Presets and what is remembered of them are a million objects that live on: looking for garbage among them took a twelfth.
gc.set_threshold(50_000, 10, 10)
#: How long a case takes says nothing on a machine that does other work, too.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def village_profile() -> Path:
    """The example profile."""
    return ROOT / "examples" / "village.yaml"


EXTRA = {
    "documents/regulation.md": "---\nid: regulation\n---\n## 补充 {#extra in=arrangement}\n村党支部应当公布联系方式。\n"
}


@pytest.fixture(scope="session")
def _village(tmp_path_factory) -> Path:
    from checking import write_layer, write_profile

    from toolkit import app
    from toolkit.core.data_folders import Where

    home = tmp_path_factory.mktemp("village")
    write_profile(home)
    write_layer(home, EXTRA)
    app.generate(home / "unit.yaml", home / "out")
    app.generate(home / "unit.yaml", home / "next", where=Where(layers=(home / "own",)))
    return home


@pytest.fixture(scope="module")
def village(_village: Path, tmp_path_factory) -> Path:
    """A folder with a profile and what it generates, and a layer with one more article."""
    home = tmp_path_factory.mktemp("village")
    shutil.copytree(_village, home, dirs_exist_ok=True)
    return home


@pytest.fixture
def edited(village: Path, tmp_path: Path) -> Path:
    """A copy of the generated folder, to be edited."""
    shutil.copytree(village / "out", tmp_path / "edited")
    return tmp_path / "edited"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Return a function that runs a command in an empty folder: (exit code, output, errors)."""
    from toolkit.cli import cli

    monkeypatch.chdir(tmp_path)

    def work(*args: object) -> tuple[int, str, str]:
        code = cli.main([str(arg) for arg in args], standalone_mode=False)
        out, err = capsys.readouterr()
        return code, out, err

    return work


@pytest.fixture(scope="session")
def soffice() -> str:
    """The LibreOffice program; skips where it is not installed."""
    path = shutil.which("soffice") or shutil.which("libreoffice")
    if not path:
        pytest.skip("LibreOffice (soffice) is not installed: apt-get install libreoffice-writer-nogui")
    return path


@pytest.fixture(scope="module")
def chromium():
    """What starts a headless Chromium; skips where it is not installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    flags = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    with playwright.sync_playwright() as running:
        yield lambda *more: running.chromium.launch(executable_path=program, args=[*flags, *more])


@pytest.fixture
def browser(chromium):
    """A headless Chromium of the test's own: it closes all windows, and is ended where that takes over half a minute.

    A window that is closed while its page changes has hung for good, and Playwright waits for it without limit.
    """
    mark = f"--test={uuid.uuid4().hex}"
    found = chromium(mark)
    yield found
    watch = threading.Timer(30, _end_marked, [mark])
    watch.start()
    found.close()
    watch.cancel()


def _end_marked(mark: str) -> None:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if mark.encode() in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--accept``: golden files become what is generated now."""
    parser.addoption("--accept", action="store_true", help="rewrite golden files from what is generated now")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return request.config.getoption("--accept")


@pytest.fixture(scope="session")
def _kept_presets(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("kept"))


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, _kept_presets: str) -> None:
    """No setting of the user's own; presets are kept between processes, but not in the user's folder.

    Those that this process loads for a test are not kept: most have a layer that no other test has.
    """
    for name in [name for name in os.environ if name.startswith("TOOLKIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOOLKIT_CACHE", _kept_presets)
    monkeypatch.setattr("toolkit.presets.loading.keep", lambda *_: None)
    monkeypatch.setattr("os.fsync", lambda _: None)  # no folder of a test need outlive a power cut


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give each worker a stretch of files, so that it makes what their tests share once, and the rest of the slower one's."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_sessionfinish() -> None:
    """Spare the last five collections of garbage what is still remembered: xdist loses patience and interrupts the worker."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what ``sampled`` leaves out to the slow run; skip what is marked ``libreoffice`` where there is none, saying so."""
    counts: Counter[str] = Counter()
    for item in items:
        if (sampled := item.get_closest_marker("sampled")) and not item.get_closest_marker("slow"):
            function = item.nodeid.partition("[")[0]
            if counts[function] % sampled.args[0]:
                item.add_marker(pytest.mark.slow)
            counts[function] += 1
    if shutil.which("soffice") or shutil.which("libreoffice"):
        return
    reason = "LibreOffice (soffice) is not installed: apt-get install libreoffice-writer-nogui"
    for item in items:
        if item.get_closest_marker("libreoffice"):
            item.add_marker(pytest.mark.skip(reason=reason))
