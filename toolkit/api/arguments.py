"""Checks the arguments of the api (paths, profiles, dates, texts), so that a slip is reported in a sentence."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypedDict, TypeVar, Union

from toolkit.core.data_folders import Where
from toolkit.core.findings import UsageError, file_error
from toolkit.formats import named
from toolkit.language.periods import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.forms import FormData
    from toolkit.minutes.own_template import Template
    from toolkit.minutes.unit import Unit
    from toolkit.profile import Profile as ReadProfile


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit of a list as a profile: the list, the unit by name or row, the profile that units share (``--base`` of batch)."""

    source: Path
    unit: str
    shared: Path | None = None

    def __str__(self) -> str:
        return str(self.source)


#: A profile: path or bytes of its file, a mapping as YAML would give it, a unit of a list, or the result of ``prepare``.
Profile = Union[Path, str, bytes, Mapping[str, Any], ListedUnit, "Prepared"]
#: A filled form: the path of a DOCX or YAML file, the bytes of one, a mapping as YAML would give it, or a form that was read.
Form = Union[Path, str, bytes, Mapping[str, Any], "FormData"]
#: The user's own folders, in front of the bundled ones.
Folders = Sequence[Path | str]
#: A day: a date, or a text (2026-01-05, 2026年1月5日); an empty text is none.
Day = Date | str


class SourceOptions(TypedDict, total=False):
    """Where a unit's texts come from: folders of kinds (``presets``) and of the unit's own clauses (``layers``)."""

    presets: Folders
    layers: Folders


class ProfileOptions(SourceOptions, total=False):
    """The same, with the issue date (``date``) that replaces the profile's own."""

    date: Day


class FontOptions(ProfileOptions, total=False):
    """The same, with folders of fonts."""

    fonts: Folders


class PrintOptions(TypedDict, total=False):
    """Folders of templates and of fonts (PDF) to write files with."""

    templates: Folders
    fonts: Folders


class FolderOptions(SourceOptions, PrintOptions, total=False):
    """All folders of the user's own."""


class WhereOptions(ProfileOptions, PrintOptions, total=False):
    """All folders of the user's own, and the issue date."""


#: The first and the last year that a date can be in.
YEARS = (FIRST_YEAR, LAST_YEAR)
#: Suffixes of lists of units that are tables; those of text may be anything else, too.
LISTS = (".xlsx", ".xlsm", ".xltx", ".xls", ".xlt", ".et", ".ett", ".ods", ".csv", ".tsv")
#: As deep as a profile may be nested.
_DEPTH = 20
P = ParamSpec("P")
R = TypeVar("R")


