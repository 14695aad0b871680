"""The register in each of its formats, as bytes: what ``toolkit register`` writes."""

from __future__ import annotations

from toolkit import formats
from toolkit.core.where import BUNDLED, Where
from toolkit.minutes.register.register import Register

#: Formats that are no document; the others are those of :mod:`toolkit.formats`.
LISTS = ("text", "xlsx", "json", "ics")


def write(register: Register, form: str, *, width: int = 120, where: Where = BUNDLED) -> bytes:
    """Return a register; texts are UTF-8. ``width``: columns of the text, a Chinese character has two.

    Raises UsageError for another format, FindingsError for templates and fonts.
    """
    if form == "text":
        from toolkit.minutes.register import as_text

        return (as_text.write(register, width) + "\n").encode("utf-8", "replace")
    if form == "xlsx":
        from toolkit.minutes.register import as_xlsx

        return as_xlsx.write(register)
    if form in ("json", "ics"):
        from toolkit.minutes.register import as_data

        return as_data.write_json(register) if form == "json" else as_data.write_ics(register)
    formats.named(form, LISTS)
    from toolkit.minutes import making
    from toolkit.minutes.register import as_document

    unit = register.source
    document = as_document.write(register, unit.resolved.scope.text("unit.short_name") or unit.set.unit)
    return making.write(unit, document, form, where)
