"""Chinese as documents write it: periods, deadlines, dates, numerals, and titles broken by sense."""
