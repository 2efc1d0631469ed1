"""What the tests of talks share."""

from pathlib import Path

import pytest

from bot.app import App
from bot.content.faq import load_faq
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.matcher import Matcher, learn_faq
from bot.core.talk.state import Office, World

TALKS = Path(__file__).parents[2] / "talks"


@pytest.fixture(scope="session")
def small_office(shipped: App) -> World:
    """An office with few answers, so that talks do not change with the shipped FAQ."""
    faq = load_faq(TALKS / "faq", shipped.phrases).faq
    office = Office("उपायुक्त उद्योग कार्यालय", "0000-000000", "office@example.in")
    answers = Matcher(faq, learn_faq(faq), SHIPPED)
    return World(faq, answers, shipped.phrases, office, calendar=shipped.world.calendar)
