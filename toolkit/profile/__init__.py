"""The unit profile (单位档案): read, validated, written; used by every command that takes one."""

from toolkit.profile.draft import parse_setting, printable, starter
from toolkit.profile.reading import CODES, Profile, history_path, read_profile
from toolkit.profile.validate import validate

__all__ = ["CODES", "Profile", "history_path", "parse_setting", "printable", "read_profile", "starter", "validate"]
