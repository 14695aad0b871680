"""Names of units and organs in words, so that no line break tears one (GB/T 9704-2012, 7.3.1: 词意完整); used by ``titles``.

A name is read from the left: words that stand at its head (中共), places and institutions that end in a known suffix
(青禾县, 江城车务段), organs (总支部委员会). What no rule knows stays whole.
"""

from __future__ import annotations

import re

from toolkit.core.memo import remembered
from toolkit.core.patterns import lazy


def _words(text: str) -> str:
    """Return an alternative of the words, longer ones first."""
    return "|".join(sorted(map(re.escape, text.split()), key=len, reverse=True))


#: Words at the head of a name.
_PREFIXES = _words("中国共产党 中共 中国共产主义青年团 共青团 国营 国有")
#: Organs, offices and the like that stand without a name of their own.
_ORGANS = _words(
    "临时支部委员会 支部委员会 总支部委员会 基层委员会 工作委员会 纪律检查委员会 机关委员会 委员会 临时党支部 党支部 党总支 "
    "党委办公室 党群办公室 党政办公室 综合办公室 党委 党组 总支部 总支 支部 领导小组办公室 领导小组 工作小组 党小组 "
    "村民委员会 居民委员会 村务监督委员会 经济合作社 股份经济合作社 理事会 监事会 董事会 校务委员会 职工代表大会 "
    "教职工大会 教职工代表大会 党员大会 工会委员会 工会 妇女联合会 团支部 团总支 团委 办公室 办事处 人民政府 "
    "宣传部 组织部 教务处 总务处 政教处 联合支部委员会 联合党支部 联合支部"
)
#: Suffixes of places. One that another follows (柳市镇, 县城) does not end the word.
_PLACES = "特别行政区|自治区|自治州|自治县|自治旗|开发区|新区|矿区|林区|街道|社区|[省市县区镇乡村旗盟]"
_GOES_ON = f"(?=(?:{_ORGANS})|(?!{_words('省 市 县 区 镇 乡 村 旗 盟 街道 社区')}))"
#: Suffixes of institutions.
_INSTITUTIONS = _words(
    "有限责任公司 股份有限公司 集团股份有限公司 集团有限责任公司 集团有限公司 集团公司 有限公司 分公司 公司 集团 "
    "铁路局 管理局 税务局 教育局 分局 局 车务段 机务段 工务段 电务段 供电段 客运段 车辆段 通信段 工电段 运用段 检修段 建筑段 段 "
    "中心站 车站 货运站 服务站 水电站 站 九年一贯制学校 十二年一贯制学校 完全中学 高级中学 初级中学 中心小学 小学 初中 中学 "
    "学校 分校 幼儿园 学院 大学 卫生院 医院 研究院 研究所 设计院 派出所 所 厂 矿 农场 林场 牧场 渔场 茶场 车间 班组 工区 "
    "服务中心 活动中心 文化中心 管理中心 中心 大队 中队 支队 处 学会 协会 商会 合作社 银行 支行 "
    "书店 图书馆 博物馆 文化馆 纪念馆 馆"
)
#: After these a suffix of an institution ends no word yet: 中心小学, 公司总部, 局集团.
_INSTITUTION_GOES_ON = f"(?!(?:{_words('小学 中学 学校 幼儿园 卫生院 医院 校 村')}))"
#: Longest stem in front of a suffix.
_STEM = 14
_WORD = lazy(
    f"(?P<whole>{_PREFIXES}|{_ORGANS})"
    f"|(?:城市)?.{{1,{_STEM}}}?(?:(?:{_PLACES}){_GOES_ON}|(?:{_INSTITUTIONS}){_INSTITUTION_GOES_ON}|(?=(?:{_ORGANS})$))"
)
#: Words inside a long word that it may break before, if it must: 民办启明｜九年一贯制学校.
_INNER = lazy(
    _words(
        "九年一贯制 十二年一贯制 一贯制 实验 外国语 职业技术 职业 高级 初级 寄宿制 附属 第一 第二 第三 第四 第五 第六 第七 第八 "
        "第九 第十 地方铁路 地方 铁路 高速公路 公路 城市 农村 股份 有限 集团有限 集团 民族 中心 综合 技术 服务"
    )
)


@remembered(1024)
def segments(name: str) -> tuple[str, ...]:
    """Return the words of a name in order; together they are the name.

    A break between two of them tears nothing.
    """
    words: list[str] = []
    start = 0
    while start < len(name):
        match = _WORD.match(name, start)
        end = match.end() if match and match.end() > start else len(name)
        words.append(name[start:end])
        start = end
    return tuple(words)


_ORGAN = lazy(f"(?:{_ORGANS})$")


def organ_start(name: str) -> int:
    """Return where the organ at the end of a name begins (中共柳溪镇柳河村｜支部委员会), 0 for a name without one."""
    last = segments(name)[-1:]
    if not last or len(last[0]) == len(name) or not _ORGAN.fullmatch(last[0]):
        return 0
    return len(name) - len(last[0])


def inner_breaks(word: str) -> list[int]:
    """Return the places inside a long word of a name where a break hurts least: before a known part of it."""
    return [match.start() for match in _INNER.finditer(word) if match.start() > 1 and len(word) - match.start() > 1]
