"""A browser in front of a page that runs in this process, on a fixed day, for journeys."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from conftest import ROOT
from werkzeug.serving import make_server

from toolkit.web.application import create
from toolkit.web.desk import Desk
from toolkit.web.guard import Guard

#: Put there by ``npm install --no-save axe-core``; without it nothing is judged by it.
AXE = ROOT / "node_modules/axe-core/axe.min.js"
SIZES = {"desktop": (1366, 768), "phone": (360, 740)}


@dataclass
class Journey:
    """A browser window that was let in: ``page`` is playwright's, ``base`` the address of the server."""

    page: Any
    base: str
    desk: Desk

    def go(self, path: str) -> None:
        """Open an address of the server."""
        self.page.goto(self.base + path)

    def id(self, name: str) -> str:
        """Return the id of a unit."""
        return next(unit.id for unit in self.desk.units() if unit.name == name)


def looks_well(page: Any, name: str) -> None:
    """Nothing scrolls sideways, and axe finds nothing serious; ``name`` is said where it does."""
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if AXE.is_file():
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id]))")
        assert not [one for one in found if one[0] in ("serious", "critical")], (name, found)


#: What Chromium and htmx write for an answer that says no (a conflict, a refusal) or a program that was ended, and for the script
#: of a report, which its sandbox does not run.
_ANSWERED = (
    "Failed to load resource",
    "Response Status Error Code",
    "htmx:afterRequest",
    "htmx:sendError",
    "Blocked script execution",
)


def heard(page: Any) -> list[str]:
    """Return the list of errors of a window, which fills as they come: of scripts, of htmx, of the content policy."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda said: found.append(said.text) if said.type == "error" and not said.text.startswith(_ANSWERED) else None,
    )
    return found


def as_in_2020(css: str) -> str:
    """Return a style as a browser of 2020 reads it: without the rules that have :where, :is, :has or a list in :not."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    known = re.sub(r"@supports selector\([^{]*\{(?:[^{}]*\{[^{}]*\})*\}", "", bare)
    return re.sub(r"(?<=[{};])([^{};@]*(?::(?:where|is|has)\(|:not\([^()]*,)[^{}]*)\{[^{}]*\}", "", known)


@contextmanager
def served(folder: Path, clock: datetime = datetime(2026, 5, 20, 10, 42)) -> Iterator[tuple[str, Desk, Guard]]:
    """Serve the page over a folder; yield its address, desk and gate."""
    desk = Desk(folder, now=lambda: clock)
    guard = Guard(0, frozenset())
    server = make_server("127.0.0.1", 0, create(desk, guard), threaded=True)
    guard.port, guard.hosts = server.server_port, frozenset({f"127.0.0.1:{server.server_port}"})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", desk, guard
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def journey(browser: Any, folder: Path, size: str = "desktop", **more: Any) -> Iterator[Journey]:
    """Open a window of a size on the page over a folder, let in by the secret; ``more``: of playwright's context."""
    width, height = SIZES[size]
    with served(folder) as (base, desk, guard):
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        page = context.new_page()
        errors = heard(page)
        page.goto(f"{base}/open/{guard.secret}")
        yield Journey(page, base, desk)
        assert not errors, errors
