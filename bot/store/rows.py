"""The rows of the tables as JSON values and back: times as ISO 8601 in UTC, bytes as base64, the rest as it is."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.store.columns import Moment


class BadRowError(ValueError):
    """What should be a row of a table is none."""


def columns_written(table: sa.Table) -> list[tuple[int, str, Callable[[Any], Any]]]:
    """For each column where it stands in a row, its name, and what makes a JSON value of its value."""
    return [(at, column.name, _writer(column.type)) for at, column in enumerate(table.columns)]


def columns_read(table: sa.Table) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """
    What makes a row of a JSON object.

    It raises ``BadRowError`` where a column is missing or unknown, or a value does not fit it.
    """
    readers = {column.name: (_reader(column.type), column.nullable) for column in table.columns}

    def read(values: Mapping[str, Any]) -> dict[str, Any]:
        if values.keys() != readers.keys():
            raise BadRowError
        row = {}
        for name, (reader, nullable) in readers.items():
            value = values[name]
            if value is None and not nullable:
                raise BadRowError
            try:
                row[name] = None if value is None else reader(value)
            except (TypeError, ValueError) as error:
                raise BadRowError from error
        return row

    return read


def _writer(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(kind, Moment):
        return lambda value: value and value.isoformat()
    if isinstance(kind, sa.LargeBinary):
        return lambda value: None if value is None else base64.b64encode(value).decode("ascii")
    return lambda value: value


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    return next((reader for each, reader in _READERS if isinstance(kind, each)), lambda value: value)


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise BadRowError
    return moment


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _only(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        # Not isinstance: a bool is an int there.
        if type(value) is not kind:
            raise BadRowError
        return value

    return check


_READERS: Final = (
    (Moment, _moment),
    (sa.LargeBinary, _bytes),
    (sa.Boolean, _only(bool)),
    (sa.Integer, _only(int)),
    (sa.Text, _only(str)),
)
