"""
Golden talks: what is said, turn by turn, in ``tests/talks/*.yaml``.

``pytest tests/core/talk/test_talks.py --rewrite-talks`` writes down what is said now; read the difference before you
commit it.
"""

from pathlib import Path

import pytest
import yaml

from bot.app import App
from bot.content.faq import load_faq
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.matcher import Matcher, learn_faq
from bot.core.talk.dialogue import State, World, choose, take
from bot.core.talk.message import Reply

TALKS = Path(__file__).parents[2] / "talks"


class Readable(yaml.SafeDumper):
    """Texts of several lines as they are read, not folded."""


Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


@pytest.fixture(scope="module")
def world(shipped: App) -> World:
    faq = load_faq(TALKS / "faq", shipped.phrases).faq
    return World(faq, Matcher(faq, learn_faq(faq), SHIPPED), shipped.phrases, "उपायुक्त उद्योग कार्यालय, 0000-000000")


def shown(reply: Reply) -> str:
    return "\n".join([reply.text, *(f"[{option.id}] {option.title}" for option in reply.options)])


def played(steps: list[dict[str, object]], world: World) -> list[dict[str, object]]:
    state, talk = State(), list[dict[str, object]]()
    for step in steps:
        press, typed = step.get("press"), step.get("you")
        turn = choose(str(press), state, world) if press else take(str(typed), state, world)
        state = turn.state
        asked = {"press": press} if press else {"you": typed}
        talk.append({**asked, "saathi": [shown(reply) for reply in turn.replies]})
    return talk


@pytest.mark.parametrize("file", sorted(TALKS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_talk_goes_as_it_is_written_down(file: Path, world: World, request: pytest.FixtureRequest) -> None:
    talk = played(yaml.safe_load(file.read_text("utf-8")), world)
    written = yaml.dump(talk, Dumper=Readable, allow_unicode=True, sort_keys=False, width=100)
    if request.config.getoption("--rewrite-talks"):
        file.write_text(written, "utf-8")
    assert written == file.read_text("utf-8")
