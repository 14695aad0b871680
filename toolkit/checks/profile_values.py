"""Checks of single values of the profile: names, document numbers, superiors, places, lists, people, telephones, retention.

The parameters and the shapes of their values are data: ``unit_rules`` of the kind and ``words.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.checks.clauses import missing_clauses
from toolkit.checks.lines import compiled, texts_in
from toolkit.checks.organisation import outside_names
from toolkit.checks.registry import Context, error, warning
from toolkit.compose.entries import OrgEntry
from toolkit.compose.seats import Person, held_by, holds, is_post_of, posts_of
from toolkit.core.findings import Finding, Place, nearest, similar
from toolkit.core.patterns import lazy
from toolkit.language import periods
from toolkit.language.names import abbreviates

#: Names of people that a message lists.
_NAMES = 5
PROJECT_BASIS = "本项目的要求：档案里的名称、号码和日期前后一致"
_YEAR = lazy("〔([0-9]{4})〕")


def _text(context: Context, key: str) -> str:
    """Return the text of a parameter; empty if it has none, or if the value that was given could not be read."""
    value = context.resolved.values.get(key, "")
    return value if isinstance(value, str) and key not in context.unknown else ""


def _given(context: Context, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield key and value of the parameters of a type that the profile gives."""
    for key, value in context.resolved.given.items():
        param = context.preset.params.params.get(key)
        if param is not None and param.type == kind:
            yield key, value


def party_name(context: Context) -> Iterator[Finding]:
    """The full name of the party organisation is that of its form (``party_forms.names``: form → pattern of its names)."""
    rules = context.preset.rules.get("party_forms") or {}
    names, key = rules.get("names") or {}, (rules.get("committee") or {}).get("name", "")
    name, form = _text(context, key), _text(context, rules.get("param", ""))
    if not name or form not in names or compiled(names[form]).search(name):
        return
    other = next((other for other, pattern in names.items() if compiled(pattern).search(name)), "")
    if other:
        message = f"党组织的形式是“{form}”，全称“{name}”却是{other}的名称。"
        hint = "照上级批复改正全称或者形式。"
        yield error("party_name", message, context.key(key), hint, PROJECT_BASIS, subject=key)


def document_numbers(context: Context) -> Iterator[Finding]:
    """A document number is 代字〔year〕number号, and its year is that of the date (GB/T 9704-2012 7.2.5)."""
    rules, life = context.words.get("document_number") or {}, context.words.get("lifecycle") or {}
    if not rules:
        return
    key = rules["param"]
    numbers = [(key, _text(context, key), context.resolved.date, context.key(key))] if key in context.places else []
    history = life.get("history", "")
    for index, row in enumerate(context.resolved.values.get(history) or (), start=1):
        name = f"{history}[{index}]"
        where = context.places.get(f"{name}.number") or context.places.get(name) or context.key(history)
        numbers.append((f"{name}.number", row.get("number", ""), row.get("issued", ""), where))
    for subject, number, date, where in numbers:
        if number:
            yield from _number(rules, subject, number, date, where)


def _number(rules: dict, subject: str, number: str, date: str, where: Place) -> Iterator[Finding]:
    if not compiled(rules["pattern"]).fullmatch(number):
        faults = (rule["reason"] for rule in rules["faults"] if compiled(rule["pattern"]).search(number))
        message = f"发文字号“{number}”不对：{next(faults, '应当由机关代字、年份和序号组成')}。"
        hint = "写成例如 柳党字〔2026〕1号。"
        yield warning("number_shape", message, where, hint, rules["basis"], subject=subject)
    elif (year := _YEAR.search(number)) and date and year[1] != date[:4]:
        message = f"发文字号“{number}”的年份同成文日期（{periods.print_date(date)}）不是同一年。"
        hint = "核对字号和日期；字号按成文日期的年份编。"
        yield warning("number_year", message, where, hint, rules["basis"], subject=subject)


def own_superior(context: Context) -> Iterator[Finding]:
    """The unit is not its own superior."""
    rules = context.preset.rules.get("identity") or {}
    own = {_text(context, key) for key in rules.get("own", ())} - {""}
    own |= {name.removeprefix("中共").removeprefix("中国共产党") for name in own}
    own |= {name + ending for name in own for ending in rules.get("endings", ())}
    for key in rules.get("superiors", ()):
        name = _text(context, key)
        if name and name.removeprefix("中共") in own:
            message = f"上级“{name}”就是本单位自己。"
            hint = "填写直接上级的规范化简称。"
            yield error("own_superior", message, context.key(key), hint, PROJECT_BASIS, subject=key)


