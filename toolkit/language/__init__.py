"""Parses and prints Chinese periods, deadlines, dates and numerals, and breaks titles by sense; used by all rooms above."""
