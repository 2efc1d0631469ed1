"""A fake platform, and processes on a database that work for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash.fake_platform import FakePlatform
from tests.crash.workers import Workers


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    fake = FakePlatform()
    async with fake.serve():
        yield fake


@pytest.fixture
def workers(database_url: str, platform: FakePlatform, tmp_path: Path) -> Workers:
    return Workers(database_url, platform, tmp_path / "worker.log")
