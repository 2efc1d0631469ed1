"""Where the people of the office read tickets, and when they are there."""

from dataclasses import dataclass, field

from bot.core.office_hours import OfficeHours


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """
    Who answers in the assistant's place.

    Attributes:
        group: channel and address of the staff's group; None where each is written to alone.
    """

    hours: OfficeHours = field(default_factory=OfficeHours)
    group: tuple[str, str] | None = None
