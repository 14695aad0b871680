"""The unit profile (单位档案): read, validate, starter file, single settings."""

from toolkit.profile.finding_codes import CODES
from toolkit.profile.reading import HISTORY, RESERVED, Profile, history_path, read_profile
from toolkit.profile.starter import fits, parse_setting, printable, setting_key, starter
from toolkit.profile.validate import Validated, validate

__all__ = [
    "CODES",
    "HISTORY",
    "RESERVED",
    "Profile",
    "Validated",
    "fits",
    "history_path",
    "parse_setting",
    "printable",
    "read_profile",
    "setting_key",
    "starter",
    "validate",
]
