"""The page: everything that the command line does, in a browser on the same machine (``toolkit web``, ``docs/web.md``).

A shell over :mod:`toolkit.api`: no rule about documents lives here, and all state is in one :class:`~toolkit.web.desk.Desk`.
Importing this loads nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["serve"]


def serve(
    folder: Path | None, port: int, *, open_browser: bool, passphrase: str, say: Callable[[str, bool], None]
) -> None:
    """Serve the page over the units in ``folder`` until 退出 or Ctrl-C.

    ``folder``: None for 文书 in the user's documents folder; ``port``: 0 for a free one; ``passphrase``: not empty to serve the
    local network as well. ``say(text, err)`` prints a line. Raises UsageError for a port that is taken, FileError for a folder
    that cannot be used.
    """
    from toolkit.web import server

    server.serve(folder, port, open_browser=open_browser, passphrase=passphrase, say=say)
