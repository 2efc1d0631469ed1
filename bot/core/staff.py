"""Who of the office may do what, known by their address on a channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each may do what those before may."""

    VIEWER = "viewer"  # look
    EDITOR = "editor"  # make announcements, and send them to few
    APPROVER = "approver"  # send them to many

    def covers(self, needed: "Role") -> bool:
        """Whether it is enough for what needs ``needed``."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Staff:
    """
    Somebody of the office.

    Attributes:
        name: as it stands beside what they do.
        addresses: channel -> their address there.
    """

    name: str
    role: Role
    addresses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Roster:
    """All who work here."""

    staff: Sequence[Staff] = ()

    def at(self, channel: str, address: str) -> Staff | None:
        """Who has this address."""
        return next((each for each in self.staff if each.addresses.get(channel) == address), None)

    def who_may(self, needed: Role) -> list[Staff]:
        """Those whose role is enough."""
        return [each for each in self.staff if each.role.covers(needed)]


def addresses_of(staff: Iterable[Staff]) -> list[tuple[str, str]]:
    """Channel and address of each, wherever they are."""
    return [pair for each in staff for pair in each.addresses.items()]
