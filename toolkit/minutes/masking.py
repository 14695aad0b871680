"""Numbers and names that a 纪要 does not show in full, and other likely names; used by the summary.

Basis: 《个人信息保护法》第六条 (no more than needed), 第五十一条 (de-identification); norms 4.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from toolkit.forms import FormData
from toolkit.language import person_names
from toolkit.minutes.rules import field_ids
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document, FormField, Provision, plain, walk

#: Numbers that a 纪要 masks.
_IDENTITY = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{8}([0-9]{3}[0-9Xx])(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9])[ -]?[0-9]{4}[ -]?([0-9]{4})(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])(0[0-9]{2,3}[-— ]?)[0-9]{3,4}([0-9]{4})(?![0-9])")
_DOUBLE = re.compile(person_names.DOUBLE_SURNAMES)
#: Fields that ask for people, by id and by label.
_PEOPLE = frozenset(
    {field_ids.CHAIR, field_ids.RECORDER, field_ids.OBSERVERS, "name", "absentee", "partly_name", "recused", "away"}
)
_PEOPLE_LABEL = re.compile(
    "姓名|人员$|人员姓名|签名|签字|(?:主持|记录|报告|汇报|接收|联系|经办|承办|负责|发言|审核|审批|谈话|被谈话|参加|检查)人"
)
_SPEAKER = re.compile(r"^\s*([\u3400-\u9fff·]{2,4})(?:[（(][^）)\n]*[）)])?\s*[：:]", re.MULTILINE)
#: Shape of a name, as :func:`person_names.bare` has it.
_SHAPE = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]+(?:·[\u3400-\u9fff]+)+|[A-Za-z][A-Za-z.'-]{2,40}")
_NO_NAME = re.compile(
    "全体|各|有关|人员|群众|居民|职工|已签|..(?:队|组|会|室|办|部|所|站|校|村|镇|局|处|科|班|段|厂|店|院|中心|公司)$|[一二三四五六七八九十两][名人位]"
)
#: Where a name is likely: a usual family name with one or two characters, next to a post, a form of address or an activity.
_NAME = rf"(?:(?:{person_names.DOUBLE_SURNAMES})[\u3400-\u9fff]{{1,2}}|[{person_names.SURNAMES}][\u3400-\u9fff]{{1,2}})"
_TITLES = f"{person_names.ADDRESSES}|(?:常务)?副?(?:{person_names.POST_ENDINGS})"
_DOES = (
    "负责|牵头|主持|汇报|报告|发言|提出|表示|认为|反映|介绍|通报|说明|办理|承办|督办|落实|参加|到会|列席|请假|缺席|回避"
    "|离会|整改|书面检查|作检查|联系|协助|配合|核对|整理|完成|跟进|对接|督促|清理|更正|值班|陪同"
    "|组织|召集|宣读|传达|学习|带队|检查|走访|讲话|总结|答复|解释|建议|要求|强调|指出|同意|反对|弃权|投票|申请|辞职|当选|担任|入党"
    "|转正|递交|起草|审核|签字|签收|保管|管理|维护|发布|上报|报送"
)
_BEFORE = (
    "[民生客工员户师人长]|群众|干部|户主|司机"
    "|委托|由|请|经(?![费过济营常])|派|指定|安排|联系|约谈|提醒|表扬|批评|给予|免去|任命|聘任|推荐|发展|吸收"
    "|接收|选举|推选|提名|同意|批准|处分|慰问|救助|补助|听取|审议|审查|讨论|研究|通报|增补|罢免|聘用|录用|表彰"
)
_EDGE = r"(?=[、，。；：）)（( \u3000\n]|$|和|与|及|等|的|为|同|任|家|户|转|作|关于|所作|"
_LIKELY = re.compile(
    rf"(?:({_NAME})(?={_TITLES})"
    rf"|(?:(?<=^)|(?<=[、，。；：（( \u3000\n“]))({_NAME})(?={_DOES})"
    rf"|(?:{_BEFORE}|{person_names.POST_ENDINGS})({_NAME}){_EDGE}{_DOES})"
    rf"|(?<=[、：])({_NAME})(?=[、，。；]|$)"
    rf"|([\u3400-\u9fff]{{2,8}}[{re.escape(person_names.POINTS)}][\u3400-\u9fff]{{2,8}}))"
)
#: A name that is written with blanks: 王 明, 王　小　明.
_SPACED = re.compile(rf"([{person_names.SURNAMES}])[ \u3000]+([\u3400-\u9fff])(?:[ \u3000]+([\u3400-\u9fff]))?")
#: Words of such papers that begin with the sign of a family name.
_COMMON = re.compile(
    "高[度质效标]|安[全排置]|方[案式面法便针]|严[格肃]|任[务何期]|计[划入算]|管[理护]|时[间限候任期]|程序|党[员组委支建课务内小风]|成[立员果效绩]"
    "|文[件书化明体]|项目|路[线面]|包[括村干]|申[请报]|施[工行]|水[平利电]|连续|单[位独]|解[决释]|经[费过验]|平[安台时等]|江城|关[于心注键]|应[当急对]|明[确年天显]"
    "|查[找阅看处]|全[体面部村校段年员]|支[部持委出]|台账|卫生|封[闭面]|左右|常[委务态规]|国[家旗有]|车[间务站辆]|金额|白天|温[馨暖]|宣[传讲]|和谐|相[关互应]|门[户口卫]"
    "|敬老|来[宾信访源]|后[勤续]|公[开示告章共布司安函室]|容易|广[播大场]|农[村户业历]|宗教|房[屋间]|武装|强[化调]|游客|万元|边[界远]|满意|丰富|利[用益]|师[生德资傅]"
    "|简[要报]|越级|战[略]|印[发章]|危险|班[子主级会组]|储备|初[步审]|原[因则件有]|司[机法]|阳光|尤其|祝贺|盖章|景区|权[限利力]|晋级|普[遍查通]|尚未|习惯|商[议量]"
    "|向[上下全]|于[是今]|方可|曾经|从严|张[贴挂]|许可|谢绝|金融|陶冶|康[复养]|范[围例]|贯[彻穿]|凌晨|顾[问及]|易[燃地]|史料|田[间地]|花[名费]|黄[金色]|马[上路]|余[额下]"
)


def without_numbers(text: str) -> str:
    """Return a text with phone and identity numbers masked."""
    text = _IDENTITY.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    return _LANDLINE.sub(lambda match: f"{match[1]}****{match[2][-3:]}", text)


def reduced(name: str) -> str:
    """Return a name reduced to its family name: 王小明 → 王某某, 欧阳明 → 欧阳某; a reduced name stays."""
    family = name[:2] if len(name) > 2 and _DOUBLE.match(name) else name[:1]
    return family + "某" * max(1, min(len(name) - len(family), 2)) if name else ""


def without_names(text: str, known: Iterable[str]) -> str:
    """Return a text with every known name reduced, longer names first; blanks and points inside a name do not hide it."""
    ordered = sorted({name for name in known if len(name) > 1}, key=lambda name: (-len(name), name))
    if not ordered:
        return text
    pattern = re.compile("|".join(map(_spelled, ordered)))
    return pattern.sub(lambda match: reduced(person_names.bare(match[0])), text)


def _spelled(name: str) -> str:
    """Return the pattern of a name; one that is also a usual word (文明) must stand apart from the words around it."""
    letters = "[ \u3000]*".join(map(_letter, name))
    if len(name) > 2 or not _COMMON.match(name):
        return letters
    return rf"(?:(?<![\u3400-\u9fff])|(?<=[由请经和与及向对给])){letters}(?=[^\u3400-\u9fff]|$|和|与|及|等|{_TITLES}|{_DOES})"


def _letter(char: str) -> str:
    return f"[{re.escape(person_names.POINTS)}]" if char == "·" else re.escape(char)


def listed_names(unit: Unit, data: FormData) -> set[str]:
    """Return the names on any list of a record and of the profile: whatever a field holds that asks for people."""
    form = unit.form(data.document)
    found = set(unit.roster.by_name)
    for name, part in form.fields.items():
        if _asks_for_people(name, part):
            found.update(_names(data.get(name), single=part.kind == "signature"))
    for table in form.tables.values():
        asked = [name for name, part in table.fields.items() if _asks_for_people(name, part)]
        for row in data.rows(table.id):
            for name in asked:
                found.update(_names(row.values.get(name, ""), single="姓名" in table.fields[name].label))
    for name in field_ids.SPOKEN:
        found.update(*(_names(match[1], single=False) for match in _SPEAKER.finditer(data.get(name))))
    return found


def _names(cell: str, single: bool) -> Iterator[str]:
    """Yield the names in a cell. ``single``: the field asks for a name alone, so that any family name will do."""
    for entry in person_names.listed(cell):
        name, inner = person_names.bare(entry), person_names.post_of(entry)
        likely = person_names.is_likely(name)
        if person_names.is_post(name) and not (likely and (inner or single)):
            name, inner, likely = person_names.bare(inner), "", person_names.is_likely(person_names.bare(inner))
        if _SHAPE.fullmatch(name) and not _NO_NAME.search(name):
            foreign = "·" in name or name[0].isascii()
            if single or foreign or inner or likely:
                yield name


def _asks_for_people(name: str, part: FormField) -> bool:
    if part.kind not in ("text", "signature"):
        return False
    return part.kind == "signature" or name in _PEOPLE or bool(_PEOPLE_LABEL.search(part.label))


def likely_names(unit: Unit, document: Document) -> Iterator[tuple[str, str]]:
    """Yield other likely names in a public 纪要, once each, with the words around them, for a person to examine."""
    own = " ".join((unit.set.unit, *unit.roster.posts, *(meeting.name for meeting in unit.resolved.meetings.values())))
    texts = [plain(block.content) for block in walk(document.body) if isinstance(block, Provision)]
    texts += [closed for text in texts if (closed := _SPACED.sub(r"\1\2\3", text)) != text]
    found = [
        (next(group for group in match.groups() if group), text[max(0, match.start() - 8) : match.end() + 8])
        for text in (*texts, *(people for _, people in document.participants))
        for match in _LIKELY.finditer(text)
    ]
    for label, people in document.participants:
        entries = ((person_names.bare(entry), entry) for entry in person_names.listed(people))
        found += [(name, f"{label}：{entry}") for name, entry in entries if _SHAPE.fullmatch(name)]
    seen: set[str] = set()
    for name, around in found:
        known = "某" in name or name in own or _COMMON.match(name) or _NO_NAME.search(name)
        if name not in seen and not known and not person_names.is_post(name):
            seen.add(name)
            yield name, around
