"""The register (台账): the duties of a year matched with the records that prove them, in every format."""
