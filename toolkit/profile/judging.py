"""Explains the faults of a profile's values: Cerberus judges them, each error becomes a finding; used by ``validate``.

Imported only for a profile with a value that is missing or cannot be read: the import takes a process 20 to 35 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cerberus import Validator
from cerberus.errors import BaseErrorHandler, ValidationError
from cerberus.schema import UnvalidatedSchema

from toolkit.core.findings import Finding
from toolkit.core.memo import remembered
from toolkit.presets.params import DOCUMENT_FIELDS, Param, ParamSchema, typed
from toolkit.profile.reading import Collected, finding


def judge(schema: ParamSchema, params: Mapping[str, Param], collected: Collected) -> list[Finding]:
    """Return a finding for each value in ``collected.raw`` that is missing or cannot be read, in the order of ``params``."""
    validator = _Judge(_schema(schema, params), error_handler=_Findings(params, collected))
    validator.validate(collected.raw, normalize=False)
    return validator.errors


@remembered(16, key=lambda schema, _params: id(schema))
def _schema(_schema: ParamSchema, params: Mapping[str, Param]) -> UnvalidatedSchema:
    """Return the Cerberus schema of a parameter schema. Ours are right by construction, so Cerberus need not check them."""
    return UnvalidatedSchema(_record(params.values()))


def _record(params: Iterable[Param]) -> dict[str, Any]:
    return {param.key: _rules(param) for param in params}


def _rules(param: Param) -> dict[str, Any]:
    rules: dict[str, Any] = {"required": param.needed, "empty": not param.needed, "type": "string"}
    if param.type == "list":
        rules |= {"type": ["string", "list"], "schema": {"type": "string"}}
    elif param.type == "table":
        rules |= {"type": "list", "schema": {"type": "dict", "schema": _record(param.columns)}}
    elif param.type == "document":
        rules |= {"type": ["string", "dict"], "schema": _record(DOCUMENT_FIELDS)}
    elif param.type == "choice":
        rules |= {"allowed": param.options}
    return rules | {"value_of": param}  # the last, so that it sees the errors of the others


class _Judge(Validator):
    """Cerberus with the rule ``value_of``: the value can be read as the type of its parameter."""

    def _validate_value_of(self, param: Param, field: str, value: Any) -> None:
        """{'nullable': False}"""
        try:
            typed(param, value)
        except ValueError as error:
            if not self.document_error_tree.fetch_errors_from((*self.document_path, field)):
                self._error(field, str(error))


class _Findings(BaseErrorHandler):
    """Turns errors of Cerberus into findings."""

    def __init__(self, params: Mapping[str, Param], collected: Collected) -> None:
        self.params, self.collected = params, collected

    def __call__(self, errors: Iterable[ValidationError]) -> list[Finding]:
        # Cerberus walks sets: put its errors into the order of the schema.
        order = {key: number for number, key in enumerate(self.params)}
        leaves = sorted(_leaves(errors), key=lambda leaf: (order[leaf.document_path[0]], *map(str, leaf.document_path)))
        return [self.finding(leaf) for leaf in leaves]

    def finding(self, error: ValidationError) -> Finding:
        path, param = error.document_path, self.params[error.document_path[0]]
        place, part = self.collected.place(param, path), param.at(path)
        label = place.key
        if error.rule in ("required", "empty"):
            return finding("missing_value", f"缺少“{label}”", place, _needed(part), param.key)
        if error.rule == "type":
            return finding("wrong_type", f"“{label}”写法不对：{_shape(part)}", place, _example(part), param.key)
        if error.rule == "allowed":
            message, hint = f"“{label}”不能是“{error.value[:40]}”", f"请从 {'、'.join(part.options)} 中选一个"
            return finding("bad_choice", message, place, hint, param.key)
        return finding("bad_value", f"“{label}”：{error.info[0]}", place, part.help, param.key)


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.child_errors:
            yield from _leaves(error.child_errors)
        else:
            yield error


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
