"""
The tables, once for SQLite and PostgreSQL.

Times are stored in UTC and read as aware datetimes. What may be counted but not known any more (erased people) is in
``counts``. A migration of the same content goes with every change here; a test compares the two.
"""

import sqlalchemy as sa

from bot.core.workshops.batch import LIVE
from bot.store.columns import Json, Key, Moment
from bot.store.desk_tables import tickets
from bot.store.metadata import metadata

# Who talks with the assistant: one row a chat identity.
people = sa.Table(
    "people",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("language", sa.Text, nullable=False, server_default="hi"),
    # Whether they want announcements; NULL where they never said.
    sa.Column("news", sa.Boolean),
    sa.Column("talk", Json, nullable=False, server_default="{}"),
    # Ids of the options that the office sent them last, until they say something: a typed "1" or "yes" means those.
    sa.Column("prompted", Json),
    sa.Column("created", Moment, nullable=False),
    sa.Column("heard", Moment, nullable=False),
    # Since when they cannot be written to (they blocked the bot, closed the account).
    sa.Column("gone", Moment),
    # The ticket that is open for them: somebody of the office talks with them now. Written by the ticket alone.
    sa.Column("ticket", sa.BigInteger),
    sa.UniqueConstraint("channel", "address"),
    # The id of somebody who was erased is never somebody else's.
    sqlite_autoincrement=True,
)

