"""The register (台账): the duties of a year matched with the records that prove them, in every format."""

#: Codes of the findings about files of records: severity and meaning (``docs/minutes.md`` prints this table).
CODES: dict[str, str] = {
    "foreign_format": "error or warning: the file is of another format (told by its content), which holds no form",
    "linked_record": "error: a file of a folder of records is a link, which is not read",
    "damaged": "error: the file is not what its name says, and nothing that is known",
    "renamed": "notice: a DOCX or YAML file has another ending; it is read all the same",
    "record_errors": "error: a record breaks a rule and therefore proves nothing",
    "below_quorum": "error or warning: a meeting did not reach its quorum and proves nothing; it has no 纪要",
    "date_ahead": "warning: the record is of a day after that of the register",
    "prefilled": "notice: what a new paper takes from the profile and the records, to be looked at",
    "not_provable": "notice: duties share a form and nothing says what proves one of them",
    "no_day": "notice: the record has no date, so nobody knows which period it proves",
    "period_stated": "error: the record states a period that had not begun on its day, or that ends before it begins",
    "reporter_unknown": "error: the record of a duty of several units names none of them",
    "row_unknown": "error: the file no longer says which duty a row with a result is about",
}
