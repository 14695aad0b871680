"""The words of a rule of quorum or assent that count nothing themselves; whatever else a clause says was not understood.

Used by ``majorities``: of a counted clause all but its share must be words of this vocabulary; a clause without a share
must be one of the notes. A word that is missing here makes a warning, never a rule that is silently too lax.
"""

from __future__ import annotations

import re

from toolkit.core.patterns import lazy

#: Those who come or agree: 委员, 成员, 党员, 代表.
_HEADS = (
    "委员会?|成员|党员|代表|组成人员|人员|[职员]?工|教?师|学?生|干部|同志|[户家]长|户|[理监]事|股东|会员|团员|[村居牧渔农]?民"
    "|班子|党支部|党总支|党委|党组|党小组|支部"
)
_PERSONS = f"{_HEADS}|领导|常务|小组|大会|组织|单位|党|人数|总人数|总数|总票数|票数|比例|的人(?!员|数)|人|票"
#: Words before those that name their body; none that pick some of them, or a single one.
_OF_A_BODY = (
    "(?:(?!在[家岗村场位]|书记|主任|主席|主持|负责|否决|批准|同意|公示|其中|缺席|请假|主要|[长和与且但除含报至少名位女男副一二三四五六七八九十两0-9])"
    f"[\u4e00-\u9fff]){{1,8}}?(?={_HEADS})"
)
_WHICH = (
    "正式|全体|所有|全部|全员|每一?[名位个]|应(?:当)?(?:到|出席|参加|参会|与会)(?:会(?!议))?|实到(?:会(?!议))?|到会|参会|与会|在场|到场"
    "|出席|参加(?!人选)|(?:具?有)?(?:表决权|选举权|投票权)|十八周岁以上|年满十八周岁|本|各|该|其他|其余|在册|实有|名册"
)
_MEETINGS = "会议|大会|[^0-9]{0,4}生活会|表决|投票|选举|决定|决议|议案|事项"
_VERBS = (
    "到会|到齐|签到|同意|赞成|赞同|通过|认可|支持|当选|一致|意见|协商|全票|全数|得票|选票|有效票?|投票总数|票"
    "|召开|举行|进行|开会|开始|开|表决|作出|形成|达成|决定|决议|生效|成立|有效|无效|当选|始得|会|率|数"
)
_MODALS = (
    "必须|应当|应|须|需要?|要|由|有|经过?|以|按照?|为|是|得|可|方可|方能|方为|方|才能|才可|才|即可|即|就|则|视为|能|均|都|也|并"
    "|中|之|的|了|对|在(?![家岗村场位])|内|实行|采取|采用|占|数|按|外"
)
_CONSEQUENCES = (
    "不得|不能|不予|不可|不召开|不举行|无效|不(?:能)?通过|没有通过|未通过|未获通过|改期|延期|顺延|另行|流会|休会|不成立|取消"
    "|重新|(?:会议|表决)?时|的?话|如果?|若|凡|但|而|超过|达到|少于|低于"
)
_NAMED = lazy("(?:绝对|简单|法定|绝?大|特定)?多数")
_KNOWN = lazy(f"{_WHICH}|{_PERSONS}|{_MEETINGS}|{_VERBS}|{_CONSEQUENCES}|{_MODALS}|{_OF_A_BODY}")
_JOINTS = lazy("[、\\s]+")

