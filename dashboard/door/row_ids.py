"""``<int:…>`` in an address: a row id, or nothing we know."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST = 2**63 - 1  # what SQLite can hold; a larger number would be an error, not a 404


class RowId(IntegerConverter):
    """An integer that can be a row's id; any other address is a plain 404 (SEC-26)."""

    def to_python(self, value: str) -> int:
        if len(value) > len(str(LARGEST)) or not value.isascii() or int(value) > LARGEST:
            raise ValidationError
        return int(super().to_python(value))
