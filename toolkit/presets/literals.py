"""Lists the literal prose of a preset, for checks that do not depend on a profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from toolkit.core.findings import Place
from toolkit.presets.markup import Literal, Parts, Placeholder, literal_text, placeholders
from toolkit.presets.spec import DocumentTemplate, LiteralText, Preset, chains, owner_of, place_of


def literals(preset: Preset) -> Iterator[LiteralText]:
    """Yield all literal prose of a preset: documents first, then duties, meetings and organisation.

    Texts outside documents have an empty ``document`` and a ``provision`` such as ``duty.<id>.act``.
    """
    for document in preset.documents.values():
        for provision, parts, place in _document_texts(document):
            for text in _texts(parts):
                yield LiteralText(document.id, provision, text, place)
    for name, parts, place in _register_texts(preset):
        for text in _texts(parts):
            yield LiteralText("", name, text, place)


def printed_names(preset: Preset) -> dict[str, str]:
    """Return the name of each organisation entry as its author wrote it, with simple placeholders ``{path}``."""
    return {
        name: "".join(
            part.text if isinstance(part, Literal) else f"{{{part.path}}}" if isinstance(part, Placeholder) else ""
            for part in entry.name
        )
        for name, entry in preset.org.items()
    }


def _texts(parts: Parts) -> Iterator[str]:
    """Yield the literal text of parts and of every ``each`` inside them."""
    if len(parts) == 1 and isinstance(parts[0], Literal):
        if parts[0].text.strip("\ufffc"):
            yield parts[0].text
        return
    for text_parts in (parts, *(inner.each for inner in placeholders(parts) if inner.each)):
        text = literal_text(text_parts)
        if text.strip("\ufffc"):
            yield text


def _document_texts(document: DocumentTemplate) -> Iterator[tuple[str, Parts, Place]]:
    front = replace(document.place, document=document.id)
    for parts in (*document.texts.values(), *document.attachments, *document.values.values()):
        yield "", parts, front
    for chain in chains(document.body):
        name = owner_of(chain)
        for parts, line in chain[-1].texts():
            yield name, parts, place_of(chain[-1], document.id, name, line)


def _register_texts(preset: Preset) -> Iterator[tuple[str, Parts, Place]]:
    for duty in preset.duties.values():
        for key, parts in duty.texts.items():
            yield f"duty.{duty.id}.{key}", parts, duty.places.get(key, duty.place)
    for meeting in preset.meetings.values():
        for key, parts in (("name", meeting.name), ("form", meeting.form), *meeting.quorum.items()):
            yield f"meeting.{meeting.id}.{key}", parts, meeting.place
    for entry in preset.org.values():
        for key, parts in (("name", entry.name), ("full", entry.full), *entry.extra.items()):
            yield f"org.{entry.id}.{key}", parts, entry.place
