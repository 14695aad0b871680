"""Every check has a fixture that makes it fire, at the right place, and text that it leaves alone."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from checking import PROFILE, article, check, findings, line_of, new_document, new_form

from toolkit.core.findings import Finding, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


class Case(NamedTuple):
    """What fires ``code``. ``marker`` is text of the line that the finding points at, ``document`` and ``provision`` its ids."""

    code: str
    severity: Severity
    subject: str
    files: Mapping[str, str] = MappingProxyType({})
    changes: Mapping[str, str] = MappingProxyType({})
    marker: str = ""
    document: str = ""
    provision: str = ""


DUTY = """\
extra_duty:
  label: 补充职责
  actor: office
  act: 办理补充事项
  frequency: 每季度1次
  record: 补充记录
"""
MEETING = (
    "extra_meeting:\n  name: 补充会议\n  form: 工作会议\n  body: lead_group\n  chair: secretary\n  recorder: recorder\n"
)
CLAUSE = "{duty.extra_duty.actor}应当办理补充事项，频次为{duty.extra_duty.frequency}，形成{duty.extra_duty.record}。"
NO_ACCOUNTS = {"  - {名称: 柳河村, 平台: 微信公众号, 管理员: 乙某}": "  []"}
NO_GROUPS = {"村民小组: 一组、二组": "村民小组: []"}
FIELD = '  - grid: extra\n    columns: [6, 13]\n    rows:\n      - [{label}, "{{?extra_field {label}}}"]'


def duty(**changes: str) -> dict:
    """A layer with one more duty, quoted by an article."""
    lines = dict(line.strip().split(": ", 1) for line in DUTY.splitlines()[1:])
    lines |= changes
    text = "extra_duty:\n" + "".join(f"  {key}: {value}\n" for key, value in lines.items())
    return {"duties.yaml": text, **article(CLAUSE)}


#: People of the village, with one post left open.
NET = "信息发布和网络安全管理小组"
PEOPLE = (
    "人员:\n  - {{姓名: 甲某, 职务: 宣传委员}}\n  - {{姓名: 乙某, 职务: 党支部书记、村民委员会主任}}\n"
    "  - {{姓名: 己某, 职务: 纪检委员}}\n  - {{姓名: 丁某, 职务: {}}}\n文件:"
)


def history(entry: str, doc: str = "主送: 各村民小组") -> dict:
    """The profile with a history of one entry, which dates it."""
    return {"文件:": f"沿革:\n  - {entry}\n文件:", "成文日期: 2026-01-05": doc}


#: (what a layer says, code, severity, subject): each is a paragraph of its own.
SAID = [
    ("重要事项由村党组研究决定。", "forbidden_body", ERROR, "党组"),
    ("重要事项报党工委决定。", "forbidden_body", ERROR, "党工委"),
    ("村党支部理论学习中心组学习本办法。", "forbidden_body", WARNING, "理论学习中心组"),
    ("各车间每月向旅客公布本办法的执行情况。", "residue", ERROR, "车间"),
    ("校长组织教职工学习本办法。", "residue", ERROR, "教职工"),
    ("柳溪镇党委（以下简称“镇党委”）负责指导。", "short_name", WARNING, "镇党委"),
    ("还留着×××没有写。", "blank_left", WARNING, "×××"),
    ("活动结束😀后归档。", "character_font", ERROR, "U+1F600"),
    ("管理员核对☑后归档。", "character_font", ERROR, "U+2611"),
    ("村信息员应当排查重点村民。", "boundary", ERROR, "排查重点村民"),
    ("村信息员应当记录群众言论。", "boundary", ERROR, "记录群众言论"),
    ("村信息员应当掌握重点人员。", "boundary", ERROR, "重点人员"),
    ("村信息员应当开展网络舆情监测。", "boundary", ERROR, "网络舆情监测"),
    ("书记请假的，委托班子成员主持会议。", "chair_entrusted", ERROR, "委托班子成员主持"),
    ("情节严重的，责令引咎辞职。", "obsolete", WARNING, "引咎辞职"),
    ("对党纪处分不服的，可以在一个月内提出申诉。", "obsolete", WARNING, "党纪处分不服的，可以在一个月内提出申诉"),
    ("文件应当标注主题词。", "obsolete", WARNING, "主题词"),
    ("管理员核对清单,填写记录。", "punctuation", WARNING, ","),
    ("管理员核对清单，，填写记录。", "punctuation", WARNING, "，，"),
    ("管理员核对清单（），填写记录。", "punctuation", WARNING, "（）"),
    ("管理员核对清单、账号、。", "punctuation", WARNING, "、。"),
    ("管理员 核对清单。", "punctuation", WARNING, " "),
    ("管理员核对《清单，填写记录。", "punctuation", WARNING, "《"),
    ("发现差错的，第一时间更正。", "vague_word", WARNING, "第一时间"),
    ("办事机构及时更正差错。", "vague_word", WARNING, "及时"),
    ("{office.name}及时更正差错。", "vague_word", WARNING, "及时"),
    ("要加强对阵地的管理。", "modality", WARNING, "要"),
    ("第一、办事机构核对清单。", "ordinal_mark", WARNING, "第一、"),
    ("办事机构每季度召开会议。", "literal_frequency", WARNING, "每季度召开"),
    ("办事机构应当在5个工作日内答复。", "literal_deadline", WARNING, "5个工作日内"),
    ("办事机构一年两次组织学习。", "literal_frequency", WARNING, "一年两次"),
    ("办事机构逐月报送自查表。", "literal_frequency", WARNING, "逐月报送"),
    ("每隔两周检查一次账号。", "literal_frequency", WARNING, "每隔两周检查一次"),
    ("每月5日、20日公布检查结果。", "literal_frequency", WARNING, "每月5日、20日"),
    ("办事机构每季度至少召开两次会议。", "literal_frequency", WARNING, "每季度至少召开两次"),
    ("办事机构在两个星期之内答复。", "literal_deadline", WARNING, "两个星期之内"),
    ("办事机构于十月中旬前报告。", "literal_deadline", WARNING, "十月中旬前"),
    ("办事机构次日答复。", "literal_deadline", WARNING, "次日"),
    ("办事机构在三五日内答复。", "literal_deadline", WARNING, "三五日内"),
    ("汛期前，村文书应当检查广播线路。", "literal_deadline", WARNING, "汛期前"),
    ("季末由村文书报送小结。", "literal_deadline", WARNING, "季末"),
    ("台账的保管期限为十年。", "literal_deadline", WARNING, "十年"),
    ("会议召开3日前通知到会人员。", "literal_deadline", WARNING, "3日前"),
    ("办事机构应当报柳溪镇党委。", "literal_recipient", WARNING, "报柳溪镇党委"),
    ("县融媒体中心应当审核本村的信息。", "unknown_actor", WARNING, "县融媒体中心"),
    ("报告由宣传科负责起草。", "unknown_actor", WARNING, "宣传科"),
    ("处置步骤依照《重大事件处置流程大全》办理。", "unknown_title", WARNING, "重大事件处置流程大全"),
    ("审核的步骤依照本办法第五条办理。", "typed_reference", WARNING, "本办法第五条"),
    ("违反本办法第九十九条的，依照规定处理。", "reference_nowhere", ERROR, "本办法第九十九条"),
    ("本办法自2029年5月1日起施行。", "fact_conflict", ERROR, "施行日期:2029年5月1日"),
    ("村民委员会主任是意识形态工作的第一责任人。", "fact_conflict", ERROR, "第一责任人:村民委员会主任"),
    ("一般事件在十日内办结。", "fact_conflict", ERROR, "事件的处理时限:十日"),
    ("重大敏感事件至迟在三小时内报告。", "fact_conflict", ERROR, "事件的报告时限:三小时"),
    ("研判小组会议有三名成员到会即可召开。", "fact_conflict", ERROR, "到会要求:analysis"),
    ("追究责任前不再听取当事人意见。", "clause_denied", ERROR, "heard:追究责任前不再听取当事人"),
    ("把处理意见先告诉家属，本人最后知道。", "step_weakened", ERROR, "最后知道"),
    ("陈述和申辩须由三名党员联名担保才予接收。", "step_weakened", WARNING, "须由三名党员联名"),
    ("申辩期内不听取申辩，逾期的应当重新听取申辩。", "clause_denied", WARNING, "heard:申辩期内不听取申辩，逾期"),
    ("未到会的委员视为同意会议的决定。", "clause_denied", ERROR, "by_majority:未到会的委员视为同意会议"),
    ("村信息员宜留意村民微信群里的说法。", "boundary", ERROR, "留意村民微信群里的说法"),
    ("本办法供参考，点击下载全文。", "boilerplate", WARNING, "点击下载"),
]
#: Sensible text that no check has anything against.
FINE = [
    "有关人员接到通知后，在{deadline.correct}内及时更正信息。",
    "紧急情况可以拨打110，政务服务热线是12345。",
    "自2026年度起，办事机构建立新的履责台账。",
    "村党组织和村民委员会的负责人、党组织成员参加会议。",
    "学习《柳溪镇党组工作规则（试行）》的情况，由村党支部书记组织落实。",
    "会议记录写明不同意见，不得记录个人言论。",
    "工作人员不收集网上言论，不对个人建立名单。",
    "排查人员密集场所的消防隐患，由阵地负责人填写检查记录。",
    "村党群服务中心核对群众反映的问题的办理结果。",
    "第一、第二季度的自查表由村文书保管。",
    "依照前款（一）、（二）两项办理的，写明理由。",
    "2025、2026年的台账由村文书保管。",
    "申请只要加盖公章并写明日期即可，不需要加急办理。",
    "管理员在《定期报告机制》规定的时限内报告。",
    "活动时间为9:30至11:30，参加人数不超过1,000人。",
    "登记表（QQ群、Wi-Fi密码除外）由村文书保管。",
    "自查表写明“是”“否”或者“不适用”。",
    "上半年检查和下半年检查的结果一并归档。",
    "每天巡查场所，发现差错的当日更正。",
    "开学前核对阵地的设施；本年度内完成整改。",
    "办公室按月份装订台账，每周工作例会由村党支部书记主持，单月和双月的报表分开。",
    "24小时值班电话向社会公布，双休日不安排集体学习。",
    "每季度的最后一周为自查周，两年一届的评选由村民委员会组织。",
    "台账按年度归档，每季度的表格单独装订。",
    "三年行动计划由村党支部审定，十分重要的事项集体研究。",
    "年满十四周岁的人员、工作满三年的人员可以报名。",
    "2026年3月印发的通知继续有效，一月的报表、第三季度的报表补报。",
    "活动从下午3点开始，时长不超过2小时。",
    "培训可以邀请镇党校的教师讲课。",
    "派出所民警来村的，村党群服务中心提供场地；消防人员负责火灾现场的处置。",
    "没有听取当事人陈述和申辩的，应当补办；不得以任何理由拒绝听取。",
    "处理意见首先告知本人，任何人不得跳过；申诉材料由受理的人员登记，不得要求当事人撤回。",
    "汛期前的检查记录由村文书保管；县融媒体中心来拍摄的，由联络人接待。",
    "当事人可以申请回避；申诉材料不得扣压，不得因申诉加重处理。",
    "任何人不得打听、记录村民的私人谈话；村民个人账号的内容不属于检查范围。",
    "依照《中华人民共和国档案法》第十三条、第十四条办理；该法第九条另有规定的，从其规定。",
    "向读者推荐《三国演义》第三回。",
    "办事流程，是指从申请到办结的步骤。",
    "办事机构报道政府工作的信息，由村党支部宣传委员审核。",
    "书记不能到会的，可以委托副书记或者委员召集并主持会议。",
    "村民会议依照《中华人民共和国村民委员会组织法》召开，到会人数依照《中华人民共和国档案法》第十三条归档。",
]


CASES = [
    # what a required clause says
    Case(
        "hollow_clause",
        ERROR,
        "archive",
        {"documents/regulation.md": "---\nid: regulation\n---\n按惯例办理。 {#archive}\n"},
        {},
        "按惯例办理",
        "regulation",
        "archive",
    ),
    Case(
        "clause_lacks",
        ERROR,
        "archive",
        {"documents/regulation.md": "---\nid: regulation\n---\n{duty.archive.actor}应当将材料归档。 {#archive}\n"},
        {},
        "应当将材料归档",
        "regulation",
        "archive",
    ),
    Case(
        "time_contradicts_duty",
        ERROR,
        "analysis:每月召开",
        article("村党支部每月召开会议，频次为{duty.analysis.frequency}。"),
        {},
        "村党支部每月召开会议",
        "regulation",
        "extra",
    ),
    # in a clause that quotes a duty
    Case(
        "literal_frequency",
        ERROR,
        "每季度召开",
        article("村党支部每季度召开会议，频次为{duty.analysis.frequency}。"),
        {},
        "每季度召开会议",
        "regulation",
        "extra",
    ),
    Case(
        "literal_deadline",
        ERROR,
        "两个星期之内",
        article("材料在两个星期之内整理，频次为{duty.analysis.frequency}。"),
        {},
        "两个星期之内",
        "regulation",
        "extra",
    ),
    Case(
        "literal_recipient",
        ERROR,
        "报柳溪镇党委",
        article("研判报告报柳溪镇党委，频次为{duty.analysis.frequency}。"),
        {},
        "报柳溪镇党委",
        "regulation",
        "extra",
    ),
    # party organisation, bodies, levels
    Case("party_form_invalid", ERROR, "party.form", {}, {"形式: 党支部": "形式: 党组"}, "形式: 党组"),
    Case("party_form_invalid", ERROR, "party.form", {}, {"形式: 党支部": "形式: 党工委"}, "形式: 党工委"),
    Case("party_size", ERROR, "party.members", {}, {"党员人数: 32": "党员人数: 2"}, "党员人数: 2"),
    Case("party_size", WARNING, "party.members", {}, {"党员人数: 32": "党员人数: 62"}, "党员人数: 62"),
    Case("party_size", WARNING, "party.members", {}, {"形式: 党支部": "形式: 党总支"}, "党员人数: 32"),
    Case("party_size", ERROR, "party.members", {}, {"形式: 党支部": "形式: 党委"}, "党员人数: 32"),
    Case(
        "committee_wrong",
        ERROR,
        "party.board",
        {},
        {"形式: 党支部": "形式: 党支部\n  委员会设置: 不设委员会"},
        "委员会设置",
    ),
    Case("committee_word", WARNING, "party.name", {}, {"党员人数: 32": "党员人数: 5"}, "全称: 中共"),
    Case(
        "person_in_text",
        WARNING,
        "戊某",
        article("本办法的登记由戊某负责。"),
        {"文件:\n": PEOPLE.format("组织委员").replace("丁某", "戊某") + "\n"},
        "由戊某负责",
        "regulation",
        "extra__1",
    ),
    Case(
        "phone_in_text",
        WARNING,
        "0471-7654321",
        article("报告人拨打0471-7654321。"),
        {},
        "0471-7654321",
        "regulation",
        "extra__1",
    ),
    Case(
        "year_in_text",
        WARNING,
        "2026年度履责台账",
        article("办事机构核对2026年度履责台账。"),
        {},
        "2026年度",
        "regulation",
        "extra__1",
    ),
    Case(
        "contact_conflict",
        WARNING,
        "甲某",
        {},
        {"文件:\n": PEOPLE.format("组织委员") + "\n", "甲某（宣传委员）": "甲某（村文书）"},
        "甲某（村文书）",
    ),
    Case("committee_word", ERROR, "contact.name", {}, {"党员人数: 32": "党员人数: 5"}, "姓名职务: 甲某"),
    Case(
        "party_name",
        ERROR,
        "party.name",
        {},
        {"形式: 党支部": "形式: 党委", "党员人数: 32": "党员人数: 132"},
        "全称: 中共",
    ),
    Case("party_name", ERROR, "party.name", {}, {"柳河村支部委员会": "柳河村总支部委员会"}, "全称: 中共"),
    Case("number_shape", WARNING, "doc.number", {}, {"机关代字: 柳党字": "发文字号: 柳党字[2026]1号"}, "发文字号"),
    Case("number_year", WARNING, "doc.number", {}, {"机关代字: 柳党字": "发文字号: 柳党字〔2025〕1号"}, "发文字号"),
    Case(
        "superior_party",
        WARNING,
        "superior.party",
        {},
        {"党组织: 柳溪镇党委": "党组织: 柳溪镇人民政府"},
        "柳溪镇人民政府",
    ),
    Case("own_superior", ERROR, "superior.party", {}, {"党组织: 柳溪镇党委": "党组织: 柳河村党支部"}, "柳河村党支部"),
    Case("other_place", WARNING, "superior.government", {}, {"政府: 柳溪镇人民政府": "政府: 石桥镇人民政府"}, "石桥镇"),
    Case("other_place", WARNING, "unit.short_name", {}, {"简称: 柳河村": "简称: 石桥村"}, "简称: 石桥村"),
    Case(
        "other_place",
        WARNING,
        "party.name",
        {},
        {"中共柳溪镇柳河村支部委员会": "中共柳溪镇石桥村支部委员会"},
        "石桥村支部",
    ),
    Case("count_of_names", ERROR, "village.subunits", {}, {"村民小组: 一组、二组": "村民小组: 5"}, "村民小组: 5"),
    Case("name_twice", WARNING, "village.subunits:一组", {}, {"一组、二组": "一组、二组、一组"}, "一组、二组、一组"),
    Case("telephone", WARNING, "contact.phone", {}, {"电话: 0471-0000000": "电话: 12345678901"}, "12345678901"),
    Case("issued_without", WARNING, "doc.number", {}, {"机关代字: 柳党字": "状态: 印发"}),
    Case(
        "unknown_group",
        WARNING,
        "领导组",
        {},
        {"文件:": PEOPLE.format("组织委员, 小组: [领导组, 意识形态工作领导小组]")},
        "{姓名: 甲某, 职务: 宣传委员}",
    ),
    Case("record_without_form", ERROR, "extra_duty", duty(record="补充事项办结情况登记本"), {}, "record: 补充事项"),
    Case(
        "not_issued",
        ERROR,
        "added",
        new_document("## 施行 {#go}\n{office}负责解释，本办法自{doc.effective}起施行。", family="list"),
        {},
        "负责解释",
        "added",
        "go__1",
    ),
    Case("issued_without", WARNING, "doc.adopted_on", {}, {"  机关代字: 柳党字\n": ""}),
    Case("retention_short", WARNING, "records.retention", {}, {"文件:": "档案:\n  保管期限: 1年\n文件:"}, "保管期限"),
    Case(
        "unused_value",
        WARNING,
        "freq.account_check",
        {"duties.yaml": "account_check:\n  frequency: 每半年1次\n  deadline: 每半年末月15日前\n"},
        {"文件:": "频次:\n  账号检查: 每年1次\n文件:"},
        "账号检查: 每年1次",
    ),
    Case(
        "person_twice",
        WARNING,
        "丁某",
        {},
        {"文件:": PEOPLE.format("组织委员}\n  - {姓名: 丁某, 职务: 村文书")},
        "{姓名: 甲某",
    ),
    Case("post_vacant", WARNING, "organizer", {}, {"文件:": PEOPLE.format("村文书")}, "{姓名: 甲某"),
    Case(
        "post_shared",
        WARNING,
        "deputy",
        {},
        {"文件:": PEOPLE.format("组织委员}\n  - {姓名: 子某, 职务: 宣传委员")},
        "{姓名: 甲某",
    ),
    Case(
        "post_conflict",
        WARNING,
        "deputy:discipline",
        {},
        {
            "文件:": PEOPLE.format("组织委员")
            .replace("职务: 宣传委员", "职务: 宣传委员、纪检委员")
            .replace("己某, 职务: 纪检委员", "己某, 职务: 党员")
        },
        "{姓名: 甲某",
    ),
    Case(
        "post_conflict",
        WARNING,
        "lead_group:discipline",
        {},
        {"文件:": PEOPLE.format("组织委员").replace("职务: 纪检委员", "职务: 纪检委员, 小组: [意识形态工作领导小组]")},
        "{姓名: 甲某",
    ),
    Case(
        "post_conflict",
        WARNING,
        "lead_group:discipline",
        {},
        {"文件:": "领导小组:\n  成员: 宣传委员、纪检委员和村民委员会成员\n文件:"},
        "成员: 宣传委员",
    ),
    Case("vague_word", WARNING, "有关部门", {}, {"文件:": "内容:\n  培训对象: 有关部门的人员\n文件:"}, "有关部门"),
    Case("forbidden_body", ERROR, "党组", {}, {"形式: 党支部": "形式: 党支部\n  简称: 村党组"}, "简称: 村党组"),
    Case(
        "meeting_form_invalid",
        ERROR,
        "organisational_life",
        {"meetings.yaml": "organisational_life:\n  form: 民主生活会\n"},
        {},
        "organisational_life:",
    ),
    Case(
        "meeting_form_invalid",
        ERROR,
        "topical_study",
        {},
        {"形式: 党支部": "形式: 党支部\n  委员会会议形式: 党委会会议"},
        "委员会会议形式",
    ),
    Case(
        "rule_unread",
        WARNING,
        "topical_study",
        {},
        {"文件:": "会议规则:\n  - {会议: 意识形态工作专题研究会议, 到会: 大部分成员到会, 依据: 《议事规则》}\n文件:"},
        "大部分成员到会",
    ),
    Case(
        "rule_unread",
        WARNING,
        "leading_group",
        {"meetings.yaml": "leading_group:\n  quorum: {to_meet: 足够的成员到会}\n"},
        {},
        "leading_group:",
    ),
    Case(
        "skipped_level",
        WARNING,
        "superior.party",
        {},
        {"党组织: 柳溪镇党委": "党组织: 青禾县委宣传部"},
        "青禾县委宣传部",
    ),
    Case(
        "skipped_level",
        WARNING,
        "county",
        {"org.yaml": "county: {kind: external, name: 青禾县委办公室}\n"},
        {},
        "county:",
    ),
    # norms in force
    Case(
        "norm_stale",
        WARNING,
        "《中华人民共和国村民委员会组织法》第三十条",
        article("村务公开依照《中华人民共和国村民委员会组织法》第三十条办理。"),
        {},
        "村务公开依照",
        "regulation",
        "extra__1",
    ),
    Case(
        "norm_stale",
        WARNING,
        "村委会组织法第30条",
        {},
        {"文件:": "会议规则:\n  - {会议: 党员大会, 依据: 村委会组织法第30条}\n文件:"},
        "村委会组织法第30条",
    ),
    Case(
        "norm_stale",
        WARNING,
        "关于实行党政领导干部问责的暂行规定",
        {},
        {"文件:": "责任追究:\n  依据文件: 《关于实行党政领导干部问责的暂行规定》\n文件:"},
        "依据文件: 《关于",
    ),
    Case(
        "acct_authority",
        ERROR,
        "acct_authority",
        {},
        {"文件:": "责任追究:\n  决定机关: 村党支部\n文件:"},
        "决定机关: 村党支部",
    ),
    Case(
        "acct_authority",
        ERROR,
        "acct_authority",
        {},
        {"文件:": "责任追究:\n  决定机关: 柳溪镇中心学校党总支\n文件:"},
        "决定机关: 柳溪镇",
    ),
    Case(
        "acct_authority",
        ERROR,
        "acct_verifier",
        {},
        {"文件:": "责任追究:\n  核实机关: 村党支部纪检委员\n文件:"},
        "核实机关: 村党支部纪检委员",
    ),
    Case(
        "acct_measures",
        WARNING,
        "acct.subject",
        {},
        {"文件:": "责任追究:\n  对象: 村党支部和党员、干部\n文件:"},
        "对象: 村党支部",
    ),
    Case(
        "acct_measures",
        WARNING,
        "acct.measures_light",
        {},
        {"文件:": "责任追究:\n  较轻情形的措施: 通报、提醒谈话\n文件:"},
        "较轻情形的措施",
    ),
    Case(
        "self_report",
        ERROR,
        "org_life",
        {"duties.yaml": "org_life:\n  actor: leaders_other\n"},
        {},
        "actor: leaders_other",
    ),
    Case(
        "self_report",
        ERROR,
        "org_life",
        {},
        {"形式: 党支部": "形式: 党支部\n  班子成员称呼: 党支部委员"},
        "班子成员称呼: 党支部委员",
    ),
    Case(
        "self_report",
        ERROR,
        "secretary_report",
        {"duties.yaml": "secretary_report:\n  actor: deputy\n"},
        {},
        "actor: deputy",
    ),
    Case(
        "own_report",
        ERROR,
        "account_check",
        {"duties.yaml": "account_check:\n  recipient: secretary\n"},
        {},
        "recipient: secretary",
    ),
    Case(
        "own_report",
        ERROR,
        NET,
        article(f"村党支部书记应当听取{NET}的汇报。"),
        {},
        f"听取{NET}",
        "regulation",
        "extra__1",
    ),
    Case(
        "meeting_convener",
        ERROR,
        "minutes_members",
        {
            "documents/minutes_members.yaml": "id: minutes_members\nbody:\n  - grid: more\n    columns: [6, 13]\n"
            '    after: head\n    rows:\n      - [召集机构, {text: "{this.body}", head: 否}]\n'
        },
        {},
        "- grid: more",
        "minutes_members",
        "more",
    ),
    Case(
        "chair_entrusted",
        ERROR,
        "委托其他成员召集并主持",
        article("书记不能参加的，可以委托其他成员召集并主持会议。"),
        {},
        "书记不能参加的",
        "regulation",
        "extra__1",
    ),
    Case(
        "procedure_step",
        ERROR,
        "mechanism_risk:村民会议或者村民代表会议决议",
        {
            "documents/mechanism_risk.md": "---\nid: mechanism_risk\n---\n## 四议两公开 {#village_decision}\n"
            "村党支部提出意见和方案，经商议后由村民会议或者村民代表会议决议；决议在公开栏公开，实施结果在公开栏公开。\n\n"
            "党员大会审议有关事项。 {#members_review}\n\n"
            "{duty.members_review.actor}依照{duty.members_review.trigger}{duty.members_review.deadline}的安排召开。\n"
        },
        {},
        "",
        "mechanism_risk",
    ),
    Case(
        "report_at_once",
        WARNING,
        "regulation:sensitive_report",
        article("{duty.sensitive_report.actor}应当在{duty.sensitive_report.deadline}电话报告。"),
        {},
        "应当在",
        "regulation",
        "extra",
    ),
    Case(
        "grade_limits",
        WARNING,
        "重大敏感",
        {},
        {"文件:": "事件分级:\n  - {级别: 重大敏感, 标准: 涉及人员伤亡, 报告时限: 30分钟, 处理时限: 30分钟}\n文件:"},
        "级别: 重大敏感",
    ),
    Case(
        "inspection_sheet",
        ERROR,
        "checklist_inspection:topical_study",
        {"documents/checklist_inspection.yaml": "id: checklist_inspection\ninspected: [village_committee]\n"},
        {},
        "",
        "checklist_inspection",
    ),
    Case(
        "inspection_sheet",
        ERROR,
        "added",
        new_form(FIELD.format(label="情况"), inspected="[village_committee]"),
        {},
        "id: added",
        "added",
    ),
    Case(
        "field_order",
        ERROR,
        "added",
        new_form(
            "  - grid: extra\n    columns: [6, 13]\n    rows:\n"
            '      - [本人意见, "{?own_view 对考核意见}"]\n      - [意见, "{?opinion:longtext 考核意见}"]'
        ),
        {},
        "id: added",
        "added",
    ),
    Case(
        "value_conflict",
        WARNING,
        "freq.finance",
        {},
        {
            "村民小组: 一组、二组": "村民小组: 一组、二组\n  财务往来: 较多",
            "文件:": "频次:\n  财务公开: 每季度1次\n文件:",
        },
        "财务公开: 每季度1次",
    ),
    Case(
        "row_missing",
        WARNING,
        "positions",
        {},
        {"文件:": "阵地:\n  - {名称: 村史馆, 地点: 二楼, 负责人: 丁某}\n文件:"},
        "名称: 村史馆",
    ),
    Case(
        "duty_order",
        ERROR,
        "report_up:analysis",
        {},
        {"文件:": "时限:\n  专题报告报送: 每半年末月15日前\n文件:"},
        "专题报告报送: 每半年末月15日前",
    ),
    Case(
        "value_out_of_bounds",
        WARNING,
        "records.minutes",
        {},
        {"文件:": "档案:\n  会议记录保管期限: 10年\n文件:"},
        "会议记录保管期限: 10年",
    ),
    Case(
        "value_out_of_bounds",
        WARNING,
        "records.retention",
        {},
        {"文件:": "档案:\n  保管期限: 1年\n文件:"},
        "保管期限: 1年",
    ),
    Case(
        "value_out_of_bounds",
        WARNING,
        "deadline.major_disclosure",
        {},
        {"文件:": "时限:\n  重大事项公布: 20日\n文件:"},
        "重大事项公布: 20日",
    ),
    # what must be there
    Case(
        "missing_clause",
        ERROR,
        "acct_appeal",
        {"documents/regulation.md": "---\nid: regulation\nremove: [acct_appeal]\n---\n"},
        {},
        "remove: [acct_appeal]",
        "regulation",
        "acct_appeal",
    ),
    Case(
        "missing_document",
        ERROR,
        "record_talk",
        {"preset.yaml": "documents_removed:\n  - record_talk\n"},
        {},
        "- record_talk",
        "record_talk",
    ),
    Case(
        "missing_part",
        ERROR,
        "added:施行日期",
        new_document("## 补充 {#extra}\n补充事项由村文书办理。", family="position"),
        {},
        "id: added",
        "added",
    ),
    Case(
        "missing_due_process",
        ERROR,
        "added:appeal",
        new_document("## 追究 {#extra}\n违反本办法的，依照规定问责，给予诫勉或者处分。"),
        {},
        "id: added",
        "added",
    ),
    # duties, meetings, forms
    Case("duty_without_actor", ERROR, "extra_duty", duty(actor="nobody"), {}, "actor: nobody"),
    Case("duty_uncountable", ERROR, "extra_duty", duty(frequency="定期"), {}, "frequency: 定期"),
    Case(
        "duty_uncountable",
        ERROR,
        "extra_duty",
        duty(frequency='""', trigger="接到通知后", deadline="尽快"),
        {},
        "deadline: 尽快",
    ),
    Case(
        "duty_uncountable",
        ERROR,
        "extra_duty",
        duty(frequency='""', deadline="5个工作日内"),
        {},
        "deadline: 5个工作日内",
    ),
    Case("duty_uncountable", ERROR, "extra_duty", duty(frequency='""', trigger="接到通知后"), {}, 'frequency: ""'),
    Case("duty_without_recipient", ERROR, "extra_duty", duty(reports="是"), {}, "extra_duty:"),
    Case("duty_without_recipient", ERROR, "extra_duty", duty(recipient="nobody"), {}, "recipient: nobody"),
    Case(
        "duty_without_recipient", ERROR, "extra_duty", duty(actor="office", recipient="office"), {}, "recipient: office"
    ),
    Case("duty_without_record", ERROR, "extra_duty", duty(record='""'), {}, 'record: ""'),
    Case("duty_time_conflict", ERROR, "extra_duty", duty(deadline="每半年末月20日前"), {}, "frequency: 每季度1次"),
    Case(
        "duty_time_conflict",
        ERROR,
        "report_up",
        {},
        {"文件:": "频次:\n  向上级专题汇报: 每年3次\n文件:"},
        "向上级专题汇报: 每年3次",
    ),
    Case("duty_name_period", WARNING, "self_check", {}, {"文件:": "频次:\n  自查: 每月1次\n文件:"}, "自查: 每月1次"),
    Case("removed", ERROR, "duty.team", {"duties.yaml": "team:\n"}, {}, "team:"),
    Case("removed", ERROR, "meeting.analysis", {"meetings.yaml": "analysis:\n"}, {}, "analysis:"),
    Case("removed", ERROR, "org.organizer", {"org.yaml": "organizer:\n"}, {}, "organizer:"),
    Case("orphan_duty", ERROR, "extra_duty", {"duties.yaml": DUTY}, {}, "extra_duty:"),
    Case(
        "duty_form_missing",
        ERROR,
        "extra_duty",
        duty(form="record_subunit_report"),
        NO_GROUPS,
        "form: record_subunit_report",
    ),
    Case(
        "duty_meeting_missing",
        ERROR,
        "extra_duty",
        {**duty(meeting="extra_meeting"), "meetings.yaml": MEETING + "  when: accounts\n"},
        NO_ACCOUNTS,
        "meeting: extra_meeting",
    ),
    Case(
        "form_without_duty",
        WARNING,
        "added",
        new_form(FIELD.format(label="情况"), record_of="[account_check]"),
        NO_ACCOUNTS,
        "id: added",
        "added",
    ),
    Case(
        "orphan_meeting",
        ERROR,
        "extra_meeting",
        {"meetings.yaml": MEETING + "  minutes: minutes_analysis\n"},
        {},
        "extra_meeting:",
    ),
    Case(
        "meeting_without_minutes",
        ERROR,
        "extra_meeting",
        {"meetings.yaml": MEETING, **duty(meeting="extra_meeting")},
        {},
        "  recorder: recorder",
    ),
    Case(
        "meeting_role_missing",
        ERROR,
        "extra_meeting",
        {"meetings.yaml": MEETING.replace("chair: secretary", "chair: nobody")},
        {},
        "extra_meeting:",
    ),
    Case(
        "minutes_without_meeting",
        ERROR,
        "added",
        {
            "meetings.yaml": MEETING + "  when: accounts\n",
            **new_form(FIELD.format(label="情况"), meeting="extra_meeting", family="minutes", layout="minutes"),
        },
        NO_ACCOUNTS,
        "id: added",
        "added",
    ),
    Case(
        "frequency_below_floor",
        WARNING,
        "freq.study",
        {},
        {"文件:": "频次:\n  专题研究: 每年1次\n文件:"},
        "专题研究: 每年1次",
    ),
    Case(
        "load_ceiling",
        WARNING,
        "characters",
        article("工作人员参加学习。" * 60),
        {"单位类型: 村\n": "单位类型: 村\n规模: 精简\n"},
    ),
    # consistency
    Case(
        "unresolved_ref",
        ERROR,
        "team_honest",
        article("发布信息依照[](#team_honest)办理。"),
        NO_ACCOUNTS,
        "发布信息依照",
        "regulation",
        "extra__1",
    ),
    Case(
        "duplicate_id",
        ERROR,
        "t_1_x",
        new_form(
            '  - table: t\n    blank: 1\n    columns: [{head: 甲, cell: "{?x 甲}"}]\n'
            '  - grid: g\n    columns: [6, 6]\n    rows: [[乙, "{?t_1_x 乙}"]]'
        ),
        {},
        "- grid: g",
        "added",
        "g",
    ),
    Case(
        "duplicate_file",
        ERROR,
        "mechanism_analysis:file_name",
        {"documents/mechanism_report.md": "---\nid: mechanism_report\nfile: 分析研判机制\n---\n"},
        {},
        "",
        "mechanism_analysis",
    ),
    Case("blank_left", WARNING, "某某", {}, {"管理员: 乙某}": "管理员: 某某}"}, "管理员: 某某"),
    Case(
        "title_forbidden",
        ERROR,
        "added",
        new_document("## 补充 {#extra}\n补充。", title="补充条例（试行）"),
        {},
        "id: added",
        "added",
    ),
    Case(
        "title_too_long",
        WARNING,
        "unit.full_name",
        {},
        {"全称: 青禾县柳溪镇柳河村": "全称: " + "青禾县柳溪镇柳河村" * 9},
        "全称: 青禾县柳溪镇柳河村青禾",
    ),
    Case(
        "date_conflict",
        ERROR,
        "doc.adopted_on",
        {},
        {"成文日期: 2026-01-05": "成文日期: 2026-01-05\n  通过日期: 2026-01-06"},
        "通过日期",
    ),
    Case(
        "history_dates",
        ERROR,
        "1.issued",
        {},
        history("{事项: 制定, 通过机关: 会, 通过日期: 2026-01-04, 印发日期: 2026-01-03}"),
        "印发日期: 2026-01-03",
    ),
    Case("history_events", ERROR, "1", {}, history("{事项: 修订, 通过机关: 会, 通过日期: 2026-01-04}"), "事项: 修订"),
    Case("status_conflict", ERROR, "doc.status", {}, {"成文日期: 2026-01-05": "状态: 废止"}, "状态: 废止"),
    Case(
        "history_conflict",
        ERROR,
        "doc.number",
        {},
        history(
            "{事项: 制定, 通过机关: 会, 通过日期: 2026-01-04, 文号: 柳党字〔2026〕1号}", "发文字号: 柳党字〔2026〕2号"
        ),
        "发文字号",
    ),
    Case(
        "draft_number",
        WARNING,
        "doc.number",
        {},
        {"成文日期: 2026-01-05": "状态: 审议稿\n  发文字号: 柳党字〔2026〕2号"},
        "发文字号",
    ),
    Case(
        "effective_early",
        WARNING,
        "doc.effective",
        {},
        {"成文日期: 2026-01-05": "通过日期: 2026-01-04\n  施行日期: 2026年1月1日"},
        "施行日期",
    ),
    Case(
        "year_early", ERROR, "2025", {}, {"成文日期: 2026-01-05": "成文日期: 2026-01-05\n  日历年度: 2025"}, "日历年度"
    ),
    Case(
        "unknown_organ",
        WARNING,
        "1",
        {},
        history("{事项: 制定, 通过机关: 村妇联, 通过日期: 2026-01-04, 印发日期: 2026-01-05}"),
        "通过机关: 村妇联",
    ),
    Case(
        "stale_appeal",
        WARNING,
        "acct.appeal_term",
        {},
        {"文件:": "责任追究:\n  申诉期限: 15日\n文件:"},
        "申诉期限: 15日",
    ),
    Case(
        "personal_data",
        ERROR,
        "added#extra",
        new_form(FIELD.format(label="身份证号码")),
        {},
        "- grid: extra",
        "added",
        "extra",
    ),
    Case(
        "lone_item",
        WARNING,
        "regulation#extra__1",
        article("下列事项另行规定：\n- 只有一项"),
        {},
        "下列事项",
        "regulation",
        "extra__1",
    ),
    Case(
        "unknown_topic",
        ERROR,
        "NO.such",
        article("补充事项由村文书办理。", position='in=arrangement covers="NO.such"'),
        {},
        "## 补充",
        "regulation",
        "extra",
    ),
    Case("unknown_topic", ERROR, "NO.such", duty(covers="[NO.such]"), {}, "covers: [NO.such]"),
    Case("character_font", WARNING, "U+20BB7", {}, {"管理员: 乙某}": "管理员: 𠮷某}"}, "管理员: 𠮷某"),
    Case("punctuation", WARNING, "(", {}, {"姓名职务: 甲某（宣传委员）": "姓名职务: 甲某(宣传委员）"}, "姓名职务"),
    Case(
        "vague_word", WARNING, "定期", {}, {"文件:": "责任追究:\n  对象: 定期述职的领导干部\n文件:"}, "对象: 定期述职"
    ),
    *(
        Case("bad_vocabulary", ERROR, subject, {"words.yaml": text}, marker=marker)
        for subject, text, marker in (
            ("vague[1].pattern", "vague:\n  - {pattern: '(', instead: 写明}\n", "pattern: '('"),
            ("boundary[1]", "boundary:\n  - {pattern: 甲}\n", "pattern: 甲"),
            ("vauge", "vague:\n  - {pattern: 甲, instead: 写明}\nvauge: []\n", "vauge: []"),
            ("vague[1].insted", "vague:\n  - {pattern: 甲, instead: 写明, insted: 甲}\n", "insted"),
        )
    ),
]


@functools.cache
def _said() -> tuple[str, tuple[Finding, ...]]:
    """All sentences as paragraphs of one article, and what is found."""
    files = article("\n\n".join([*(text for text, *_ in SAID), *FINE]))
    return next(iter(files.values())), check(files).findings


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("text", "code", "severity", "subject"), SAID, ids=[f"{code}-{word}" for _, code, _, word in SAID]
)
def test_a_sentence_fires_the_check(text: str, code: str, severity: Severity, subject: str) -> None:
    source, every = _said()
    line = line_of([source], text)
    found = [f for f in every if f.where.line == line and f.code == code and f.subject == subject]
    assert len(found) == 1, [(f.code, f.subject, f.message) for f in every if f.where.line == line]
    _well_formed(found[0], severity)
    assert found[0].where.document == "regulation" and found[0].where.provision.startswith("extra")
    assert found[0].where.file.endswith("documents/regulation.md")


@pytest.mark.parametrize("text", FINE)
def test_sensible_text_is_left_alone(text: str) -> None:
    source, every = _said()
    line = line_of([source], text)
    assert [
        (f.code, f.message)
        for f in every
        if f.where.line == line and f.where.file.endswith("own/documents/regulation.md")
    ] == []


def _well_formed(finding: Finding, severity: Severity) -> None:
    assert finding.severity is severity
    assert any("\u4e00" <= char <= "\u9fff" for char in finding.message) and finding.hint and finding.basis


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.code}" for n, case in enumerate(CASES)])
def test_the_fixture_fires_the_check(case: Case) -> None:
    found = [f for f in findings(case.code, case.files, case.changes) if f.subject == case.subject]
    assert len(found) == 1, [(f.code, f.subject, f.message) for f in check(case.files, case.changes).findings]
    (finding,) = found
    _well_formed(finding, case.severity)
    assert (finding.where.document, finding.where.provision) == (case.document, case.provision)
    if case.marker:
        texts = [_profile(case), *case.files.values()]
        lines = [
            n for text in texts for n, line in enumerate(text.splitlines(), 1) if case.marker.splitlines()[0] in line
        ]
        assert finding.where.line in lines or case.code == "meeting_without_minutes", (finding.where, lines)
        assert finding.where.file.endswith(("unit.yaml", *case.files))


def _profile(case: Case) -> str:
    text = PROFILE
    for old, new in case.changes.items():
        text = text.replace(old, new)
    return text


def test_the_severities_are_those_of_the_table() -> None:
    from toolkit.checks import CODES

    seen: dict[str, set[str]] = {}
    for code, severity in [(case.code, case.severity) for case in CASES] + [(code, sev) for _, code, sev, _ in SAID]:
        seen.setdefault(code, set()).add(severity.value)
    assert {code: set(text.partition(":")[0].split(" or ")) for code, text in CODES.items()} == seen


def test_every_code_of_the_table_has_a_fixture() -> None:
    from toolkit.checks import CHECKS

    codes = {code for entry in CHECKS for code in entry.codes}
    assert {case.code for case in CASES} | {code for _, code, _, _ in SAID} == codes


@pytest.mark.parametrize("form", ["党组", "党工委"])
def test_a_party_form_that_cannot_be_is_said_once(form: str) -> None:
    """The names that are made from it all over the set are not repeated."""
    assert [f.code for f in check(changes={"形式: 党支部": f"形式: {form}"}).findings] == ["party_form_invalid"]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"党组织: 柳溪镇党委": "党组织: 柳河农场党组"},
        {"党组织: 柳溪镇党委": "党组织: 柳河街道党工委"},
        {"党组织: 柳溪镇党委": "党组织: 柳溪社区委员会"},
        {"形式: 党支部": "形式: 党总支", "党员人数: 32": "党员人数: 62", "柳河村支部委员会": "柳河村总支部委员会"},
        {"文件:": "责任追究:\n  申诉期限: 2个月\n文件:"},
        {"文件:": "频次:\n  专题研究: 每年2次\n文件:"},
        {"文件:": "依据:\n  其他依据: 《柳溪镇党组织书记抓基层党建工作定期述职办法》\n文件:"},
        {"文件:": "会议规则:\n  - {会议: 党员大会, 依据: 《中华人民共和国村民委员会组织法》}\n文件:"},
        {"文件:": "责任追究:\n  对象: 村党支部和其中的党的领导干部\n  较重情形的措施: 诫勉、停职检查\n文件:"},
        {"文件:": "责任追究:\n  决定机关: 柳溪镇党委常委会\n  核实机关: 柳溪镇纪委\n文件:"},
        {"文件:": "事件分级:\n  - {级别: 重大敏感, 标准: 涉及人员伤亡, 报告时限: 15分钟, 处理时限: 3个工作日}\n文件:"},
        {"村民小组: 一组、二组": "村民小组: 一组、二组\n  财务往来: 较多"},
        {"文件:": "档案:\n  保管期限: 30年\n  报告保管期限: 永久\n文件:"},
        {
            "文件:": "频次:\n  专题研究: 每季度1次\n  向上级专题汇报: 每季度1次\n  分析研判: 每月1次\n  自查: 每季度1次\n文件:"
        },
    ],
)
def test_a_sensible_profile_gives_no_finding(changes: dict[str, str]) -> None:
    assert [str(f.as_dict()) for f in check(changes=changes).findings] == []


@pytest.mark.slow
def test_recalled_figures_and_practice_never_give_an_error() -> None:
    """Whatever a unit sets a parameter tagged R or P to, as long as it can be read, is a warning at most."""
    preset = check().preset
    assert preset is not None
    other = {"frequency": "每季度1次", "duration": "3个工作日", "list": "批评教育、诫勉"}
    for param in preset.params.params.values():
        if param.tag in ("R", "P") and param.type in other:
            group, name = param.labels
            found = check(changes={"文件:": f"{group}:\n  {name}: {other[param.type]}\n文件:"}).findings
            assert [f.code for f in found if f.severity is ERROR] == [], param.key
    floors = [
        f
        for f in check(changes={"文件:": "频次:\n  检查: 每年1次\n文件:"}).findings
        if f.code == "frequency_below_floor"
    ]
    assert floors == []


@pytest.mark.slow
def test_what_a_chapter_takes_along_follows_from_its_clauses() -> None:
    """The chapter is not a required clause; the clauses in it are, and the rest follows from one of them."""
    found = check({"documents/regulation.md": "---\nid: regulation\nremove: [general]\n---\n"}).findings
    roots = {(f.code, f.subject) for f in found if not f.follows}
    assert {code for code, _ in roots} == {"missing_clause"} and ("missing_clause", "purpose") in roots
    assert {f.follows.partition(":")[2] for f in found if f.follows} <= {subject for _, subject in roots}


@pytest.mark.slow
def test_due_process_may_stand_in_a_text_that_is_referred_to() -> None:
    text = "## 追究 {#extra}\n违反本办法的，依照[](mechanism_accountability)问责，给予诫勉或者处分。"
    assert findings("missing_due_process", new_document(text)) == []
    alone = findings("missing_due_process", new_document(text.replace("[](mechanism_accountability)", "规定")))
    assert len({f.subject for f in alone}) == len(check().preset.words["due_process"]["steps"]) == len(alone)


@pytest.mark.slow
def test_every_customary_part_can_be_missing() -> None:
    found = findings("missing_part", new_document("## 补充 {#extra}\n补充事项由村文书办理。", family="position"))
    assert {f.subject for f in found} == {f"added:{rule['part']}" for rule in check().preset.words["parts"]}


def test_a_value_of_the_profile_is_reported_once_in_the_users_file() -> None:
    """The unit's name is printed a thousand times; the finding stands where the user wrote it."""
    found = check(changes={"全称: 青禾县柳溪镇柳河村": "全称: 青禾县柳溪镇柳河(东)村"}).findings
    assert [(f.code, f.where.line) for f in found] == [("punctuation", 3)]


