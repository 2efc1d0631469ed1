"""The tables of what people of the office do themselves: the talks they take over, and who is signed in on the page."""

import sqlalchemy as sa

from bot.store.columns import Json, Key, Moment
from bot.store.metadata import metadata

# A talk that somebody of the office takes over: see ``core/tickets/ticket.py``.
tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("person", sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    # Why it was opened: "asked" or "vain".
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    # What was said before: [whether the person said it, text], the oldest first.
    sa.Column("talk", Json, nullable=False),
    # Ids of the entries that come nearest to the question.
    sa.Column("near", Json, nullable=False),
    sa.Column("opened", Moment, nullable=False),
    # Whose it is, by the name in the settings; "" for nobody's.
    sa.Column("taken_by", sa.Text, nullable=False, server_default=""),
    # By when the person is to have an answer; NULL where none is owed.
    sa.Column("due", Moment),
    sa.Column("said", Moment, nullable=False),
    sa.Column("closed", Moment),
    sa.Column("closed_by", sa.Text, nullable=False, server_default=""),
    sa.Index(
        "ix_tickets_open", "id", sqlite_where=sa.text("closed IS NULL"), postgresql_where=sa.text("closed IS NULL")
    ),
    sqlite_autoincrement=True,
)

# What was said since a ticket was opened; personal numbers masked.
ticket_lines = sa.Table(
    "ticket_lines",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("ticket", sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    # Who of the office; "" for the person.
    sa.Column("who", sa.Text, nullable=False, server_default=""),
    sa.Column("text", sa.Text, nullable=False),
)

# Links that sign somebody in on the staff page, and what they became; only hashes of what opens them.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("key", sa.LargeBinary(32), primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    # A link signs in once and makes a session.
    sa.Column("is_link", sa.Boolean, nullable=False),
    sa.Column("ends", Moment, nullable=False, index=True),
)
