"""会议: which meetings and forms fall due, a form filled in the browser, its record, files that came back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from toolkit import api
from toolkit.core.findings import FindingsError, Refused, UsageError
from toolkit.web import current
from toolkit.web.desk import Missing
from toolkit.web.drafts import Delivery, Draft, Drafts, Item
from toolkit.web.page_words import on_page
from toolkit.web.typed_forms import changed_places, differences, typed
from toolkit.web.unit import INBOX, Conflict, Unit

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.minutes.form_view import FormView
    from toolkit.minutes.looking import Looked
    from toolkit.minutes.register.register import Register
    from toolkit.minutes.register.rows import Together
    from toolkit.minutes.taking import Outcome

TAB = "meetings.page"
#: Days ahead that are shown as coming.
_AHEAD = timedelta(days=62)
#: Rows of a table that a page has.
_ROWS_MOST = 200


def blueprint() -> Blueprint:
    """Return the addresses of this place."""
    made = Blueprint("meetings", __name__)
    here = "/u/<unit>/meetings"
    made.add_url_rule(here, "page", page)
    made.add_url_rule(f"{here}/begin", "begin", begin)
    made.add_url_rule(f"{here}/begin", "start", start, methods=["POST"])
    made.add_url_rule(f"{here}/drop", "drop", drop, methods=["POST"])
    made.add_url_rule(f"{here}/back/<delivery>", "back", back)
    made.add_url_rule(f"{here}/files/<file>", "file", file)
    made.add_url_rule(f"{here}/records/<file>/open", "reopen", reopen, methods=["POST"])
    made.add_url_rule(f"{here}/draft/<draft>", "draft", draft)
    made.add_url_rule(f"{here}/draft/<draft>.<kind>", "paper", paper)
    for name, does in (("keep", keep), ("row", row), ("relist", relist), ("save", save), ("away", away)):
        made.add_url_rule(f"{here}/draft/<draft>/{name}", name, does, methods=["POST"])
    return made


# --- due meetings and forms, present files ---


@dataclass(frozen=True, slots=True)
class Coming:
    """A meeting or form that falls due; ``what`` is 会议 or 表."""

    one: Together
    what: str

    @property
    def labels(self) -> str:
        """The duties that are overdue, else those that are not done yet."""
        return "、".join(duty.label for duty in self.one.overdue or self.one.waiting)


def page(unit: str) -> str:
    """Show due meetings and forms, drafts, files that came back, and the records."""
    opened = current.unit(unit)
    ready = opened.good()
    if ready is None:
        return current.page("meetings_none.html", opened, TAB, prepared=opened.prepared())
    today, drafts = _today(), Drafts(opened)
    register, kept = _recorded(opened, ready, today)
    coming = [
        Coming(occasion, "会议" if occasion.opens in register.source.resolved.meetings else "表")
        for occasion in api.register_occasions(register)
        if occasion.overdue or occasion.waiting and occasion.opens and occasion.day <= today + _AHEAD
    ]
    return current.page(
        "meetings.html",
        opened,
        TAB,
        coming=[meeting for meeting in coming if not meeting.one.overdue],
        late=[meeting for meeting in coming if meeting.one.overdue],
        register=register,
        drafts=[
            (draft, api.minutes_view(ready, draft.data())) for draft in drafts.all() if drafts.origin(draft)[0] is None
        ],
        deliveries=[draft for draft in drafts.deliveries() if draft.waiting],
        records=sorted(kept, key=lambda record: (record.day, record.name), reverse=True),
        id_of=lambda path: file_id(opened, path),
        choices=_choices(ready),
    )


def _recorded(opened: Unit, ready: Prepared, today: date) -> tuple[Register, list[Looked]]:
    """Return the register and the kinds of records, read once while no record changes."""
    records = opened.kept_records
    state = f"{id(ready)} {today} {opened.state_of(records) if records else ''}"

    def read() -> tuple[Register, list[Looked], Prepared]:
        looked = api.minutes_look(ready, records) if records else []
        return api.register(ready, records, today=today), looked, ready

    register, looked, _ = current.desk().once(f"records {opened.id}", state, read)
    return register, looked


def _today() -> date:
    return current.desk().now().date()


def _ready(opened: Unit) -> Prepared:
    """Return the set that forms are made from: the last one without errors. Raises FindingsError if there was none yet."""
    ready = opened.good()
    if ready is None:
        raise FindingsError(opened.prepared().findings)
    return ready


def _choices(ready: Prepared) -> list[tuple[str, str]]:
    """Return the other forms that can be begun: meetings and papers on demand, by id and name."""
    assert ready.resolved is not None
    meetings = [(meeting.id, meeting.name) for meeting in ready.resolved.meetings.values() if meeting.minutes]
    return [*meetings, *((paper.id, paper.name) for paper in api.papers(ready).papers)]


# --- a form in the browser ---


def begin(unit: str) -> str:
    """Ask when and where a meeting is, or of which day a form is; ``for`` is the meeting or form, ``on`` a proposed day."""
    opened = current.unit(unit)
    wanted = request.args.get("for", "")
    return _begin(opened, wanted, request.args.get("on", "")[:40])


def _begin(
    opened: Unit, wanted: str, on: str, trouble: UsageError | None = None, time: str = "", place: str = ""
) -> str:
    ready = _ready(opened)
    assert ready.resolved is not None
    meeting = ready.resolved.meetings.get(wanted)
    name = meeting.name if meeting else dict(_choices(ready)).get(wanted) or _title(ready, wanted)
    if not name:
        raise Missing("没有这个会议或者表", "回到“会议”再选一次", "no_form")
    return current.page(
        "meetings_begin.html",
        opened,
        TAB,
        wanted=wanted,
        name=name,
        meeting=meeting,
        on=on,
        time=time,
        place=place,
        trouble=trouble,
    )


def _title(ready: Prepared, document: str) -> str:
    assert ready.built is not None
    return next((one.file_name for one in ready.built.set.documents if one.id == document), "")


def start(unit: str) -> str | Response | tuple[str, int]:
    """Begin a draft: the form as ``minutes new`` makes it."""
    opened = current.unit(unit)
    form = request.form
    wanted, on = form.get("for", ""), form.get("on", "").strip()[:40]
    time, place = form.get("time", "").strip()[:40], form.get("place", "").strip()[:200]
    ready = _ready(opened)
    try:
        made = api.minutes_new(ready, wanted, records=opened.kept_records, date=on, time=time, place=place)
    except UsageError as error:
        return _begin(opened, wanted, on, error, time, place), 422
    view = api.minutes_view(ready, made.data)
    day = view.data.get("held_on")
    begun = Drafts(opened).new(f"{day} {view.title}".strip(), api.minutes_yaml(view.data))
    return redirect(url_for("meetings.draft", unit=unit, draft=begun.id), 303)


def draft(unit: str, draft: str) -> str:
    """Show a form to fill in."""
    opened = current.unit(unit)
    return _draft(opened, Drafts(opened).open(draft))


def _draft(opened: Unit, draft: Draft, view: FormView | None = None, tried: bool = False, **more: object) -> str:
    ready = _ready(opened)
    delivery, item = Drafts(opened).origin(draft)
    original = _original(ready, delivery, item)
    return current.page(
        "meetings_form.html",
        opened,
        TAB,
        draft=draft,
        view=view or api.minutes_view(ready, draft.data()),
        tried=tried or original is not None,
        delivery=delivery,
        item=item,
        about=original.about if original else (),
        relisted=None if item else api.minutes_relist(ready, draft.data()),
        **more,
    )


def _original(ready: Prepared, delivery: Delivery | None, item: Item | None) -> FormView | None:
    """Return the file that came back as it was read."""
    if delivery is None or item is None:
        return None
    return api.minutes_view(ready, delivery.path(item))


def _write(opened: Unit, draft: str) -> tuple[Draft, FormView, set[str]]:
    """Write typed texts into a draft over the version that they were made from.

    Return it with the findings, and the places where these changed. Raises Conflict, Missing, FileError.
    """
    drafts, ready = Drafts(opened), _ready(opened)
    there = drafts.open(draft)
    before = api.minutes_view(ready, there.data())
    if not before.parts:
        raise UsageError("这份草稿读不出来，没有存", "草稿文件还在“草稿”文件夹里，没有动", "bad_draft")
    view = api.minutes_view(ready, typed(request.form, there.data()))
    seen = there.version if request.form.get("do") == "mine" else request.form.get("seen", "")
    return drafts.write(there, seen, api.minutes_yaml(view.data)), view, changed_places(before, view)


def keep(unit: str, draft: str) -> str | Response | tuple[str, int]:
    """Keep the typed texts, and show the findings about them."""
    opened = current.unit(unit)
    try:
        one, view, changed = _write(opened, draft)
    except Conflict:
        return _clash(opened, draft)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("meetings.draft", unit=unit, draft=draft), 303)
    return render_template(
        "meetings_kept.html", unit=opened, draft=one, view=view, changed=changed, tried=_tried(), kept=_now()
    )


def _clash(opened: Unit, draft: str) -> tuple[str, int]:
    """Show the differences between the texts typed here and those of another window; nothing is written or lost."""
    there = Drafts(opened).open(draft)
    changed = _differing(opened, there)[0]
    return render_template("meetings_clash.html", unit=opened, draft=there, changed=changed), 409


def _clashing(opened: Unit, draft: str) -> tuple[str, int]:
    """Show the whole form as it was typed here, with what differs from what another window wrote."""
    there = Drafts(opened).open(draft)
    changed, mine = _differing(opened, there)
    return _draft(opened, there, mine, changed=changed, seen=request.form.get("seen")), 409


def _differing(opened: Unit, there: Draft) -> tuple[list[tuple[str, str, str]], FormView]:
    """Return the differences between typed texts and the present draft, and the typed texts."""
    ready, now = _ready(opened), there.data()
    mine = api.minutes_view(ready, typed(request.form, now))
    return differences(mine, api.minutes_view(ready, now)), mine


def _tried() -> bool:
    return bool(request.form.get("tried"))


def _now() -> object:
    return current.desk().now()


def row(unit: str, draft: str) -> str | tuple[str, int]:
    """Keep the typed texts and add an empty row to a table (``more``)."""
    opened = current.unit(unit)
    try:
        one, view, changed = _write(opened, draft)
    except Conflict:
        return _clash(opened, draft)
    table = request.form.get("more", "")
    part = next((part for part in view.parts if part.id == table), None)
    if part is None:
        raise Missing("这份表没有这一栏", "请刷新这一页", "no_table")
    rows = min(request.form.get(f"n:{table}", 0, int), _ROWS_MOST) + 1
    shown = {"draft": one, "view": view, "changed": changed, "part": part, "rows": rows}
    return render_template("meetings_row.html", unit=opened, tried=_tried(), kept=_now(), **shown)


def relist(unit: str, draft: str) -> str | Response | tuple[str, int]:
    """Keep what was typed and take the list of people anew from the profile; what was marked stays."""
    opened = current.unit(unit)
    try:
        one, view, _ = _write(opened, draft)
    except Conflict:
        return _clashing(opened, draft)
    ready = _ready(opened)
    again = api.minutes_view(ready, api.minutes_relist(ready, view.data).data)
    Drafts(opened).write(one, one.version, api.minutes_yaml(again.data))
    return redirect(url_for("meetings.draft", unit=unit, draft=draft), 303)


def away(unit: str, draft: str) -> Response:
    """Put a draft away: it goes, the file that came back and the records stay as they are."""
    opened = current.unit(unit)
    drafts = Drafts(opened)
    one = drafts.open(draft)
    delivery, _ = drafts.origin(one)
    drafts.remove(one)
    if delivery is not None and delivery.waiting > 1:
        return redirect(url_for("meetings.back", unit=unit, delivery=delivery.id), 303)
    return redirect(url_for("meetings.page", unit=unit), 303)


# --- records and the files that follow ---


def save(unit: str, draft: str) -> str | Response | tuple[str, int]:
    """Keep a form as a record if it has no errors, with its 纪要 and the text for a group message (``minutes take``)."""
    opened = current.unit(unit)
    try:
        one, view, _ = _write(opened, draft)
    except Conflict:
        return _clashing(opened, draft)
    if view.count(api.Severity.ERROR):
        return _draft(opened, one, view, tried=True, refused=True), 422
    try:
        outcome = _take(opened, one, view)
    except Refused as error:
        return _draft(opened, one, view, tried=True, edited=error), 409
    taken = outcome.taken[0] if outcome.taken else None
    if taken is None or not taken.accepted:
        return _draft(opened, one, view, tried=True, problems=outcome.findings), 422
    delivery, _ = Drafts(opened).origin(one)
    Drafts(opened).remove(one, kept=taken.record)
    texts = [data.decode() for name, data in taken.files.items() if name.endswith(".txt")]
    return current.page(
        "meetings_saved.html",
        opened,
        TAB,
        taken=taken,
        files=[(name, file_id(opened, opened.after / name)) for name in taken.files],
        message=texts[0] if texts else "",
        delivery=Drafts(opened).delivery(delivery.id) if delivery else None,
    )


def _take(opened: Unit, draft: Draft, view: FormView) -> Outcome:
    """Take a form to everything that follows: the file that came back if nothing in it was corrected, else the form anew."""
    ready, drafts = _ready(opened), Drafts(opened)
    delivery, item = drafts.origin(draft)
    original = _original(ready, delivery, item)
    made: Path | None = None
    if delivery is not None and item is not None and original is not None and original.data == view.data:
        path = delivery.path(item)
    else:
        path = made = opened.path / INBOX / f"{draft.id}.docx"
        api.save(made, api.minutes_fill(ready, view.data).data, force=True)
    try:
        return api.minutes_take(
            ready,
            path,
            out=opened.after,
            today=_today(),
            records=opened.records,
            force=request.form.get("do") == "force",
            replaces=opened.records / item.record if item and item.record else None,
        )
    finally:
        if made is not None:
            made.unlink(missing_ok=True)


def paper(unit: str, draft: str, kind: str) -> str | Response | tuple[str, int]:
    """Return a draft as a file: the form (docx, pdf), the notice (notice), all papers as one PDF (packet), the draft (yaml).

    The reason why it cannot be made is shown above the form.
    """
    opened = current.unit(unit)
    one = Drafts(opened).open(draft)
    try:
        return _paper(opened, one, kind)
    except FindingsError as error:
        return _draft(opened, one, problems=error.findings), 422


def _paper(opened: Unit, draft: Draft, kind: str) -> Response:
    ready, stem = _ready(opened), draft.path.stem
    if kind == "yaml":
        return _sent(draft.text.encode(), f"{stem}.yaml")
    if kind not in ("docx", "pdf", "notice", "packet"):
        raise Missing("没有这种文件", "", "no_format")
    form = api.minutes_fill(ready, draft.data(), format="pdf" if kind == "pdf" else "docx")
    if kind == "notice":
        return _sent(api.minutes_notice(ready, form, today=_today()).data, f"{stem}-通知.docx")
    if kind == "packet":
        return _sent(api.minutes_packet(ready, form, today=_today()), f"{stem}-材料.pdf")
    return _sent(form.data, f"{stem}.{kind}")


def _sent(data: bytes, name: str) -> Response:
    return send_file(BytesIO(data), as_attachment=True, download_name=name, max_age=0)


def file_id(opened: Unit, path: Path) -> str:
    """Return the id of a file among records and the files that follow from them."""
    relative = path.relative_to(opened.path).as_posix()
    return hashlib.sha256(relative.encode(errors="surrogateescape")).hexdigest()[:16]


def _file(opened: Unit, id: str) -> Path:
    folders = [folder for folder in (opened.records, opened.after) if folder.is_dir()]
    paths = (path for folder in folders for path in api.register_files(folder))
    found = next((path for path in paths if file_id(opened, path) == id), None)
    if found is None:
        raise Missing("没有这份文件，可能改了名字或者移走了", "到“会议”看看现在有哪些", "no_file")
    return found


def file(unit: str, file: str) -> Response:
    """Return a record or a file that follows from one."""
    path = _file(current.unit(unit), file)
    return _sent(path.read_bytes(), path.name)


# --- files that came back ---


def drop(unit: str) -> Response:
    """Take in files that came back, sort them, and show the read data."""
    opened = current.unit(unit)
    ready = _ready(opened)
    given = [(file.filename or "", file.stream.read()) for file in request.files.getlist("files") if file.filename]
    if not given:
        raise UsageError("没有选文件", "选填好的 Word 表，一份、几份或者一个压缩包", "nothing_given")
    drafts = Drafts(opened)
    delivery = drafts.sort(drafts.receive(given), lambda delivery, item: _judged(ready, drafts, delivery, item))
    return redirect(url_for("meetings.back", unit=unit, delivery=delivery.id), 303)


def _judged(ready: Prepared, drafts: Drafts, delivery: Delivery, item: Item) -> Item:
    """Return an item with its draft where it is a filled form of this unit, else with the findings."""
    looked = api.minutes_look(ready, delivery.path(item))[0]
    if looked.state != "form":
        return replace(item, state=looked.state, said=_why(looked, delivery.path(item), item.called))
    view = api.minutes_view(ready, delivery.path(item))
    begun = drafts.new(looked.name or view.title, api.minutes_yaml(view.data))
    return replace(item, state=looked.state, draft=begun.id)


def _why(looked: Looked, path: Path, called: str) -> str:
    """Return why a file is no record, with the way out; ``called``: its name where it came from."""
    if looked.state == "blank":
        return "空白表，还没有填写"
    if not path.stat().st_size:
        return "是空文件，里面什么也没有。多半没有存好：请发来的人打开看看，存好再发一次"
    if called.rpartition("/")[2].startswith(("~$", ".~")):
        return "是 Word 或者 WPS 打开文件时的临时文件，不是填好的表。交同名的那一份，名字前面没有这几个符号"
    if looked.findings:
        said = map(on_page, (looked.findings[0].message, looked.findings[0].hint))
        return "。".join(text.rstrip("。") for text in said if text)
    return "不是本单位的表。要的是“会议”页上下载的 Word 表，填好以后存成 .docx"


def back(unit: str, delivery: str) -> str:
    """Show the data read from files that came back, each finding beside its field."""
    opened = current.unit(unit)
    ready, drafts = _ready(opened), Drafts(opened)
    given = drafts.delivery(delivery)
    open_now = {draft.id: draft for draft in drafts.all()}
    read = []
    for item in given.items:
        one = open_now.get(item.draft)
        original = _original(ready, given, item) if one else None
        read.append((item, one, api.minutes_view(ready, one.data()) if one else None, original))
    return current.page("meetings_back.html", opened, TAB, delivery=given, read=read)


def reopen(unit: str, file: str) -> Response:
    """Open a record to correct it; the record stays until the corrected one is kept."""
    opened = current.unit(unit)
    ready, drafts = _ready(opened), Drafts(opened)
    record = _file(opened, file)
    if not record.is_relative_to(opened.records):
        raise Missing("这不是记录", "到“会议”看看已有的记录", "no_record")
    name = record.relative_to(opened.records).as_posix()
    known = [item for draft in drafts.deliveries() for item in draft.items if item.record == name and item.draft]
    if known:
        return redirect(url_for("meetings.draft", unit=unit, draft=known[0].draft), 303)
    delivery = drafts.receive_record(record)
    sorted_out = drafts.sort(delivery, lambda given, item: _judged(ready, drafts, given, item))
    begun = sorted_out.items[0].draft
    if not begun:
        raise UsageError(sorted_out.items[0].said, "用 Word 或者 WPS 打开看看", "not_a_form")
    return redirect(url_for("meetings.draft", unit=unit, draft=begun), 303)