#: Words that change who counts or the consequence: a clause with one is never a note.
_CHANGES = lazy(
    "否决|平票|相等|相同|除外|(?<!一人)一票|两票|至少|不少于|不低于|不足|不到|未到|超过|少于|其中|视为|加权|最后|必须(?:到|出|参|在)"
    "|[0-9一二两三四五六七八九十百]+(?:名|位|人(?!一票))"
)
_GUESTS = (
    "(?:列席|旁听|特邀|邀请|来宾)(?:的)?(?:人员|代表|同志|领导|单位|来宾)?|来宾|预备党员|候补(?:委员|党员|代表)?|监督员"
)
_NO_VOTE = (
    "(?:没有|无|不享有|不具有)(?:表决|投票|选举)权|不(?:计入|算)(?:应到会?|实到会?|到会|出席|法定|会议)?(?:的)?(?:人数|范围|基数)?"
    "|(?:不|无需|不再)(?:参加|参与|进行|作|设|需要?)?(?:表决|投票|计票)"
)
_BY_WIRE = "(?:电话|视频|线上|网络|远程)(?:会议)?(?:方式|形式)?(?:的)?(?:参加|参会|出席|会商|召开|接入)?"
_AND_SO = (
    "(?:方可|方能|方为|才能|才可|始得|即可|可以?|为|视为)?(?:召开|举行|进行|开会|开始|表决|生效|有效|通过|作出决定|形成决议|执行)"
    "|(?:应当?|须|可以?|一律)?(?:不得|不能|不予|不可|不)(?:召开|举行|进行|开会|表决|作出决定|形成决议|通过|执行)(?:会议)?"
    "|(?:应当?|须|可以?)?(?:改期|延期|顺延|另行|重新|流会|休会)(?:召开|举行|开会|表决|通知|投票|选举)*(?:会议)?|无效|不成立"
)
_HOW = (
    "(?:表决|投票|选举|会议)?(?:应当?|须|必须|可以?)?(?:实行|采用|采取|执行|以|按照?|用)?(?:无记名|记名|举手|票决|口头|逐项|逐个|差额|等额|集体|民主|主持人末位|一把手末位|末位)"
    "(?:投票|表决|表态|票决|发言|集中|领导|讨论)*(?:的)?(?:制度?|方式|办法|形式|程序)?(?:进行)?(?:表决|投票)?|(?:实行)?一人一票制?"
    "|(?:实行|采用|采取|执行)[^否决]{1,12}(?:制度?|方式|办法|程序)"
)
_DUTY = (
    "(?:提前)?(?:[0-9一二三四五六七八九十]+(?:天|日|个工作日))?(?:书面)?通知(?:全体|各|应到会)?(?:委员|党员|成员|人员|参会人员|代表)?"
    "|(?:不能|因故不能|因故缺席|未能)?(?:到会|参加|出席)?(?:会议)?(?:的|者)?(?:应当?|须|必须|要)?(?:提前|事先|会前|书面)?(?:向.{1,8})?(?:请假|签到)"
    "|(?:会议)?由.{1,14}(?:主持|召集|召集和主持|召集并主持|记录)(?:会议)?|.{1,8}(?:主持|召集)(?:会议)|(?:应当?|须)?(?:做好|写|形成|有)?(?:会议)?记录"
    "|(?:有|与.{1,8}有)?(?:直接|重大)?(?:利害|利益|亲属)?(?:关系)?(?:的)?(?:委员|成员|党员|人员|人)?(?:应当?|须|必须)?(?:自行|主动|予以)?回避"
)
_NOTES = lazy(
    "|".join(
        f"(?:{note})"
        for note in (
            f"(?:{_GUESTS})(?:等|均|都|也)?(?:可以?(?:发表意见|发言|提(?:出)?(?:意见|建议)))?(?:但|且)?(?:{_NO_VOTE})?",
            f"(?:会议|本会议|听取报告|通报情况|听取汇报)?(?:的|时)?(?:{_NO_VOTE})",
            f"[^0-9]{{0,10}}?(?:可以?|能|允许)(?:用|通过|以|采取|采用)?{_BY_WIRE}|{_BY_WIRE}",
            f"(?:否则|达不到的?|达不到要求的?|不符合的?|未达到的?)?(?:会议|决议|决定|表决|选举)?(?:{_AND_SO})",
            _HOW,
            _DUTY,
            "(?:可以?|应当?|须)?(?:邀请|请).{1,14}(?:列席|旁听|参加|到会|指导)",
            "不得(?:委托|由)(?:他人|别人)?(?:代为|代)?(?:投票|表决|出席|到会)?",
        )
    )
)
#: Who decides where nobody votes; next to a share it would take the decision away from the vote.
_DECIDES = lazy(".{0,16}(?:听取|综合|根据|结合|参考).{0,24}(?:决定|裁定)|由.{1,16}(?:决定|裁定|确定)")


def is_note(clause: str) -> bool:
    """Whether a clause without a share says nothing that bears on the count."""
    return bool(_NOTES.fullmatch(clause)) and not _CHANGES.search(clause)


def is_decision(clause: str) -> bool:
    """Whether a clause says who decides instead of a vote."""
    return bool(_DECIDES.fullmatch(clause)) and not _CHANGES.search(clause)


def remainder(clause: str) -> str:
    """Return the words of a counted clause (its share, its bounds and its matter taken out) that were not understood."""
    text = _NAMED.sub("", clause)
    left = []
    position = 0
    for match in _KNOWN.finditer(text):
        left.append(text[position : match.start()])
        position = match.end()
    left.append(text[position:])
    return _JOINTS.sub("", "".join(left))


def names_persons(text: str) -> bool:
    """Whether a text in brackets says no more than who is meant: （代表）; or numbers or dates a paper: （一）, （试行）."""
    return not remainder(text) or bool(re.fullmatch("[一二三四五六七八九十0-9]{1,2}|试行|暂行|草案|下同|略", text))
