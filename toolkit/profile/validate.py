"""Validation of a profile against a schema: Cerberus judges, every error becomes a finding with a place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any
from weakref import WeakKeyDictionary

from toolkit.core.findings import Finding, Place
from toolkit.core.yaml_read import KeyPath, path_text
from toolkit.presets.params import DOCUMENT_FIELDS, Param, ParamSchema, typed
from toolkit.profile import people
from toolkit.profile.collect import Collected, Collector, drop_empty
from toolkit.profile.finding_codes import finding
from toolkit.profile.reading import HISTORY, Profile, find_reserved


@dataclass(frozen=True, slots=True)
class Validated:
    """Typed values by dotted English key (given keys only), their places, and this step's findings."""

    values: dict[str, Any]
    places: dict[str, Place]
    findings: tuple[Finding, ...]


class _Validators(threading.local):
    """By schema: the keys that its validator knows, and the validator, which holds the document that it judges.

    Each thread has its own for that reason.
    """

    def __init__(self) -> None:
        self.known: WeakKeyDictionary[ParamSchema, tuple[frozenset[str], Any]] = WeakKeyDictionary()


_validators = _Validators()


def validate(profile: Profile, schema: ParamSchema) -> Validated:
    """Return the typed values of ``profile`` and all findings at once (those of reading are not repeated)."""
    if not isinstance(profile.raw.data, dict):
        return Validated({}, {}, ())
    collector = Collector(profile.raw, schema)
    collector.walk(profile.raw.data)
    collected = collector.result
    _collect_people(profile, collector)
    _collect_history(profile, schema, collector)
    params = {**schema.params, "people": people.PEOPLE}
    drop_empty(params.values(), collected)
    bad = _judge(profile, schema, params, collected)
    values: dict[str, Any] = {}
    for key, raw in collected.raw.items():
        if key not in bad:
            values[key] = typed(params[key], raw)
    if "people" in values:
        values["people"] = people.finish(values["people"], collected)
    places = {key: replace(collected.where[(key,)], key=params[key].label) for key in collected.raw}
    if HISTORY in values:
        entries = [path for path in collected.where if path[0] == HISTORY and len(path) > 1]
        places |= {path_text(path): _labelled(params[HISTORY], path, collected) for path in entries}
    return Validated(values, places, tuple(sorted(collected.findings, key=_order)))


def _order(item: Finding) -> tuple[str, int, int]:
    return item.where.file, item.where.line or 1_000_000, item.where.column


def _collect_people(profile: Profile, collector: Collector) -> None:
    name = find_reserved(profile.raw, "people")
    if name is None:
        return
    value, place = profile.raw.data[name], profile.raw.place((name,))
    collected = collector.result
    collected.where[("people",)] = place
    if isinstance(value, str) and value.strip():
        value = people.read_file(value.strip(), profile.folder, place, collected)
        if value is None:
            return
    else:
        value = collector.value(people.PEOPLE, value, ("people",), (name,))
    people.check_terms(value, collected)
    collected.raw["people"] = value


def _collect_history(profile: Profile, schema: ParamSchema, collector: Collector) -> None:
    """Collect the history that stands in a file of its own; places point into that file."""
    if profile.history is None:
        return
    collected, param = collector.result, schema.params.get(HISTORY)
    start = profile.history.place(())
    if param is None:
        message = "这类单位没有“沿革”这个参数，沿革文件用不上"
        collected.findings.append(finding("unknown_key", message, start, "请删去这个文件", HISTORY))
        return
    if (HISTORY,) in collected.where:
        message = f"“{param.label}”写了两处：档案里和 {profile.history.file} 里"
        place = replace(collected.where[(HISTORY,)], key=param.label)
        collected.findings.append(finding("duplicate_key", message, place, "请只留一处，建议留下沿革文件", HISTORY))
        return
    beside = Collector(profile.history, schema)
    collected.raw[HISTORY] = beside.value(param, profile.history.data, (HISTORY,), ())
    collected.where.update(beside.result.where)
    collected.findings += beside.result.findings


def _labelled(param: Param, path: KeyPath, collected: Collected) -> Place:
    return replace(collected.where[path], key=_part(param, path)[1])


def _judge(profile: Profile, schema: ParamSchema, params: dict[str, Param], collected: Collected) -> set[str]:
    """Run Cerberus; add its errors to the findings and return the keys that have one."""
    validator = _validator(schema, params, collected.raw)
    validator.validate(collected.raw, normalize=False)
    bad: set[str] = set()
    # Cerberus walks sets: put its errors into the order of the schema.
    order = {key: number for number, key in enumerate(params)}
    leaves = ((str(path[0]), path, error) for path, error in _leaves(validator.found))
    for key, path, error in sorted(leaves, key=lambda leaf: (order[leaf[0]], [str(step) for step in leaf[1]])):
        bad.add(key)
        collected.findings.append(_finding(params[key], path, error, profile, collected))
    return bad


def _leaves(errors: Sequence[Any]) -> Iterator[tuple[KeyPath, Any]]:
    for error in errors:
        if error.child_errors:
            yield from _leaves(error.child_errors)
        else:
            yield error.document_path, error


