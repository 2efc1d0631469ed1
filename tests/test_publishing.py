"""Answers are published, refused, brought back; and taken up by whatever process answers."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import shipped
from bot.content.folder import GOLDEN, read_files
from bot.content.locales import load_phrases
from bot.content.prepared import prepare
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.fold import fold
from bot.core.answers.matcher import Answer, Matcher
from bot.core.staff import Role, Roster, Staff
from bot.core.talk.state import World
from bot.core.workshops.acts import Keep
from bot.errors import ContentError, InputError
from bot.library import Library, Place
from bot.publishing import Verdict, digest_of, examine, publish, published, roll_back
from bot.store.database import Database
from bot.store.people import keep_questions
from bot.store.revisions import list_revisions
from bot.store.tables import audit, outbox, people, unanswered

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
PHRASES = load_phrases(shipped("locales"))
TEA = ["चाय कहाँ मिलेगी", "chai kahan milti hai", "chai do", "चाय का दाम"]
BOOK = ["किताब कहाँ है", "pustak dikhao", "kitab chahiye", "किताब का दाम"]
GOLDEN_ROWS = "query\tids\nchai kahan milegi\ttea\npustak dikhao\tbook\nआज मौसम कैसा है\t\n"


def faq(tea: list[str] = TEA, book: list[str] = BOOK, more: str = "", answer: str = "चाय यहाँ मिलती है।") -> str:
    return (
        "category: {id: office, title: कार्यालय}\nentries:\n"
        f"  - {{id: tea, title: चाय, answer: {answer}, questions: {tea!r}}}\n"
        f"  - {{id: book, title: किताब, answer: किताब वहाँ है।, questions: {book!r}}}\n{more}"
    )


def files(text: str = "", golden: str = GOLDEN_ROWS) -> dict[str, str]:
    return {"office.yaml": text or faq(), GOLDEN: golden}


def gate(tmp_path: Path, after: Mapping[str, str], before: Mapping[str, str] | None = None) -> Verdict:
    return examine(after, before, PHRASES, tmp_path / "cache", "hi")


def keys(verdict: Verdict) -> list[str]:
    return [fault.key for fault in verdict.faults if fault.key.startswith("gate-")]


# --- the gate ---------------------------------------------------------------------------------------------------------


def test_what_answers_all_golden_questions_passes(tmp_path: Path) -> None:
    verdict = gate(tmp_path, files())
    assert (verdict.refused, verdict.entries, verdict.questions) == (False, 2, 8)


def test_a_golden_question_that_is_lost_or_led_astray_is_named_with_its_line(tmp_path: Path) -> None:
    stolen = faq(tea=["नमक कहाँ है", "namak do"], book=[*BOOK, "chai kahan milegi"])
    verdict = gate(tmp_path, files(stolen), files())
    assert verdict.refused
    (fault,) = [fault for fault in verdict.faults if fault.key.startswith("gate-golden")]
    assert (fault.place, fault.values["text"]) == ("faq/golden.tsv:2", "chai kahan milegi")


def test_what_was_wrong_before_does_not_stand_in_the_way(tmp_path: Path) -> None:
    golden = GOLDEN_ROWS + "नमक कहाँ मिलेगा\tbook\n"
    verdict = gate(tmp_path, files(faq(answer="चाय वहाँ मिलती है।"), golden), files(golden=golden))
    assert not verdict.refused
    assert [(change.id, change.fields) for change in verdict.changes] == [("tea", ("answer",))]


def test_a_phrasing_that_another_entry_answers_already_is_named_with_that_entry(tmp_path: Path) -> None:
    verdict = gate(tmp_path, files(faq(book=[*BOOK, "chai kahan milegi"])), files())
    (fault,) = [fault for fault in verdict.faults if fault.key == "gate-taken"]
    assert verdict.refused
    assert (fault.values["other"], fault.values["id"]) == ("चाय", "tea")
    assert fault.place.startswith("faq/office.yaml:")


def test_a_phrasing_may_move_from_one_entry_to_another(tmp_path: Path) -> None:
    moved = faq(tea=TEA[:-1], book=[*BOOK, TEA[-1]])
    assert "gate-taken" not in keys(gate(tmp_path, files(moved), files()))


def test_an_entry_once_more_under_another_name_is_refused(tmp_path: Path) -> None:
    twin = "  - {id: tea-2, title: चाय 2, answer: चाय।, questions: [chai kahan milegi]}\n"
    assert keys(gate(tmp_path, files(faq(more=twin)), files())).count("gate-taken") == 1


def test_changes_are_told_entry_by_entry(tmp_path: Path) -> None:
    more = "  - {id: pen, title: कलम, answer: कलम।, questions: [कलम कहाँ है, pen do]}\n"
    before = files(faq(more=more))
    after = files(faq(tea=[*TEA[:-1], "chai ki dukan"], answer="नई जगह।"))
    changes = {change.id: change for change in gate(tmp_path, after, before).changes}
    assert changes.keys() == {"tea", "pen"}
    assert (changes["tea"].more, changes["tea"].fewer) == (("chai ki dukan",), ("चाय का दाम",))
    assert changes["tea"].fields == ("answer",)
    assert changes["pen"].after is None


def test_files_with_mistakes_have_no_verdict_but_faults(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        gate(tmp_path, files("entries: [{id: x}]"))
    assert all(fault.path == "faq/office.yaml" for fault in caught.value.faults)


# --- revisions --------------------------------------------------------------------------------------------------------


async def test_a_revision_is_kept_whole_with_who_and_why(database: Database, tmp_path: Path) -> None:
    assert await published(database) is None
    first = await publish(database, gate(tmp_path, files()), "सुनीता", NOW, why="पहली")
    found = await published(database)
    assert found is not None
    assert found == (first, files())
    assert (first.who, first.why, first.digest) == ("सुनीता", "पहली", digest_of(files()))
    async with database.read() as connection:
        assert (await connection.execute(sa.select(audit.c.who, audit.c.act, audit.c.what))).all() == [
            ("सुनीता", "publish", f"revision:{first.id}")
        ]


async def test_what_the_gate_refuses_is_not_published_but_by_force_with_a_reason(
    database: Database, tmp_path: Path
) -> None:
    first = await publish(database, gate(tmp_path, files()), "a", NOW)
    bad = gate(tmp_path, files(faq(book=[*BOOK, "chai kahan milegi"])), files())
    with pytest.raises(InputError, match="publish-refused"):
        await publish(database, bad, "a", NOW, since=first.id)
    forced = await publish(database, bad, "a", NOW, forced="जान-बूझकर किया", since=first.id)
    assert forced.forced == "जान-बूझकर किया"
    # Where nothing stood in the way, none was needed.
    good = gate(tmp_path, files(faq(answer="नई जगह।")), files())
    assert (await publish(database, good, "a", NOW, forced="x y", since=forced.id)).forced == ""


async def test_the_same_is_not_published_twice_and_nobody_is_overtaken(database: Database, tmp_path: Path) -> None:
    first = await publish(database, gate(tmp_path, files()), "a", NOW)
    with pytest.raises(InputError, match="publish-same"):
        await publish(database, gate(tmp_path, files()), "a", NOW, since=first.id)
    verdict = gate(tmp_path, files(faq(answer="नई जगह।")))
    with pytest.raises(InputError, match="publish-meanwhile"):
        await publish(database, verdict, "b", NOW)


async def test_an_earlier_revision_is_brought_back_as_a_new_one(database: Database, tmp_path: Path) -> None:
    first = await publish(database, gate(tmp_path, files()), "a", NOW)
    new = files(faq(answer="नई जगह।"))
    second = await publish(database, gate(tmp_path, new, files()), "a", NOW, since=first.id)
    back = await roll_back(database, first.id, "b", NOW, "गलत था")
    found = await published(database)
    assert found is not None
    assert (found[0].id, found[0].of, found[1]) == (back.id, first.id, files())
    for number in (first.id, back.id, 99):
        with pytest.raises(InputError):
            await roll_back(database, number, "b", NOW)
    async with database.read() as connection:
        assert [each.id for each in await list_revisions(connection, 9)] == [back.id, second.id, first.id]


# --- the answers in use -----------------------------------------------------------------------------------------------


def write(folder: Path, content: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in content.items():
        (folder / name).write_text(text, "utf-8")


def library(database: Database, tmp_path: Path, folder: str = "faq") -> Library:
    """One process's; it begins with what stands in its folder."""
    prepared = prepare(tmp_path / folder, PHRASES, tmp_path / "cache")
    matcher = Matcher(prepared.loaded.faq, prepared.index, SHIPPED)
    roster = Roster((Staff("राम", Role.EDITOR, {"telegram": "7"}), Staff("नया", Role.VIEWER, {"telegram": "8"})))
    world = World(prepared.loaded.faq, matcher, PHRASES, roster=roster)
    return Library(database, Place(tmp_path / folder, tmp_path / "cache", "hi"), world, lambda: NOW)


