"""Reads DOCX files: generated, filled, edited by hand or from elsewhere."""
