"""PDF: ``document.lay_out`` makes a finished 公文 of a document, or shows the changes of a marked one; see ``docs/pdf.md``."""