def answer_of(library: Library, entry: str = "tea") -> str:
    return library.world().faq.by_id[entry].answer["hi"]


async def look_twice(library: Library) -> None:
    # A file that is being written has another face a moment later.
    await library.look()
    await library.look()


async def test_the_folder_is_published_at_the_start_and_whenever_it_changes(database: Database, tmp_path: Path) -> None:
    write(tmp_path / "faq", files())
    mine = library(database, tmp_path)
    await look_twice(mine)
    assert mine.revision == 1
    write(tmp_path / "faq", files(faq(answer="नई जगह।")))
    await look_twice(mine)
    assert (mine.revision, answer_of(mine)) == (2, "नई जगह।")
    assert isinstance(mine.world().answers.match("chai kahan milti hai"), Answer)


async def test_a_mistake_never_reaches_people_and_staff_are_told_once(database: Database, tmp_path: Path) -> None:
    async with database.write() as connection:
        values = {"channel": "telegram", "created": NOW, "heard": NOW, "name": "x"}
        await connection.execute(people.insert(), [values | {"address": each} for each in ("7", "8", "9")])
    write(tmp_path / "faq", files())
    mine = library(database, tmp_path)
    other = library(database, tmp_path)
    await look_twice(mine)
    await look_twice(other)
    write(tmp_path / "faq", files(faq(book=[*BOOK, "chai kahan milegi"])))
    for _ in range(2):
        await look_twice(mine)
        await look_twice(other)
    assert (mine.revision, other.revision) == (1, 1)
    async with database.read() as connection:
        told = (await connection.execute(sa.select(outbox.c.address, outbox.c.body))).all()
    assert [address for address, _ in told] == ["7"]
    assert "faq/office.yaml:" in told[0].body["text"]
    assert "यह सवाल पहले से 'चाय' (tea) में है" in told[0].body["text"]
    # Broken YAML is told too, and nothing else happens.
    write(tmp_path / "faq", files("entries: [{"))
    await look_twice(mine)
    assert (mine.revision, answer_of(mine)) == (1, "चाय यहाँ मिलती है।")


