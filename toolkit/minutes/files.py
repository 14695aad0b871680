"""Forms as files: a new one for a meeting, one filled with data, the findings about one, the 纪要 of a meeting's minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.core.findings import FileError, Finding, FindingsError, Place, Severity, UsageError
from toolkit.formats import MAIN
from toolkit.forms import FormData
from toolkit.minutes import making, reading, records
from toolkit.minutes.checking import below_quorum, check, reached_quorum
from toolkit.minutes.own_template import Template
from toolkit.minutes.register import register
from toolkit.minutes.unit import Unit
from toolkit.model.tree import Document

#: Codes of data that the form has no place for: nothing is made of them, for it would be lost.
_NO_PLACE = frozenset({"unknown_field", "too_many_rows", "form_shape"})


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file (``data``) with the document of the tree that it prints, and the findings."""

    data: bytes
    document: Document
    findings: tuple[Finding, ...] = ()


def new(
    unit: Unit,
    meeting: str,
    records: Path | None = None,
    date: str = "",
    number: int = 0,
    form: str = MAIN,
    said: Mapping[str, str] | None = None,
) -> FormFile:
    """Return the form for a meeting, or another form, in a format of :mod:`toolkit.formats`.

    ``records``: the folder of earlier minutes, which gives running number, agenda and open resolutions, and the figures that a
    report counts; ``date`` is ISO or empty; ``number`` 0 counts on from the records; ``said``: further values by field id, such
    as the hour and the place. The findings are those about the records. Raises FindingsError, UsageError for a meeting that
    there is not and for a field of ``said`` that the form lacks, FileError.
    """
    unit.require_clean()
    given = {name: value for name, value in (said or {}).items() if value}
    making.need_fields(unit, unit.named(meeting), given)
    held = register.scan(unit, records) if records else register.Scan()
    if unit.meeting_of(unit.named(meeting).id) is None:
        made = making.paper(unit, meeting, date, records, held if records else None)
        content = making.write(unit, made.document, form, unit.where)
        return FormFile(content, made.document, (*held.findings, *made.findings))
    made = making.new(unit, meeting, date, number, held.sittings, held.evidence, given)
    return FormFile(making.write(unit, made.document, form, unit.where), made.document, tuple(held.findings))


def fill(unit: Unit, data: FormData, meeting: str = "", form: str = MAIN, template: Template | None = None) -> FormFile:
    """Return a form filled with data, in a format of :mod:`toolkit.formats`.

    ``template``: a docxtpl template of the unit's own, for DOCX.
    Counts that the lists tell are filled in. The findings are about the data: a form with errors in it is made all the
    same. Raises FindingsError for the profile, the template and data that have no place in the form, UsageError.
    """
    if template is not None and form != MAIN:
        raise UsageError("自己的模板只能写成 docx", "用 Word 打开后另存为 PDF")
    unit.require_clean()
    data = making.counted(unit, reading.by_unit(unit, data), meeting)
    made = making.fill(unit, data, meeting)
    if any(
        finding.code in _NO_PLACE or finding.code.startswith("yaml_")
        for finding in made.findings
        if finding.severity is Severity.ERROR
    ):
        raise FindingsError(made.findings)
    if template is not None:
        from toolkit.minutes import own_template

        content, warnings = own_template.render(unit, making.normal(unit, data, meeting), template)
        return FormFile(content, made.document, (*made.findings, *warnings))
    return FormFile(making.write(unit, made.document, form, unit.where), made.document, made.findings)


def summary(
    unit: Unit, data: FormData, findings: Sequence[Finding] = (), public: bool = False, form: str = MAIN
) -> FormFile:
    """Return the 纪要 of minutes (data and findings of :func:`check_data`); ``public``: without names.

    Raises FindingsError for a file that is no form of this unit and for a meeting that did not reach its quorum, UsageError for a
    form that is no minutes.
    """
    from toolkit.minutes import summary as summing

    unit.require_clean()
    if not data.document:
        raise FindingsError(findings)
    if unit.meeting_of(data.document) is not None and not reached_quorum(data, findings):
        file = next((finding.where.file for finding in findings if finding.where.file), "")
        raise FindingsError((*findings, below_quorum(file, "没有写纪要", Severity.ERROR)))
    document = summing.summary(unit, data, public)
    likely = likely_names(unit, document, Place(key=document.title)) if public else ()
    return FormFile(making.write(unit, document, form, unit.where), document, (*findings, *likely))


def likely_names(unit: Unit, document: Document, place: Place) -> tuple[Finding, ...]:
    """Return other likely names in a public 纪要, for a person to examine before it is published."""
    from toolkit.minutes import masking

    hint = "公布前逐一核对；是姓名的，写入记录的名单或者档案的“人员”后再写一次纪要，或者改写这句话"
    return tuple(
        Finding("likely_name", Severity.WARNING, f"“{name}”可能是姓名：…{around}…", place, hint)
        for name, around in masking.likely_names(unit, document)
    )


def check_all(unit: Unit, given: Sequence[Path | tuple[FormData, str]]) -> tuple[Finding, ...]:
    """Return all findings about forms: files, folders of files, and data with the name of their file.

    In a folder a file that cannot be read is a finding, an empty form and another document are passed over, and a folder
    without any filled form is a finding; two files of one record are one wherever they are. Raises FileError for a single
    file that cannot be read.
    """
    found: list[Finding] = []
    checked = register.Checked(unit)
    for source in given:
        if not isinstance(source, Path):
            found += checked.take(reading.of_unit(unit, source[0], source[1]), source[1])
    paths = [source for source in given if isinstance(source, Path)]
    states: dict[Path, set[str]] = {path: set() for path in paths if path.is_dir()}
    for path, file in records.each(paths):
        if path in states:
            state, data, findings = records.open_file(unit, file, str(file))[:3]
            states[path].add(state)
            found += checked.take(data, str(file)) if state == records.FORM else findings
        else:
            found += _check_file(checked, file, alone=len(given) == 1)
    return (*found, *_without_forms(states), *checked.copies())


def _without_forms(states: Mapping[Path, set[str]]) -> Iterator[Finding]:
    """Yield the folders that hold no filled form and nothing that cannot be read."""
    for folder, seen in states.items():
        if not seen & {records.FORM, records.PROBLEM}:
            hint = "核对文件夹的路径；填好的表是 .docx 或者 YAML"
            nothing = "文件夹里只有空白表" if records.BLANK in seen else "文件夹里没有填好的表"
            yield Finding("not_a_form", Severity.WARNING, nothing, Place(str(folder)), hint)


def _check_file(checked: register.Checked, path: Path, *, alone: bool) -> Iterable[Finding]:
    try:
        data = reading.of_unit(checked.unit, reading.read(path), str(path))
    except FileError as error:
        if alone:
            raise
        return (records.refused(error, path),)
    return checked.take(data, str(path))


def check_data(unit: Unit, data: FormData, file: str) -> tuple[FormData, tuple[Finding, ...]]:
    """Return data as they were read by the fields of the unit's form, with all findings; ``file`` is named in them."""
    data = reading.of_unit(unit, data, file)
    findings = check(unit, data, file)
    context = unit.context(data, file) if data.document else None
    return data if context is None else context.data, findings
