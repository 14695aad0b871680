"""Who may do what: the secret of a run, cookies, Host, Origin and CSRF, headers, the passphrase of the local network.

Everything is kept in memory and ends with the run. Only :mod:`toolkit.web.application` installs it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

#: Largest upload, and largest form without files (a profile in the text view has at most two megabytes), in bytes.
UPLOAD_MOST, FORM_MOST = 20_000_000, 4_000_000
#: Only files of the package: no foreign request, no inline script or style. Pico's icons are data: images.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
)
#: For the HTML of reports, which has its style inside: shown in a frame that may do nothing.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Cost of a guess at the passphrase: 32 MB and a tenth of a second, one at a time; seconds to wait after a wrong one.
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20}
_WAIT = 1.0
#: Addresses that need no session: signing in, which run of the program this is, and the files of the package.
_OPEN = ("guard.enter", "guard.sign_in", "guard.look", "guard.alive", "static")
_SESSIONS_MOST = 200
#: Readers that are remembered; the one that came first goes for another, and never anybody who may write.
_READERS_MOST = 100
#: Pages that a reader sees: what a review is about. Neither records and meetings, in which it is written who said and did
#: what, nor the list of people, nor what leads to a change.
READERS_SEE = frozenset(
    {
        *(f"documents.{name}" for name in ("page", "document", "picture", "download", "window")),
        *(f"register.{name}" for name in ("page", "coverage", "coverage_file", "load", "load_file")),
        *(f"review.{name}" for name in ("page", "compare", "file")),
        "units.enter",
        "fill.page",
        "fill.one",
    }
)
#: Requests that a reader may send: a remark on a change, which the view itself limits to that.
_READERS_MAY = frozenset({"review.note"})


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that may use the page. ``unit`` is the only unit that a reader (who changes nothing) sees, else empty."""

    token: str
    csrf: str
    unit: str = ""

    @property
    def reads_only(self) -> bool:
        """Whether it came by a link that only shows."""
        return bool(self.unit)


