"""The pages, one module for each place: what a request asks for, what is shown."""
