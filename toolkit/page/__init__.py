"""The page of GB/T 9704-2012: measures that no style can hold, and placeholders of blank fields."""
