"""
Which errors say that the database cannot be reached, read or written just now, whatever one asks of it.

Such errors come out as ``StoreUnavailable``, whose text holds no address, no statement and no value; all others (a
constraint, a wrong statement) are the caller's and stay as they are.
"""

import errno
import sqlite3
from typing import Final

import sqlalchemy as sa

from bot.errors import StoreUnavailable

_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_CANTOPEN: "unreadable",
    sqlite3.SQLITE_IOERR: "unreadable",
    sqlite3.SQLITE_NOMEM: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
# SQLSTATE, or its first two characters; https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: Final = {
    "08": "lost",
    "25006": "read-only",
    "28": "refused",
    "3D000": "refused",
    "40001": "locked",
    "40P01": "locked",
    "53100": "full",
    "53200": "full",
    "53300": "too-many",
    "53": "full",
    "55P03": "locked",
    "57014": "slow",
    "57P": "lost",
    "58": "unreadable",
    "XX001": "damaged",
    "XX002": "damaged",
}
_FILES: Final = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
}
# All that ``StoreUnavailable.key`` can be.
KEYS: Final = frozenset(
    {*_SQLITE.values(), *_POSTGRESQL.values(), *_FILES.values(), "unreadable", "unreachable", "slow", "lost"}
)
# What asyncpg says, without an SQLSTATE, of a connection that is gone.
_GONE: Final = ("connection is closed", "connection was closed", "connection closed", "no active connection")
_GOING: Final = frozenset({"lost", "slow", "unreachable"})


def classify(error: BaseException) -> StoreUnavailable | None:
    """
    What an error of SQLAlchemy or of a driver means.

    Returns:
        None where the database is well and what was asked of it was wrong.
    """
    if isinstance(error, StoreUnavailable):
        return error
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return classify(error.orig) or (
            StoreUnavailable("lost", type(error.orig).__name__) if error.connection_invalidated else None
        )
    if isinstance(code := getattr(error, "sqlite_errorcode", None), int):
        key, sign = _SQLITE.get(code & 0xFF), str(getattr(error, "sqlite_errorname", code))
    elif isinstance(state := getattr(error, "sqlstate", None), str):
        key, sign = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:3]) or _POSTGRESQL.get(state[:2]), state
    else:
        # The text of such an error may name hosts and users; its class does not.
        key, sign = _of_connection(error), type(error).__name__
    return StoreUnavailable(key, sign) if key else None


def of_file(error: OSError) -> StoreUnavailable:
    """What it means that a file or folder of the database could not be made."""
    return StoreUnavailable(
        _FILES.get(error.errno or 0, "unreadable"), errno.errorcode.get(error.errno or 0, "OSError")
    )


def is_going(unavailable: StoreUnavailable) -> bool:
    """Whether the connection that it happened on, and others like it, should not be used again."""
    return unavailable.key in _GOING


def _of_connection(error: BaseException) -> str | None:
    if isinstance(error, TimeoutError):
        return "slow"
    if isinstance(error, OSError):
        return "unreachable"
    return "lost" if any(words in str(error).lower() for words in _GONE) else None
