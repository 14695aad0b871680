"""Names of people as officers write them: with blanks, with a post, in brackets, several in a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from toolkit.core.memo import remembered

_SEPARATORS = "、，,；;/／|｜\n\t"
_OPEN, _CLOSE = "（(【[〔", "）)】]〕"
_BRACKETS = re.compile(r"[（(【\[〔]([^）)】\]〕]*)[）)】\]〕]?")
#: Points in names of other peoples, as keyboards and fonts have them; all stand for ·.
POINTS = "·•・.．‧∙⋅･﹒●"
_POINT = re.compile(rf"(?<=[\u3400-\u9fff])[{re.escape(POINTS)}](?=[\u3400-\u9fff])")
_SPACED_POINT = re.compile(rf"(?<=[\u3400-\u9fff])\s*([{re.escape(POINTS)}])\s*(?=[\u3400-\u9fff])")
#: What needs no reading, as most names.
_PLAIN = re.compile(r"[\u3400-\u9fff]*")
#: Marks of tables, formulas and remarks, and numbers of telephones or staff; a letter of any script.
_NO_NAME = re.compile(r"[#|｜@=:：]|\d{5}")
_LETTER = re.compile(r"[^\W\d_]")
_QUOTES = re.compile('[“”"「」『』]')
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
#: Who bears one of these marks need not be of the unit.
_GUEST = re.compile(r"来宾|列席|邀请|特邀|上级")
_NOBODY = frozenset({"", "无", "没有", "／", "/", "—", "-"})
#: How a post or a form of address ends. Longer ones first.
POST_ENDINGS = (
    r"书记|主任|委员|[\u3400-\u9fff]长|[\u3400-\u9fff]师|干部|干事|文书|会计|出纳|支书|主席|代表|党员|[络息理格导录传办研业]员"
    "|秘书|助理|副职|经理|总监|主管|负责人"
)
#: What posts and given names alike end with.
_GENERIC = "长师"
#: Forms of address, which stand behind a name and never for a post.
ADDRESSES = "同志|先生|女士|老师|医生|师傅"
#: Family names of two characters, and the usual ones of one that are not also words of every sentence (和, 都, 相).
DOUBLE_SURNAMES = (
    "欧阳|司马|上官|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|司空|端木|百里|呼延|南宫|独孤|拓跋"
)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
    "殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆"
    "司卓古吉缪简项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明"
    "佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班原栗燕楚鄢劳谌奚皮粟冼蔺楼盘闻厉伊仝郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰"
    "卿国狄平索宣晋云容敬来扈晁芮普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅"
)
_OFFICES = re.compile("宣传|组织|纪检|常务|党组|党委|党支|党支部|党小|安全|工会|计划|管理|文明|成员")
_POST = re.compile(f"(?:.*(?:{POST_ENDINGS}|{ADDRESSES}))")
_NAMED = re.compile(rf"(?P<name>[\u3400-\u9fff·]{{2,4}}?)(?P<post>{ADDRESSES}|(?:常务)?副?(?:{POST_ENDINGS}))")
_POST_FIRST = re.compile(rf"(?P<post>.*(?:{POST_ENDINGS}))(?P<name>[\u3400-\u9fff]{{2,3}})")
_AND_OTHERS = re.compile("等(?:[0-9]+|[一二三四五六七八九十]+)?[人名位]?$")
_COUNT = "[0-9]+|[一二两三四五六七八九十]"
_HEADS = re.compile(f"({_COUNT})(?:人|名|位)?")
#: What is written behind a name about when and why: 10:00离会, 因公回避.
_ASIDE = re.compile("[0-9].*[^0-9人名位].*|(?:因|中途|提前|临时).+|.{0,4}(?:离会|离场|离席|到会|回避|请假)")
_BOTH = re.compile(r"([\u3400-\u9fff·]{2,4})(?:和|与|及|以及)([\u3400-\u9fff·]{2,4})")


def bare(text: str) -> str:
    """Return a name as it is compared: without brackets and blanks, with one kind of point."""
    if _PLAIN.fullmatch(text):
        return text
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", _BRACKETS.sub("", text)))
    return _POINT.sub("·", "".join(plain.split()))


def post_of(text: str) -> str:
    """Return what stands in brackets behind a name; empty if nothing does."""
    match = _BRACKETS.search(text)
    return match[1].strip() if match else ""


def is_guest(text: str) -> bool:
    """Whether a name is marked as a guest's: 辛某（来宾）."""
    return bool(_GUEST.search(text))


@remembered(4096)
def listed(text: str) -> tuple[str, ...]:
    """Return the people that a cell names, brackets kept: 甲某（村文书）、乙某; nothing for 无.

    Between people stand commas, strokes, line ends or blanks; a blank inside a name of two characters does not part it.
    """
    if len(text) < 4 and _PLAIN.fullmatch(text):
        return () if text in _NOBODY else (text,)
    found = (person for part in _parts(text, _SEPARATORS) for person in _people(part))
    return tuple(person for person in found if bare(person) not in _NOBODY)


def several(text: str) -> tuple[str, ...]:
    """Return the people of a cell that should hold one name, where it clearly holds more: 李四/张七, 李四 张七; else nothing."""
    if len(text) < 5:
        return ()
    found = tuple(bare(person) for person in listed(text))
    return found if len(found) > 1 and all(map(is_likely, found)) else ()


