"""Many units in one run (``toolkit batch``, ``docs/batch.md``): a list → checked rows → sets by unit → reports."""

from toolkit.batch.finding_codes import CODES
from toolkit.batch.outcome import FINE, STATES, Event, Line, Options
from toolkit.batch.report import Report, where_text
from toolkit.batch.run import batch

__all__ = ["CODES", "FINE", "STATES", "Event", "Line", "Options", "Report", "batch", "where_text"]
