"""Who may use the page: each sentence on security of ``docs/web.md``."""

from __future__ import annotations

import os
import re
import socket
import threading
from io import BytesIO
from pathlib import Path

import pytest
from webs import BASE, PORT, Web, put, web

from toolkit import api
from toolkit.core.findings import UsageError
from toolkit.web.answers import token
from toolkit.web.desk import folder_name
from toolkit.web.guard import READERS_SEE
from toolkit.web.server import make_server
from toolkit.web.unit import Conflict
from toolkit.web.views.share import terminal_code


@pytest.fixture
def page(tmp_path) -> Web:
    put(tmp_path, "柳河村")
    return web(tmp_path)


def stranger(page: Web):
    return page.client.application.test_client()


def test_nothing_is_shown_without_the_secret(page):
    other = stranger(page)
    for path in ("/", f"/u/{page.id('柳河村')}/fill", f"/u/{page.id('柳河村')}/card"):
        answer = other.get(path, base_url=BASE)
        assert answer.status_code == 401 and "柳河村" not in answer.text
    assert other.get("/open/wrong", base_url=BASE).status_code == 401
    assert other.get(f"/open/{page.guard.secret}", base_url=BASE).status_code == 303


@pytest.mark.slow
def test_the_secret_is_fresh_and_the_cookie_strict(page, tmp_path):
    assert page.guard.secret != web(tmp_path).guard.secret and len(page.guard.secret) >= 32
    cookie = stranger(page).get(f"/open/{page.guard.secret}", base_url=BASE).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and page.guard.secret not in cookie


def test_the_address_opened_twice_leaves_the_first_window_able_to_save(page):
    assert page.get(f"/open/{page.guard.secret}").status_code == 303
    assert page.post("/new/unit", {"kind": "village", "name": "甲村"}).status_code == 303


@pytest.mark.sampled(3)
@pytest.mark.parametrize("host", ["evil.example:5000", "127.0.0.1:5001", "localhost.evil.example:5000"])
def test_another_host_is_refused(page, host):
    assert page.client.get("/", base_url=f"http://{host}").status_code == 400


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{BASE}.evil.example"},
        {"Origin": None, "Referer": "http://evil.example/"},
        {"Origin": None, "Referer": f"{BASE}.evil.example/"},
        {"Origin": None},
        {"X-CSRF": "wrong"},
        {"X-CSRF": ""},
    ],
    ids=str,
)
def test_a_form_of_a_foreign_page_is_refused(page, headers):
    sent = {"Origin": BASE, "X-CSRF": page.csrf} | headers
    sent = {name: value for name, value in sent.items() if value is not None}
    answer = page.client.post("/quit", base_url=BASE, headers=sent)
    assert answer.status_code == 403 and not page.desk.stopping.is_set()


@pytest.mark.slow
def test_nothing_is_changed_by_get(page):
    """Every address that changes something takes POST only, and no other takes it."""
    rules = list(page.client.application.url_map.iter_rules())
    for rule in rules:
        methods = rule.methods - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}) or rule.endpoint == "guard.sign_in", rule
    before = {path: path.read_bytes() for path in page.desk.folder.rglob("*") if path.is_file()}
    unit = page.id("柳河村")
    for rule in rules:
        if "GET" in rule.methods and rule.arguments <= {"unit"}:
            page.get(rule.rule.replace("<unit>", unit))
    assert {path: path.read_bytes() for path in page.desk.folder.rglob("*") if path.is_file()} == before
    assert page.client.delete("/", base_url=BASE).status_code == 405


def test_the_policy_allows_this_server_only(page):
    answer = page.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    assert page.get("/static/app.css").headers["Content-Security-Policy"] == policy


def test_pages_hold_no_inline_script_and_no_style(page):
    unit = page.id("柳河村")
    for path in ("/", f"/u/{unit}/fill", f"/u/{unit}/card", "/nothing"):
        text = page.get(path).text
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path


