"""A profile that is being written: settings one by one, the questions that are still open, the text of the starter file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toolkit.core.findings import UsageError
from toolkit.core.questions import Ask, Question
from toolkit.presets import Preset, printed_names
from toolkit.presets.params import DOCUMENT_FIELDS, Param
from toolkit.profile.starter import fits, parse_setting, printable, setting_key, starter


class Draft:
    """What is known of a profile of one kind: ``values`` by dotted English key."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.values: dict[str, Any] = {}

    def put(self, name: str, value: Any) -> None:
        """Set a parameter by key or label. Raises UsageError for an unknown name, ValueError (Chinese) for an unfit text."""
        key = setting_key(name, self.preset.params)
        if isinstance(value, str):
            fits(self.preset.params, key, value)
        self.values[key] = value

    def set(self, text: str) -> None:
        """Take a setting ``键=值``. Raises UsageError for another form or an unknown key, ValueError for an unfit value."""
        key, value = parse_setting(text, self.preset.params)
        if key in self.values:
            raise ValueError(f"“{text.partition('=')[0]}”给了两次")
        fits(self.preset.params, key, value)
        self.values[key] = value

    @property
    def open(self) -> list[Param]:
        """The parameters without a default that have no value yet."""
        params = self.preset.params.params.items()
        return [param for key, param in params if param.needed and not self.values.get(key)]

    def ask(self, ask: Ask) -> None:
        """Ask for every open parameter."""
        asked = self.open
        for number, param in enumerate(asked, 1):
            self.values[param.key] = ask(self._question(param, f"{number}/{len(asked)} {param.ask or param.label}"))

    def _question(self, param: Param, text: str) -> Question:
        sample = f"（例：{param.sample()}）" if param.sample() else ""
        if param.options:
            sample = f"（{'、'.join(param.options)}）"

        def read(answer: str) -> str:
            fits(self.preset.params, param.key, answer.strip(), name="")
            return answer.strip()

        return Question(text + sample, read)

    def text(self) -> str:
        """Return the commented profile."""
        return starter(self.preset.params, self.preset.label, self.values, printed_names(self.preset))


def filled(preset: Preset, values: Mapping[str, Any]) -> str:
    """Return the commented profile with values by key or label. Raises UsageError for a key or value that does not fit."""
    draft = Draft(preset)
    for name, value in values.items():
        try:
            draft.put(name, value)
        except ValueError as error:
            raise UsageError(str(error), "", "bad_value") from error
    return draft.text()


def default_text(preset: Preset, key: str) -> str:
    """Return the default of a parameter for people; names and texts that it quotes are in 〔〕."""
    return _shown(printable(preset.params.params[key].default, preset.params, printed_names(preset)))


def _shown(value: Any) -> str:
    if value in (None, "", [], ()):
        return "（空）"
    if isinstance(value, dict):
        labels = {field.key: field.label for field in DOCUMENT_FIELDS}
        return "，".join(f"{labels.get(name, name)} {_shown(entry)}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return f"{len(value)} 条记录" if isinstance(value[0], dict) else "、".join(map(str, value))
    return str(value)
