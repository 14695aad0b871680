"""The document tree in the middle, and its JSON form."""
