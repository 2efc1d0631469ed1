"""The first tables: people, batches, registrations, messages in and out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As bot/store/tables.py had them then.
_moment = sa.BigInteger()
_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_json = sa.JSON().with_variant(JSONB(), "postgresql")
_open = sa.text("status IN ('due', 'claimed')")
_sent_as = sa.text("sent_as <> ''")
_shut_out = sa.text("trouble IN ('window closed', 'in doubt: window closed')")
_ticket = sa.text("ticket IS NOT NULL")
_announced = sa.text("announcement IS NOT NULL")
_not_closed = sa.text("closed IS NULL")
_live = sa.text("status IN ('offered', 'seated', 'waiting')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batches",
        sa.Column("id", _key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts", _moment, nullable=False),
        sa.Column("ends", _moment, nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("map_url", sa.Text(), server_default="", nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("last_date", _moment, nullable=False),
        sa.Column("topics", _json, server_default="[]", nullable=False),
        sa.Column("trainer", sa.Text(), server_default="", nullable=False),
        sa.Column("bring", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waiting", sa.Integer(), server_default="0", nullable=False),
        sa.Column("places", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_batches_ends_after_start")),
        sa.CheckConstraint("taken >= 0 AND taken <= seats", name=op.f("ck_batches_not_oversold")),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_batches_waiting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_starts"), "batches", ["starts"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("id", _key, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("press", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_index(op.f("ix_dead_letters_at"), "dead_letters", ["at"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", _key, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="hi", nullable=False),
        sa.Column("news", sa.Boolean(), nullable=True),
        sa.Column("talk", _json, server_default="{}", nullable=False),
        sa.Column("prompted", _json, nullable=True),
        sa.Column("created", _moment, nullable=False),
        sa.Column("heard", _moment, nullable=False),
        sa.Column("gone", _moment, nullable=True),
        sa.Column("ticket", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_people_channel_address")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seen",
        sa.Column("message", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_seen")),
    )
    op.create_index(op.f("ix_seen_at"), "seen", ["at"], unique=False)
    op.create_table(
        "transcript",
        sa.Column("id", _key, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("body", _json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
        sa.UniqueConstraint("channel", "address", "message", name=op.f("uq_transcript_channel_address_message")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_transcript_channel_address_id"), "transcript", ["channel", "address", "id"], unique=False)
    op.create_table(
        "unanswered",
        sa.Column("id", _key, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first", _moment, nullable=False),
        sa.Column("last", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered")),
        sa.UniqueConstraint("folded", name=op.f("uq_unanswered_folded")),
    )
    op.create_index(op.f("ix_unanswered_last"), "unanswered", ["last"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", _key, nullable=False),
        sa.Column("person", _key, nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_consents_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person"), "consents", ["person"], unique=False)
    op.create_table(
        "counts",
        sa.Column("batch", _key, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_counts_batch")),
        sa.PrimaryKeyConstraint("batch", "what", name=op.f("pk_counts")),
    )
    op.create_table(
        "questions",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "outcome", "entry", name=op.f("pk_questions")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", _key, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("forced", sa.Text(), server_default="", nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "proposals",
        sa.Column("id", _key, nullable=False),
        sa.Column("person", _key, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("body", _json, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("claimed", _moment, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_proposals_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "files",
        sa.Column("id", _key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    op.create_table(
        "announcements",
        sa.Column("id", _key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("batch", _key, nullable=True),
        sa.Column("wanted", _moment, nullable=True),
        sa.Column("expires", _moment, nullable=False),
        sa.Column("hours", sa.Integer(), server_default="0", nullable=False),
        sa.Column("uncapped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("begins", _moment, nullable=True),
        sa.Column("up_to", sa.BigInteger(), nullable=True),
        sa.Column("frozen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("people", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made", _moment, nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_by", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("over", _moment, nullable=True),
        sa.Column("attachment", _json, nullable=True),
        sa.Column("file", _key, nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_announcements_batch")),
        sa.ForeignKeyConstraint(["file"], ["files.id"], name=op.f("fk_announcements_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_announcements_stage"), "announcements", ["stage"], unique=False)
    op.create_table(
        "followers",
        sa.Column("announcement", _key, nullable=False),
        sa.Column("person", _key, nullable=False),
        sa.Column("shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("told", sa.Text(), server_default="", nullable=False),
        sa.Column("told_at", _moment, nullable=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["announcement"], ["announcements.id"], name=op.f("fk_followers_announcement")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_followers_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("announcement", "person", name=op.f("pk_followers")),
    )
    op.create_table(
        "lanes",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("opens", _moment, nullable=False),
        sa.Column("raised", _moment, nullable=False),
        sa.Column("paused_until", _moment, nullable=True),
        sa.Column("taker", sa.Text(), server_default="", nullable=False),
        sa.Column("shared", _moment, nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_lanes")),
    )
    op.create_table(
        "audit",
        sa.Column("id", _key, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("is_link", sa.Boolean(), nullable=False),
        sa.Column("ends", _moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_ends"), "sessions", ["ends"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", _key, nullable=False),
        sa.Column("person", _key, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("talk", _json, nullable=False),
        sa.Column("near", _json, nullable=False),
        sa.Column("opened", _moment, nullable=False),
        sa.Column("taken_by", sa.Text(), server_default="", nullable=False),
        sa.Column("due", _moment, nullable=True),
        sa.Column("said", _moment, nullable=False),
        sa.Column("closed", _moment, nullable=True),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_tickets_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tickets_open", "tickets", ["id"], unique=False, sqlite_where=_not_closed, postgresql_where=_not_closed
    )
    op.create_index(op.f("ix_tickets_person"), "tickets", ["person"], unique=False)
    op.create_table(
        "ticket_lines",
        sa.Column("id", _key, nullable=False),
        sa.Column("ticket", _key, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_ticket_lines_ticket"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_lines")),
    )
    op.create_index(op.f("ix_ticket_lines_ticket"), "ticket_lines", ["ticket"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", _key, nullable=False),
        sa.Column("person", _key, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("body", _json, nullable=True),
        sa.Column("batch", _key, nullable=True),
        sa.Column("announcement", _key, nullable=True),
        sa.Column("ticket", _key, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created", _moment, nullable=False),
        sa.Column("due", _moment, nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed", _moment, nullable=True),
        sa.Column("sent", _moment, nullable=True),
        sa.Column("sent_as", sa.Text(), nullable=True),
        sa.Column("delivered", _moment, nullable=True),
        sa.Column("read", _moment, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["announcement"], ["announcements.id"], name=op.f("fk_outbox_announcement")),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_outbox_batch")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_outbox_person"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"], name=op.f("fk_outbox_ticket"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("person", "announcement", name=op.f("uq_outbox_person_announcement")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_announcement",
        "outbox",
        ["announcement", "status", "channel", "id"],
        unique=False,
        sqlite_where=_announced,
        postgresql_where=_announced,
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "priority", "id"],
        unique=False,
        sqlite_where=_open,
        postgresql_where=_open,
    )
    op.create_index(
        "ix_outbox_open_address",
        "outbox",
        ["channel", "address"],
        unique=False,
        sqlite_where=_open,
        postgresql_where=_open,
    )
    op.create_index(
        "ix_outbox_sent_as", "outbox", ["channel", "sent_as"], sqlite_where=_sent_as, postgresql_where=_sent_as
    )
    op.create_index("ix_outbox_shut_out", "outbox", ["person"], sqlite_where=_shut_out, postgresql_where=_shut_out)
    op.create_index("ix_outbox_ticket", "outbox", ["ticket"], sqlite_where=_ticket, postgresql_where=_ticket)
    op.create_table(
        "askers",
        sa.Column("person", _key, nullable=False),
        sa.Column("question", _key, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_askers_person")),
        sa.ForeignKeyConstraint(["question"], ["unanswered.id"], name=op.f("fk_askers_question"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "question", name=op.f("pk_askers")),
    )
    op.create_index(op.f("ix_askers_question"), "askers", ["question"], unique=False)
    op.create_table(
        "registrations",
        sa.Column("person", _key, nullable=False),
        sa.Column("batch", _key, nullable=False),
        sa.Column("mobile", sa.Text(), nullable=False),
        sa.Column("profile", _json, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.Column("registered", _moment, nullable=False),
        sa.Column("offered_until", _moment, nullable=True),
        sa.Column("asked", _moment, nullable=True),
        sa.Column("coming", sa.Boolean(), nullable=True),
        sa.Column("reminded", _moment, nullable=True),
        sa.Column("attended", _moment, nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rated", _moment, nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_registrations_batch")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_registrations_person")),
        sa.PrimaryKeyConstraint("person", "batch", name=op.f("pk_registrations")),
    )
    op.create_index(
        op.f("ix_registrations_batch_status_place"), "registrations", ["batch", "status", "place"], unique=False
    )
    op.create_index(
        "uq_registrations_live_mobile",
        "registrations",
        ["mobile"],
        unique=True,
        sqlite_where=_live,
        postgresql_where=_live,
    )
    op.create_index(
        "uq_registrations_live_person",
        "registrations",
        ["person"],
        unique=True,
        sqlite_where=_live,
        postgresql_where=_live,
    )
