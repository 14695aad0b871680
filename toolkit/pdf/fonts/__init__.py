"""Fonts of the PDF: faces, roles and fallbacks, embedded subsets. For the PDF writer and ``toolkit fonts``; see docs/pdf.md."""
