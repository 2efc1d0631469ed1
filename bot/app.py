"""Wires settings, words and answers together."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.config import Settings
from bot.content.prepared import Prepared, prepare
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.index import Progress, unseen
from bot.core.answers.matcher import Matcher
from bot.core.talk.phrases import Phrases
from bot.core.talk.state import Office, World


@dataclass(frozen=True)
class App:
    """A running assistant: its settings, its words, and the FAQ it answers from."""

    settings: Settings
    phrases: Phrases
    prepared: Prepared
    matcher: Matcher

    @cached_property
    def world(self) -> World:
        """What a conversation needs to know."""
        settings = self.settings
        return World(
            faq=self.prepared.loaded.faq,
            answers=self.matcher,
            phrases=self.phrases,
            office=Office(settings.office_name, settings.office_phone, settings.data_contact, settings.keep_days),
            fields=settings.registration_fields,
            language=settings.language,
            roster=settings.roster,
            helpdesk=settings.helpdesk,
        )


def load_app(settings: Settings, phrases: Phrases, faq_dir: Path | None = None, progress: Progress = unseen) -> App:
    """
    Make an assistant.

    Args:
        settings: how the office runs it.
        phrases: all that it says.
        faq_dir: another folder of answers than the settings name; used alone.
        progress: called with (texts done, texts in all) while an index is learnt.

    Raises:
        ContentError: the answers have faults.
    """
    prepared = prepare(faq_dir or settings.faq_dir, phrases, settings.cache_dir, progress)
    return App(settings, phrases, prepared, Matcher(prepared.loaded.faq, prepared.index, SHIPPED))
