"""Single settings of a profile that is yet to be written: ``--set 单位.全称=…``, answers to questions."""

from __future__ import annotations

from toolkit.core.findings import Place, Severity, UsageError
from toolkit.presets.params import ParamSchema, typed
from toolkit.profile.finding_codes import check_text, suggest
from toolkit.profile.reading import RESERVED, reserved_key


def parse_setting(text: str, schema: ParamSchema) -> tuple[str, str]:
    """Return the dotted English key and the raw value of ``key=value`` (full-width ＝ is accepted).

    Raises :class:`~toolkit.core.findings.UsageError`, with a did-you-mean, for anything else.
    """
    name, equals, value = text.partition("=")
    if not equals or "＝" in name:
        name, equals, value = text.partition("＝")
    name, value = name.strip(), value.strip()
    if not equals or not name:
        raise UsageError(
            f"“{text}”应当写成 名称=内容",
            f"例如 --set {next(iter(schema.params.values())).label}=…" if schema.params else "",
            "bad_setting",
        )
    return setting_key(name, schema), value


def setting_key(name: str, schema: ParamSchema) -> str:
    """Return the dotted English key that a name (key or label) stands for. Raises UsageError, with a did-you-mean."""
    reserved = reserved_key(name)
    if reserved == "kind":
        raise UsageError("单位类型不能用 --set 指定", "它是命令的参数：toolkit init 类型", "bad_setting")
    param = schema.find(name)
    if param is None and reserved is None:
        names = [name for param in schema.params.values() for name in (param.label, param.key)]
        raise UsageError(f"没有名为“{name}”的参数", suggest(name, names), "unknown_key")
    return reserved or param.key


def fits(schema: ParamSchema, key: str, value: str, name: str | None = None) -> None:
    """Raise ValueError (Chinese, begun with the parameter's ``name``) for a value that a profile would be refused for."""
    param = schema.params.get(key)
    try:
        for finding in check_text(value, Place()):
            if finding.severity is Severity.ERROR:
                raise ValueError(finding.message)
        if param is None or param.key in RESERVED:  # names of files and folders, looked up when the profile is read
            return
        if param.type == "table" and value:
            raise ValueError("由几条记录组成，请写在档案里")
        typed(param, value)
    except ValueError as error:
        label = name if name is not None else param.label if param else key
        raise ValueError(f"{label}：{error}" if label else str(error)) from error
