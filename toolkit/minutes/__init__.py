"""Filled forms of a unit: new, filled, read, checked, summed up and kept in the register. See ``docs/minutes.md``."""
