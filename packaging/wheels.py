"""Puts the wheel, the sdist and everything that they need into one folder, to be installed where there is no index.

python packaging/wheels.py OUT [--target linux-x86_64]
pip install --no-index --find-links OUT institution-toolkit
"""

from __future__ import annotations

import argparse
from pathlib import Path

from common import TARGETS, build, download, licences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--target", choices=TARGETS, default="linux-x86_64")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    wheels = download(TARGETS[given.target], given.out)
    build(given.out)
    (given.out / "LICENSES.txt").write_text(licences(wheels), encoding="utf-8")
    print(f"{len(wheels)} wheels beside the project's own")


if __name__ == "__main__":
    main()