async def test_what_was_published_elsewhere_is_taken_up_and_an_older_folder_does_not_undo_it(
    database: Database, tmp_path: Path
) -> None:
    write(tmp_path / "faq", files())
    write(tmp_path / "other", files())
    mine, other = library(database, tmp_path), library(database, tmp_path, "other")
    await look_twice(mine)
    write(tmp_path / "faq", files(faq(answer="नई जगह।")))
    await look_twice(mine)
    for _ in range(3):
        await look_twice(other)
    assert (other.revision, answer_of(other)) == (2, "नई जगह।")
    await roll_back(database, 1, "b", NOW)
    for each in (mine, other):
        await look_twice(each)
        assert (each.revision, answer_of(each)) == (3, "चाय यहाँ मिलती है।")


async def test_the_day_is_told_to_talks(database: Database, tmp_path: Path) -> None:
    write(tmp_path / "faq", files())
    assert str(library(database, tmp_path).world().today) == "2026-11-26"


async def test_the_loop_goes_on_while_answers_are_learnt(database: Database, tmp_path: Path) -> None:
    write(tmp_path / "faq", files())
    mine = library(database, tmp_path)
    await look_twice(mine)
    write(tmp_path / "faq", files(faq(answer="नई जगह।")))
    beats, done = 0, asyncio.Event()

    async def beat() -> None:
        nonlocal beats
        while not done.is_set():
            beats += 1
            await asyncio.sleep(0.001)

    beating = asyncio.create_task(beat())
    await look_twice(mine)
    done.set()
    await beating
    assert mine.revision == 2
    # Learning takes seconds in the other process.
    assert beats > 100


