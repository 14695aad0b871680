"""Runs the page on this machine: a free port, the line with the address, the browser, and the end by Ctrl-C or 退出."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask, request
from waitress import create_server
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver
from waitress.server import BaseWSGIServer
from waitress.utilities import RequestEntityTooLarge

from toolkit import api
from toolkit.core.findings import UsageError, file_error
from toolkit.web.application import create
from toolkit.web.desk import Desk
from toolkit.web.guard import UPLOAD_MOST, Guard
from toolkit.web.samples import FULL
from toolkit.web.views.share import terminal_code

#: Threads of requests: pages that wait behind answers have one each while they wait.
_THREADS = 12
#: Connections at once, and seconds after which one that sends nothing is closed: others must not be kept out by it.
_CONNECTIONS, _SILENT = 1_000, 20
#: Largest body that is kept, that of a form around the largest upload; a larger one, up to two gigabytes, is read and dropped, so
#: that the browser hears why it was refused: else its connection is reset.
_KEPT_MOST, _DROPPED_MOST = UPLOAD_MOST + 100_000, 2_000_000_000
#: New objects before garbage is looked for, as of :func:`gc.set_threshold`: a server runs for a day.
_GARBAGE = (50_000, 10, 10)
_LOCAL = "127.0.0.1"
#: Ports that programs use for themselves.
_PORTS = range(49_152, 65_536)
#: Requests for no page: the way in, and files of the package.
_NO_PAGE = ("guard.enter", "static")
#: The pages that are asked for first, made ready while somebody looks at the one before.
_FIRST_TEMPLATES = (
    "card.html",
    "fill.html",
    "question.html",
    "answered.html",
    "documents_window.html",
    "documents_sheet.html",
)
#: Seconds to wait for the first request, before the next pages are prepared.
_FIRST = 2
#: The option of the GNU library for the number of heaps.
_M_ARENA_MAX = -8
#: Seconds that requests in flight have when the page ends.
_LAST = 5


class _Dropped(FixedStreamReceiver):
    """Reads a body and keeps nothing of it: the application refuses it by its length."""

    def received(self, data: bytes) -> int:
        """Return how much of ``data`` belongs to the body."""
        taken = min(len(data), self.remain)
        self.remain -= taken
        self.completed = self.remain < 1
        return taken


class _Parser(HTTPRequestParser):
    """A request whose body is dropped if it is too large."""

    body_rcv: Any

    def received(self, data: bytes) -> int:
        """Take bytes of a request; return how many belong to it."""
        consumed: int = super().received(data)
        if self.chunked and self.body_bytes_received > _KEPT_MOST:
            self.error, self.completed = RequestEntityTooLarge("too large"), True
        elif self.content_length > _KEPT_MOST and not self.completed and not isinstance(self.body_rcv, _Dropped):
            self.body_rcv = _Dropped(self.content_length, OverflowableBuffer(self.adj.inbuf_overflow))
        return consumed


class _Channel(HTTPChannel):
    parser_class = _Parser


def serve(
    folder: Path | None, port: int, *, open_browser: bool, passphrase: str, say: Callable[[str, bool], None]
) -> None:
    """See :func:`toolkit.web.serve`."""
    folder = _usable(folder or api.users_folder())
    taken = _bound("0.0.0.0" if passphrase else _LOCAL, port, folder)
    number = taken.getsockname()[1]
    names = [_LOCAL, "localhost", *([own_address()] if passphrase else [])]
    outside = f"http://{names[-1]}:{number}" if passphrase else ""
    guard = Guard(number, frozenset(f"{name}:{number}" for name in names), outside, passphrase=passphrase)
    desk = Desk(folder)
    _share_heaps()  # before the threads begin
    app, shown = create(desk, guard), threading.Event()
    app.teardown_request(lambda _error: None if request.endpoint in _NO_PAGE else shown.set())
    server = make_server(app, taken)
    logging.getLogger("waitress").setLevel(logging.ERROR)
    threading.Thread(target=server.run, daemon=True).start()
    address = f"http://{_LOCAL}:{number}/open/{guard.secret}"
    say(address, False)
    say(f"文件夹：{folder}", True)
    if passphrase:
        say(f"同一个网络的手机和电脑：{outside}/sign-in（要口令；程序结束就不能用了），或者扫这个码：", True)
        say(terminal_code(f"{outside}/sign-in"), True)
    say("按 Ctrl-C 或者在页面上点“退出”结束。", True)
    if open_browser:
        threading.Thread(target=_open, args=(address,), daemon=True).start()
    threading.Thread(target=_warm_up_after, args=(shown, app, desk), daemon=True).start()
    _wait(desk, server)


def make_server(app: Flask, taken: socket.socket) -> BaseWSGIServer:
    """Return the server of an application on a listening socket, which is yet to run."""
    server: BaseWSGIServer = create_server(
        app,
        sockets=[taken],
        threads=_THREADS,
        ident="",
        max_request_body_size=_DROPPED_MOST,
        clear_untrusted_proxy_headers=True,
        connection_limit=_CONNECTIONS,
        channel_timeout=_SILENT,
        cleanup_interval=5,
        asyncore_use_poll=True,
    )
    server.channel_class = _Channel
    return server


def _wait(desk: Desk, server: BaseWSGIServer) -> None:
    """Wait for the end; answers that are being written are finished."""
    try:
        while not desk.stopping.wait(0.2):  # Windows takes Ctrl-C between two waits only
            pass
    except KeyboardInterrupt:
        desk.stopping.set()
    finally:
        server.close()
        server.task_dispatcher.shutdown(timeout=_LAST)


def _usable(folder: Path) -> Path:
    """Return the folder, made if it is missing. Raises UsageError, FileError."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} 是文件，不是文件夹", "请写一个文件夹，里面一个单位一个文件夹")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.listdir(folder)
    except OSError as error:
        raise file_error(error) from error
    return folder.resolve()


