"""Where a provision of a unit comes from, and a clause in the unit's own words: the api of the page's 文件 and 改这一条."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from toolkit.api import arguments
from toolkit.api.arguments import Profile, ProfileOptions, edge
from toolkit.core.findings import Finding

if TYPE_CHECKING:
    from toolkit.app import Prepared
    from toolkit.clauses.own import ClauseText, Trial
    from toolkit.clauses.provenance import Provenance
    from toolkit.core.data_folders import Where


@edge
def provenance(profile: Profile, document: str, provision: str, **where: Unpack[ProfileOptions]) -> Provenance:
    """Return where a provision or table of a unit's set comes from, by the ids that :func:`pages` gives.

    The result has its text as printed, the ``duties`` that it quotes, the ``answers`` of the profile behind it (``key``,
    ``question``), the ``basis``, the ``requirements`` that it meets, and the ``clause`` that can be worded anew. Also of a
    profile with errors. Raises UsageError for an unknown provision, FindingsError if there is no set at all, FileError.
    """
    from toolkit.clauses import provenance as module

    ready = arguments.prepared(profile, arguments.where(where, ProfileOptions))
    return module.provenance(ready, arguments.text(document, "document"), arguments.text(provision, "provision"))


@edge
def provision_name(profile: Profile, document: str, provision: str, **where: Unpack[ProfileOptions]) -> str:
    """Return the name of a provision (第二十二条　分析研判), the beginning of its text where it has no name.

    Raises UsageError for an unknown provision, FindingsError if there is no set at all, FileError.
    """
    from toolkit.clauses import provenance as module

    ready = arguments.prepared(profile, arguments.where(where, ProfileOptions))
    return module.name(ready, arguments.text(document, "document"), arguments.text(provision, "provision"))


@edge
def finding_in_words(profile: Profile, finding: Finding, **where: Unpack[ProfileOptions]) -> Finding:
    """Return a finding about a unit in the words of whoever fills in its profile: names of clauses and duties, not their ids.

    Raises UsageError for something else than a finding, FileError.
    """
    from toolkit.clauses import own

    ready = arguments.prepared(profile, arguments.where(where, ProfileOptions))
    return own.in_words(ready, arguments.result(finding, Finding, "finding", "findings"))


@edge
def clause_text(
    profile: Profile, document: str, provision: str, *, layer: Path | str, **where: Unpack[ProfileOptions]
) -> ClauseText:
    """Return the clause in which a provision stands as text, with a token in 〔〕 for each name, and the preset's own wording.

    ``layer``: the folder of the unit's own layer, which need not be there. A prepared profile goes with the options that it was
    prepared with. Raises UsageError for a table, a heading and an unknown provision, FindingsError if there is no set, FileError.
    """
    from toolkit.clauses import own

    ready, at, folder = _opened(profile, where, layer)
    return own.clause(ready, at, folder, arguments.text(document, "document"), arguments.text(provision, "provision"))


@edge
def clause_try(
    profile: Profile,
    document: str,
    provision: str,
    text: str,
    *,
    layer: Path | str,
    heading: str | None = None,
    **where: Unpack[ProfileOptions],
) -> Trial:
    """Judge another text of a clause; nothing is written. ``heading``: None leaves that of the article.

    The result has ``findings``, ``mends`` (ways out of them), ``can_write``, ``changes`` and the unit ``prepared`` with it.
    Raises UsageError as :func:`clause_text`, Refused if the layer words this document in a YAML file, FileError.
    """
    from toolkit.clauses import own

    ready, at, folder = _opened(profile, where, layer)
    place = arguments.text(document, "document"), arguments.text(provision, "provision")
    title = None if heading is None else arguments.text(heading, "heading")
    return own.trial(ready, at, folder, place, arguments.text(text, "text"), title)


@edge
def clause_restore(
    profile: Profile, document: str, provision: str, *, layer: Path | str, **where: Unpack[ProfileOptions]
) -> Trial:
    """Judge the preset's wording in place of the unit's own; nothing is written. Raises the errors of :func:`clause_try`."""
    from toolkit.clauses import own

    ready, at, folder = _opened(profile, where, layer)
    place = arguments.text(document, "document"), arguments.text(provision, "provision")
    return own.restored(ready, at, folder, place)


@edge
def clause_write(trial: Trial, layer: Path | str) -> bool:
    """Write the wording judged by :func:`clause_try` or :func:`clause_restore` into the layer; return whether a file changed.

    A layer that the profile does not name yet (``自有条款``) counts only with ``layers=``. Raises UsageError for a text that
    cannot be written, FileError.
    """
    from toolkit.clauses import own

    arguments.result(trial, own.Trial, "trial", "clause_try")
    return own.write(trial, arguments.path_of(layer, "layer"))


def _opened(profile: Profile, options: ProfileOptions, layer: Path | str) -> tuple[Prepared, Where, Path]:
    """Return a prepared profile with the folders that it was prepared with, and the folder of its own layer."""
    from toolkit.app import Prepared

    at, folder = arguments.where(options, ProfileOptions), arguments.path_of(layer, "layer")
    ready = profile if isinstance(profile, Prepared) else arguments.prepared(profile, at)
    return ready, at, folder
