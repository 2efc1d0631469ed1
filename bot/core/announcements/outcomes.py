"""Whether the last messages of an announcement went out."""

from collections import deque
from collections.abc import Collection

# Of the last so many messages.
LAST = 100


class Outcomes:
    """What became of the last messages of each announcement that is under way, in this process."""

    def __init__(self) -> None:
        self._last: dict[int, deque[bool]] = {}

    def heard(self, announcement: int, went_well: bool) -> None:  # noqa: FBT001 - it is what was heard
        """A message went out, or did not."""
        self._last.setdefault(announcement, deque(maxlen=LAST)).append(went_well)

    def fails(self, announcement: int, percent: int) -> bool:
        """Whether so many percent of the last messages did not go out."""
        return sum(not went_well for went_well in self._last.get(announcement, ())) * 100 >= percent * LAST

    def keep_only(self, under_way: Collection[int]) -> None:
        """Forget all others."""
        for over in self._last.keys() - set(under_way):
            del self._last[over]

    def forget(self, announcement: int) -> None:
        """Begin anew."""
        self._last.pop(announcement, None)
