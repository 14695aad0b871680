"""From a preset and a profile to documents: resolve names, then build prose and tables."""
