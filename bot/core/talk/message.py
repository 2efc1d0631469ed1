"""The words that all parts speak: what is said to a person, and what they can choose."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """
    Something to choose: a button, a row of a list, or a number in the terminal.

    Attributes:
        id: what choosing it means, whenever it is chosen: "entry:emd-amount", "category:payment", "menu", ... Never
            the title, which changes with the language and the FAQ.
        title: what it says.
    """

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person."""

    text: str
    options: tuple[Option, ...] = ()