@pytest.mark.sampled(4)
@pytest.mark.parametrize("id", ["..", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc", "柳河村", "/etc", "x" * 5000])
def test_no_path_comes_from_the_browser(page, id):
    assert page.get(f"/u/{id}/fill").status_code in (404, 308)


def test_a_link_out_of_the_folder_is_no_unit(page, tmp_path):
    outside = put(tmp_path.parent / f"{tmp_path.name}_outside", "别处")
    (tmp_path / "链接").symlink_to(outside)
    assert [unit.name for unit in page.desk.units()] == ["柳河村"]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", ["文件", "记录", "草稿", "会后", "自有条款", ".收件", "审核意见.json"])
def test_a_folder_of_a_unit_that_leads_elsewhere_is_not_followed(page, tmp_path, name):
    unit, outside = page.id("柳河村"), tmp_path.parent / f"{tmp_path.name}_outside"
    outside.mkdir()
    (outside / "manifest.json").write_text("别人的", encoding="utf-8")
    link = tmp_path / "柳河村" / name
    link.symlink_to(outside)
    for path in ("generate", "meetings", "card", "review", "documents"):
        assert page.get(f"/u/{unit}/{path}").status_code == 422
    done = page.post(f"/u/{unit}/generate", {"over": "yes"})
    assert done.status_code == 422 and f"“{name}”是通到别处的链接，没有读也没有写" in done.text
    assert [path.name for path in outside.iterdir()] == ["manifest.json"]
    link.unlink()
    assert page.get(f"/u/{unit}/generate").status_code == 200


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["记录/会议.docx", "自有条款/regulation.md", "草稿/会议.yaml"])
def test_a_file_of_a_unit_that_leads_elsewhere_is_not_read(page, tmp_path, name):
    unit, outside = page.id("柳河村"), tmp_path.parent / f"{tmp_path.name}_别处.docx"
    outside.write_text("别人的", encoding="utf-8")
    link = tmp_path / "柳河村" / name
    link.parent.mkdir()
    link.symlink_to(outside)
    answer = page.get(f"/u/{unit}/meetings")
    assert answer.status_code == 422 and f"“{name}”是通到别处的链接" in answer.text
    link.unlink()
    (link.parent / ".#锁").symlink_to("nobody@nowhere")  # as an editor leaves it
    assert page.get(f"/u/{unit}/meetings").status_code == 200


def test_large_uploads_are_refused_in_words(page):
    answer = page.post("/quit", {"file": (BytesIO(b"x" * 20_000_001), "a.docx")})
    assert answer.status_code == 413 and "20 MB" in answer.text and not page.desk.stopping.is_set()


def test_a_large_upload_is_read_and_dropped_so_that_the_words_arrive(page):
    taken = socket.create_server(("127.0.0.1", 0))
    server = make_server(page.client.application, taken)
    threading.Thread(target=server.run, daemon=True).start()
    cookie = page.client.get_cookie(page.guard.cookie, "127.0.0.1")
    head = [
        "POST /quit HTTP/1.1",
        f"Host: 127.0.0.1:{PORT}",
        f"Origin: {BASE}",
        f"Cookie: {page.guard.cookie}={cookie.value if cookie else ''}",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 24000000",
        "Connection: close",
    ]
    try:
        with socket.create_connection(taken.getsockname()) as sender:
            sender.sendall("\r\n".join([*head, "", ""]).encode())
            for _ in range(24):
                sender.sendall(bytes(1_000_000))
            answer = sender.makefile("rb").read(20_000).decode("utf-8", "replace")
    finally:
        server.close()
        server.task_dispatcher.shutdown(timeout=1)
    assert answer.startswith("HTTP/1.1 413") and "文件太大，最多 20 MB" in answer and "回到我的单位" in answer
    assert not page.desk.stopping.is_set()


@pytest.mark.slow
def test_the_passphrase_is_hashed_and_slow_to_guess(tmp_path):
    now = [100.0]
    shared = web(tmp_path, passphrase="青山绿水 2026")
    shared.guard.clock = lambda: now[0]
    assert shared.guard.passphrase == "" and "青山" not in repr(vars(shared.guard))
    other = stranger(shared)
    assert other.get("/", base_url=BASE).headers["Location"] == "/sign-in"
    wrong = other.post("/sign-in", base_url=BASE, data={"words": "青山绿水"}, headers={"Origin": BASE})
    assert wrong.status_code == 401 and "口令不对" in wrong.text
    early = other.post("/sign-in", base_url=BASE, data={"words": "青山绿水 2026"}, headers={"Origin": BASE})
    assert early.status_code == 429 and "等一下" in early.text  # at once: no thread of the server waits for a guess
    now[0] += 1.5
    right = other.post("/sign-in", base_url=BASE, data={"words": "青山绿水 2026"}, headers={"Origin": BASE})
    assert right.status_code == 303 and other.get("/", base_url=BASE).status_code == 200


@pytest.mark.slow
def test_readers_put_nobody_out_who_may_write(tmp_path):
    """However often a link is opened without a cookie; and whoever may write opens it without losing that."""
    put(tmp_path, "柳河村")
    shared = web(tmp_path, passphrase="青山绿水 2026")
    path = shared.guard.link(shared.id("柳河村"))
    for _ in range(230):
        assert stranger(shared).get(path, base_url=BASE).status_code == 303
    assert shared.get("/").status_code == 200 and len(shared.guard._sessions) <= 101
    assert shared.get(path).status_code == 303 and shared.get("/").status_code == 200


def test_a_folder_whose_name_is_no_text_is_told_and_stops_nobody(tmp_path):
    put(tmp_path, "柳河村")
    page = web(tmp_path)
    os.mkdir(os.fsencode(tmp_path) + b"/\xff\xfebad")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfebad")) / "unit.yaml").write_text(
        "单位类型: 村\n", encoding="utf-8"
    )
    answer = page.get("/")
    assert answer.status_code == 200 and "柳河村" in answer.text and "读不出来" in answer.text and "bad" in answer.text


