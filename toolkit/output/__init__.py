"""Write generated files so that each is whole or absent and nobody's work is lost.

A folder of outputs holds the files, ``manifest.json`` and ``.toolkit/``: ``stage`` (files not yet in
place), ``journal.json`` (present only while files are put in place), ``lock``, ``base`` (base texts) and
``旧`` (files that were replaced or dropped).
"""

from toolkit.output.disk import locked, need_inside, read_inside
from toolkit.output.journal import STATE, recover
from toolkit.output.names_and_seals import file_name, safe_name, seal
from toolkit.output.restoring import Restored, put_aside, restore
from toolkit.output.set_files import MANIFEST, bundle, put_bundle, put_new_folder, read_manifest
from toolkit.output.standing import Standing, bundle_standing, standing
from toolkit.output.transaction import Edited, Report, commit

__all__ = [
    "MANIFEST",
    "STATE",
    "Edited",
    "Report",
    "Restored",
    "Standing",
    "bundle",
    "bundle_standing",
    "commit",
    "file_name",
    "locked",
    "need_inside",
    "put_aside",
    "put_bundle",
    "put_new_folder",
    "read_inside",
    "read_manifest",
    "recover",
    "restore",
    "safe_name",
    "seal",
    "standing",
]
