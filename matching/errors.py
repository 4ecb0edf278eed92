"""Every way the engine can refuse, as one tree.

MatchingError
├── SettingError        a setting is unknown or ill-typed
├── InputError          an exchange file is refused (file, line, field, found, allowed)
├── ModelError          the encoder cannot be built, loaded or trusted
└── IndexFaultError     vectors and index do not belong together
"""


class MatchingError(Exception):
    """Base of all engine errors; the message is one Chinese sentence for the person at the screen."""


class SettingError(MatchingError):
    """A setting cannot be used as given."""


class InputError(MatchingError):
    """A file is refused as a whole; the sentence names place, finding and what is allowed."""

    def __init__(self, file: str, line: int | None, field: str | None, found: str, allowed: str) -> None:
        self.file, self.line, self.field, self.found, self.allowed = file, line, field, found, allowed
        place = f"{file}" + (f" 第 {line} 行" if line else "") + (f" 字段“{field}”" if field else "")
        super().__init__(f"{place}：{found}；应为：{allowed}。")


class ModelError(MatchingError):
    """The encoder is missing, damaged or differs from what was promised."""


class IndexFaultError(MatchingError):
    """An index was asked for something that does not fit it."""