def test_a_lock_that_an_editor_leaves_and_a_profile_that_leads_elsewhere(tmp_path):
    folder = put(tmp_path, "柳河村")
    page = web(tmp_path)
    (folder / ".#unit.yaml").symlink_to("root@host.1:2")
    (folder / "断.yaml").symlink_to("nowhere")
    assert page.get(f"/u/{page.id('柳河村')}/fill").status_code == 200
    (tmp_path / "外面").mkdir()
    (tmp_path / "外面/unit.yaml").symlink_to("/etc/passwd")
    assert [unit.name for unit in page.desk.units()] == ["柳河村"]


def test_what_another_program_wrote_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    folder = put(tmp_path, "柳河村")
    page = web(tmp_path)
    opened = page.desk.unit(page.id("柳河村"))
    put_in = api.put

    def slowly(text, *rest):
        (folder / "unit.yaml").write_text(text + "# 外面改的\n", encoding="utf-8")
        return put_in(text, *rest)

    monkeypatch.setattr("toolkit.web.unit.api.put", slowly)
    with pytest.raises(Conflict):
        opened.answer("party.members", "33", token(opened.answers().by_key["party.members"]))
    assert page.profile("柳河村").endswith("# 外面改的\n")


def test_a_folder_that_vanished_is_not_made_again(tmp_path):
    (tmp_path / "文书").mkdir()
    page = web(tmp_path / "文书")
    (tmp_path / "文书").rename(tmp_path / "拔了")
    answer = page.post("/new/unit", {"name": "甲村", "kind": "village"})
    assert answer.status_code >= 400 and not (tmp_path / "文书").exists()


@pytest.mark.slow
def test_a_phone_finds_the_way_by_a_code_and_a_reviewer_gets_a_link(tmp_path, page):
    put(tmp_path, "石桥村", "village_minimal")
    shared = web(tmp_path, passphrase="青山绿水 2026")
    shown = shared.get("/phone").text
    assert "<svg" in shown and f"{BASE}/sign-in" in shown and " style=" not in shown
    made = shared.post(f"/u/{shared.id('石桥村')}/share").text
    link = re.search(r"<code>http://[^/]+(/look/[\w-]+)</code>", made)[1]
    assert stranger(shared).get(link, base_url=BASE).headers["Location"] == f"/u/{shared.id('石桥村')}/"
    assert page.get("/phone").status_code == 404 and page.post(f"/u/{page.id('柳河村')}/share").status_code == 422


def test_a_code_in_a_terminal_can_be_read():
    assert len(terminal_code("http://192.168.1.5:40000/sign-in").splitlines()) > 10


def test_without_lan_there_is_no_passphrase_to_guess(page):
    assert stranger(page).get("/sign-in", base_url=BASE).status_code == 404


