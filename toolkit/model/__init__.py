"""The document tree and its JSON form; used by every room that makes, checks, reads or writes documents."""