def _validator(schema: ParamSchema, params: Mapping[str, Param], given: Iterable[str]) -> Any:
    """Return a Cerberus validator for the needed and the given keys, cached and grown with each new key.

    Cerberus checks every rule set that it is handed; those of keys that nobody gives would cost a
    cold process more than the rest of the validation.
    """
    known, validator = _validators.known.get(schema, (frozenset(), None))
    if validator is None or not known.issuperset(given):
        known = known.union(given, (key for key, param in params.items() if param.needed))
        validator = _validator_class()({key: _rules(params[key]) for key in params if key in known})
        _validators.known[schema] = (known, validator)
    return validator


def _rules(param: Param) -> dict[str, Any]:
    rules: dict[str, Any] = {"required": param.needed}
    if param.type == "list":
        rules |= {"type": ["string", "list"], "schema": {"type": "string"}}
    elif param.type == "table":
        columns = {column.key: _rules(column) for column in param.columns}
        rules |= {"type": "list", "schema": {"type": "dict", "schema": columns}}
    elif param.type == "document":
        fields = {part.key: _rules(part) for part in DOCUMENT_FIELDS}
        rules |= {"type": ["string", "dict"], "schema": fields, "value_of": partial(typed, param)}
    elif param.type == "choice":
        rules |= {"type": "string", "allowed": ["", *param.options]}
    else:
        rules |= {"type": "string", "value_of": partial(typed, param)}
    return rules


@cache
def _validator_class() -> Any:
    """Return the Validator subclass; Cerberus is imported only when a profile is validated."""
    from cerberus import Validator
    from cerberus.errors import BaseErrorHandler, ErrorDefinition

    bad_value = ErrorDefinition(0x1000, "value_of")

    class Collecting(BaseErrorHandler):
        """Hands the errors on as they are."""

        def __call__(self, errors: Any) -> Any:
            return errors

        def __iter__(self) -> Iterator[Any]:
            return iter(())

        def add(self, error: Any) -> None:
            """Do nothing: the errors are read from the validator."""

    class ProfileValidator(Validator):
        """Cerberus with the rule ``value_of``: the value can be read as the parameter's type."""

        def _validate_value_of(self, read: Callable[[Any], Any], field: str, value: Any) -> None:
            """{'nullable': False}"""
            if isinstance(value, dict):  # its fields are judged one by one
                return
            try:
                read(value)
            except ValueError as error:
                self._error(field, bad_value, str(error))

        @property
        def found(self) -> Sequence[Any]:
            return self.errors

    return lambda schema: ProfileValidator(schema, error_handler=Collecting)


def _finding(param: Param, path: KeyPath, error: Any, profile: Profile, collected: Collected) -> Finding:
    part, label = _part(param, path)
    place = _place(path, profile, collected)
    place = replace(place, key=label)
    if error.rule == "required":
        return finding("missing_value", f"缺少“{label}”", place, _needed(part), param.key)
    if error.rule == "type":
        return finding("wrong_type", f"“{label}”写法不对：{_shape(part)}", place, _example(part), param.key)
    if error.rule == "allowed":
        message = f"“{label}”不能是“{str(error.value)[:40]}”"
        return finding("bad_choice", message, place, f"请从 {'、'.join(part.options)} 中选一个", param.key)
    if error.rule == "value_of":
        return finding("bad_value", f"“{label}”：{error.info[0]}", place, part.help, param.key)
    raise AssertionError(f"no finding for the Cerberus rule {error.rule}")


def _part(param: Param, path: KeyPath) -> tuple[Param, str]:
    """Return the parameter, column or field at ``path``, and its name for people."""
    label = param.label
    for step in path[1:]:
        if isinstance(step, int):
            label += f"[{step + 1}]"
            continue
        parts = DOCUMENT_FIELDS if param.type == "document" else param.columns
        param = next(part for part in parts if part.key == step)
        label += f".{param.label}"
    return param, label


def _place(path: KeyPath, profile: Profile, collected: Collected) -> Place:
    for end in range(len(path), 0, -1):
        if path[:end] in collected.where:
            return collected.where[path[:end]]
    return Place(profile.raw.file)


def _needed(param: Param) -> str:
    parts = [param.ask or param.help, f"例如 {param.sample()}" if param.sample() else ""]
    return "；".join(part.rstrip("。；") for part in parts if part) or "请补上这一项"


def _shape(param: Param) -> str:
    if param.type == "table":
        return f"应当是一组记录，每条以“- ”开头，各列是：{'、'.join(column.label for column in param.columns)}"
    if param.type == "list":
        return "应当是一个列表，每行以“- ”开头，或者写成一行、用顿号隔开"
    if param.type == "document":
        return "应当写成《标题》（文号），或者分标题、制定机关、文号、日期四项来写"
    return "应当写成一行文字，不能是列表，下面也不能再分项"


def _example(param: Param) -> str:
    if param.type == "table" and param.columns:
        cells = "、".join(f"{column.label}: {column.sample() or '…'}" for column in param.columns[:2])
        return f"例如：{param.labels[-1]}: 另起一行缩进写 - {cells}"
    return f"例如：{param.labels[-1]}: {param.sample()}"
