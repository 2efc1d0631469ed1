"""What a typed message chooses among what was offered, and what it must never choose."""

import pytest

from bot.app import App
from bot.core.answers.fold import fold
from bot.core.talk.agreement import keeps, said_to
from bot.core.talk.attending import code_in
from bot.core.talk.dialogue import take
from bot.core.talk.fieldwords import named, to_change
from bot.core.talk.state import State
from bot.core.talk.understood import chosen, decided
from bot.core.workshops.acts import Accept, Act, Attend, Confirm, Decline, Erase, Leave, Look, Rate, Say

OFFER = ("accept:1", "decline:1")
COMING = ("coming:1", "not-coming:1", "others:1")
EVENING = ("coming:1", "leave:1")
SURE = ("leave-yes:1", "stay")
ERASE = ("data:erase-yes", "stay")
STARS = tuple(f"stars:1:{number}" for number in range(1, 6))


def led_to(text: str, offered: tuple[str, ...], shipped: App) -> tuple[object, ...]:
    return take(text, State(offered=offered), shipped.world).effects


@pytest.mark.parametrize(
    "text",
    [
        "haan ji", "ji haan", "han ji", "ji bilkul", "haan chahiye", "हां दे दो", "le lenge", "mujhe seat chahiye",
        "ji seat chahiye", "हमके चाहीं", "हम आएँगे", "main aaunga", "ha aa rahe hai", "aa jayenge", "zaroor", "Y",
        "हाँ सही है", "1 haan", "हाँ, सीट चाहिए",
    ],
)  # fmt: skip
def test_a_yes_of_any_kind_takes_the_offered_seat(shipped: App, text: str) -> None:
    assert led_to(text, OFFER, shipped) == (Accept(1),)


@pytest.mark.parametrize(
    "text", ["nahi chahiye", "नहीं", "ji nahi", "nahi aa payenge", "seat nahi chahiye", "2 nahi", "ना चाहीं"]
)
def test_a_no_of_any_kind_declines_the_offered_seat(shipped: App, text: str) -> None:
    assert led_to(text, OFFER, shipped) == (Decline(1),)


@pytest.mark.parametrize("offered", [COMING, EVENING])
@pytest.mark.parametrize("text", ["aayenge", "हाँ, आएँगे", "ha aa rahe hai", "haan"])
def test_whoever_says_they_come_is_noted(shipped: App, text: str, offered: tuple[str, ...]) -> None:
    assert led_to(text, offered, shipped) == (Confirm(1),)


@pytest.mark.parametrize("text", ["nahi", "nahi aa payenge", "नहीं आ पाएँगे"])
def test_who_does_not_come_gives_the_seat_up_days_before_and_is_asked_once_more_the_evening_before(
    shipped: App, text: str
) -> None:
    assert led_to(text, COMING, shipped) == (Leave(1),)
    turn = take(text, State(offered=EVENING), shipped.world)
    assert turn.effects == ()
    assert turn.state.offered == SURE


@pytest.mark.parametrize("text", ["aayenge", "main aaunga", "seat chahiye", "mat hatana", "naam hataiye mat", "nahi"])
def test_no_seat_is_given_up_by_who_comes_or_wants_it(shipped: App, text: str) -> None:
    turn = take(text, State(offered=SURE), shipped.world)
    assert turn.effects == ()
    assert turn.state.offered == ()


@pytest.mark.parametrize("text", ["pata nahi", "kal batayenge", "nahi hum aayenge pakka", "haan nahi", "nahi chahiye"])
def test_what_is_neither_yes_nor_no_has_the_question_asked_again(shipped: App, text: str) -> None:
    turn = take(text, State(offered=SURE), shipped.world)
    assert turn.effects == ()
    assert turn.state.offered == SURE


@pytest.mark.parametrize("text", ["pata nahi", "soch ke bataenge", "aayenge ki nahi pata nahi"])
def test_an_offer_that_is_not_answered_is_made_again(shipped: App, text: str) -> None:
    assert led_to(text, OFFER, shipped) == (Look(why="waiting"),)


@pytest.mark.parametrize("text", ["haan", "हाँ जी", "yes", "1"])
def test_everything_is_erased_by_a_plain_yes(shipped: App, text: str) -> None:
    assert led_to(text, ERASE, shipped) == (Erase(),)


