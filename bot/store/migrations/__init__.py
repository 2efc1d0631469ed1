"""
The steps by which a database comes up to date (Alembic), and whether it is.

Alembic is imported only where there is a step to take: it takes longer to import than a chat takes to start.
"""

from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError

# The last of versions/; a test compares.
NEWEST = "0001"


def stored_revision(connection: sa.Connection) -> str | None:
    """The step that this database is at; None where no step was ever taken."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return revision


def is_current(connection: sa.Connection) -> bool:
    """Whether there is nothing to do."""
    return stored_revision(connection) == NEWEST


def refuse_unknown(connection: sa.Connection) -> None:
    """
    Nothing where this program knows what the database is.

    Raises:
        StoreError: it is newer than this program ("newer"), or holds the tables of something else ("not-ours").
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the head of this module

    stored = stored_revision(connection)
    known = {script.revision for script in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()}
    if stored is not None and stored not in known:
        raise StoreError("newer", stored=stored, newest=NEWEST)
    if stored is None and sa.inspect(connection).get_table_names():
        raise StoreError("not-ours")


def upgrade(connection: sa.Connection) -> None:
    """
    Take all steps that are left, within the connection's transaction and under a lock that others wait for.

    Raises:
        StoreError: as ``refuse_unknown``.
    """
    if is_current(connection):
        return
    refuse_unknown(connection)
    from alembic import command  # noqa: PLC0415 - see the head of this module
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # ConfigParser reads a single % as the beginning of a name.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
