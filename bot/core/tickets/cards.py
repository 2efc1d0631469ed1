"""A ticket as the people of the office read it in their chat, and what they can do there."""

import hashlib
from collections.abc import Iterable

from bot.core.answers.faq import Faq, in_language
from bot.core.talk.message import Option, Reply
from bot.core.talk.phrases import Phrases
from bot.core.talk.shaping import brief
from bot.core.tickets.acts import Deed
from bot.core.tickets.ticket import Line, Ticket, Why
from bot.core.workshops.times import say_when

PRESS = "ticket:"
# What can be chosen below a card besides the deeds.
ENTRY, WHO, WRITE = "entry", "who", "write"
_NEAR = 2
_LINES = 6
_MAX_SHOWN = 300
_CHANNELS = {"telegram": "Telegram", "whatsapp": "WhatsApp", "web": "Web"}


def card(ticket: Ticket, faq: Faq, phrases: Phrases, language: str, *, in_group: bool) -> Reply:
    """The whole of a ticket, with what can be done to it."""
    said = [
        phrases.say("ticket.line-person" if is_theirs else "ticket.line-assistant", language, text=text)
        for is_theirs, text in ticket.talk
    ]
    said += [line_text(each, phrases, language) for each in ticket.lines[-_LINES:]]
    text = phrases.say(
        "ticket.card", language, id=ticket.id, name=called(ticket, phrases, language), question=ticket.question,
        channel=_CHANNELS.get(ticket.channel, ticket.channel),
    )  # fmt: skip
    parts = [text]
    if ticket.why is Why.VAIN:
        parts.append(phrases.say("ticket.card-vain", language))
    if said:
        parts.append(phrases.say("ticket.card-talk", language) + "\n" + "\n".join(said))
    if ticket.taken_by:
        parts.append(phrases.say("ticket.card-taken", language, who=ticket.taken_by))
    if not ticket.is_open:
        parts.append(phrases.say("ticket.card-closed", language))
        return Reply("\n\n".join(parts))
    if ticket.due is not None:
        parts.append(phrases.say("ticket.card-due", language, due=say_when(ticket.due, phrases, language)))
    parts.append(phrases.say("ticket.card-how", language))
    known = [faq.by_id[each] for each in ticket.near[:_NEAR] if each in faq.by_id]
    answers = [
        Option(f"{PRESS}{ENTRY}:{ticket.id}:{each.id}", f"📄 {in_language(each.title, language)}") for each in known
    ]
    return Reply("\n\n".join(parts), (*answers, *actions(ticket, phrases, language, in_group=in_group)))


def actions(ticket: Ticket, phrases: Phrases, language: str, *, in_group: bool) -> tuple[Option, ...]:
    """What can be done to an open ticket; where they read alone, a button asks for the answer."""
    steps = [Deed.TAKE, WHO, Deed.CLOSE] if in_group else [WRITE, Deed.TAKE, WHO, Deed.CLOSE]
    if ticket.taken_by:
        steps.remove(Deed.TAKE)
    return tuple(Option(f"{PRESS}{each}:{ticket.id}", phrases.say(f"ticket.button.{each}", language)) for each in steps)


def line_text(line: Line, phrases: Phrases, language: str) -> str:
    """One line of a ticket; of a long one its beginning, so that a card stays one message."""
    text = brief(line.text, _MAX_SHOWN)
    if not line.who:
        return phrases.say("ticket.line-person", language, text=text)
    return phrases.say("ticket.line-office", language, who=line.who, text=text)


def called(ticket: Ticket, phrases: Phrases, language: str) -> str:
    """The person's first name, or that it is not known."""
    return ticket.first_name or phrases.say("ticket.nameless", language)


def key_of(name: str) -> str:
    """What stands for a member of staff in an option's id, whatever script their name is in."""
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()


def named_by(key: str, names: Iterable[str]) -> str:
    """Whom ``key_of`` stands for; "" where they are not of the office any more."""
    return next((each for each in names if key_of(each) == key), "")
