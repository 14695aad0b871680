"""Writes a marked document as DOCX with tracked changes."""