def superior_party(context: Context) -> Iterator[Finding]:
    """The superior is a party organisation by its name, not a government or a place; a heuristic, so a warning."""
    rules = context.preset.rules.get("identity") or {}
    key = rules.get("superior_party", "")
    name = _text(context, key)
    ending = rules.get("party_ending", "")
    if ending and name and key in context.places and not compiled(f".+(?:{ending})").fullmatch(name):
        message = f"“{name}”不像党组织的名称。"
        hint = "写直接上级党组织的规范化简称，例如 柳溪镇党委。"
        yield warning("superior_party", message, context.key(key), hint, PROJECT_BASIS, subject=key)


def other_place(context: Context) -> Iterator[Finding]:
    """The names of the party organisation and of the superiors belong to the unit's place; a heuristic, so a warning."""
    rules = context.preset.rules.get("identity") or {}
    full, short = (_text(context, rules.get(name, "")) for name in ("full", "short"))
    if not full:
        return
    for level in rules.get("levels", ()):
        pattern = compiled(f"[\u4e00-\u9fff]{{1,7}}?(?:{level})(?![省市县区旗州盟乡镇])")
        if not pattern.search(full):
            continue
        for key in rules.get("places", ()):
            name = _text(context, key)
            foreign = [
                word for word in pattern.findall(name) if not any(word[at:] in full for at in range(len(word) - 1))
            ]
            if key in context.places and foreign:
                message = f"“{name}”不像本单位所在的地方：单位全称是“{full}”。"
                hint = "核对这个名称和单位全称里的地名。"
                yield warning("other_place", message, context.key(key), hint, PROJECT_BASIS, subject=key)
    party = _text(context, rules["party"])
    names = [short, full[-4:]]
    if (
        rules.get("joint") and compiled(rules["joint"]).search(party) and len(short) > 2
    ):  # 上沟下沟联合支部 is that of 上沟村
        names.append(short[:-1])
    fits = {
        rules["short"]: not short or abbreviates(short, full),
        rules["party"]: not party or any(name in party for name in names if name),
    }
    for key, fit in fits.items():
        if not fit and key in context.places:
            message = f"“{_text(context, key)}”同单位全称“{full}”对不上。"
            hint = "核对是不是别的单位的名称。"
            yield warning("other_place", message, context.key(key), hint, PROJECT_BASIS, subject=key)


def lists_of_names(context: Context) -> Iterator[Finding]:
    """A list of names holds names, not their number, and none twice."""
    pattern = context.words.get("count_of_names") or "(?!)"
    for key, value in _given(context, "list"):
        entries = [entry for entry in value if isinstance(entry, str)]
        label = context.preset.params.params[key].labels[-1]
        if len(entries) == 1 and compiled(pattern).fullmatch(entries[0]):
            message = f"“{label}”写的是数目“{entries[0]}”，不是名称。"
            hint = "逐个写名称，用顿号隔开，例如 一组、二组。"
            yield error("count_of_names", message, context.key(key), hint, "本项目的要求：名单写名称", subject=key)
        for twice in dict.fromkeys(entry for entry in entries if entries.count(entry) > 1):
            message = f"“{label}”里“{twice}”写了{entries.count(twice)}次。"
            hint, basis = "删去重复的一个。", "本项目的要求：名单里各写一次"
            yield warning("name_twice", message, context.key(key), hint, basis, subject=f"{key}:{twice}")


def telephones(context: Context) -> Iterator[Finding]:
    """A telephone number has a shape that numbers have; networks of a trade may have others, so a warning."""
    pattern = context.words.get("telephone") or ".*"
    for key, value in (*_given(context, "phone"), *_phones_of_people(context)):
        for number in filter(None, str(value).split("、")):
            if not compiled(pattern).fullmatch(re.sub("[- ]", "", number)):
                message = f"“{number}”不像打得通的电话号码。"
                hint = "核对位数；固定电话写区号，例如 0471-1234567，手机写十一位。"
                where = context.places.get(key) or context.key(key.partition("[")[0])
                yield warning("telephone", message, where, hint, PROJECT_BASIS, subject=key)


def _phones_of_people(context: Context) -> Iterator[tuple[str, str]]:
    for index, person in enumerate(context.resolved.given.get("people") or (), start=1):
        yield f"people[{index}].phone", person.get("phone", "")


