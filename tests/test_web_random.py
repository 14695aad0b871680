"""Random requests: none ends in a traceback, none touches anything outside the folder, none leaves half a file."""

from __future__ import annotations

import re
import shutil
import time
from io import BytesIO
from pathlib import Path

import pytest
from batch_lists import workbook
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from webs import BASE, Web, web

from toolkit import api

#: What a request may be answered with.
ANSWERED = {200, 302, 303, 308, 400, 401, 403, 404, 405, 409, 413, 422, 507}
ODD = [
    "..",
    "../..",
    "%2e%2e",
    "a/b",
    "\x00",
    "柳河村",
    "x" * 300,
    "-1",
    "1e9",
    "{}",
    "'",
    "unit.full_name",
    "people",
    "全称",
    "\ud800",
    "\u202e",
]
KEYS = [
    "unit.full_name",
    "contact.phone",
    "freq.analysis",
    "people",
    "accounts",
    "basis.main",
    "village.subunits",
    "party.vice",
    "review_levels",
    "history",
    "doc.date",
    "topics.core_business",
    "size",
    "kind",
    "nothing",
]
VALUES = st.one_of(
    st.text(max_size=60), st.sampled_from([*ODD, "每月1次", "2026年1月5日", "", "- x\n- y", "a: b", "是", "99"])
)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Web:
    """A page of its own folder, in a folder whose other content must stay as it is."""
    home = tmp_path_factory.mktemp("home")
    (home / "secret.txt").write_text("不要动", encoding="utf-8")
    for name in ("柳河村", "石桥村"):
        (home / "文书" / name).mkdir(parents=True)
        shutil.copy(ROOT / "examples/village_minimal.yaml", home / "文书" / name / "unit.yaml")
    listed = workbook(home / "list.xlsx", 1)
    made = web(home / "文书")
    made.client.application.extensions["lists"].new({"名单.xlsx": listed.read_bytes()}, "village")
    listed.unlink()
    return made


@st.composite
def requests(draw, page: Web):
    """A request: a rule of the application with its arguments, right or not; a form with fields that are asked for or not."""
    rules = [
        rule for rule in page.client.application.url_map.iter_rules() if rule.endpoint not in ("units.quit", "static")
    ]
    writes = [rule for rule in rules if rule.endpoint in ("fill.answer", "clause.save")]
    rule = draw(st.one_of(st.sampled_from(writes), st.sampled_from(rules)))
    known = {
        "unit": [unit.id for unit in page.desk.units()],
        "key": KEYS,
        "kind": ["village", "docx", "pdf", "html", "xlsx"],
        "document": ["regulation", "checklist_quarterly"],
        "clause": ["analysis", "purpose"],
        "number": ["1", "0", "99999"],
        "size": ["full", "light"],
        "family": ["regulation"],
        "secret": [page.guard.secret],
        "filename": ["app.css"],
        "list_id": [one.id for one in page.client.application.extensions["lists"].all()],
        "line": ["2"],
        "what": ["burden", "review"],
        "form": ["xlsx", "docx"],
    }
    path = rule.rule
    for name in sorted(rule.arguments):  # a set has another order in each run
        # Half of them are right: else hardly a request gets as far as to write anything, the more addresses there are.
        given_one = draw(st.one_of(st.sampled_from(known.get(name, ODD)), st.sampled_from(ODD)))
        path = re.sub(rf"<(?:[^<>]*:)?{name}>", lambda _, value=given_one: value, path)
    names = st.sampled_from(
        [
            "value",
            "seen",
            "do",
            "group",
            "text",
            "version",
            "name",
            "kind",
            "size",
            "count",
            "period",
            "bound",
            "r-1-name",
            "r-2-post",
            "r-9999-x",
            "r-1-voting",
            "d-title",
            "q",
            "from",
            "plain",
            "on",
            "at",
            "page",
            "doc",
            "heading",
            "over",
            "month",
            "year",
            "show",
        ]
    )
    form = draw(st.dictionaries(names, VALUES, max_size=8))
    methods = ["POST"] if rule in writes else ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]
    method = draw(st.sampled_from(methods))
    return method, path, form, draw(st.booleans()), draw(st.one_of(st.none(), st.binary(max_size=80)))


def send(page: Web, asked) -> int:
    method, path, form, right, upload = asked
    path = path.encode("utf-8", "replace").decode().replace("?", "%3F")
    clean = {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}
    if right and method == "POST" and "fill/" in path:  # half of them with the token that the page shows
        unit, key = path.split("/")[2], path.split("/")[-1]
        answers = page.desk.unit(unit).answers().by_key if unit in {one.id for one in page.desk.units()} else {}
        if key in answers:
            from toolkit.web.unit import token

            clean["seen"] = token(answers[key])
    more = {"file": (BytesIO(upload), "unit.yaml")} if upload is not None and method == "POST" else {}
    headers = {"Origin": BASE, "X-CSRF": page.csrf} if right or len(form) % 3 else {}
    return page.client.open(
        path,
        method=method,
        base_url=BASE,
        headers=headers,
        **({"data": clean | more} if method == "POST" else {"query_string": clean}),
    ).status_code


def untouched(page: Web) -> None:
    home = page.desk.folder.parent
    assert {path.name for path in home.iterdir()} == {"文书", "secret.txt"}
    assert (home / "secret.txt").read_text(encoding="utf-8") == "不要动"
    for path in page.desk.folder.rglob("*"):
        place, *below = path.relative_to(page.desk.folder).parts
        folder = "".join(below[:1])
        put_aside = re.fullmatch(r"文件（[\d-]+以前）", folder)  # when the set was dated anew
        assert (
            place == "名单" or path.is_dir() or path.name == "unit.yaml" or folder in ("文件", "自有条款") or put_aside
        ), path


def ask(page: Web, count: int) -> None:
    seen: set[int] = set()

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(data=st.data())
    def run(data) -> None:
        asked = data.draw(requests(page))
        before = {unit.name for unit in page.desk.units()}
        code = send(page, asked)
        seen.add(code)
        assert code in ANSWERED, (code, asked)
        for unit in page.desk.units():
            if unit.name not in before:  # keep the folder small
                shutil.rmtree(unit.path)

    run()
    lists = page.client.application.extensions["lists"]
    for job in lists.running():
        job.stop.set()
    while lists.running():
        time.sleep(0.05)
    untouched(page)
    assert all(job.state != "broken" or job.trouble for job in lists._jobs.values()), "no run ends in a traceback"
    assert {200, 403, 404} <= seen, seen
    assert count < 1000 or {303, 409} <= seen, seen


@pytest.mark.slow
def test_random_requests(page):
    ask(page, 300)


@pytest.mark.slow
def test_two_thousand_random_requests(page):
    ask(page, 2000)
    for unit in page.desk.units():
        assert isinstance(api.prepare(Path(unit.path) / "unit.yaml").findings, tuple)
