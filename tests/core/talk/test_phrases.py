"""What the program says."""

import pytest

from bot.app import App
from bot.core.talk.phrases import Phrases

PHRASES = Phrases(
    {
        "hi": {
            "talk.hello": "नमस्ते",
            "talk.to": "{name} जी, {count} सवाल",
            "talk.only-hi": "केवल हिंदी",
            "talk.set": "{{x}}",
        },
        "en": {"talk.hello": "Hello", "talk.to": "{count} questions, {name}", "talk.only-hi": ""},
    }
)


@pytest.mark.parametrize(
    ("key", "language", "expected"),
    [
        ("talk.hello", "hi", "नमस्ते"),
        ("talk.hello", "en", "Hello"),
        ("talk.to", "hi", "राम जी, 3 सवाल"),
        ("talk.to", "en", "3 questions, राम"),
    ],
)
def test_a_text_is_said_in_its_language_with_its_fields(key: str, language: str, expected: str) -> None:
    assert expected == PHRASES.say(key, language, name="राम", count=3)


def test_hindi_is_said_unless_a_language_is_asked_for() -> None:
    assert PHRASES.say("talk.hello") == "नमस्ते"


@pytest.mark.parametrize("language", ["en", "bho", ""])
def test_hindi_is_said_where_a_language_lacks_the_text(language: str) -> None:
    assert PHRASES.say("talk.only-hi", language) == "केवल हिंदी"


def test_doubled_braces_are_said_as_braces() -> None:
    assert PHRASES.say("talk.set") == "{x}"


def test_braces_in_a_value_are_said_as_they_are() -> None:
    assert PHRASES.say("talk.to", "hi", name="{count}", count="{x}") == "{count} जी, {x} सवाल"


@pytest.mark.parametrize("key", ["talk.unknown", "talk", "", "hello"])
def test_an_unknown_key_is_an_error(key: str) -> None:
    with pytest.raises(KeyError):
        PHRASES.say(key, "en")


def test_a_field_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="count"):
        PHRASES.say("talk.to", "hi", name="राम")


def test_the_shipped_texts_are_said_in_both_languages(shipped: App) -> None:
    said = {language: shipped.phrases.say("talk.no-such-number", language, last=4) for language in ("hi", "en")}
    assert said["hi"] != said["en"]
    assert all("4" in text and "{" not in text for text in said.values())
