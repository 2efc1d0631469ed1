"""Fixtures and options that several folders of tests share."""

import pytest

from bot.app import App, load_app
from bot.config import Settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-talks", action="store_true", help="write down what is said now in tests/talks")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The assistant with the shipped FAQ, learnt once a run."""
    return load_app(Settings(cache_dir=tmp_path_factory.mktemp("cache")))