@pytest.mark.slow
def test_a_readers_link_shows_one_unit_and_changes_nothing(page, tmp_path):
    put(tmp_path, "石桥村", "village_minimal")
    link, shown, hidden = page.guard.link(page.id("柳河村")), page.id("柳河村"), page.id("石桥村")
    reader = stranger(page)
    assert reader.get(link, base_url=BASE).headers["Location"] == f"/u/{shown}/"
    seen = reader.get(f"/u/{shown}/fill", base_url=BASE)
    assert seen.status_code == 200 and "只看" in seen.text and "退出" not in seen.text
    csrf = re.search(r'name="csrf" content="([^"]+)"', seen.text)[1]
    assert reader.get(f"/u/{hidden}/fill", base_url=BASE).status_code == 403
    assert reader.get("/", base_url=BASE).status_code == 403
    assert reader.post("/quit", base_url=BASE, headers={"Origin": BASE, "X-CSRF": csrf}).status_code == 403
    assert page.guard.link(shown) == link and reader.get("/look/wrong", base_url=BASE).status_code == 401


@pytest.mark.slow
def test_a_readers_link_shows_no_telephone_number(tmp_path):
    """Neither of the people nor of the contact: on no page, in no document and in no archive; the owner sees them."""
    put(tmp_path, "柳河村")
    page = web(tmp_path)
    here, reader = f"/u/{page.id('柳河村')}", stranger(page)
    rows = "姓名\t职务\t电话\n张明\t村会计\t13800001234"
    asked = page.post(f"{here}/people/paste", {"text": rows}).text
    cells = dict(re.findall(r'name="(r-\d+-\w+)" value="([^"]*)"', asked))
    seen = re.search(r'name="seen" value="([^"]*)"', asked)[1]
    assert page.post(f"{here}/people/add", cells | {"seen": seen}).status_code == 303
    numbers = ("13800001234", "0471-0000000", "0471-0000001")
    assert numbers[0] in page.get(f"{here}/people").text and numbers[1] in page.get(f"{here}/fill?group=contact").text
    reader.get(page.guard.link(page.id("柳河村")), base_url=BASE)
    for path in ("fill?group=contact", "fill?group=must", "documents", "register", "review"):
        answer = reader.get(f"{here}/{path}", base_url=BASE, follow_redirects=True)
        assert answer.status_code == 200 and not [one for one in numbers if one in answer.text], path
    listed = set(
        re.findall(
            rf'href="{here}/documents/([a-z_]+)',
            reader.get(f"{here}/documents", base_url=BASE, follow_redirects=True).text,
        )
    )
    assert "regulation" in listed and "contact_sheet" not in listed
    for path in (
        "documents/contact_sheet",
        "documents/contact_sheet/1.png",
        "documents/contact_sheet/file.pdf",
        "set.zip",
    ):
        assert reader.get(f"{here}/{path}", base_url=BASE).status_code in (403, 422), path
        assert page.get(f"{here}/{path}").status_code == 200, path


def test_a_readers_link_shows_what_is_reviewed_and_nothing_else(tmp_path):
    """Every address of a unit is either seen by a reader or refused; the page names what there is, and links to nothing else."""
    folder = put(tmp_path, "柳河村")
    shared = web(tmp_path, passphrase="青山绿水 2026")
    here, reader = f"/u/{shared.id('柳河村')}", stranger(shared)
    assert shared.post(f"{here}/generate", {"over": "no"}).status_code == 200
    record = folder / "记录/2026-03-05-民主生活会.yaml"
    record.parent.mkdir(exist_ok=True)
    record.write_text("document: minutes_democratic_life\nvalues: {}\n", encoding="utf-8")
    said = shared.post(f"{here}/share").text
    assert "会议和记录不给看" in said and "姓名也看得到" in said
    reader.get(shared.guard.link(shared.id("柳河村")), base_url=BASE)
    rules = list(shared.client.application.url_map.iter_rules())
    inside = [rule for rule in rules if "unit" in rule.arguments and "GET" in rule.methods]
    refused = [rule for rule in inside if rule.endpoint not in READERS_SEE]
    assert len(refused) > 12 and {rule.endpoint for rule in inside} >= READERS_SEE
    sample = {"document": "regulation", "clause": "aim", "kind": "docx", "draft": "x", "delivery": "x", "file": "x"}
    for rule in refused:
        path = rule.rule.replace("/u/<unit>", here)
        for name, value in {**sample, "name": "x", "key": "unit.self"}.items():
            path = path.replace(f"<{name}>", value).replace(f"<int:{name}>", "1")
        assert reader.get(path, base_url=BASE).status_code == 403, path
    allowed = {f"{here}/{name}" for name in ("fill", "documents", "register", "review", "coverage", "load", "")}
    for path in ("fill", "documents/regulation", "register", "review"):
        seen = reader.get(f"{here}/{path}", base_url=BASE)
        assert seen.status_code == 200 and "会议和记录不给看" in seen.text and "民主生活会.yaml" not in seen.text
        for link in re.findall(r'(?:href|hx-get)="(/u/[^"#?]+)', seen.text):
            read = reader.get(link, base_url=BASE) if link not in allowed and "file." not in link else None
            assert read is None or read.status_code in (200, 302, 303, 405), (path, link)


