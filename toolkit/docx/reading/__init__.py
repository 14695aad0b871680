"""Reads DOCX files, generated, filled in, edited by hand or foreign; used by review, minutes and registers."""
