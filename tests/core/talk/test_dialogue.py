"""A talk, turn by turn, with the shipped answers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.app import App
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import Dated, Entry, Faq, Source
from bot.core.answers.fold import fold
from bot.core.answers.matcher import Choices, Matcher, learn_faq
from bot.core.talk.answering import MAX_RELATED
from bot.core.talk.choosing import choose
from bot.core.talk.dialogue import decide, take
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.registering import prompt, start
from bot.core.talk.state import Form, Office, State, Turn, World
from bot.core.workshops.acts import Act, Agree, Attend, Begin, Keep, Look, Say, ShowData
from bot.core.workshops.batch import IST

ANSWERED = "emd ka paisa wapas kab aayega"
OFFERED = "payment"
UNKNOWN = "qwrtpsdf ghjklzx"


TEA = Entry("tea", "all", {"hi": "चाय"}, {"hi": "चाय यहाँ मिलती है।\n"}, ("चाय कहाँ मिलेगी", "chai do"))
BOOK = Entry("book", "all", {"hi": "किताब"}, {"hi": "किताब वहाँ है।"}, ("किताब कहाँ है", "pustak dikhao"))


def small_world(shipped: App, *entries: Entry) -> World:
    """Without asides, so what is not known has no sentence of its own."""
    faq = Faq((), entries)
    return World(faq, Matcher(faq, learn_faq(faq), SHIPPED), shipped.phrases)


def said(shipped: App, key: str, language: str = "hi", **values: object) -> str:
    return shipped.phrases.say(key, language, **values)


def offering(reply: Reply) -> State:
    """The state after a reply of which the options were offered."""
    return State(
        offered=tuple(option.id for option in reply.options),
        titles={option.id: option.title for option in reply.options},
    )


def offer(world: World) -> Turn:
    return take(OFFERED, State(), world)


def test_a_clear_question_gets_its_answer_with_source_and_date_then_related_ones(shipped: App) -> None:
    turn = take(ANSWERED, State(), shipped.world)
    entry = shipped.world.faq.by_id["emd-refund"]
    (answer,) = turn.replies
    text, _, related = answer.text.rpartition("\n\n")
    assert text.startswith(entry.answer["hi"].strip())
    assert entry.sources[0].url in text
    assert entry.checked_on is not None
    assert entry.checked_on.said["hi"] in text.splitlines()[-1]
    assert related == said(shipped, "talk.related")
    expected = [f"entry:{other}" for other in entry.related[:MAX_RELATED]]
    assert [*expected, "useful:yes:emd-refund", "useful:no:emd-refund"] == [option.id for option in answer.options]
    titles = [shipped.world.faq.by_id[other].title["hi"] for other in entry.related[:MAX_RELATED]]
    assert titles == [option.title for option in answer.options[: len(titles)]]
    assert turn.state == replace(offering(answer), asked=(ANSWERED, "emd-refund"))


def test_a_related_question_is_chosen_by_its_number(shipped: App) -> None:
    state = take(ANSWERED, State(), shipped.world).state
    answer = take("1", state, shipped.world).replies[0]
    assert answer.text.startswith(shipped.world.faq.by_id[state.offered[0].removeprefix("entry:")].answer["hi"].strip())


def test_an_unclear_question_gets_choices_and_none_of_these_last(shipped: App) -> None:
    match = shipped.matcher.match(OFFERED)
    assert isinstance(match, Choices)
    turn = offer(shipped.world)
    [reply] = turn.replies
    assert reply.text == said(shipped, "talk.choices")
    assert [*(f"entry:{its}" for its in match.ids), "none"] == [option.id for option in reply.options]
    assert reply.options[-1].title == said(shipped, "talk.none-of-these")
    assert turn.state == replace(offering(reply), asked=(OFFERED, ""))


@pytest.mark.parametrize(
    "typed", ["2", "२", " 2 ", "2.", "2)", "२।", "02", "２", "2 .", "2 number", "no 2", "दूसरा", "dusra wala", "२ नंबर"]
)
def test_a_number_in_any_digits_chooses(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    answer = take(typed, state, shipped.world).replies[0]
    assert answer.text.startswith(shipped.world.faq.by_id[state.offered[1].removeprefix("entry:")].answer["hi"].strip())


def test_none_of_these_asks_for_other_words_offers_the_menu_and_keeps_the_question(shipped: App) -> None:
    state = offer(shipped.world).state
    turn = take(str(len(state.offered)), state, shipped.world)
    assert [f"{said(shipped, 'talk.say-it-otherwise')}\n{said(shipped, 'talk.noted')}"] == [
        reply.text for reply in turn.replies
    ]
    assert turn.state == replace(offering(turn.replies[-1]), vain=1)
    assert turn.state.offered == ("menu",)
    assert turn.effects == (Keep(fold(OFFERED), OFFERED),)


def test_a_question_is_kept_once_however_often_none_is_pressed(shipped: App) -> None:
    turn = choose("none", choose("none", offer(shipped.world).state, shipped.world).state, shipped.world)
    assert turn.effects == ()
    assert [said(shipped, "talk.say-it-otherwise")] == [reply.text for reply in turn.replies]


@pytest.mark.parametrize("typed", ["0", "9", "99", "९९९"])
def test_a_number_out_of_range_is_told_and_the_offer_stands(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    turn = take(typed, state, shipped.world)
    assert [said(shipped, "talk.no-such-number", last=len(state.offered))] == [reply.text for reply in turn.replies]
    assert turn.state == state
    assert take("1", turn.state, shipped.world) == take("1", state, shipped.world)


@pytest.mark.parametrize("typed", ["1", "२", "3.", "पहला वाला"])
def test_a_number_with_nothing_offered_is_told_so(shipped: App, typed: str) -> None:
    turn = take(typed, State(), shipped.world)
    assert [said(shipped, "talk.no-list")] == [reply.text for reply in turn.replies]
    assert turn.state == State()


@pytest.mark.parametrize("typed", [ANSWERED, "2 लाख की emd कब वापस मिलेगी", "1 2"])
def test_any_other_message_is_a_question_and_ends_the_offer(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    assert take(typed, State(), shipped.world) == take(typed, state, shipped.world)


@pytest.mark.parametrize("typed", ["2025", "२०२५", "code 2025", "2025 कोड"])
def test_four_digits_may_be_the_code_of_the_day(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    assert take(typed, state, shipped.world) == Turn(state, (), (Attend("2025"),))


@pytest.mark.parametrize(
    ("typed", "aside"),
    [("नमस्ते जी", "greeting"), ("mausam kaisa rahega", "weather"), ("PAN card kaise banaye", "pan-card")],
)
def test_what_is_known_to_be_another_matter_gets_its_sentence(shipped: App, typed: str, aside: str) -> None:
    [sentence] = [its.say["hi"] for its in shipped.world.faq.asides if its.id == aside]
    turn = take(typed, State(offered=("entry:emd-refund",)), shipped.world)
    assert [sentence] == [reply.text for reply in turn.replies]


def test_a_thank_you_leaves_the_offer_standing(shipped: App) -> None:
    state = offer(shipped.world).state
    assert take("dhanyavad", state, shipped.world).state == state


def test_what_is_not_known_is_said_so_with_the_helpdesk_and_kept_for_the_staff(shipped: App) -> None:
    turn = take(UNKNOWN, State(), small_world(shipped, TEA, BOOK))
    [reply] = turn.replies
    assert reply.text == said(shipped, "talk.nothing")
    assert "1800-419-3436" in reply.text
    assert turn.effects == (Keep(fold(UNKNOWN), UNKNOWN),)


def test_what_is_kept_of_a_question_has_no_numbers_of_people_in_it(shipped: App) -> None:
    turn = take(f"{UNKNOWN} 9876543210 ABCPE1234F", State(), small_world(shipped, TEA, BOOK))
    (kept,) = turn.effects
    assert isinstance(kept, Keep)
    assert kept.text == f"{UNKNOWN} [मोबाइल] [PAN]"


@pytest.mark.parametrize("office", [Office("जिला उद्योग केंद्र, गोरखपुर", "0551-1234567"), Office(phone="0551-1234567")])
def test_the_office_is_named_where_it_is_configured(shipped: App, office: Office) -> None:
    world = replace(small_world(shipped, TEA, BOOK), office=office)
    [reply] = take(UNKNOWN, State(), world).replies
    assert reply.text == said(shipped, "talk.nothing-office", office=office)
    assert "0551-1234567" in reply.text


def test_who_wants_a_person_is_told_of_the_office(shipped: App) -> None:
    [reply] = take(
        "kisi aadmi se baat karni hai", State(), replace(shipped.world, office=Office(phone="0551-1234567"))
    ).replies
    assert reply.text.endswith(said(shipped, "talk.office", office="0551-1234567"))


@pytest.mark.parametrize("typed", ["", " ", "\n\t ", "\u00a0"])
def test_an_empty_message_is_helped_and_the_offer_stands(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    turn = take(typed, state, shipped.world)
    assert [said(shipped, "talk.empty")] == [reply.text for reply in turn.replies]
    assert turn.state == state


@pytest.mark.parametrize("typed", ["👍", "???", "।", "🙏🙏"])
def test_a_message_without_letters_is_taken_kindly(shipped: App, typed: str) -> None:
    state = offer(shipped.world).state
    turn = take(typed, state, shipped.world)
    assert [said(shipped, "talk.no-words")] == [reply.text for reply in turn.replies]
    assert turn.state == state


@pytest.mark.parametrize("typed", ["menu", "/menu", "मेन्यू", "Menu"])
def test_the_menu_leads_from_headings_to_answers(shipped: App, typed: str) -> None:
    menu = take(typed, State(), shipped.world)
    assert [*(f"category:{its.id}" for its in shipped.world.faq.categories), "workshop"] == list(menu.state.offered)
    heading = take("1", menu.state, shipped.world)
    entries = [its for its in shipped.world.faq.entries if its.category == shipped.world.faq.categories[0].id]
    assert [*(f"entry:{its.id}" for its in entries), "menu"] == list(heading.state.offered)
    answer = take("1", heading.state, shipped.world).replies[0]
    assert answer.text.startswith(entries[0].answer["hi"].strip())
    assert take(str(len(heading.state.offered)), heading.state, shipped.world) == menu


@pytest.mark.parametrize("typed", ["/start", "start", "/START", "/start nonsense"])
def test_start_greets_and_switches_announcements_on(shipped: App, typed: str) -> None:
    turn = take(typed, State(news=False), shipped.world)
    assert turn.state.news is True
    [reply] = turn.replies
    assert reply.text == f"{said(shipped, 'talk.greeting')}\n{said(shipped, 'news.on-at-start')}"


@pytest.mark.parametrize(
    "typed", [ANSWERED, OFFERED, UNKNOWN, "menu", "help", "/language", "कार्यशाला", "नमस्ते", "1", "/start q-emd-refund"]
)
def test_asking_never_switches_announcements_on_again(shipped: App, typed: str) -> None:
    stopped = take("/stop", State(news=True), shipped.world).state
    assert stopped.news is False
    assert take(typed, stopped, shipped.world).state.news is False


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/start q-emd-refund", "entry:emd-refund"),
        (" /start  q-emd-refund ", "entry:emd-refund"),
        ("/START q-x", "entry:x"),
    ],
)
def test_a_link_into_the_talk_leads_to_an_answer(shipped: App, typed: str, meant: str) -> None:
    assert take(typed, State(), shipped.world) == choose(meant, State(), shipped.world)


def test_a_link_into_the_talk_leads_to_a_workshop(shipped: App) -> None:
    assert take("/start workshop-12", State(), shipped.world).effects == (Look(12),)


@pytest.mark.parametrize("typed", ["हाँ", "haan", "yes", "जी हाँ"])
def test_a_typed_yes_to_the_one_choice_is_that_choice(shipped: App, typed: str) -> None:
    state = State(offered=("entry:emd-refund", "none"))
    assert take(typed, state, shipped.world) == choose("entry:emd-refund", state, shipped.world)


@pytest.mark.parametrize(("typed", "yes"), [("हाँ", True), ("नहीं", False), ("हम आएँगे", True)])
def test_a_typed_yes_or_no_to_nothing_on_offer_is_for_the_office(shipped: App, typed: str, yes: bool) -> None:  # noqa: FBT001
    assert take(typed, State(), shipped.world).effects == (Say(yes=yes),)


def test_a_yes_after_an_answer_first_looks_whether_the_office_waits_for_one(shipped: App) -> None:
    state = take(ANSWERED, State(), shipped.world).state
    assert take("हाँ", state, shipped.world) == Turn(state, (), (Look(why="yes"),))
    assert take("नहीं", state, shipped.world) == Turn(state, (), (Look(why="no"),))


def test_the_number_that_the_channel_vouches_for_is_remembered(shipped: App) -> None:
    incoming = Incoming("whatsapp", "x", "1", datetime(2026, 11, 23, 10, tzinfo=IST), text="", mobile="919876543210")
    assert decide(incoming, State(), shipped.world).state.own_mobile == "919876543210"


def test_help_says_what_can_be_typed(shipped: App) -> None:
    assert [said(shipped, "talk.help")] == [its.text for its in take("/help", State(), shipped.world).replies]


@pytest.mark.parametrize("typed", ["/language", "भाषा", "bhasha"])
def test_the_language_is_changed_and_kept(shipped: App, typed: str) -> None:
    asked = take(typed, State(), shipped.world)
    assert asked.state.offered == ("language:hi", "language:en")
    turn = take("2", asked.state, shipped.world)
    assert turn.state.language == "en"
    assert [said(shipped, "talk.language-set", "en")] == [reply.text for reply in turn.replies]
    assert take("", turn.state, shipped.world).replies[0].text == said(shipped, "talk.empty", "en")


def test_an_old_button_does_what_it_said_whatever_was_offered_since(shipped: App) -> None:
    state = offer(shipped.world).state
    answer = choose("entry:emd-refund", state, shipped.world).replies[0]
    assert answer.text.startswith(shipped.world.faq.by_id["emd-refund"].answer["hi"].strip())


@pytest.mark.parametrize(
    "button",
    [
        "entry:long-gone",
        "category:long-gone",
        "language:xx",
        "nonsense",
        "",
        ":",
        "entry:",
        "batch:",
        "batch:x",
        "batch:१",
        "register:9999999999",
        "news:",
        "data:",
        "stars:1:6",
        "stars:x:1",
        "move:1",
        "agree:x:y",
        "leave:-1",
    ],
)
def test_a_button_whose_matter_is_gone_is_told_so(shipped: App, button: str) -> None:
    turn = choose(button, State(), shipped.world)
    assert [said(shipped, "talk.gone")] == [reply.text for reply in turn.replies]


def test_a_personal_number_is_warned_of_once_and_the_question_answered(shipped: App) -> None:
    asked = f"mera aadhar 2341 2341 2346 hai, {ANSWERED}"
    warning, answer, *_ = (first := take(asked, State(), shipped.world)).replies
    assert warning.text == said(shipped, "talk.personal-number")
    assert answer == take(asked, State(warned=True), shipped.world).replies[0]
    assert said(shipped, "talk.personal-number") not in {
        reply.text for reply in take(asked, first.state, shipped.world).replies
    }


def test_a_mobile_number_is_no_reason_to_warn(shipped: App) -> None:
    assert not take("mera number 9876543210 hai", State(), shipped.world).state.warned


def test_english_is_spoken_where_there_is_english_and_hindi_elsewhere(shipped: App) -> None:
    [reply] = take(OFFERED, State("en"), shipped.world).replies
    assert reply.text == said(shipped, "talk.choices", "en")
    assert reply.options[-1].title == said(shipped, "talk.none-of-these", "en")
    by_id = shipped.world.faq.by_id
    titles = [by_id[option.id.removeprefix("entry:")].title for option in reply.options[:-1]]
    assert [title.get("en", title["hi"]) for title in titles] == [option.title for option in reply.options[:-1]]
    assert take("", State("en"), shipped.world).replies[0].text == said(shipped, "talk.empty", "en")


def test_an_answer_without_related_ones_source_and_date_is_followed_only_by_whether_it_helped(shipped: App) -> None:
    turn = take("चाय कहाँ मिलेगी", State(offered=("entry:book",)), small_world(shipped, TEA, BOOK))
    assert [reply.text for reply in turn.replies] == [f"चाय यहाँ मिलती है।\n\n{said(shipped, 'talk.useful')}"]
    assert turn.state.offered == ("useful:yes:tea", "useful:no:tea")


def test_source_and_date_stand_in_lines_of_their_own(shipped: App) -> None:
    entry = Entry(
        "tea", "all", {"hi": "चाय"}, {"hi": "चाय यहाँ।", "en": "Tea is here."}, ("चाय कहाँ मिलेगी", "chai do"),
        sources=(Source("https://example.in/tea", "एक"), Source("https://example.in/two", "दो")),
        checked_on=Dated("2024-07-10", {"hi": "10 जुलाई 2024", "en": "10 July 2024"}),
    )  # fmt: skip
    world = small_world(shipped, entry, BOOK)
    replies = [take("चाय कहाँ मिलेगी", State(language), world).replies[0].text for language in ("hi", "en")]
    assert [reply.rpartition("\n\n")[0] for reply in replies] == [
        "चाय यहाँ।\n\nस्रोत: https://example.in/tea\nजाँचा गया: 10 जुलाई 2024",
        "Tea is here.\n\nSource: https://example.in/tea\nChecked: 10 July 2024",
    ]


def in_form(world: World, step: str) -> State:
    """Somebody who agreed to the notice and is asked for this field of a form."""
    order = [field.id for field in world.fields]
    answers = dict.fromkeys(order[: order.index(step)], "x")
    return State(agreed=world.notice_version, forms=1, form=Form(1, 1, step, answers))


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("products", "मिठाई"),
        ("products", "mithai"),
        ("products", "batch tray"),
        ("enterprise", "RK workshop"),
        ("enterprise", "workshop auto repair"),
        ("enterprise", "कंप्यूटर ट्रेनिंग सेंटर"),
        ("enterprise", "नमस्ते फूड्स"),
        ("products", "ट्रेनिंग"),
        ("products", "GeM bidding consultant"),
        ("products", "सरकारी सप्लायर"),
        ("products", "computer data entry service"),
        ("place", "gorakhpur"),
        ("place", "सहजनवा"),
        ("name", "राम किशोर"),
        ("name", "sita devi gorakhpur"),
    ],
)
def test_names_and_goods_are_answers_of_a_form_whatever_they_remind_of(shipped: App, step: str, answer: str) -> None:
    state = take(answer, in_form(shipped.world, step), shipped.world).state
    assert state.form is not None
    assert state.form.answers[step] == answer
    assert state.form.step != step


@pytest.mark.parametrize("step", ["name", "mobile", "enterprise", "products", "place", "udyam"])
@pytest.mark.parametrize(
    ("typed", "does"),
    [
        ("mera data dikhao", ShowData()),
        ("mera naam kaat do", Look(why="leave")),
        ("agle batch me kar do", Look(why="move")),
    ],
)
def test_a_request_in_the_middle_of_a_form_is_no_answer(shipped: App, step: str, typed: str, does: Act) -> None:
    state = in_form(shipped.world, step)
    assert take(typed, state, shipped.world) == Turn(state, (), (does,))


@pytest.mark.parametrize("step", ["name", "mobile", "enterprise", "products", "place", "udyam", "stage"])
def test_a_question_at_any_step_is_answered_and_the_step_asked_again(shipped: App, step: str) -> None:
    state = in_form(shipped.world, step)
    turn = take("emd ka paisa wapas kab aayega?", state, shipped.world)
    answer, again = turn.replies
    assert answer.text.startswith(shipped.world.faq.by_id["emd-refund"].answer["hi"].strip())
    assert answer.options == ()
    assert again == prompt(state, shipped.world)
    assert turn.state.form == state.form


def test_the_notice_names_what_the_form_asks_and_its_version_changes_with_it(shipped: App) -> None:
    fewer = replace(shipped.world, fields=shipped.world.fields[:2])
    assert said(shipped, "form.stage.label") in shipped.world.notice("hi")
    assert said(shipped, "form.stage.label") not in fewer.notice("hi")
    assert shipped.world.notice_version != fewer.notice_version


def test_nothing_is_asked_before_the_notice_was_agreed_to(shipped: App) -> None:
    noticed = start(1, State(), shipped.world)
    assert noticed.replies[0].text == shipped.world.notice("hi")
    typed = take("सीता देवी", noticed.state, shipped.world)
    assert typed.effects == ()
    assert typed.state.form is not None
    assert typed.state.form.answers == {}
    agreed = choose(noticed.state.offered[0], noticed.state, shipped.world)
    assert agreed.state.agreed == shipped.world.notice_version
    assert agreed.effects == (Agree(shipped.world.notice_version), Begin(1))


@pytest.mark.parametrize("step", ["name", "mobile", "udyam", "stage"])
def test_a_question_that_nothing_is_known_to_is_kept_in_the_middle_of_a_form_too(shipped: App, step: str) -> None:
    world = small_world(shipped, TEA, BOOK)
    state = State(form=Form(1, 1, step, {}), forms=1)
    turn = take("qwrtpsdf kab ghjklzx?", state, world)
    assert turn.replies[0].text.startswith(said(shipped, "talk.nothing").splitlines()[0])
    assert turn.replies[-1] == prompt(state, world)
    assert turn.state.form == state.form
    assert [type(effect) for effect in turn.effects] == [Keep]


# --- in a group -------------------------------------------------------------------------------------------------------


def in_group(text: str = "", press: str = "") -> Incoming:
    return Incoming("telegram", "-100", "1", datetime(2026, 11, 26, 10, tzinfo=UTC), text, press, in_group=True)


def test_in_a_group_a_question_is_answered(shipped: App) -> None:
    turn = decide(in_group(ANSWERED), State(), shipped.world)
    assert turn.replies[0].text.startswith(shipped.world.faq.by_id["emd-refund"].answer["hi"].strip())


@pytest.mark.parametrize(
    "said",
    [
        in_group("कार्यशाला में नाम लिखवाना है"),
        in_group("workshop"),
        in_group("मेरा डेटा मिटाओ"),
        in_group("/start workshop-3"),
        in_group(press="register:3"),
        in_group(press="agree:3:x"),
        in_group(press="data:show"),
    ],
    ids=lambda said: said.text or said.press,
)
def test_in_a_group_nothing_of_anybodys_own_is_begun(shipped: App, said: Incoming) -> None:
    turn = decide(said, State(), shipped.world)
    assert (turn.effects, turn.state.form) == ((), None)
    assert [reply.text for reply in turn.replies] == [shipped.phrases.say("talk.private")]
    assert [option.title for option in turn.replies[0].options] == [shipped.phrases.say("talk.private-button")]


def test_in_a_group_no_form_is_filled_in(shipped: App) -> None:
    state = in_form(shipped.world, "mobile")
    turn = decide(in_group("9876543210"), state, shipped.world)
    assert turn.state.form == state.form
    assert turn.effects == ()