def plain_text(data: bytes) -> str:
    """The text of a page, a DOCX or an archive of them."""
    if not data.startswith(b"PK"):
        return re.sub("<[^>]*>", "", data.decode("utf-8", "replace"))
    return "".join(map(plain_text, api.unzipped(data).values()))


@pytest.mark.slow
def test_a_reader_gets_no_telephone_out_of_a_comparison(tmp_path):
    """Neither the present number nor an earlier one, on the page or in a download; what has none is given out."""
    folder = put(tmp_path, "柳河村")
    page = web(tmp_path)
    here, reader = f"/u/{page.id('柳河村')}", stranger(page)
    assert page.post(f"{here}/generate", {"over": "no"}).status_code == 200
    profile = folder / "unit.yaml"
    before = profile.read_text(encoding="utf-8")
    assert "0471-0000000" in before
    profile.write_text(before.replace("0471-0000000", "0471-7654321").replace("32", "33", 1), encoding="utf-8")
    review = page.get(f"{here}/review").text
    old, new = re.findall(r'<option value="([0-9a-z]+)"', review)[0], "now"
    mine = page.get(f"{here}/review/compare?old={old}&new={new}&g=substance&g=words&g=names&g=small").text
    assert "7654321" in re.sub("<[^>]*>", "", mine)
    reader.get(page.guard.link(page.id("柳河村")), base_url=BASE)
    seen = reader.get(f"{here}/review/compare?old={old}&new={new}&g=substance&g=words&g=names&g=small", base_url=BASE)
    assert seen.status_code == 200 and "这个链接不给看" in seen.text
    plain = re.sub("<[^>]*>", "", seen.text)
    assert "7654321" not in plain and "0471" not in plain
    refused = set()
    for kind in ("table", "decision", "redline", "page"):
        address = f"{here}/review/compare.{kind}?old={old}&new={new}"
        answer, own = reader.get(address, base_url=BASE), page.get(address)
        assert own.status_code == 200 and answer.status_code in (200, 422), kind
        assert "7654321" not in plain_text(answer.data), kind
        if "7654321" in plain_text(own.data):
            assert answer.status_code == 422 and "电话" in answer.text, kind
            refused.add(kind)
    assert "redline" in refused and "page" in refused
    profile.write_text(before.replace("32", "33", 1), encoding="utf-8")
    answer = reader.get(f"{here}/review/compare.table?old={old}&new={new}", base_url=BASE)
    assert answer.status_code == 200 and answer.data.startswith(b"PK")


def test_a_log_holds_no_personal_data(page, caplog, monkeypatch):
    def broken(*_):
        raise ValueError("丁某 0471-0000000")

    monkeypatch.setattr("toolkit.web.desk.Desk.listing", broken)
    page.client.application.testing = False
    answer = page.get("/?q=丁某")
    assert answer.status_code == 500 and "丁某" not in answer.text
    assert "ValueError" in caplog.text and "丁某" not in caplog.text and "0471" not in caplog.text


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("青禾县柳溪镇柳河村", "青禾县柳溪镇柳河村"),
        ("../../etc", "etc"),
        ("a/b\\c:d", "abcd"),
        ("CON", "CON单位"),
        (" .x. ", "x"),
        ("长" * 300, "长" * 60),
    ],
)
def test_a_units_name_becomes_a_folder_anywhere(name, folder):
    assert folder_name(name) == folder


@pytest.mark.parametrize("name", ["", " ", "///", "\0", "."])
def test_a_name_of_which_nothing_is_left_is_refused(name):
    with pytest.raises(UsageError):
        folder_name(name)
