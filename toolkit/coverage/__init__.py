"""Coverage: which clause of which document meets each requirement, and which clause no requirement asks for.

:func:`matrix` is pure data from a prepared unit (:func:`toolkit.app.prepare`), also when the check
fails; :mod:`toolkit.coverage.report` writes it as text, page, workbook or JSON.
"""

from toolkit.coverage.matrix import matrix
from toolkit.coverage.rows import Hit, Matrix, Proof, Requirement, Summary, Unasked

__all__ = ["Hit", "Matrix", "Proof", "Requirement", "Summary", "Unasked", "matrix"]