def edge(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: a system error becomes a FileError, so that callers need to know ToolkitError alone."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except OSError as error:
            raise file_error(error) from error

    return call


def bad(message: str, hint: str = "") -> UsageError:
    """Return the error for an argument that cannot be used."""
    return UsageError(message, hint, "bad_argument")


def _kind(value: object) -> str:
    return type(value).__name__


def path_of(value: Path | str, what: str) -> Path:
    """Return a path. Raises UsageError for something else, and for one that no file can have; ``what`` it is of."""
    if not isinstance(value, str | os.PathLike) or not isinstance(name := os.fspath(value), str):
        raise bad(f"{what}应当是路径，不是 {_kind(value)}", "写成字符串或者 pathlib.Path")
    try:
        usable = bool(name) and "\0" not in name and os.fsencode(name) is not None
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise bad(f"{what}的路径{'中有不能用的字符' if name else '是空的'}", "请检查路径")
    return Path(name)


def several(values: Sequence[Any], what: str) -> tuple[Any, ...]:
    """Return a list as a tuple. Raises UsageError for a single text, which Python would take for its letters."""
    if isinstance(values, str | bytes | os.PathLike) or not isinstance(values, Sequence | set | frozenset):
        raise bad(f"{what} 应当是列表，不是 {_kind(values)}", f"例如 {what}=[…]")
    return tuple(values)


def paths(values: Folders, what: str) -> tuple[Path, ...]:
    """Return folders as paths."""
    return tuple(path_of(value, what) for value in several(values, what))


def text(value: str, what: str) -> str:
    """Return a text. Raises UsageError for something else."""
    if not isinstance(value, str):
        raise bad(f"{what} 应当是文字，不是 {_kind(value)}")
    return value


def texts(values: Sequence[str], what: str) -> tuple[str, ...]:
    """Return a list of texts. Raises UsageError."""
    return tuple(text(value, what) for value in several(values, what))


def whole(value: int, what: str, least: int, most: int) -> int:
    """Return a whole number. Raises UsageError for something else and for one out of bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise bad(f"{what} 应当是 {least} 到 {most} 的整数，不是 {value!r:.40}")
    return value


def day(value: Day, what: str = "date") -> str:
    """Return a day as ISO, "" for none. Raises UsageError for a value that is no day."""
    from toolkit.language.periods import parse_date

    if isinstance(value, Date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    try:
        return parse_date(text(value, what)) if value != "" else ""
    except ValueError as error:
        raise UsageError(str(error), code="bad_date") from error


def time(value: str, what: str = "time") -> str:
    """Return the time that a meeting is called for as it is printed, "" for none. Raises UsageError for other values."""
    from toolkit.forms.values import start_time

    return _typed(start_time, text(value, what))


def place(value: str, what: str = "place") -> str:
    """Return a place as it is printed, "" for none. Raises UsageError for a value that is no place."""
    from toolkit.forms.values import meeting_place

    return _typed(meeting_place, text(value, what))


def _typed(judge: Callable[[str], str], value: str) -> str:
    from toolkit.forms.values import Unclear

    try:
        return judge(value)
    except Unclear as error:
        message, _, hint = str(error).partition("；")
        raise UsageError(message, hint, error.code) from error


def result(value: R, kind: type, name: str, source: str) -> R:
    """Check a value that another function of the api returned. Raises UsageError for something else."""
    if not isinstance(value, kind):
        raise bad(f"{name} 应当是 {source} 给出的")
    return value


def need_known(given: Mapping[str, object], options: type) -> None:
    """Raise TypeError, as Python does, for a keyword that is none of the ``options`` (a TypedDict)."""
    for name in given:
        if name not in options.__optional_keys__:  # type: ignore[attr-defined]
            raise TypeError(f"got an unexpected keyword argument {name!r}")


def where_and_rest(given: Mapping[str, Any], known: type, options: type = WhereOptions) -> tuple[Where, dict[str, Any]]:
    """Split keyword arguments, which are those of ``known``, into a :class:`Where` of ``options`` and the others."""
    need_known(given, known)
    names = options.__optional_keys__  # type: ignore[attr-defined]
    rest = {name: value for name, value in given.items() if name not in names}
    return where({name: value for name, value in given.items() if name in names}, options), rest


def where(given: Mapping[str, Any], options: type = WhereOptions) -> Where:
    """Return folders and issue date from keyword arguments, which are those of ``options`` (a TypedDict).

    Raises TypeError for another keyword, UsageError for a value of the wrong type, FileError for a folder that does not exist.
    """
    need_known(given, options)
    folders = {name: paths(given.get(name, ()), name) for name in ("presets", "layers", "templates", "fonts")}
    chosen = Where(**folders, date=day(given.get("date", "")))
    chosen.need_folders()
    return chosen


def prepared(profile: Profile, where: Where, again: Prepared | bool = False) -> Prepared:
    """Return a profile prepared: read, validated, resolved, built and checked. Raises UsageError, FileError."""
    from toolkit import app
    from toolkit.core.yaml_read import RawDocument
    from toolkit.profile.reading import of_bytes, of_document

    if isinstance(profile, app.Prepared):
        if where.presets or where.layers or where.date:
            raise bad("档案已经准备好，不能再给出 presets、layers 或者 date", "在 prepare 里给出")
        return profile
    if isinstance(profile, Mapping):
        read = of_document(RawDocument(written(profile), {}, {}, ""), Path(), [])
    elif isinstance(profile, bytes):
        read = of_bytes(profile)
    elif isinstance(profile, ListedUnit):
        read = _listed(profile, where)
    else:
        path = path_of(profile, "档案")
        need_no_list(path)
        return app.prepare(path, where, again=again)
    return app.prepare_read(read, where, again=again)


def _listed(given: ListedUnit, where: Where) -> ReadProfile:
    """Return the profile of a unit of a list. Raises UsageError, FindingsError, FileError."""
    from toolkit.batch import Options
    from toolkit.batch.fleet import units

    if not (given.source.is_dir() or units.is_list(given.source)):
        hint = "--unit 和 --shared 只和名单一起用；一个单位的档案直接写它的文件"
        raise UsageError(f"{given.source} 不是名单", hint, "no_list")
    if not given.unit:
        need_no_list(given.source)
    return units.profile_of(given.source, given.unit, Options(base=given.shared, where=where))


def need_no_list(path: Path) -> None:
    """Raise UsageError for a list, which names many units."""
    if path.suffix.lower() in LISTS:
        hint = "加上 --unit 单位名称或者行号；各单位共用的档案用 --shared"
        raise UsageError(f"{path} 是名单，没有说明是哪个单位", hint, "list_without_unit")


def unit(profile: Profile, where: Where) -> Unit:
    """Return a unit as its forms need it. Raises FindingsError if its documents cannot be built."""
    from toolkit.minutes.unit import Unit

    return Unit(prepared(profile, where), where)


def source(given: Form) -> Path | tuple[FormData, str]:
    """Return the path of a form or of a folder of forms, or a form that is no file. Raises UsageError, FileError."""
    if isinstance(given, Path | str):
        return path_of(given, "表")
    return form(given)


def form(given: Form) -> tuple[FormData, str]:
    """Return a filled form with the name of its file. Raises UsageError, FileError."""
    from toolkit.forms import FormData, from_mapping
    from toolkit.minutes import reading

    if isinstance(given, FormData):
        return given, ""
    if isinstance(given, Mapping):
        return from_mapping(written(given)), ""
    if isinstance(given, bytes):
        return reading.read(given), ""
    path = path_of(given, "表")
    return reading.read(path), str(path)


def written(value: Any, depth: int = 0) -> Any:
    """Return a value as it would be written in a YAML file: everything is text. Raises UsageError for other values."""
    if depth > _DEPTH:
        raise bad(f"内容嵌套超过 {_DEPTH} 层")
    if isinstance(value, Mapping):
        return {str(key): written(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [written(item, depth + 1) for item in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Date):
        return day(value)
    raise bad(f"内容里不能有 {_kind(value)}：{value!r:.40}", "可以写文字、数、日期、是否、列表和“名称: 内容”")


def template(value: Path | str | bytes) -> Template:
    """Return a docxtpl template of the user's own. Raises UsageError, FileError."""
    from toolkit.minutes import own_template

    if isinstance(value, bytes):
        return own_template.Template(value, "模板")
    return own_template.load(path_of(value, "模板"))


def form_name(value: str) -> str:
    """Return the name of an output format. Raises UsageError for an unknown one."""
    return named(text(value, "format")).name


def pair(value: tuple[int, int], what: str) -> tuple[int, int]:
    """Return (K, N). Raises UsageError for something else."""
    both = several(value, what)
    if len(both) != 2:
        raise bad(f"{what} 应当是 (K, N)", "例如 (1, 4)")
    return whole(both[0], what, 1, 1_000_000), whole(both[1], what, 1, 1_000_000)
