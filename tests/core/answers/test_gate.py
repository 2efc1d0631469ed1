"""What is different between two states of the answers, and which golden questions come out worse."""

from bot.core.answers.evaluation import Labelled
from bot.core.answers.faq import Category, Entry, Faq
from bot.core.answers.gate import changes, worse
from bot.core.answers.matcher import Answer, Choices, Match, Nothing


def entry(name: str, *questions: str, answer: str = "x") -> Entry:
    return Entry(name, "c", {"hi": name}, {"hi": answer}, questions)


def faq(*entries: Entry) -> Faq:
    return Faq((Category("c", {"hi": "c"}),), entries)


NOTHING = Nothing(None, ())


def test_only_what_was_right_before_can_come_out_worse() -> None:
    golden = [Labelled(name, frozenset({"a"})) for name in ("lost", "stolen", "offered", "wrong-before")]
    golden.append(Labelled("outside", frozenset()))
    right = Answer("a", ())
    before: dict[str, Match] = {"wrong-before": NOTHING, "outside": NOTHING}
    before |= dict.fromkeys(("lost", "stolen", "offered"), right)
    after: dict[str, Match] = {
        "lost": NOTHING,
        "stolen": Answer("b", ()),
        "offered": Choices(("b", "a"), ()),
        "wrong-before": Answer("b", ()),
        "outside": Answer("b", ()),
    }
    found = worse(golden, before.__getitem__, after.__getitem__)
    assert [(one.query, one.got) for one in found] == [("lost", ""), ("stolen", "b"), ("outside", "b")]
    # With nothing before, all must be right.
    assert len(worse(golden, None, after.__getitem__)) == 4


def test_a_change_names_phrasings_and_fields() -> None:
    before = faq(entry("same", "p"), entry("more", "p", "q"), entry("gone", "p"))
    after = faq(entry("same", "p"), entry("more", "q", "r", answer="y"), entry("new", "s"))
    found = {change.id: change for change in changes(before, after)}
    assert list(found) == ["more", "new", "gone"]
    assert (found["more"].more, found["more"].fewer, found["more"].fields) == (("r",), ("p",), ("answer",))
    assert (found["new"].before, found["gone"].after) == (None, None)
    assert [change.id for change in changes(None, after)] == ["same", "more", "new"]
