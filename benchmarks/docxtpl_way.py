"""docxtpl in its ordinary use, as a process of its own: ``python docxtpl_way.py JOBS.json OUT``.

For each job: ``DocxTemplate(path)`` → ``render`` with autoescape → ``save``. The jobs (template, context, body XML,
file name) were written before by ``bench_set.py``, so this process only renders. With ``--stages`` it prints the CPU
milliseconds of start and imports, and of the rendering.
"""

import json
import os
import sys
import time


def main(jobs: str, out: str) -> None:
    from docxtpl import DocxTemplate
    from markupsafe import Markup

    with open(jobs, encoding="utf-8") as stream:
        listed = json.load(stream)
    ready = time.process_time()
    for job in listed:
        template = DocxTemplate(job["template"])
        template.render({**job["context"], "body": Markup(job["body"])}, autoescape=True)
        template.save(os.path.join(out, job["name"]))
    if "--stages" in sys.argv:
        end = time.process_time()
        print(json.dumps({"imports": ready * 1000, "render": (end - ready) * 1000}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
