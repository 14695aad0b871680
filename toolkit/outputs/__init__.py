"""Write generated files so that each is whole or absent and nobody's work is lost.

A folder of outputs holds the files, ``manifest.json`` and ``.toolkit/``: ``stage`` (files not yet in
place), ``journal.json`` (present only while files are put in place), ``lock``, ``base`` (base texts) and
``旧`` (what was replaced or dropped).
"""

from toolkit.outputs.bundle import bundle, put_bundle, put_new_folder
from toolkit.outputs.journal import STATE, recover
from toolkit.outputs.lock import locked
from toolkit.outputs.names import file_name, safe_name
from toolkit.outputs.seals import seal
from toolkit.outputs.transaction import MANIFEST, Report, commit, read_manifest, sealed

__all__ = [
    "MANIFEST", "STATE", "Report", "bundle", "commit", "file_name", "locked", "put_bundle", "put_new_folder", "read_manifest",
    "recover", "safe_name", "seal", "sealed",
]  # fmt: skip
