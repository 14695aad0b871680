"""Opens files that users bring; used by all readers of such files."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

#: Pipes that the shell makes for a command (``/dev/stdin``, ``/dev/fd/63``) have a writer.
_OF_THE_SHELL = ("/dev/", "/proc/")


def opened(path: str | Path) -> BinaryIO:
    """Return a file, opened for reading. Raises OSError, for a named pipe too: opening it would wait for a writer for ever."""
    name = os.fspath(path)
    if stat.S_ISFIFO(os.stat(name).st_mode) and not name.startswith(_OF_THE_SHELL):
        raise OSError(errno.ESPIPE, "named pipe", name)
    return open(name, "rb")


def content(path: str | Path) -> bytes:
    """Return the bytes of a file. Raises OSError as :func:`opened` does."""
    with opened(path) as stream:
        return stream.read()
