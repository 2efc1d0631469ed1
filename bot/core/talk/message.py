"""The words that all parts speak: what a person sent, what is said back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """
    Something to choose: a button, a row of a list, or a number in the terminal.

    Attributes:
        id: what choosing it means; an entry's id, or ``NONE_OF_THESE``.
        title: what it says.
    """

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person."""

    text: str
    options: tuple[Option, ...] = ()


NONE_OF_THESE = "none-of-these"
