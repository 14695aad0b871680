"""Output formats that are not pages: calendar files and workbooks."""
