"""Where presets and templates are found, and that every package is in the wheel."""

from __future__ import annotations

import configparser
from pathlib import Path

from toolkit.core import data_folders


def test_the_checkout_comes_before_the_installed_data(tmp_path):
    package = tmp_path / "toolkit"
    (package / "_data" / "presets").mkdir(parents=True)
    (tmp_path / "presets").mkdir()
    assert data_folders.data_folder("presets", package) == package / "_data" / "presets"
    (tmp_path / "setup.cfg").write_text("")
    assert data_folders.data_folder("presets", package) == tmp_path / "presets"
    assert data_folders.data_folder("templates", package) == package / "_data" / "templates"


def test_a_users_folder_stands_in_front(root):
    assert data_folders.presets_folders([Path("mine")]) == [Path("mine"), root / "presets"]
    assert data_folders.templates_folders() == [root / "templates"]


def test_every_package_is_listed_in_setup_cfg(root):
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg", encoding="utf-8")
    listed = set(config["options"]["packages"].split())
    found = {".".join(path.parent.relative_to(root).parts) for path in (root / "toolkit").rglob("__init__.py")}
    assert listed == found | {"toolkit._data.presets", "toolkit._data.templates", "toolkit._data.handbook"}
    folders = {path.parent for path in (root / "toolkit").rglob("*.py")}
    assert all((folder / "__init__.py").exists() for folder in folders), "a package without __init__.py"
