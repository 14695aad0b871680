"""Templates as stylesheets: docxtpl templates, compiled once, filled with values and a body.

A template (``templates/*.docx``) owns page, styles, header, footer and scalar tags, and has one slot
``{{p body }}``. docxtpl is the front end; per document only the parts with tags are rendered.
"""

from toolkit.stylesheet.lists import LISTS
from toolkit.stylesheet.names import CODES, CONTEXT_KEYS, STYLE_IDS
from toolkit.stylesheet.sheet import Stylesheet, load

__all__ = ["CODES", "CONTEXT_KEYS", "LISTS", "STYLE_IDS", "Stylesheet", "load"]
