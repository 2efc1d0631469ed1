"""Fixtures and options that several folders of tests share."""

import pytest

from bot.app import App, load_app
from bot.config import Settings
from bot.content.locales import load_phrases

pytest_plugins = ["tests.databases"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-talks", action="store_true", help="write down what is said now in tests/talks")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The assistant with the shipped FAQ, learnt once a run."""
    settings = Settings(cache_dir=tmp_path_factory.mktemp("cache"))
    return load_app(settings, load_phrases(settings.locales_dir))
