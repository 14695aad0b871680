"""Reads and prints Chinese numerals, times, periods and dates, and breaks titles by sense; used by all rooms above."""
