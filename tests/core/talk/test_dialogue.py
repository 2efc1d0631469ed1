"""A talk, turn by turn, with the shipped answers."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import Dated, Entry, Faq, Source
from bot.core.answers.matcher import Answer, Choices, Matcher, learn_faq
from bot.core.talk.dialogue import MAX_RELATED, State, Turn, World, greet, take
from bot.core.talk.message import NONE_OF_THESE

ANSWERED = "emd ka paisa wapas kab aayega"
OFFERED = "registration"
UNKNOWN = "qwrtpsdf ghjklzx"


TEA = Entry("tea", "all", {"hi": "चाय"}, {"hi": "चाय यहाँ मिलती है।\n"}, ("चाय कहाँ मिलेगी", "chai do"))
BOOK = Entry("book", "all", {"hi": "किताब"}, {"hi": "किताब वहाँ है।"}, ("किताब कहाँ है", "pustak dikhao"))


def small_world(shipped: App, *entries: Entry) -> World:
    """Without asides, so what is not known has no sentence of its own."""
    faq = Faq((), entries)
    return World(faq, Matcher(faq, learn_faq(faq), SHIPPED), shipped.phrases)


def said(shipped: App, key: str, language: str = "hi", **values: object) -> str:
    return shipped.phrases.say(key, language, **values)


def offer(world: World) -> Turn:
    return take(OFFERED, State(), world, "hi")


@pytest.mark.parametrize("language", ["hi", "en"])
def test_a_talk_begins_with_a_greeting_and_nothing_to_choose(shipped: App, language: str) -> None:
    turn = greet(shipped.world, language)
    assert [said(shipped, "talk.greeting", language)] == [reply.text for reply in turn.replies]
    assert turn.state == State()


def test_a_clear_question_gets_its_answer_with_source_and_date_then_related_ones(shipped: App) -> None:
    turn = take(ANSWERED, State(), shipped.world, "hi")
    entry = shipped.world.faq.by_id["emd-refund"]
    answer, related = turn.replies
    assert answer.text.startswith(entry.answer["hi"].strip())
    assert entry.sources[0].url in answer.text
    assert entry.checked_on is not None
    assert entry.checked_on.said["hi"] in answer.text.splitlines()[-1]
    assert answer.options == ()
    assert related.text == said(shipped, "talk.related")
    assert list(entry.related[:MAX_RELATED]) == [option.id for option in related.options]
    assert [shipped.world.faq.by_id[other].title["hi"] for other in entry.related[:MAX_RELATED]] == [
        option.title for option in related.options
    ]
    assert turn.state == State(entry.related[:MAX_RELATED])


def test_a_related_question_is_chosen_by_its_number(shipped: App) -> None:
    state = take(ANSWERED, State(), shipped.world, "hi").state
    answer = take("1", state, shipped.world, "hi").replies[0]
    assert answer.text.startswith(shipped.world.faq.by_id[state.offered[0]].answer["hi"].strip())


def test_an_unclear_question_gets_choices_and_none_of_these_last(shipped: App) -> None:
    match = shipped.matcher.match(OFFERED)
    assert isinstance(match, Choices)
    turn = offer(shipped.world)
    [reply] = turn.replies
    assert reply.text == said(shipped, "talk.choices")
    assert [*match.ids, NONE_OF_THESE] == [option.id for option in reply.options]
    assert reply.options[-1].title == said(shipped, "talk.none-of-these")
    assert turn.state == State((*match.ids, NONE_OF_THESE))


@pytest.mark.parametrize("typed", ["2", "२", " 2 ", "2.", "2)", "२।", "02", "２", "2 ."])
def test_a_number_in_any_digits_chooses(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    answer = take(typed, state, shipped.world, "hi").replies[0]
    assert answer.text.startswith(shipped.world.faq.by_id[state.offered[1]].answer["hi"].strip())


def test_none_of_these_asks_for_other_words_and_ends_the_offer(shipped: App) -> None:
    state = offer(shipped.world).state
    turn = take(str(len(state.offered)), state, shipped.world, "hi")
    assert [said(shipped, "talk.say-it-otherwise")] == [reply.text for reply in turn.replies]
    assert turn.state == State()


@pytest.mark.parametrize("typed", ["0", "9", "99", "९९९"])
def test_a_number_out_of_range_is_told_and_the_offer_stands(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    turn = take(typed, state, shipped.world, "hi")
    assert [said(shipped, "talk.no-such-number", last=len(state.offered))] == [reply.text for reply in turn.replies]
    assert turn.state == state
    assert take("1", turn.state, shipped.world, "hi") == take("1", state, shipped.world, "hi")


@pytest.mark.parametrize("typed", ["1", "२", "3."])
def test_a_number_with_nothing_offered_is_a_question_like_any_other(shipped: App, typed: str) -> None:
    turn = take(typed, State(), shipped.world, "hi")
    match = shipped.matcher.match(typed)
    assert not isinstance(match, Answer)
    assert turn.state == State((*match.ids, NONE_OF_THESE) if isinstance(match, Choices) else ())
    assert turn.replies[0].text != said(shipped, "talk.no-such-number", last=0)


@pytest.mark.parametrize("typed", [ANSWERED, "2 लाख की emd कब वापस मिलेगी", "2025", "1 2"])
def test_any_other_message_is_a_question_and_ends_the_offer(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    assert take(typed, State(), shipped.world, "hi") == take(typed, state, shipped.world, "hi")


@pytest.mark.parametrize(
    ("typed", "aside"),
    [("नमस्ते जी", "greeting"), ("mausam kaisa rahega", "weather"), ("PAN card kaise banaye", "pan-card")],
)
def test_what_is_known_to_be_another_matter_gets_its_sentence(shipped: App, typed: str, aside: str) -> None:
    [sentence] = [its.say["hi"] for its in shipped.world.faq.asides if its.id == aside]
    turn = take(typed, State(("emd-refund",)), shipped.world, "hi")
    assert [sentence] == [reply.text for reply in turn.replies]
    assert turn.state == State()


def test_what_is_not_known_is_said_so_with_the_helpdesk(shipped: App) -> None:
    [reply] = take(UNKNOWN, State(), small_world(shipped, TEA, BOOK), "hi").replies
    assert reply.text == said(shipped, "talk.nothing")
    assert "1800-419-3436" in reply.text


def test_the_office_is_named_where_it_is_configured(shipped: App) -> None:
    office = {"office": "जिला उद्योग केंद्र, गोरखपुर", "phone": "0551-1234567"}
    world = replace(small_world(shipped, TEA, BOOK), office_name=office["office"], office_phone=office["phone"])
    [reply] = take(UNKNOWN, State(), world, "hi").replies
    assert reply.text == said(shipped, "talk.nothing-office", **office)
    assert all(value in reply.text for value in office.values())


@pytest.mark.parametrize(("name", "phone"), [("जिला उद्योग केंद्र", ""), ("", "0551-1234567")])
def test_half_an_office_is_not_named(shipped: App, name: str, phone: str) -> None:
    world = replace(small_world(shipped, TEA, BOOK), office_name=name, office_phone=phone)
    [reply] = take(UNKNOWN, State(), world, "hi").replies
    assert reply.text == said(shipped, "talk.nothing")


@pytest.mark.parametrize("typed", ["", " ", "\n\t ", "\u00a0"])
def test_an_empty_message_is_helped_and_the_offer_stands(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    turn = take(typed, state, shipped.world, "hi")
    assert [said(shipped, "talk.empty")] == [reply.text for reply in turn.replies]
    assert turn.state == state


@pytest.mark.parametrize("typed", ["👍", "???", "।"])
def test_a_message_without_letters_is_not_known(shipped: App, typed: str) -> None:
    assert [said(shipped, "talk.nothing")] == [
        reply.text for reply in take(typed, State(), shipped.world, "hi").replies
    ]


def test_english_is_spoken_where_there_is_english_and_hindi_elsewhere(shipped: App) -> None:
    [reply] = take(OFFERED, State(), shipped.world, "en").replies
    assert reply.text == said(shipped, "talk.choices", "en")
    assert reply.options[-1].title == said(shipped, "talk.none-of-these", "en")
    by_id = shipped.world.faq.by_id
    titles = [by_id[option.id].title for option in reply.options[:-1]]
    assert [title.get("en", title["hi"]) for title in titles] == [option.title for option in reply.options[:-1]]
    assert take("", State(), shipped.world, "en").replies[0].text == said(shipped, "talk.empty", "en")


def test_an_answer_without_related_ones_source_and_date_stands_alone(shipped: App) -> None:
    turn = take("चाय कहाँ मिलेगी", State(("book",)), small_world(shipped, TEA, BOOK), "hi")
    assert [reply.text for reply in turn.replies] == ["चाय यहाँ मिलती है।"]
    assert turn.state == State()


def test_source_and_date_stand_in_lines_of_their_own(shipped: App) -> None:
    entry = Entry(
        "tea", "all", {"hi": "चाय"}, {"hi": "चाय यहाँ।", "en": "Tea is here."}, ("चाय कहाँ मिलेगी", "chai do"),
        sources=(Source("https://example.in/tea", "एक"), Source("https://example.in/two", "दो")),
        checked_on=Dated("2024-07-10", {"hi": "10 जुलाई 2024", "en": "10 July 2024"}),
    )  # fmt: skip
    world = small_world(shipped, entry, BOOK)
    replies = [take("चाय कहाँ मिलेगी", State(), world, language).replies[0].text for language in ("hi", "en")]
    assert replies == [
        "चाय यहाँ।\n\nस्रोत: https://example.in/tea\nजाँचा गया: 10 जुलाई 2024",
        "Tea is here.\n\nSource: https://example.in/tea\nChecked: 10 July 2024",
    ]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from([OFFERED, ANSWERED, UNKNOWN, "1", "2", "३", "4", "5.", "", "payment", "नमस्ते"]),
        ),
        max_size=6,
    )
)
def test_every_message_gets_a_reply_and_numbers_always_mean_what_was_shown_last(
    shipped: App, messages: list[str]
) -> None:
    state = State()
    for text in messages:
        turn = take(text, state, shipped.world, "hi")
        assert turn.replies
        assert all(reply.text.strip() for reply in turn.replies)
        shown = tuple(option.id for option in turn.replies[-1].options)
        assert turn.state in (State(shown), state)
        assert all(option in shipped.world.faq.by_id or option == NONE_OF_THESE for option in turn.state.offered)
        state = turn.state
