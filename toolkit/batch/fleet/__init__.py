"""All units of a list together: one of them by name or row, status, upgrade, the year (``toolkit units``, ``docs/fleet.md``).

A map over units of the functions for one (``batch.work``, ``versions``, ``minutes``), and groupings of their findings.
"""
