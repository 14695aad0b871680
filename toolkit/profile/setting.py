"""One setting given on the command line: ``--set 单位.全称=…``."""

from __future__ import annotations

from toolkit.errors import UsageError
from toolkit.params import ParamSchema
from toolkit.profile.codes import suggest
from toolkit.profile.read import reserved_key


def parse_setting(text: str, schema: ParamSchema) -> tuple[str, str]:
    """Return the dotted English key and the raw value of ``key=value`` (full-width ＝ is accepted).

    Raises :class:`~toolkit.errors.UsageError`, with a did-you-mean, for anything else.
    """
    name, equals, value = text.partition("=")
    if not equals or "＝" in name:
        name, equals, value = text.partition("＝")
    name, value = name.strip(), value.strip()
    if not equals or not name:
        raise UsageError(f"“{text}”应当写成 名称=内容", f"例如 --set {next(iter(schema.params.values())).label}=…" if schema.params else "", "bad_setting")
    reserved = reserved_key(name)
    if reserved == "kind":
        raise UsageError("单位类型不能用 --set 指定", "它是命令的参数：toolkit init 类型", "bad_setting")
    param = schema.find(name)
    if param is None and reserved is None:
        names = [name for param in schema.params.values() for name in (param.label, param.key)]
        raise UsageError(f"没有名为“{name}”的参数", suggest(name, names), "unknown_key")
    return reserved or param.key, value
