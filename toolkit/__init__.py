"""Generate a unit's institution documents from a small profile."""

__version__ = "0.1.0"
