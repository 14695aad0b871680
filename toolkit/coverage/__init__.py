"""Coverage: which requirement is met by which clause of which document, and which clause no requirement asks for.

:func:`matrix` is pure data from what :func:`toolkit.app.prepare` gives, also when the check fails; :mod:`toolkit.coverage.report`
writes it as text, page, workbook or JSON.
"""

from toolkit.coverage.matrix import matrix
from toolkit.coverage.rows import Hit, Matrix, Proof, Requirement, Summary, Unasked

__all__ = ["Hit", "Matrix", "Proof", "Requirement", "Summary", "Unasked", "matrix"]