def test_the_run_is_quick() -> None:
    """Warm, the whole run over the village set stays well under what a person notices."""
    import time

    from toolkit import checks
    from toolkit.numbering.labels import number_set

    prepared = check()
    assert prepared.preset and prepared.resolved and prepared.built
    labels, best = number_set(prepared.built.set), 9.0
    for _ in range(5):
        context = checks.Context(prepared.preset, prepared.resolved, prepared.built, labels, {})
        start = time.perf_counter()
        checks.run(context)
        best = min(best, time.perf_counter() - start)
    assert best < 0.25  # about 0.02 s on a quiet machine; the slack is for a busy one


@pytest.mark.slow
def test_time_that_contradicts_the_duty_of_its_clause():
    """A layer replaces a clause and types another frequency; or types one beside the duty that it quotes."""
    replaced = "村党支部委员会应当每年召开一次会议专题研究意识形态工作。"
    beside = "村党支部应当每月召开分析研判会议，频次为{duty.analysis.frequency}。"
    same = "村党支部应当每半年召开会议专题研究，频次为{duty.topical_study.frequency}。"
    for clause, text, expected in (
        ("topical_study", replaced, ("topical_study:每年召开一次", "每半年至少一次")),
        ("extra in=arrangement", beside, ("analysis:每月召开", "每季度至少一次")),
        ("extra in=arrangement", same, None),
    ):
        layer = {"documents/regulation.md": f"---\nid: regulation\n---\n## 补充 {{#{clause}}}\n{text}\n"}
        found = findings("time_contradicts_duty", layer)
        assert [finding.subject for finding in found] == ([expected[0]] if expected else [])
        for finding in found:
            assert finding.severity is ERROR
            assert expected[1] in finding.message
            assert re.search(r"duties\.yaml 第\d+行", finding.message)
            assert finding.where.line == 5


