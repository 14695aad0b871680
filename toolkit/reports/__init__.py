"""Reports: data first (:mod:`~toolkit.reports.report`), then a text, a page, a workbook or JSON. See ``docs/extending.md``."""
