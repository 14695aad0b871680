"""Compiles docxtpl templates once and fills them with values and a body; used by the DOCX writer and ``template check``.

A template (``templates/*.docx``) owns page, styles, header, footer and scalar tags, and has one slot
``{{p body }}``. docxtpl is the front end; per document only the parts with tags are rendered.
"""

from toolkit.docx.template.completing import LISTS
from toolkit.docx.template.style_names import CODES, CONTEXT_KEYS, STYLE_IDS
from toolkit.docx.template.stylesheet import Stylesheet, load

__all__ = ["CODES", "CONTEXT_KEYS", "LISTS", "STYLE_IDS", "Stylesheet", "load"]