def _with_times(**groups: str) -> dict[str, str]:
    """Return a change of the village's profile that answers questions of groups."""
    return {"文件:": "".join(f"{group}:\n  {line}\n" for group, line in groups.items()) + "文件:"}


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("often", "codes"),
    [
        ("每周一次", ["duty_time_conflict"]),
        ("每月3次", ["duty_time_conflict"]),
        ("每十年一次", ["duty_time_conflict", "frequency_below_floor"]),
        ("每年一次", ["frequency_below_floor"]),
    ],
)
def test_what_is_offered_for_a_frequency_is_accepted(often: str, codes: list[str]) -> None:
    """In a clerk's words; a clerk who takes an example of it hears nothing more of that kind."""
    about = {"duty_time_conflict", "frequency_below_floor"}
    found = [f for f in check(changes=_with_times(频次=f"专题研究: {often}")).findings if f.code in about]
    assert sorted(f.code for f in found) == codes
    tried = 0
    for finding in found:
        assert not re.search("登记|对应的期限|周期|时限\\.|频次\\.", finding.message + finding.hint), finding.hint
        often_ways = re.findall("每[^、，；。（） ]*次", finding.hint)
        deadlines = re.findall("例如 (每[^；。]*前)", finding.hint)
        changes = [_with_times(频次=f"专题研究: {way}") for way in often_ways]
        changes += [_with_times(频次=f"专题研究: {often}", 时限=f"专题研究完成: {way}") for way in deadlines]
        for change in changes:
            assert not about & {f.code for f in check(changes=change).findings}, change
            tried += 1
    assert tried >= len(found)
