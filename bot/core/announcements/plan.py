"""How much of an announcement may be let out by now: nothing by night, and, where it is spread, little by little."""

import math
from datetime import datetime, timedelta

from bot.core.announcements.announcement import Announcement
from bot.core.quiet import Quiet


def let_out_by(announcement: Announcement, now: datetime, quiet: Quiet) -> int | None:
    """How many recipients may have had their turn by now; None for all of them."""
    if quiet.is_quiet(now):
        return 0
    if not announcement.hours or announcement.begins is None:
        return None
    share = quiet.awake(announcement.begins, now) / timedelta(hours=announcement.hours)
    return math.ceil(announcement.people * min(share, 1))