# Ids of messages that were handled, so that one that comes again acts once; hashed, for some hold phone numbers.
seen = sa.Table(
    "seen",
    metadata,
    sa.Column("message", sa.LargeBinary(16), primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("starts", Moment, nullable=False, index=True),
    sa.Column("ends", Moment, nullable=False),
    sa.Column("venue", sa.Text, nullable=False),
    sa.Column("map_url", sa.Text, nullable=False, server_default=""),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("last_date", Moment, nullable=False),
    sa.Column("topics", Json, nullable=False, server_default="[]"),
    sa.Column("trainer", sa.Text, nullable=False, server_default=""),
    sa.Column("bring", sa.Text, nullable=False, server_default=""),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="open"),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    sa.Column("waiting", sa.Integer, nullable=False, server_default="0"),
    sa.Column("places", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("taken >= 0 AND taken <= seats", name="not_oversold"),
    sa.CheckConstraint("waiting >= 0", name="waiting"),
    sa.CheckConstraint("ends > starts", name="ends_after_start"),
)

_IS_LIVE = sa.text("status IN ({})".format(", ".join(f"'{status}'" for status in sorted(LIVE))))

registrations = sa.Table(
    "registrations",
    metadata,
    # In this order, so that the key serves as the index of a person's registrations too.
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("batch", sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("mobile", sa.Text, nullable=False),
    sa.Column("profile", Json, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False, server_default="0"),
    sa.Column("registered", Moment, nullable=False),
    sa.Column("offered_until", Moment),
    sa.Column("asked", Moment),
    sa.Column("coming", sa.Boolean),
    sa.Column("reminded", Moment),
    sa.Column("attended", Moment),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rated", Moment),
    sa.Column("stars", sa.Integer),
    sa.Column("remark", sa.Text, nullable=False, server_default=""),
    # One live seat a person: the second wall behind core/workshops/desk.py.
    sa.Index("uq_registrations_live_mobile", "mobile", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
    sa.Index("uq_registrations_live_person", "person", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
    sa.Index(None, "batch", "status", "place"),
)

# Who agreed to which version of the notice, when and where.
consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

# Questions that found nothing, for the staff; personal numbers masked.
unanswered = sa.Table(
    "unanswered",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("folded", sa.Text, nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first", Moment, nullable=False),
    sa.Column("last", Moment, nullable=False, index=True),
)

# What became of questions, day by day in India: no texts, no people.
questions = sa.Table(
    "questions",
    metadata,
    # As 2026-11-26.
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("outcome", sa.Text, primary_key=True),
    # Of an answer; "" where none is concerned.
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

# Who asked them: what only erased people asked is erased with them.
askers = sa.Table(
    "askers",
    metadata,
    sa.Column("person", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("question", sa.ForeignKey("unanswered.id", ondelete="CASCADE"), primary_key=True),
    sa.Index(None, "question"),
)

_IS_OPEN = sa.text("status IN ('due', 'claimed')")
_IS_TICKET = sa.text("ticket IS NOT NULL")
_IS_ANNOUNCED = sa.text("announcement IS NOT NULL")
_IS_SHUT_OUT = sa.text("trouble IN ('window closed', 'in doubt: window closed')")

# The answers as they were published: see ``bot/publishing.py``.
revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("forced", sa.Text, nullable=False, server_default=""),
    sa.Column("of", sa.BigInteger),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("questions", sa.Integer, nullable=False),
    # All files, packed.
    sa.Column("content", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Changes of the answers that staff want in their chats, until they are looked at.
proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("at", Moment, nullable=False),
    # Since when a process looks at it.
    sa.Column("claimed", Moment),
    sqlite_autoincrement=True,
)

# Photos and papers that go along with announcements.
files = sa.Table(
    "files",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

# What the office tells many people: see ``core/announcements/announcement.py``. To whom, and what became of it, is in
# the outbox.
announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("segment", sa.Text, nullable=False),
    sa.Column("batch", sa.ForeignKey("batches.id")),
    sa.Column("wanted", Moment),
    sa.Column("expires", Moment, nullable=False),
    sa.Column("hours", sa.Integer, nullable=False, server_default="0"),
    sa.Column("uncapped", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("stage", sa.Text, nullable=False, index=True),
    sa.Column("begins", Moment),
    sa.Column("up_to", sa.BigInteger),
    sa.Column("frozen", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("people", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made", Moment, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False, server_default=""),
    sa.Column("sent_by", sa.Text, nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("over", Moment),
    sa.Column("attachment", Json),
    sa.Column("file", sa.ForeignKey("files.id")),
    sa.Column("counted", sa.Integer),
    sqlite_autoincrement=True,
)

# Who of the staff is told in their chat of an announcement, and what they were told last: see ``bot/staffroom.py``.
followers = sa.Table(
    "followers",
    metadata,
    sa.Column("announcement", sa.ForeignKey("announcements.id"), primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    # Whether they were shown its card.
    sa.Column("shown", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("told", sa.Text, nullable=False, server_default=""),
    sa.Column("told_at", Moment),
    # The message that says how far it is, which is changed as it goes on.
    sa.Column("message", sa.BigInteger),
)

# How fast a channel may be sent to, by all processes together: see ``core/pacing.py``.
lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    # Messages a minute.
    sa.Column("rate", sa.Integer, nullable=False),
    sa.Column("opens", Moment, nullable=False),
    sa.Column("raised", Moment, nullable=False),
    sa.Column("paused_until", Moment),
    sa.Column("taker", sa.Text, nullable=False, server_default=""),
    sa.Column("shared", Moment),
)

# Who of the staff did what, and when.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    # What was done something to: "announcement:3".
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
)

# What is to be said, and what became of it: see ``outgoing.Fate``.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Key, primary_key=True),
    # No person any more where they erased themselves and this is the goodbye.
    sa.Column("person", sa.ForeignKey("people.id", ondelete="SET NULL")),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    # "reply"; what a notice is about (``acts.News``); what a reminder is (``reminders.Kind``); or "announcement".
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("body", Json),
    sa.Column("batch", sa.ForeignKey("batches.id")),
    sa.Column("announcement", sa.ForeignKey("announcements.id")),
    # What of a ticket the staff read; who replies to it answers the person.
    sa.Column("ticket", sa.ForeignKey(tickets.c.id, ondelete="SET NULL")),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("due", Moment, nullable=False),
    sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.Text),
    sa.Column("claimed", Moment),
    sa.Column("sent", Moment),
    # The platform's id of the message.
    sa.Column("sent_as", sa.Text),
    # What the platform told of it afterwards, where it does.
    sa.Column("delivered", Moment),
    sa.Column("read", Moment),
    sa.Column("trouble", sa.Text),
    # Once an announcement each; and what there is of a person.
    sa.UniqueConstraint("person", "announcement"),
    # What became of an announcement.
    sa.Index(
        "ix_outbox_announcement",
        "announcement",
        "status",
        "channel",
        "id",
        sqlite_where=_IS_ANNOUNCED,
        postgresql_where=_IS_ANNOUNCED,
    ),
    sa.Index(
        "ix_outbox_open",
        "channel",
        "priority",
        "id",
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
    sa.Index(
        "ix_outbox_open_address",
        "channel",
        "address",
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
    sa.Index(
        "ix_outbox_sent_as",
        "channel",
        "sent_as",
        sqlite_where=sa.text("sent_as <> ''"),
        postgresql_where=sa.text("sent_as <> ''"),
    ),
    # What is gone with its ticket.
    sa.Index("ix_outbox_ticket", "ticket", sqlite_where=_IS_TICKET, postgresql_where=_IS_TICKET),
    # What waits until somebody writes: see bot/store/reaching.py.
    sa.Index(
        "ix_outbox_shut_out",
        "person",
        sqlite_where=_IS_SHUT_OUT,
        postgresql_where=_IS_SHUT_OUT,
    ),
    # What became of a message that is gone is never written down for another.
    sqlite_autoincrement=True,
)

# What was said in the talks of channels that have no memory of their own; the person's words masked.
transcript = sa.Table(
    "transcript",
    metadata,
    sa.Column("id", Key, primary_key=True),
    # Not the person: what somebody says first is written down before they are known.
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    # Whether the person said it.
    sa.Column("mine", sa.Boolean, nullable=False),
    # The channel's id of what the person said, so that what comes again is written once.
    sa.Column("message", sa.Text),
    sa.Column("body", Json, nullable=False),
    sa.Index(None, "channel", "address", "id"),
    sa.UniqueConstraint("channel", "address", "message"),
    # Who has seen a line asks for those after it, also when it is gone.
    sqlite_autoincrement=True,
)

# Messages that could not be handled even alone, for the engineer; personal numbers masked.
dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("message", sa.LargeBinary(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("press", sa.Text, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)

# What is left of people who erased themselves or whose time of keeping is over: numbers.
counts = sa.Table(
    "counts",
    metadata,
    sa.Column("batch", sa.ForeignKey("batches.id"), primary_key=True),
    # A status of a registration, or "attended".
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
