"""
Every error that this program raises on purpose.

SaathiError
├── FaultsError        files have faults; carries all of them
│   ├── ContentError   staff's files: FAQ, lexicon, locales
│   └── SettingsError  config.yaml or the environment
├── InputError         a file or value named on the command line cannot be used
└── StoreError         the database, or a backup of it, does not fit this program
    └── StoreUnavailable  the database cannot be reached, read or written just now; trying again later may help

What people and staff meet daily (nothing found, a form filled in wrongly) is a value, never an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any


class SaathiError(Exception):
    """The root; its text is one clear sentence naming what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing wrong in a file that staff keep.

    Attributes:
        key: which phrase of ``locales/*.yaml`` under ``faults`` says it.
        path: the file, as a person would name it.
        line: 1-based; 0 where no line can be named.
        values: what the phrase's fields stand for.
        warning: the program works all the same; ``--strict`` refuses it.
    """

    key: str
    path: str
    line: int = 0
    values: Mapping[str, object] = field(default_factory=dict)
    warning: bool = False

    @property
    def place(self) -> str:
        """``file:line``, or the file alone."""
        return f"{self.path}:{self.line}" if self.line else self.path


class FaultsError(SaathiError):
    """Files have faults; all of them are told at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.key} {dict(fault.values)}" for fault in faults))
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again of its faults, in another process."""
        return type(self), (self.faults,)


class ContentError(FaultsError):
    """Staff's files have faults."""


class SettingsError(FaultsError):
    """config.yaml or the environment is wrong."""


class InputError(SaathiError):
    """
    A file or value named on the command line cannot be used.

    Attributes:
        key: which phrase under ``input`` says it.
        values: what the phrase's fields stand for.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}")
        self.key = key
        self.values: Mapping[str, object] = values

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again of its key and values, in another process."""
        return partial(type(self), self.key, **self.values), ()


class StoreError(SaathiError):
    """
    The database, or a backup of it, does not fit this program.

    Attributes:
        key: which phrase under ``store`` says it.
        values: what the phrase's fields stand for; never an address, which may hold a password.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}" if values else key)
        self.key = key
        self.values: Mapping[str, object] = values


class StoreUnavailable(StoreError):  # noqa: N818 - a state that passes, and named so by those who wait for its end
    """
    The database cannot be reached, read or written just now.

    Attributes:
        reason: for the log; no address, no statement, no value.
    """

    def __init__(self, key: str, sign: str) -> None:
        super().__init__(key)
        self.reason = f"{key} ({sign})"
        self.args = (self.reason,)
