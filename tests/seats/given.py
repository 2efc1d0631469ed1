"""What the tests of seats begin with: batches, registrations, people and moments, with as little said as possible."""

from datetime import datetime, timedelta
from typing import Any

from bot.core.workshops.batch import IST, Batch, Registration, Status

# A Monday, in the middle of the day.
NOW = datetime(2026, 11, 2, 11, tzinfo=IST)


def ist(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=IST)


def batch(number: int = 1, seats: int = 2, *, starts: datetime | None = None, **more: Any) -> Batch:
    """A batch that takes registrations until it starts, at ten in the morning in three weeks, for six hours."""
    begins = starts or ist(23, 10)
    values: dict[str, Any] = {
        "title": f"GeM {number}",
        "ends": begins + timedelta(hours=6),
        "venue": "गोरखपुर",
        "last_date": begins,
        "code": "4821",
    }
    return Batch(number, starts=begins, seats=seats, **values | more)


def mobile(number: int) -> str:
    """Somebody's mobile number."""
    return f"+9198765{number:05}"


def registration(person: int, status: Status = Status.SEATED, number: int = 1, **more: Any) -> Registration:
    """A person in a batch."""
    values: dict[str, Any] = {"mobile": mobile(person), "registered": NOW - timedelta(days=1), "profile": {"name": "अ"}}
    return Registration(number, person, status=status, **values | more)


def seated(person: int, number: int = 1, **more: Any) -> Registration:
    """Somebody with a seat."""
    return registration(person, Status.SEATED, number, **more)


def waiting(person: int, place: int, number: int = 1, **more: Any) -> Registration:
    """Somebody who waits."""
    return registration(person, Status.WAITING, number, place=place, **more)


def offered(person: int, until: datetime | None = None, number: int = 1, **more: Any) -> Registration:
    """Somebody for whom a seat is held, for the next two hours."""
    until = until or NOW + timedelta(hours=2)
    return registration(person, Status.OFFERED, number, **{"offered_until": until, "place": 1} | more)


def full(*registrations: Registration, number: int = 1, **more: Any) -> Batch:
    """The batch that these people fill, with the numbers that follow from them."""
    here = [each for each in registrations if each.batch == number]
    waiting_ones = [each for each in here if each.status is Status.WAITING]
    taken = sum(each.status in (Status.SEATED, Status.OFFERED) for each in here)
    places = max((each.place for each in here), default=0)
    return batch(number, **{"seats": taken, "taken": taken, "waiting": len(waiting_ones), "places": places} | more)
