"""Many units in one run (``docs/batch.md``): a list → checked rows → sets by unit → reports."""

from toolkit.batch.finding_codes import CODES
from toolkit.batch.options import Event, Options
from toolkit.batch.report import FINE, STATES, Line, Report, where_text
from toolkit.batch.run import batch

__all__ = ["CODES", "FINE", "STATES", "Event", "Line", "Options", "Report", "batch", "where_text"]