def _bound(host: str, port: int, folder: Path) -> socket.socket:
    """Return a listening socket, without a ``port`` on the usual one of the folder if that is free, else on any.

    Raises UsageError for a port that is taken.
    """
    if not port:
        with suppress(UsageError):
            return _listening(host, _usual(folder))
    return _listening(host, port)


def _usual(folder: Path) -> int:
    """Return a port that stays the same for a folder: pages that are still open find the program that was started again."""
    number = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:4], "big")
    return _PORTS.start + number % len(_PORTS)


def _listening(host: str, port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two programs share a port
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise UsageError(f"端口 {port} 用不了，可能别的程序占着", "换一个，或者不写 --port，由程序自己找") from error
    return taken


def _share_heaps() -> None:
    """Let the threads share two heaps of the GNU library: one heap each would keep its peak, some 50 MB in all."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(_M_ARENA_MAX, 2)


def own_address() -> str:
    """Return the address of this machine in the local network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return _LOCAL


def _open(address: str) -> None:
    import webbrowser

    webbrowser.open(address)


def _warm_up_after(shown: threading.Event, app: Flask, desk: Desk) -> None:
    """Warm up when the first page is shown, so that it has the processor for itself; without a browser after a while."""
    shown.wait(_FIRST)
    warm_up(app, desk)


def warm_up(app: Flask, desk: Desk) -> None:
    """Load the modules and data of the first answer, while the person is still looking at the first page.

    The presets live until the end: garbage is looked for among the rest only, and more often than a single command does.
    """
    from toolkit import api

    kinds = [kind.id for kind in api.kinds()]
    for kind in kinds:
        with desk.turns.later():
            api.preset(kind)
    rehearsed = desk.samples.prepared(kinds[-1])
    with desk.turns.later():
        api.answers(rehearsed)
        api.changed(rehearsed, rehearsed)
    for name in _FIRST_TEMPLATES:
        with desk.turns.later():
            app.jinja_env.get_template(name)
    desk.samples.page(kinds[-1], FULL, "register")  # the layout of pages, its fonts, their drawing
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