def unlike_a_name(text: str) -> bool:
    """Whether a text holds what no name holds: a post in brackets, a mark of a table or an error, a long number, or no letter.

    What tells two people of one name apart may stand in brackets: 张三（大）.
    """
    if _PLAIN.fullmatch(text):
        return False
    return bool(_NO_NAME.search(text)) or not _LETTER.search(text) or is_post(post_of(text))


def headcount(text: str) -> int:
    """Return the number of people that a cell states without naming them (2人、两名); 0 for names."""
    match = _HEADS.fullmatch(bare(text))
    if match is None:
        return 0
    return int(match[1]) if match[1].isdecimal() else "一二三四五六七八九十".find(match[1].replace("两", "二")) + 1


def unnamed(cell: str) -> int:
    """Return how many people a cell counts beyond those whom it names: 2人, 甲某等3人."""
    entries = listed(cell)
    counted = sum(map(headcount, entries))
    match = re.search(f"等({_COUNT})[人名位]", bare(cell))
    return counted + (max(headcount(match[1]) - len(entries) + (counted > 0), 0) if match else 0)


def _parts(text: str, separators: str) -> Iterator[str]:
    """Yield the parts of a text between separators that stand outside of brackets."""
    depth, current = 0, ""
    for char in text:
        depth = max(depth + (char in _OPEN) - (char in _CLOSE), 0)
        if not depth and char in separators:
            yield current.strip()
            current = ""
        else:
            current += char
    yield current.strip()


def _people(part: str) -> Iterator[str]:
    """Yield the people of a part without commas: names and posts that blanks keep apart, or 甲某和乙某."""
    words: list[str] = []
    joined = _SPACED_POINT.sub(r"\1", re.sub(r"\s+(?=[（(])", "", _QUOTES.sub("", part)))
    for word in filter(None, _parts(joined, " \u3000\xa0\u2002\u2003\u2009")):
        if words and _goes_on(words[-1], word):
            words[-1] += (" " if _latin(word) else "") + word
        else:
            words.append(word)
    people: list[str] = []
    posts: list[str] = []
    for word in (person for whole in words for person in _with_post(_AND_OTHERS.sub("", whole))):
        if people and _ASIDE.fullmatch(bare(word)):
            people[-1] += f"（{word}）"
        elif not is_post(word):
            people.append(f"{word}（{posts.pop()}）" if posts else word)
        elif people and not post_of(people[-1]):
            people[-1] += f"（{word}）"
        else:
            posts.append(word)
    yield from people or posts  # 第一书记: a post alone stands for whoever holds it


def _goes_on(before: str, word: str) -> bool:
    """Whether a blank is inside of a name: 王 明, 欧阳 明, John Smith."""
    if len(before) == 1:
        return True
    if is_post(word):
        return False
    alone = len(word) == 1 and (
        re.fullmatch(DOUBLE_SURNAMES, before) or (before[-1] in SURNAMES and is_post(before[:-1]))  # 党委委员李 四
    )
    return bool(alone) or (_latin(before) and _latin(word))


def _with_post(word: str) -> Iterator[str]:
    """Yield the people of a word: with the post in brackets that is written before or behind a name, or two joined by 和."""
    name, bracket, post = word.partition("（")
    if bracket and (named := _POST_FIRST.fullmatch(name)) and is_likely(named["name"]):
        yield f"{named['name']}（{named['post']}、{post}"
    elif both := _BOTH.fullmatch(word):
        yield from both.groups()
    elif (named := _NAMED.fullmatch(word)) and is_likely(named["name"]):
        address = named["post"] in ADDRESSES.split("|")
        yield named["name"] if address else f"{named['name']}（{named['post']}）"
    elif (named := _POST_FIRST.fullmatch(word)) and is_likely(named["name"]):
        yield f"{named['name']}（{named['post']}）"
    else:
        yield word


def is_likely(text: str) -> bool:
    """Whether a text may be a person's name: a usual family name with one or two characters behind it, or 甲某."""
    if re.fullmatch(r"[\u3400-\u9fff]某{1,2}", text):
        return True
    double = re.match(DOUBLE_SURNAMES, text)
    given = len(text) - (2 if double else 1)
    return not _OFFICES.fullmatch(text) and 1 <= given <= 2 and bool(double or text[0] in SURNAMES)


def _latin(word: str) -> bool:
    return word[:1].isascii() and word[:1].isalpha()


def is_post(word: str) -> bool:
    """Whether a word is a post (宣传委员) and not a name with one behind it."""
    if len(word) == 3 and word[2] in _GENERIC and is_likely(word):
        return False  # 金英长
    named = _NAMED.fullmatch(word)
    return bool(_POST.fullmatch(word)) and len(word) > 1 and not (named and is_likely(named["name"]))


def mentioned(text: str, names: Iterable[str]) -> str:
    """Return the known name that a text holds (the longest), or what stands in front of a bracket or blank; as :func:`bare`."""
    plain, outside = bare(text.replace("（", "\n").replace("(", "\n")), bare(text)
    known = {bare(name) for name in names}
    found = max((name for name in known if name and (name in outside or name in plain)), key=len, default="")
    return found or next(map(bare, listed(text)), "")
