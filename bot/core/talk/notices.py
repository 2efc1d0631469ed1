"""What people are told of a batch without asking: offers, changes, reminders; and the batch itself, as a card."""

from bot.core.talk.message import Option, Reply
from bot.core.talk.phrases import Phrases
from bot.core.workshops.acts import News, Notice
from bot.core.workshops.batch import Batch
from bot.core.workshops.reminders import Kind
from bot.core.workshops.times import say_day, say_span, say_when


def notify(notice: Notice, language: str, phrases: Phrases) -> Reply:
    """What somebody else's doing, or the office's, means for a person."""
    batch = notice.batch
    values: dict[str, object] = {"title": batch.title, "when": when(batch, language, phrases), "venue": batch.venue}
    values["day"] = say_day(batch.starts, phrases, language)
    options: list[Option] = []
    match notice.news:
        case News.OFFER:
            until = notice.until or batch.starts
            values["until"] = say_when(until, phrases, language)
            options = [
                option(f"accept:{batch.id}", "batch.accept", language, phrases),
                option(f"decline:{batch.id}", "batch.decline", language, phrases),
            ]
        case News.LAPSED:
            options = [option(f"register:{batch.id}", "batch.register-again", language, phrases)]
        case News.CHANGED:
            before = notice.before or batch
            values["before"] = f"{when(before, language, phrases)}, {before.venue}"
            options = [
                option(f"coming:{batch.id}", "batch.still-coming", language, phrases),
                option(f"not-coming:{batch.id}", "batch.not-coming", language, phrases),
                option(f"others:{batch.id}", "batch.other-batch", language, phrases),
            ]
        case News.CALLED_OFF | News.NO_SEAT if notice.instead is not None:
            values["next"] = when(notice.instead, language, phrases)
            options = [option(f"register:{notice.instead.id}", "batch.register-next", language, phrases)]
    suffix = "-next" if "next" in values else ""
    return Reply(phrases.say(f"batch.news.{notice.news}{suffix}", language, **values), tuple(options))


def remind(kind: Kind, batch: Batch, language: str, phrases: Phrases) -> Reply:
    """What a reminder says now."""
    values = {"title": batch.title, "when": when(batch, language, phrases), "venue": batch.venue}
    options: tuple[Option, ...] = ()
    match kind:
        case Kind.COMING:
            options = (
                option(f"coming:{batch.id}", "batch.coming", language, phrases),
                option(f"not-coming:{batch.id}", "batch.not-coming", language, phrases),
                option(f"others:{batch.id}", "batch.other-batch", language, phrases),
            )
        case Kind.EVENING:
            return Reply(
                phrases.say("batch.remind.evening", language, **values) + details(batch, language, phrases),
                (
                    option(f"coming:{batch.id}", "batch.coming", language, phrases),
                    # So late a seat may stay empty: this asks once more.
                    option(f"leave:{batch.id}", "batch.not-coming", language, phrases),
                ),
            )
        case Kind.FEEDBACK:
            options = tuple(
                Option(f"stars:{batch.id}:{stars}", phrases.say(f"batch.stars.{stars}", language))
                for stars in range(1, 6)  # so that the number that is typed is the number of stars
            )
    return Reply(phrases.say(f"batch.remind.{kind}", language, **values), options)


def card(batch: Batch, language: str, phrases: Phrases) -> str:
    """All that people need to know of a batch."""
    seats = "batch.seats-waiting" if batch.waiting else "batch.seats-free" if batch.free else "batch.seats-full"
    lines = [
        batch.title,
        phrases.say("batch.card.when", language, when=when(batch, language, phrases)),
        phrases.say("batch.card.venue", language, venue=batch.venue),
        phrases.say("batch.card.map", language, url=batch.map_url) if batch.map_url else "",
        phrases.say(seats, language, free=batch.free, seats=batch.seats, waiting=batch.waiting),
        phrases.say("batch.card.last-date", language, when=say_when(batch.last_date, phrases, language)),
        phrases.say("batch.card.trainer", language, trainer=batch.trainer) if batch.trainer else "",
    ]
    if batch.topics:
        lines.append(phrases.say("batch.card.topics", language))
        lines += [f"• {topic}" for topic in batch.topics]
    if batch.bring:
        lines.append(phrases.say("batch.card.bring", language, bring=batch.bring))
    return "\n".join(filter(None, lines))


def details(batch: Batch, language: str, phrases: Phrases) -> str:
    """Map and what to bring, each on its own line, as far as they are known."""
    lines = []
    if batch.map_url:
        lines.append(phrases.say("batch.card.map", language, url=batch.map_url))
    if batch.bring:
        lines.append(phrases.say("batch.card.bring", language, bring=batch.bring))
    return "".join(f"\n{line}" for line in lines)


def option(option_id: str, key: str, language: str, phrases: Phrases) -> Option:
    """An option with its title."""
    return Option(option_id, phrases.say(key, language))


def when(batch: Batch, language: str, phrases: Phrases) -> str:
    """Day and hours of a batch."""
    return say_span(batch.starts, batch.ends, phrases, language)
