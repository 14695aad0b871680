"""Coverage: which requirement is met by which clause of which document, and which clause no requirement asks for.

:func:`matrix` is pure data from what :func:`toolkit.app.prepare` gives, also when the check fails; each
writer is a module of its own (``as_text``, ``as_html``, ``as_xlsx``, ``as_json``).
"""

from toolkit.coverage.matrix import matrix
from toolkit.coverage.rows import Hit, Matrix, Proof, Requirement, Summary, Unasked

__all__ = ["Hit", "Matrix", "Proof", "Requirement", "Summary", "Unasked", "matrix"]
