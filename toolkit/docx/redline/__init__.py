"""Writes marked documents as DOCX with tracked changes; used by the commands that compare versions."""
