"""Files of a folder as one archive, to be taken away."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

from flask import send_file
from werkzeug.wrappers import Response

#: The time of all files in an archive, the first that the format knows.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def zipped(paths: Iterable[tuple[str, Path]], name: str) -> Response:
    """Return files as one archive, made on the disk: a county is larger than memory should be."""
    stream = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(stream, "w") as archive:
        for inner, path in paths:
            archive.writestr(zipfile.ZipInfo(inner, _ZIP_TIME), path.read_bytes())
    stream.seek(0)
    return send_file(stream, mimetype="application/zip", as_attachment=True, download_name=name)
