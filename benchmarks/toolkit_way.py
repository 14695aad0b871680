"""The whole set in a process of its own: ``python toolkit_way.py PROFILE OUT``; prints CPU milliseconds by stage."""

import json
import sys
import time
from pathlib import Path


def main(profile: str, out: str) -> None:
    from toolkit.cli import collect_rarely

    collect_rarely()
    from toolkit import app

    marks = [("start", time.process_time())]
    app.generate(Path(profile), Path(out), progress=lambda what: marks.append((what, time.process_time())))
    at = dict(marks)
    rendered = next(when for what, when in reversed(marks) if what != "write")
    stages = {
        "start": at["start"],
        "check": at["check"] - at["start"],
        "render": rendered - at["check"],
        "write": at["write"] - rendered,
    }
    print(json.dumps({name: seconds * 1000 for name, seconds in stages.items()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
