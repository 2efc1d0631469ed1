"""A batch as a calendar file (.ics, RFC 5545), so that a workshop stands in the calendar of the person's phone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import Batch, BatchStatus

MEDIA_TYPE = "text/calendar"
_RING = timedelta(days=-1)


def calendar_name(batch: Batch) -> str:
    """What the file of a batch is called: ``workshop-7.ics``."""
    return f"workshop-{batch.id}.ics"


def calendar_text(batch: Batch, phrases: Phrases, language: str, now: datetime | None = None) -> str:
    """
    The calendar file of one batch, which rings a day before.

    A file that is opened later, of the same batch after it was moved or cancelled, takes the place of the earlier one.

    Args:
        batch: what is announced.
        phrases: all that the program says.
        language: hi or en.
        now: when the file is made; by default the clock's time.

    Returns:
        Lines that end in CR LF, of at most 75 bytes.
    """
    event = Event()
    event.add("uid", f"workshop-{batch.id}@gem-saathi")
    event.add("dtstamp", (now or datetime.now(UTC)).astimezone(UTC))
    event.add("dtstart", batch.starts.astimezone(UTC))
    event.add("dtend", batch.ends.astimezone(UTC))
    event.add("summary", batch.title)
    event.add("location", batch.venue)
    event.add("description", "\n".join(_lines(batch, phrases, language)))
    if batch.status is BatchStatus.CANCELLED:
        event.add("status", "CANCELLED")
    else:
        event.add("status", "CONFIRMED")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", _RING)
        alarm.add("description", batch.title)
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//GeM Saathi//workshops//HI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode("utf-8")


def _lines(batch: Batch, phrases: Phrases, language: str) -> Iterator[str]:
    yield from (f"• {topic}" for topic in batch.topics)
    for key, value in (("trainer", batch.trainer), ("bring", batch.bring), ("map", batch.map_url)):
        if value:
            yield "{}: {}".format(phrases.say(f"workshop.{key}", language), value)