def issued_without(context: Context) -> Iterator[Finding]:
    """A text that the profile calls issued has a number (or room for one) and a date of adoption.

    A dated text whose status is not given may lack one of the two, to be filled in by hand, but not both.
    """
    rules, life = context.words.get("document_number") or {}, context.words.get("lifecycle") or {}
    values = context.resolved.values
    if not (rules and life) or values.get(life["status"]) != rules["issued"]:
        return
    number = values.get(rules["param"]) or values.get(rules["mark"])
    present = {rules["param"]: ("发文字号", number), life["adopted"]: ("通过日期", values.get(life["adopted"]))}
    lacking = {key: what for key, (what, value) in present.items() if not value and key not in context.unknown}
    if life["status"] not in context.places and (rules["date"] not in context.places or len(lacking) < len(present)):
        return
    for key, what in lacking.items():
        message = f"文件的状态是{rules['issued']}，却没有{what}。"
        hint = f"写明{what}；还没有通过和编号的，把状态写成{life['draft']}，或者先不写成文日期。"
        yield warning("issued_without", message, context.key(key), hint, rules["basis"], subject=key)


def retention(context: Context) -> Iterator[Finding]:
    """Records are kept as long as their kind needs (``retention`` of the words: parameter → shortest term); a warning."""
    for rule in context.words.get("retention") or ():
        years = [re.fullmatch("([0-9]+)年", text) for text in (_text(context, rule["param"]), rule["least"])]
        kept, least = (int(year[1]) if year else None for year in years)
        short = kept is not None and least is not None and kept < least
        if short or re.fullmatch("[0-9]+(个月|日|天|周|个工作日)", _text(context, rule["param"])):
            message = f"{rule['what']}的保管期限“{_text(context, rule['param'])}”短于{rule['least']}。"
            hint = "按照档案主管部门批准的保管期限表填写。"
            where = context.key(rule["param"])
            yield warning("retention_short", message, where, hint, rule["basis"], subject=rule["param"])


def unused_values(context: Context) -> Iterator[Finding]:
    """Each answer of the profile is read by something: a unit's own layer may have replaced the only text that named it."""
    for key in context.preset.unread:
        if key in context.places:
            label = context.preset.params.params[key].label
            message = f"“{label}”没有任何条文用到，写了也不起作用。"
            hint, basis = "删去这一行，或者在自有条款里用它代替直接写出的内容。", "本项目的要求：填写的内容都有用处"
            gone = next((finding for finding in missing_clauses(context) if not finding.follows), None)
            follows = f"{gone.code}:{gone.subject}" if gone is not None else ""
            yield warning("unused_value", message, context.key(key), hint, basis, subject=key, follows=follows)


# --- people and posts ---------------------------------------------------------------------------------------------------


def people(context: Context) -> list[Person]:
    """Return the people that the profile gives and that are still in office."""
    return [person for person in context.resolved.given.get("people") or () if not person.get("until")]


def same_person(context: Context) -> Iterator[Finding]:
    """A name stands in the list of people once; the same name with the same post is found when the profile is read."""
    seen: dict[str, str] = {}
    for person in people(context):
        name, post = person["name"], person.get("post", "")
        if seen.get(name, post) != post:
            message = f"“{name}”在人员里有两行（{seen[name]}；{post}）。"
            hint = "兼任的写在一行，用顿号隔开；同名的两个人，在姓名后面加以区别。"
            yield warning("person_twice", message, context.key("people"), hint, PROJECT_BASIS, subject=name)
        seen.setdefault(name, post)


def groups(context: Context) -> Iterator[Finding]:
    """A group that a person is said to be in is a body of the unit: a name that is none is on no list."""
    names = {entry.name for entry in context.resolved.org.values() if entry.kind == "body"}
    said = {group: person["name"] for person in people(context) for group in person.get("groups", ())}
    for group in (group for group in said if group not in names):
        message = f"“{said[group]}”的小组写的是“{group}”，本单位没有这个机构，名单里不会有他。"
        close = nearest(group, names)
        hint = close or f"写小组的全名：{'、'.join(sorted(name for name in names if name.endswith('小组')))}。"
        yield warning("unknown_group", message, context.key("people"), hint, PROJECT_BASIS, subject=group)


def _cause(context: Context) -> str:
    """Name the finding about the party organisation's form or name: names of its posts are made from the form."""
    rules = context.preset.rules.get("party_forms") or {}
    if _text(context, rules.get("param", "")) not in rules.get("allowed", ()):
        return f"party_form_invalid:{rules.get('param', '')}"
    return next((f"party_name:{finding.subject}" for finding in party_name(context)), "")


def _meant(name: str, present: Sequence[Person]) -> str:
    """Return the question whether a post that is written almost so is meant (村民委主任), "" for none."""
    holders = {post: person["name"] for person in present for post in posts_of(person) if not post.startswith("副")}
    close = [post for post in similar(name, holders, alike=0.8) if "副" not in post]
    return f"是不是“{close[0]}”（{holders[close[0]]}）？是的话，把职务写成“{name}”。" if close else ""


