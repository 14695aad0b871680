import pytest
from tinyset import DATA, LAYER, VALUES, load, made, write

from toolkit.compose.entries import one_line, printed
from toolkit.compose.resolve import resolve

BLANK_DATE = "　　　　年　　月　　日"


def test_defaults_follow_each_other():
    resolved, _ = made()
    assert resolved.values["party.short"] == "本单位党支部"
    assert resolved.values["party.body"] == "本单位党支部委员会"
    assert resolved.values["freq.analysis"] == "每季度至少一次"
    assert resolved.values["doc.public"] is False
    assert resolved.values["subunits"] == ("一组", "二组")
    assert "party.short" not in resolved.given and "subunits" in resolved.given
    assert resolved.unit == "示例镇示例村"


def test_a_choice_picks_its_default():
    resolved, _ = made(VALUES | {"party.form": "党委"})
    assert resolved.values["party.body"] == "党委会"


def test_templated_column_defaults_are_filled():
    resolved, _ = made()
    assert [record["admin"] for record in resolved.values["accounts"]] == ["本单位党支部宣传委员", "丙"]


def test_organisation_drops_what_is_not_there():
    resolved, _ = made({"unit.full_name": "甲"})
    assert set(resolved.org) == {"party_org", "secretary", "office", "superior_party"}
    assert resolved.org["party_org"].full == "中共甲党支部"
    assert resolved.org["secretary"].of == "party_org"
    assert made()[0].org["units"].extra == {"members": "一组、二组"}


def test_duties_are_canonical_and_conditional():
    resolved, _ = made({"unit.full_name": "甲"})
    duty = resolved.duties["analysis"]
    assert (duty.frequency, duty.deadline, duty.actor_name, duty.recipient_name) == (
        "每季度至少一次",
        "每季度末月25日前",
        "本单位党支部",
        "示例镇党委",
    )
    assert resolved.duties["incident"].deadline == "2小时内"
    assert resolved.dropped_duties == {"units_report": "subunits"}


def test_a_duty_without_its_actor_and_with_a_vague_frequency_is_kept():
    resolved, _ = made()
    duty = resolved.duties["haunt"]
    assert (duty.actor, duty.actor_name, duty.frequency) == ("ghost", "", "定期")
    assert resolved.findings == ()


def test_meetings():
    meeting = made()[0].meetings["study"]
    assert (meeting.name, meeting.body_name, meeting.chair_name) == (
        "本单位党支部专题会议",
        "本单位党支部",
        "党支部书记",
    )
    assert meeting.quorum["denominator"] == "应到会人数"


def test_date_and_year():
    resolved, _ = made(date="2026-01-05")
    assert (resolved.date, resolved.year) == ("2026-01-05", 2026)
    assert resolved.values["doc.date"] == "2026-01-05"
    given, _ = made(VALUES | {"doc.date": "2025-02-03"}, date="")
    assert (given.date, given.year) == ("2025-02-03", 2025)
    both, _ = made(VALUES | {"doc.date": "2025-02-03"}, date="2026-01-05")
    assert both.scope.text("doc.date") == "2026年1月5日"
    none, _ = made(date="")
    assert (none.date, none.year) == ("", 0)
    assert none.scope.text("date") == BLANK_DATE
    assert none.scope.text("year") == "　　　　"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("basis", "《示例条例》（示发〔2020〕1号）"),
        ("basis.number", "示发〔2020〕1号"),
        ("party.activities", "党课、主题党日"),
        ("doc.public", "否"),
        ("doc.adopted", BLANK_DATE),
        ("party_org.full", "中共示例镇示例村党支部"),
        ("units.members", "一组、二组"),
        ("duty.analysis.when_due", "每季度至少一次，每季度末月25日前"),
        ("duty.incident.when_due", "发现事件后2小时内"),
        ("duty.analysis.assist", "办公室"),
        ("duty.analysis.meeting", "本单位党支部专题会议"),
        ("duty.analysis.form", "《本单位党支部专题会议记录》"),
        ("meeting.study.quorum", "半数以上到会，超过半数赞成"),
        ("meeting.study.quorum.tag", "V"),
        ("title.regulation", "《示例镇示例村实施办法》"),
        ("ghost", ""),
    ],
)
def test_printed_forms(name, text):
    assert made()[0].scope.text(name).replace("综合", "") == text


def test_titles_of_documents_that_do_not_exist_are_empty():
    assert made({"unit.full_name": "甲"})[0].scope.text("title.account_rules") == ""


def test_a_circle_of_defaults_is_a_finding(tmp_path):
    params = "a: {label: 甲, type: text, default: '{b}'}\nb: {label: 乙, type: text, default: '{a}'}"
    resolved = resolve(load(write(tmp_path, {"params.yaml": params})), {})
    assert [f.code for f in resolved.findings] == ["default_cycle"]
    assert resolved.findings[0].where.line in (1, 2)


def test_a_default_that_does_not_fit_its_type_is_a_finding(tmp_path):
    params = "a: {label: 甲, type: frequency, default: '{unit.self}'}"
    resolved = resolve(load(write(tmp_path, {"params.yaml": params})), {})
    assert [(f.code, f.subject) for f in resolved.findings] == [("bad_default", "a")]


@pytest.mark.parametrize("year", ["0", "-1", "12", "2200", "99999", "9" * 5000])
def test_a_year_that_no_calendar_has_is_a_finding(tmp_path, year):
    preset = load(write(tmp_path, {"preset.yaml": f"year: '{year}'"}))
    resolved = resolve(preset, {}, date="2026-01-05")
    assert [f.code for f in resolved.findings] == ["bad_year"] and resolved.year == 0


def test_removed_things_do_not_break_names():
    resolved = resolve(load(LAYER), VALUES)
    assert resolved.scope.text("duty.units_report.act") == ""
    assert resolved.findings == ()


def test_calendar_rows_are_sorted_and_named():
    rows = made()[0].scope.records("calendar")
    assert len(rows) == 16
    assert [(r.texts["month"], r.texts["due"], r.key) for r in rows[2:4]] == [
        ("3月", "3月25日前", "analysis"),
        ("3月", "3月31日前", "units_report"),
    ]
    common, leap = (made(date=date)[0].scope.records("calendar")[1].texts["due"] for date in ("", "2028-01-01"))
    assert (common, leap) == ("2月28日前", "2月29日前")


def test_as_data_is_plain_and_marks_what_is_to_be_verified():
    import json

    data = made()[0].as_data()
    assert json.loads(json.dumps(data)) == data
    assert data["values"]["limit"] == {"label": "时限", "value": "2小时", "source": "默认值（待核）"}
    assert data["values"]["unit.self"]["source"] == "默认值"
    assert "source" not in data["values"]["unit.full_name"]


def test_printed_values_are_one_line():
    assert printed(("甲\n乙", "丙")) == "甲 乙、丙"
    assert one_line(" 甲\r\n\n  乙 ") == "甲 乙"
    assert printed({"title": "甲", "number": ""}) == "《甲》"
    assert printed({}) == ""


def test_nothing_of_the_preset_is_changed_by_resolving():
    preset = load()
    before = repr(preset.documents)
    resolve(preset, VALUES, date="2026-01-05")
    assert repr(preset.documents) == before
    assert DATA.is_dir()
