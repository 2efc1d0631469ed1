"""
One statement for many rows, handed to the driver as it wants them.

SQLAlchemy compiles the statement, once; for each row only the values are converted. Its own way through
``execute(statement, rows)`` looks at every value of every row several times, which costs more than the database does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class Bulk:
    """A statement for many rows."""

    def __init__(self, statement: Callable[[str], sa.Insert | sa.Update], names: Sequence[str] = ()) -> None:
        """
        Args:
            statement: makes it for a dialect ("sqlite", "postgresql"): one with bind parameters, or an INSERT.
            names: the columns that an INSERT is of; none for a statement that has its parameters.
        """  # noqa: D205 - the class says what it is
        self._statement = statement
        self._names = list(names)
        self._compiled: dict[str, tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]] = {}

    async def execute(self, connection: AsyncConnection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute for each row: name -> value."""
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        text, parameters = self._compiled[dialect.name]
        values = [
            tuple(row[name] if convert is None else convert(row[name]) for name, convert in parameters) for row in rows
        ]
        if values:
            await connection.exec_driver_sql(text, values)

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]]]:
        compiled: Any = self._statement(dialect.name).compile(dialect=dialect, column_keys=self._names or None)
        parameters = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup
        ]
        return compiled.string, parameters


def insert(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which both engines spell alike."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