def _post_name(context: Context, rules: Mapping[str, Any], role: str) -> str:
    """Return the name of a post as people hold it."""
    return (rules.get("heads") or {}).get(role) or context.resolved.org[role].name


def _holders(context: Context, rules: Mapping[str, Any], present: Sequence[Person]) -> dict[str, list[str]]:
    """Return who holds each post of the party organisation.

    A word for several posts (委员) says which one only where nobody holds it by its own name.
    """
    org, outside = context.resolved.org, outside_names(context)
    named = dict.fromkeys((*rules["held"], *rules.get("heads", ())))
    roles = [role for role in named if role in org and org[role].name not in outside]
    clear: dict[str, list[str]] = {role: [] for role in roles}
    holders: dict[str, list[str]] = {role: [] for role in roles}
    for person in present:
        held = [roles_of for roles_of in (_roles(context, rules, roles, post) for post in posts_of(person)) if roles_of]
        for role in roles:
            if any(role in roles_of for roles_of in held):
                holders[role].append(person["name"])
            if [role] in held:
                clear[role].append(person["name"])
    return {role: clear[role] or holders[role] for role in roles}


def _roles(context: Context, rules: Mapping[str, Any], roles: Sequence[str], post: str) -> list[str]:
    """Return the roles that a post may mean."""
    return [role for role in roles if is_post_of(rules, post, role, _post_name(context, rules, role))]


def posts(context: Context) -> Iterator[Finding]:
    """Posts of the party organisation are held, by one person each; nobody supervises his own work."""
    rules = context.preset.rules.get("posts") or {}
    present = people(context)
    if not rules or not present:
        return
    where, follows = context.key("people"), _cause(context)
    holders = _holders(context, rules, present)
    for role in (role for role in rules["held"] if role in holders):
        entry, found = context.resolved.org[role], holders[role]
        if not found:
            message = f"条文里的“{entry.name}”在人员里没有人担任。"
            hint = (
                _meant(_post_name(context, rules, role), present)
                or "补上担任的人，或者在档案里把这个岗位改成实有的岗位。"
            )
            yield warning("post_vacant", message, where, hint, rules["basis"], subject=role, follows=follows)
        elif len(found) > 1:
            names = "、".join(found[:_NAMES]) + ("等" if len(found) > _NAMES else "")
            message = f"“{entry.name}”有{len(found)}人担任（{names}），条文只写一个人的岗位。"
            hint = "在职务里写明分工（例如 分管宣传的副书记），并在档案里把岗位写成同样的名称。"
            yield warning("post_shared", message, where, hint, rules["basis"], subject=role, follows=follows)
    for first, second in rules["apart"]:
        worker, other = (context.resolved.org.get(role) for role in (first, second))
        both = [name for name in holders.get(first, ()) if name in holders.get(second, ())]
        if worker is not None and other is not None and (both or worker.name == other.name):
            who = f"由{both[0]}一人担任" if both else "是同一个岗位"
            message = f"“{worker.name}”承担工作，“{other.name}”监督这项工作，两者{who}。"
            hint = "监督的岗位改由别人担任；人员不够的，写上级党组织的纪检机构。"
            yield warning(
                "post_conflict", message, where, hint, rules["basis"], subject=f"{first}:{second}", follows=follows
            )


def supervisors(context: Context) -> Iterator[Finding]:
    """Who supervises a group is not one of its members, neither by the list of people nor by the posts named."""
    rules = context.preset.rules.get("posts") or {}
    org, outside = context.resolved.org, outside_names(context)
    for role, bodies in (rules.get("supervises") or {}).items():
        supervisor = org.get(role)
        if supervisor is None or supervisor.name in outside:
            continue
        name = _post_name(context, rules, role)
        for body in (org[one] for one in bodies if one in org):
            for where, who in _sits_in(context, body, role, name):
                message = f"“{body.name}”的成员里有{who}，“{name}”监督{body.name}承担的工作。"
                hint = "从成员里去掉；监督的人可以列席，不承担分工。"
                yield warning("post_conflict", message, where, hint, rules["basis"], subject=f"{body.id}:{role}")


def _sits_in(context: Context, body: OrgEntry, role: str, name: str) -> Iterator[tuple[Place, str]]:
    """Yield each place of the profile that makes the holder of a post a member of a body, with what is written there."""
    rules, members = context.preset.rules["posts"], f"{body.id}.members"
    for person in people(context):
        if body.name in person.get("groups", ()) and held_by(rules, person, role, name):
            yield context.key("people"), f"“{person['name']}”（{person['post']}）"
    for text in texts_in(context.resolved.values.get(members, "")):
        for post in re.split("[、，和及]", text):
            if holds(post, name):
                yield context.key(members), f"“{post}”"
