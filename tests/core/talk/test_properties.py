"""What holds in every talk, whatever people type, press and wait for, in whatever order."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.talk.state import CORRECTING, NO_FIELDS, Form, State, World, plain, state_of
from bot.core.workshops.batch import IST, Batch, BatchStatus
from bot.core.workshops.fields import DEFAULT_FIELDS, Choice, Field, FieldKind
from tests.core.talk.village import Told, Village

BEGIN = datetime(2026, 12, 8, 10, tzinfo=IST)
STARTS = datetime(2026, 12, 14, 10, 30, tzinfo=IST)
PEOPLE = ("सीता", "राम")
# (what is done, by whom, with what)
Step = tuple[str, str, object]
SECRETS = ("2341 2341 2346", "ABCPE1234F", "4111 1111 1111 1111")
# What people say; most of it where it fits, all of it where it does not.
SAID = (
    "हाँ", "नहीं", "1", "2", "3", "९", "0", "सीता देवी", "राम किशोर यादव", "98765 43210", "9876543211", "देवी सिलाई केंद्र",
    "अचार", "सहजनवा", "नहीं है", "UDYAM-UP-31-0012345", "registered", "सब सही है", "कुछ बदलना है", "पीछे", "रद्द",
    "menu", "/start", "/stop", "/language", "help", "कार्यशाला", "मेरी कार्यशाला", "मेरा डेटा", "सुधारो", "मिटाओ",
    "4827", "1111", "payment kab milega", "emd kitni lagti hai?", "fees kya hai", "train kitni late hai",
    "workshop kab hai", "mera naam kaat do", "agle batch me kar do", "qwrtpsdf ghjklzx", "dhanyavad", "🙏", "", "?",
    "/start workshop-1", "/start q-emd", "बहुत अच्छा समझाया", *SECRETS, *(f"{each} मेरा नंबर है" for each in SECRETS),
)  # fmt: skip
MADE_UP = (
    "entry:emd", "entry:gone", "category:fees", "menu", "none", "useful:no:emd", "useful:yes:emd", "language:en",
    "news:on", "register:1", "register:2", "register:7", "agree:1:", "disagree", "f:1:confirm", "f:1:own",
    "f:1:set:stage:bidding", "f:1:set:stage:x", "f:1:skip:udyam", "f:1:skip:name", "f:1:change:mobile", "f:2:cancel",
    "f:1:which", "f:1:summary", "f:1:back", "f:x", "accept:1", "decline:1", "coming:1", "not-coming:1", "others:1",
    "move:1:2", "move-wait:1:2", "leave:1", "leave-yes:1", "calendar:1", "calendar:9", "batch:9", "batch:2",
    "stars:1:5", "stars:1:9", "data:show", "data:correct", "data:erase", "data:erase-yes", "yes", "no", "stay",
    "nonsense", ":", "::::",
)  # fmt: skip
person = st.sampled_from(PEOPLE)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), person, st.sampled_from(SAID)),
        st.tuples(st.just("say"), person, st.sampled_from(SAID)),
        st.tuples(st.just("say"), person, st.text(max_size=40)),
        # A button that was ever shown to somebody, counted from the newest.
        st.tuples(st.just("press"), person, st.integers(0, 40)),
        st.tuples(st.just("press"), person, st.integers(0, 5)),
        st.tuples(st.just("made up"), person, st.sampled_from(MADE_UP) | st.text(max_size=20)),
        st.tuples(st.just("wait"), person, st.integers(1, 60)),
        st.tuples(st.just("office"), person, st.integers(0, 3)),
    ),
    min_size=8,
    max_size=40,
)


def registering(name: str, mobile: str) -> list[Step]:
    texts = ("कार्यशाला", "हाँ", "हाँ", name, mobile, "सिलाई केंद्र", "अचार", "सहजनवा", "नहीं है", "हाँ", "हाँ")
    return [("say", name, text) for text in texts]


# What came before: part of a form, a seat and a place in the waiting list, a seat on the day, a workshop that is over.
BOTH = [*registering("सीता", "9876543210"), *registering("राम", "9876543211")]
ON_THE_DAY: list[Step] = [*BOTH, ("wait", "सीता", 6 * 24 + 1)]
befores = st.one_of(
    st.integers(0, 11).map(lambda length: BOTH[:length]),
    st.sampled_from([BOTH, ON_THE_DAY, [*ON_THE_DAY, ("say", "सीता", "4827"), ("wait", "सीता", 6)]]),
)
talks = st.tuples(befores, steps).map(lambda parts: [*parts[0], *parts[1]])
PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


def village_of(world: World) -> Village:
    first = Batch(1, "GeM कार्यशाला", STARTS, STARTS + timedelta(hours=5), "गोरखपुर", 1, STARTS, "4827")
    later = replace(first, id=2, starts=STARTS + timedelta(days=7), ends=STARTS + timedelta(days=7, hours=5))
    return Village(world, BEGIN, (first, replace(later, last_date=later.starts)))


class Player:
    """Takes steps in a village, and remembers every button that was shown."""

    def __init__(self, world: World) -> None:
        self.village = village_of(world)
        self.shown: list[str] = []

    def take(self, step: Step) -> tuple[str, list[Told]]:
        """What was pressed or said, and what it led to."""
        what, name, given = step
        done, told = "", list[Told]()
        match what, given:
            case "wait", int(hours):
                told = self.village.pass_time(self.village.now + timedelta(hours=hours))
            case "office", int(which):
                told = self._change(which)
            case "press", int(back) if self.shown:
                done = self.shown[-1 - back % len(self.shown)]
                told = self.village.say(name, press=done)
            case (("say" | "made up"), str(text)):
                done = text
                told = self.village.say(name, **{"press" if what == "made up" and text else "text": text})
        self.shown += [option.id for _, reply in told for option in reply.options]
        return done, told

    def _change(self, which: int) -> list[Told]:
        batch = self.village.batches[1 + which % 2]
        if batch.starts <= self.village.now or batch.status is BatchStatus.CANCELLED:
            return []
        return self.village.change(
            replace(batch, venue="विकास भवन") if which < 2 else replace(batch, status=BatchStatus.CANCELLED)
        )


@PROPERTY
@given(talks)
def test_whatever_is_typed_or_pressed_is_answered_with_words_and_usable_buttons(
    small_office: World, talk: Sequence[Step]
) -> None:
    player = Player(small_office)
    for step in talk:
        _, told = player.take(step)
        assert step[0] in ("wait", "office") or step[0] == "press" or any(name == step[1] for name, _ in told)
        for _, reply in told:
            assert reply.text.strip()
            assert "{" not in reply.text
            assert all(0 < len(option.id.encode()) <= 64 and option.title.strip() for option in reply.options)
            assert len({option.id for option in reply.options}) == len(reply.options)


@PROPERTY
@given(talks)
def test_a_number_means_what_was_offered_last(small_office: World, talk: Sequence[Step]) -> None:
    player = Player(small_office)
    for step in talk:
        before = player.village.state(step[1])
        _, told = player.take(step)
        if step[0] in ("wait", "office"):
            after = player.village.state(step[1])
            sent = {tuple(option.id for option in reply.options) for name, reply in told if name == step[1]}
            assert after.offered in sent | {before.offered}
            assert replace(after, offered=(), titles={}) == replace(before, offered=(), titles={})
            continue
        # A message of the person's own ends with its last reply; what others' doings bring is a notice.
        own = [reply for name, reply in told if name == step[1]]
        offered = {tuple(option.id for option in reply.options) for reply in own}
        assert player.village.state(step[1]).offered in offered | {before.offered}


@PROPERTY
@given(talks)
def test_a_talk_that_is_played_again_goes_the_same_way(small_office: World, talk: Sequence[Step]) -> None:
    one, two = Player(small_office), Player(small_office)
    assert [one.take(step) for step in talk] == [two.take(step) for step in talk]
    assert one.village.people == two.village.people
    assert one.village.kept == two.village.kept


# What ends a form, pressed or said: sending it, closing it, refusing consent, erasing everything.
ENDS = ("confirm", "cancel", "disagree", "data:erase-yes", "summary")


def may_end(done: str, offered: Sequence[str]) -> bool:
    said_to_end = {"रद्द", "हाँ", "नहीं", "सब सही है", "cancel", "रहने दो"}
    chosen = offered[int(done) - 1] if done in {"1", "2", "3"} and int(done) <= len(offered) else done
    return chosen in said_to_end or chosen.endswith(ENDS)


@PROPERTY
@given(talks)
def test_no_interruption_takes_an_answer_out_of_a_form(small_office: World, talk: Sequence[Step]) -> None:
    player = Player(small_office)
    for step in talk:
        before = player.village.state(step[1])
        done, _ = player.take(step)
        after = player.village.state(step[1])
        if before.form is None or not before.form.answers or may_end(done, before.offered):
            continue
        assert after.form is not None
        assert set(before.form.answers) <= set(after.form.answers)
        changed = {name for name, value in before.form.answers.items() if after.form.answers[name] != value}
        assert len(changed) <= 1


@PROPERTY
@given(talks)
def test_an_old_button_never_answers_the_question_that_is_asked_now(small_office: World, talk: Sequence[Step]) -> None:
    player = Player(small_office)
    for step in talk:
        before = player.village.state(step[1]).form
        done, _ = player.take(step)
        after = player.village.state(step[1]).form
        if step[0] not in ("press", "made up") or before is None or after is None or before.step in NO_FIELDS:
            continue
        own = "own" if before.step == "mobile" else f"skip:{before.step}"
        if done.startswith((f"f:{before.number}:set:{before.step}:", f"f:{before.number}:{own}")):
            continue
        assert after.answers.get(before.step) == before.answers.get(before.step)


@PROPERTY
@given(talks)
def test_no_personal_number_is_ever_in_what_is_kept(small_office: World, talk: Sequence[Step]) -> None:
    player = Player(small_office)
    for step in talk:
        player.take(step)
    village = player.village
    states = [json.dumps(plain(each.state), ensure_ascii=False) for each in village.people.values()]
    rows = [repr(each) for each in village.registrations.values()]
    assert [secret for secret in SECRETS for kept in (*states, *rows, *village.kept) if secret in kept] == []


@PROPERTY
@given(talks)
def test_no_batch_is_oversold_and_nobody_is_in_two(small_office: World, talk: Sequence[Step]) -> None:
    player = Player(small_office)
    for step in talk:
        player.take(step)
        live = [each for each in player.village.registrations.values() if each.is_live]
        running = [each for each in live if player.village.batches[each.batch].ends > player.village.now]
        assert len({each.person for each in running}) == len(running)
        assert all(batch.taken <= batch.seats for batch in player.village.batches.values())


words = st.text(max_size=12)
forms = st.builds(
    Form,
    number=st.integers(1, 10**6),
    batch=st.integers(CORRECTING, 10**6),
    step=words,
    answers=st.dictionaries(words, words, max_size=4),
    bad=st.integers(0, 9),
)
states = st.builds(
    State,
    language=st.sampled_from(["hi", "en"]),
    news=st.sampled_from([None, True, False]),
    offered=st.lists(words, max_size=4).map(tuple),
    warned=st.booleans(),
    asked=st.tuples(words, words),
    form=st.none() | forms,
    forms=st.integers(0, 10**6),
    profile=st.dictionaries(words, words, max_size=4),
    agreed=words,
    own_mobile=words,
    remark=st.integers(0, 10**6),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(states)
def test_a_state_that_was_stored_is_the_same(state: State) -> None:
    assert state_of(json.loads(json.dumps(plain(state))), state.language, state.news) == state


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"from a newer program": 1, "offered": ["menu"]},
        {"form": {"number": 1, "batch": 1, "step": "name"}},
        {"asked": None, "form": None, "profile": {}},
    ],
)
def test_what_another_version_stored_is_read_as_far_as_it_is_known(stored: dict[str, object]) -> None:
    state = state_of(stored, "hi", None)
    assert state_of(plain(state), "hi", None) == state


# The longest ids that the settings take (``form_settings``).
LONG = "x" * 24


@PROPERTY
@given(steps)
def test_a_form_that_the_office_changed_goes_on_with_what_it_asks_now(
    small_office: World, talk: Sequence[Step]
) -> None:
    own = Field(
        LONG, FieldKind.CHOICE, label={"hi": "खाना"}, ask={"hi": "कौन सा?"}, options=(Choice(LONG, {"hi": "एक"}),)
    )
    player = Player(small_office)
    for step in [*BOTH[:5], *talk]:
        player.take(step)
    player.village.world = replace(small_office, fields=(*DEFAULT_FIELDS[:2], own, DEFAULT_FIELDS[5]))
    for text in ("menu", "हाँ", "पीछे", "1", "सीता देवी", "1", "नहीं है", "कार्यशाला"):
        for _, reply in player.village.say("सीता", text):
            assert reply.text.strip()
            assert all(len(option.id.encode()) <= 64 for option in reply.options)
