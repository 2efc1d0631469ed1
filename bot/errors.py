"""
Every error that this program raises on purpose.

SaathiError
├── FaultsError        files have faults; carries all of them
│   ├── ContentError   staff's files: FAQ, lexicon, locales
│   └── SettingsError  config.yaml or the environment
└── InputError         a file or value named on the command line cannot be used

What people and staff meet daily (nothing found, a form filled in wrongly) is a value, never an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


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
