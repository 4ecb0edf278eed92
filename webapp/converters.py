"""The URL parts that are numbers: posting keys and years, refused before anything is asked."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

MAX_KEY = 2**63 - 1


class KeyConverter(BaseConverter):
    """A posting key: ASCII digits, at most 63 bits."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """The key as a number; a larger one is no address of ours."""
        key = int(value)
        if key > MAX_KEY:
            raise ValidationError
        return key


class YearConverter(BaseConverter):
    """A year of four ASCII digits."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        """The year as a number."""
        return int(value)


def add_converters(app: Flask) -> None:
    """Make ``<key:…>`` and ``<year:…>`` known to the application's routes."""
    app.url_map.converters.update(key=KeyConverter, year=YearConverter)
