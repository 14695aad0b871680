"""PDF: ``document.write`` makes a finished 公文 of a document, ``document.write_redline`` shows the changes of a marked one."""
