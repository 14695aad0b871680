"""The pages, one module for each place: parses requests, shows results."""
