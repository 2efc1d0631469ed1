"""Faults of files, as sentences for whoever keeps the files."""

from collections.abc import Iterable

from bot.core.talk.phrases import Phrases
from bot.errors import Fault


def fault_lines(faults: Iterable[Fault], phrases: Phrases, language: str) -> list[str]:
    """``file:line: error: what is wrong and what to do``, in the order of files and lines."""
    ordered = sorted(faults, key=lambda fault: (fault.path, fault.line))
    return [
        "{}: {}: {}".format(
            fault.place,
            phrases.say("check.warning" if fault.warning else "check.error", language),
            phrases.say(f"faults.{fault.key}", language, **fault.values),
        )
        for fault in ordered
    ]