@pytest.mark.parametrize("text", ["ok", "theek hai", "aayenge", "haan aayenge", "mat mitao", "नहीं", "chahiye", "ji"])
def test_nothing_is_erased_by_less_than_a_plain_yes(shipped: App, text: str) -> None:
    assert led_to(text, ERASE, shipped) == ()


@pytest.mark.parametrize("text", ["mera naam mat hatana", "नाम हटाइए मत", "mat mitao", "mera data mat mitana"])
def test_what_must_not_be_removed_is_not(shipped: App, text: str) -> None:
    assert keeps(fold(text))
    turn = take(text, State(), shipped.world)
    assert turn.effects == ()
    assert turn.state.offered == ()


@pytest.mark.parametrize("text", ["mera naam kaat do", "nahi aa paunga naam hata do", "mera data mat rakho", "mita do"])
def test_a_wish_to_be_removed_is_not_taken_for_its_contrary(text: str) -> None:
    assert not keeps(fold(text))


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("hum aayenge", Say(yes=True)),
        ("nahi aa payenge", Look(why="leave")),
        ("aayenge ki nahi pata nahi", Look(why="mine")),
        ("aaj nahi kal aaunga", Look(why="mine")),
        ("nahi hum aayenge pakka", Look(why="mine")),
        ("workshop cancel hai kya", Look(why="mine")),
        ("Mera naam likh dijiye Shyam Sundar mobile 9876543215", Look()),
    ],
)
def test_what_is_said_of_coming_without_being_asked_never_removes_anything(shipped: App, text: str, does: Act) -> None:
    assert led_to(text, (), shipped) == (does,)


@pytest.mark.parametrize("text", ["5", "5/5", "पाँच", "★★★★★", "⭐⭐⭐⭐⭐", "5 star", "बहुत अच्छी", "very good"])
def test_stars_are_given_in_any_way(shipped: App, text: str) -> None:
    if text == "very good":
        text = shipped.phrases.say("batch.stars.5", "en")
    assert led_to(text, STARS, shipped) == (Rate(1, 5),)


def test_an_option_is_chosen_by_its_title(shipped: App) -> None:
    state = take("/language", State(), shipped.world).state
    assert take("English", state, shipped.world).state.language == "en"
    menu = take("menu", State(), shipped.world)
    for option in menu.replies[-1].options:
        assert chosen(option.title, fold(option.title), menu.state, shipped.world) == option.id


def test_titles_of_what_is_no_more_on_offer_choose_nothing(shipped: App) -> None:
    assert chosen("हाँ, सीट चाहिए", fold("हाँ, सीट चाहिए"), State(offered=("menu",)), shipped.world) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4827", "4827"),
        ("४८२७ है कोड", "4827"),
        ("4 8 2 7", "4827"),
        ("aaj ka code 4827", "4827"),
        ("code 2025", "2025"),
        ("2024 me liya tha", ""),
        ("5000 rupaye", ""),
        ("kya 4827 sahi hai", ""),
        ("4827 ya 4828", ""),
        ("9876543210", ""),
        ("[PAN]", ""),
    ],
)
def test_a_code_is_the_one_group_of_four_digits(text: str, code: str) -> None:
    assert code_in(text) == code


def test_a_code_among_words_is_tried(shipped: App) -> None:
    assert led_to("aaj ka code 4827", (), shipped) == (Attend("4827"),)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("नाम", "name"),
        ("mobile", "mobile"),
        ("dukan ka naam", "enterprise"),
        ("udyam number", "udyam"),
        ("gaon", "place"),
        ("naam aur mobile", ""),
        ("haldi", ""),
    ],
)
def test_a_field_is_named_by_what_people_call_it(text: str, field: str) -> None:
    assert named(fold(text), ("name", "mobile", "enterprise", "place", "udyam")) == field


@pytest.mark.parametrize(("text", "field"), [("naam galat ho gaya", "name"), ("mobile badalna hai", ""), ("naam", "")])
def test_only_an_answered_field_is_changed_by_name(shipped: App, text: str, field: str) -> None:
    assert to_change(fold(text), {"name"}, shipped.world) == field


def test_a_list_of_one_date_is_accepted_by_yes() -> None:
    assert decided(said_to(fold("haan")), ("move:1:2", "stay")) == "move:1:2"
