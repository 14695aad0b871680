"""Writes a document of the tree as DOCX: blocks, inlines, form fields, lists, identity."""