@dataclass
class Guard:
    """The gate of a running page: its secret, sessions, hosts, the hash of the passphrase (empty: this machine only).

    ``outside`` is how other machines of the local network reach it (``http://host:port``).
    """

    port: int
    hosts: frozenset[str]
    outside: str = ""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    #: Names this run of the program, so that an open page notices that it ended or was started again; no secret.
    run: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    passphrase: str = ""
    clock: Callable[[], float] = time.monotonic
    _sessions: dict[str, Session] = field(default_factory=dict)
    _links: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _guessing: threading.Lock = field(default_factory=threading.Lock)
    #: When the next guess is looked at.
    _next: float = 0.0
    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    _hash: bytes = b""

    def __post_init__(self) -> None:
        if self.passphrase:
            self._hash, self.passphrase = self._hashed(self.passphrase), ""

    def _hashed(self, words: str) -> bytes:
        return hashlib.scrypt(words.encode(), salt=self._salt, **_SCRYPT)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers share cookies between the ports of a machine."""
        return f"wenshu{self.port}"

    @property
    def shared(self) -> bool:
        """Whether the local network may sign in."""
        return bool(self._hash)

    def install(self, app: Flask) -> None:
        """Put the gate in front of every address of ``app``."""
        app.config.update(MAX_CONTENT_LENGTH=UPLOAD_MOST, MAX_FORM_MEMORY_SIZE=FORM_MOST, MAX_FORM_PARTS=2_000)
        app.before_request(self.check)
        app.after_request(self.head)
        app.add_url_rule("/alive", "guard.alive", lambda: Response(self.run, mimetype="text/plain"))
        app.add_url_rule("/open/<secret>", "guard.enter", self.enter)
        app.add_url_rule("/look/<link>", "guard.look", self.look)
        app.add_url_rule("/sign-in", "guard.sign_in", self.sign_in, methods=["GET", "POST"])

    # --- each request ---

    def check(self) -> AnyResponse | None:
        """Refuse a request of a foreign page, of nobody, or that changes something without the token of its page."""
        g.session = None
        if request.host not in self.hosts:
            abort(400)
        if request.method not in ("GET", "HEAD", "POST"):
            abort(405)
        if request.method == "POST" and not self._from_here():
            abort(403)
        g.session = self._sessions.get(request.cookies.get(self.cookie, ""))
        if (request.content_length or 0) > UPLOAD_MOST:
            abort(413)
        if request.endpoint in _OPEN:
            return None
        if g.session is None:
            return redirect("/sign-in") if self.shared and request.method == "GET" else abort(401)
        if request.method == "POST":
            given = request.headers.get("X-CSRF") or request.form.get("csrf", "")
            if not hmac.compare_digest(given.encode(), g.session.csrf.encode()):
                abort(403)
        if g.session.reads_only:
            return self._check_reader(g.session)
        return None

    def _from_here(self) -> bool:
        """Whether a form was sent by a page of this server, as far as the browser says."""
        here = f"http://{request.host}"
        origin = request.headers.get("Origin")
        if origin is not None:
            return origin == here
        return f"{request.headers.get('Referer', '')}/".startswith(f"{here}/")

    @staticmethod
    def _check_reader(session: Session) -> None:
        allowed = _READERS_MAY if request.method == "POST" else READERS_SEE
        if request.endpoint not in allowed or (request.view_args or {}).get("unit") != session.unit:
            abort(403)

    def head(self, response: Response) -> Response:
        """Add the headers that every answer has."""
        response.headers.setdefault("Content-Security-Policy", POLICY)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    # --- ways in ---

    def enter(self, secret: str) -> AnyResponse:
        """Let in whoever has the secret of this run: the browser that was opened with it."""
        if not hmac.compare_digest(secret.encode(), self.secret.encode()):
            abort(401)
        return self._let_in("", "/")

    def look(self, link: str) -> AnyResponse:
        """Let in a reader by a link that only shows one unit."""
        unit = self._links.get(link)
        if unit and g.session is not None and not g.session.reads_only:
            return redirect(f"/u/{unit}/", 303)  # whoever may write opens the own link and goes on writing
        return self._let_in(unit, f"/u/{unit}/") if unit else abort(401)

    def link(self, unit: str) -> str:
        """Return the path of a link that shows a unit and changes nothing; the same for a unit during a run."""
        with self._lock:
            link = next((link for link, named in self._links.items() if named == unit), None)
            if link is None:
                link = secrets.token_urlsafe(24)
                self._links[link] = unit
        return f"/look/{link}"

    def sign_in(self) -> AnyResponse | tuple[str, int] | str:
        """Ask for the passphrase of a page that the local network shares."""
        from flask import render_template

        if not self.shared:
            abort(404)
        if request.method == "GET":
            return render_template("sign_in.html", wrong=False)
        if not self._guessing.acquire(blocking=False):  # one guess at a time, and nobody waits for it
            return render_template("sign_in.html", wrong=False, busy=True), 429
        try:
            if self.clock() < self._next:
                return render_template("sign_in.html", wrong=False, busy=True), 429
            right = hmac.compare_digest(self._hashed(request.form.get("words", "")[:200]), self._hash)
            if not right:
                self._next = self.clock() + _WAIT
        finally:
            self._guessing.release()
        return self._let_in("", "/") if right else (render_template("sign_in.html", wrong=True), 401)

    def _let_in(self, unit: str, where: str) -> AnyResponse:
        """Give the browser a session; one that has the same right keeps its own, or its other windows could not save."""
        if g.session is not None and g.session.unit == unit:
            return redirect(where, 303)
        session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(24), unit)
        with self._lock:
            same = [one.token for one in self._sessions.values() if one.reads_only == session.reads_only]
            most = _READERS_MOST if session.reads_only else _SESSIONS_MOST
            for token in same[: max(0, len(same) - most + 1)]:
                del self._sessions[token]
            self._sessions[session.token] = session
        answer = redirect(where, 303)
        answer.set_cookie(self.cookie, session.token, httponly=True, samesite="Strict")
        return answer