def test_a_folder_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        read_files(tmp_path / "none")
    write(tmp_path / "faq", files())
    (tmp_path / "faq" / "x.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ContentError) as caught:
        read_files(tmp_path / "faq")
    assert [fault.key for fault in caught.value.faults] == ["not-utf8"]


def test_the_golden_questions_that_come_with_the_program_are_answered(tmp_path: Path) -> None:
    verdict = gate(tmp_path, read_files(shipped("faq")))
    assert keys(verdict) == []


# --- who asked in vain ------------------------------------------------------------------------------------------------


async def asked_in_vain(database: Database, text: str, *addresses: str, news: bool | None = None) -> None:
    """People ask something that has no answer."""
    async with database.write() as connection:
        for address in addresses:
            values = {"channel": "telegram", "address": address, "name": "x", "created": NOW, "heard": NOW}
            number = await connection.scalar(people.insert().values(values | {"news": news}).returning(people.c.id))
            assert number is not None
            await keep_questions(connection, [(number, Keep(fold(text), text))], NOW)


async def told(database: Database) -> dict[str, list[str]]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(outbox.c.address, outbox.c.body).order_by(outbox.c.id))
        found: dict[str, list[str]] = {}
        for address, body in rows:
            found.setdefault(address, []).append(body["text"])
        return found


async def test_who_asked_in_vain_is_told_once_when_there_is_an_answer(database: Database, tmp_path: Path) -> None:
    write(tmp_path / "faq", files())
    mine, other = library(database, tmp_path), library(database, tmp_path)
    await look_twice(mine)
    await look_twice(other)
    await asked_in_vain(database, "namak kahan hai", "sita", "gita")
    await asked_in_vain(database, "namak kahan hai", "mohan", news=False)
    await asked_in_vain(database, "kuch aur hi baat", "rahim")
    salt = "  - {id: salt, title: नमक, answer: नमक इधर है।, questions: [namak kahan hai, नमक दो, salt chahiye]}\n"
    write(tmp_path / "faq", files(faq(more=salt)))
    for each in (mine, other):
        await look_twice(each)
    text = 'आपने पूछा था: "namak kahan hai"\nउसका जवाब आ गया है:\n\nनमक इधर है।'
    assert await told(database) == {"sita": [text], "gita": [text]}
    async with database.read() as connection:
        left = (await connection.execute(sa.select(unanswered.c.text))).scalars().all()
    assert left == ["kuch aur hi baat"]


async def test_an_answer_that_did_not_help_is_not_told_again_before_it_is_another(
    database: Database, tmp_path: Path
) -> None:
    write(tmp_path / "faq", files())
    mine = library(database, tmp_path)
    await look_twice(mine)
    await asked_in_vain(database, "chai kahan milti hai", "sita")
    write(tmp_path / "faq", files(faq(book=[*BOOK, "kitabein"])))
    await look_twice(mine)
    assert (mine.revision, await told(database)) == (2, {})
    write(tmp_path / "faq", files(faq(book=[*BOOK, "kitabein"], answer="चाय अब दूसरी मंज़िल पर है।")))
    await look_twice(mine)
    assert "दूसरी मंज़िल" in (await told(database))["sita"][0]
