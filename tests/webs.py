"""A page over a folder of units, for tests: a client of the application that was let in."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from conftest import ROOT
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from toolkit.web.application import create
from toolkit.web.desk import Desk
from toolkit.web.guard import Guard

PORT = 5000
BASE = f"http://127.0.0.1:{PORT}"


@dataclass
class Web:
    """A running page without a server: its desk, gate and a browser with the cookie."""

    desk: Desk
    guard: Guard
    client: FlaskClient
    csrf: str

    def get(self, path: str, **more) -> TestResponse:
        return self.client.get(path, base_url=BASE, **more)

    def post(self, path: str, data: dict | None = None, **more) -> TestResponse:
        """Send a form as a page of the server does."""
        headers = {"Origin": BASE, "X-CSRF": self.csrf, "HX-Request": "true", **more.pop("headers", {})}
        return self.client.post(path, base_url=BASE, data=data or {}, headers=headers, **more)

    def id(self, name: str) -> str:
        return next(unit.id for unit in self.desk.units() if unit.name == name)

    def profile(self, name: str) -> str:
        return (self.desk.folder / name / "unit.yaml").read_text(encoding="utf-8")


def web(folder: Path, *, passphrase: str = "", clock: datetime = datetime(2026, 5, 20, 10, 42)) -> Web:
    """Return a page over a folder, let in by the secret."""
    desk = Desk(folder, now=lambda: clock)
    guard = Guard(PORT, frozenset({f"127.0.0.1:{PORT}"}), BASE, passphrase=passphrase)
    client = create(desk, guard).test_client()
    assert client.get(f"/open/{guard.secret}", base_url=BASE).status_code == 303
    found = re.search(r'name="csrf" content="([^"]+)"', client.get("/", base_url=BASE).text)
    assert found
    return Web(desk, guard, client, found[1])


def put(folder: Path, name: str, example: str = "village") -> Path:
    """Put a copy of an example into the folder as a unit; return its folder."""
    path = folder / name
    path.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / f"{example}.yaml", path / "unit.yaml")
    return path
