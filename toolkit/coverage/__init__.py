"""Coverage: which clause of which document meets each requirement, and which clause no requirement asks for.

:func:`matrix` is pure data from a prepared unit (:func:`toolkit.app.prepare`), also when the check
fails; :mod:`toolkit.coverage.report` writes it as text, page, workbook or JSON.
"""

from toolkit.coverage.matrix import matrix
from toolkit.coverage.rows import Hit, Matrix, Proof, Requirement, Summary, Unasked

__all__ = ["CODES", "Hit", "Matrix", "Proof", "Requirement", "Summary", "Unasked", "matrix"]

#: Codes of this package's findings: severity and meaning.
CODES: dict[str, str] = {
    "unmissed_clause": "error: a required clause whose deletion no check names (``presets KIND --check``)"
}
