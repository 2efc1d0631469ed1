"""An announcement from the draft to its end; on both databases, by a moved clock."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.announcer import Rules
from bot.announcing import cancel, pause, report, resume, retry, send, status
from bot.channels.contract import NotSentError
from bot.core.announcements.announcement import LASTS
from bot.core.pacing import Pace
from bot.core.quiet import Quiet
from bot.core.workshops.batch import IST
from bot.core.workshops.night import NIGHT
from bot.errors import InputError
from bot.store import ledger
from bot.store.database import Database
from bot.store.ledger import Skipped
from bot.store.outgoing import LEASE, Fate
from bot.store.reaching import WINDOW_CLOSED
from bot.store.tables import audit, outbox
from tests.announcing.office import BEGIN, Clock, Office
from tests.crash.talks import CHANNEL

# Three at once and, to a moved clock, no more until it is moved.
SLOWLY = {CHANNEL: Pace(per_second=20)}
NAMES = ("सीता", "गीता", "राम", "मोहन", "रहीम")


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


@pytest.fixture
def slow(database: Database) -> Office:
    return Office(database, paces=SLOWLY)


async def test_everybody_who_wants_news_gets_it_once_by_name(office: Office) -> None:
    await office.settle(*NAMES)
    await office.settle("बिना कहे", news=None)
    await office.settle("नहीं चाहिए", news=False)
    await office.settle("दूसरे चैनल पर", channel="elsewhere")
    announced = await office.begin()
    assert sorted(office.post.got) == sorted((name, f"नमस्ते {name}!") for name in NAMES)
    assert await office.fates(announced.id) == {Fate.SENT: 5}
    assert await office.stage(announced.id) == "finished"
    office.clock.pass_(3600)
    await office.work()
    assert len(office.post.got) == 5


async def test_for_a_minute_it_can_be_undone_as_if_nothing_had_been_done(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce()
    office.clock.pass_(59)
    await office.work()
    assert (office.post.got, await office.count(outbox)) == ([], 0)
    await cancel(office.database, announced.id, "सुनीता", office.clock())
    office.clock.pass_(3600)
    await office.work()
    assert (office.post.got, await office.stage(announced.id)) == ([], "cancelled")


async def test_it_begins_when_it_was_wanted(office: Office) -> None:
    await office.settle(*NAMES)
    await office.announce(at=BEGIN + timedelta(hours=2))
    office.clock.pass_(2 * 3600 - 1)
    await office.work()
    assert office.post.got == []
    office.clock.pass_(1)
    await office.work()
    assert len(office.post.got) == 5


async def test_who_comes_after_it_has_begun_is_no_recipient(office: Office) -> None:
    await office.settle(*NAMES)
    office.post.hanging.update(NAMES)
    announced = await office.announce()
    office.clock.pass_(60)
    await office.announcer.look()
    await office.settle("देर से")
    office.post.release()
    await office.work()
    assert (await office.fates(announced.id), office.post.of("देर से")) == ({Fate.SENT: 5}, [])


async def test_people_are_written_down_in_slices_and_nobody_gets_it_before_all_are(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "SLICE", 2)
    await office.settle(*NAMES)
    announced = await office.begin()
    assert (await status(office.database, announced.id)).announcement.people == 5
    assert await office.fates(announced.id) == {Fate.SENT: 5}


async def test_who_says_stop_or_is_gone_in_the_meantime_does_not_get_it(slow: Office) -> None:
    office = slow
    await office.settle(*NAMES)
    announced = await office.begin()
    assert [address for address, _ in office.post.got] == ["सीता", "गीता"]
    await office.change("मोहन", news=False)
    await office.change("रहीम", gone=office.clock())
    await office.go_on(4)
    assert [address for address, _ in office.post.got] == ["सीता", "गीता", "राम"]
    told = await status(office.database, announced.id)
    assert told.reasons == {(Fate.SKIPPED, Skipped.STOPPED): 1, (Fate.SKIPPED, Skipped.GONE): 1}
    assert told.announcement.stage == "finished"


async def test_who_blocked_the_bot_is_told_of_in_the_report_and_gets_no_later_one(office: Office) -> None:
    await office.settle(*NAMES)
    office.post.failing["राम"].append(NotSentError("Forbidden: bot was blocked by the user", None, gone=True))
    first = await office.begin()
    second = await office.begin("दूसरी")
    async with report(office.database, first.id) as lines:
        told = [(line.name, line.fate, line.trouble) async for line in lines]
    assert told[0] == ("राम", Fate.FAILED, "Forbidden: bot was blocked by the user")
    assert [fate for _, fate, _ in told[1:]] == [Fate.SENT] * 4
    assert await office.fates(second.id) == {Fate.SENT: 4}


async def test_a_pause_lets_nothing_more_out_and_resuming_goes_on_with_those_who_are_left(slow: Office) -> None:
    office = slow
    await office.settle(*NAMES)
    announced = await office.begin()
    await pause(office.database, announced.id, "सुनीता", office.clock())
    await office.go_on(4)
    assert len(office.post.got) == 2
    assert await office.stage(announced.id) == "paused"
    await resume(office.database, announced.id, "राजेश", office.clock())
    await office.go_on(4)
    assert sorted(address for address, _ in office.post.got) == sorted(NAMES)
    assert await office.stage(announced.id) == "finished"


async def test_cancelled_on_its_way_the_others_do_not_get_it(slow: Office) -> None:
    office = slow
    await office.settle(*NAMES)
    announced = await office.begin()
    await cancel(office.database, announced.id, "सुनीता", office.clock())
    office.clock.pass_(60)
    await office.work()
    fates = await office.fates(announced.id)
    assert fates[Fate.SENT] == len(office.post.got) < 5
    assert fates[Fate.SKIPPED] == 5 - len(office.post.got)


async def test_after_its_end_nothing_goes_out_however_late_the_server_comes_back(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce(expires=BEGIN + timedelta(hours=1))
    office.clock.pass_(3600)
    await office.work()
    assert (office.post.got, await office.stage(announced.id)) == ([], "expired")


async def test_what_was_let_out_before_its_end_does_not_go_out_after_it(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce(expires=BEGIN + timedelta(hours=1))
    office.clock.pass_(60)
    await office.announcer.look()
    office.clock.pass_(3600)
    await office.outbox.drain()
    await office.work()
    assert office.post.got == []
    assert (await status(office.database, announced.id)).reasons == {(Fate.SKIPPED, Skipped.EXPIRED): 5}


async def test_a_paused_one_ends_at_its_end_too(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce()
    await pause(office.database, announced.id, "सुनीता", office.clock())
    office.clock.pass_(LASTS.total_seconds())
    await office.work()
    assert await office.stage(announced.id) == "expired"
    with pytest.raises(InputError, match="announce-not-paused"):
        await resume(office.database, announced.id, "सुनीता", office.clock())


async def test_by_night_nothing_goes_out_and_in_the_morning_the_rest(database: Database) -> None:
    office = Office(database, Clock(datetime(2026, 11, 26, 20, 58, 59, tzinfo=IST)), paces=SLOWLY)
    await office.settle(*(f"p{number}" for number in range(20)))
    announced = await office.begin()
    await office.go_on(10)
    last = len(office.post.got)
    assert 0 < last < 20
    office.clock.now = datetime(2026, 11, 27, 7, 59, 59, tzinfo=IST)
    await office.work()
    assert len(office.post.got) == last
    office.clock.pass_(1)
    await office.go_on(10)
    assert await office.fates(announced.id) == {Fate.SENT: 20}


async def test_spread_over_hours_it_goes_out_little_by_little(office: Office) -> None:
    await office.settle(*(f"p{number}" for number in range(40)))
    await office.begin(hours=4)
    counts = []
    for _ in range(4):
        office.clock.pass_(3600)
        await office.work()
        counts.append(len(office.post.got))
    assert counts == [10, 20, 30, 40]


async def test_nobody_gets_more_than_their_share_in_a_week_unless_it_is_said_so(database: Database) -> None:
    office = Office(database, rules=Rules(NIGHT, share=2))
    await office.settle(*NAMES)
    for number in range(3):
        announced = await office.begin(f"{number}")
    assert (await status(database, announced.id)).reasons == {(Fate.SKIPPED, Skipped.SHARE): 5}
    await office.begin("ज़रूरी", uncapped=True)
    assert office.post.of("राम") == ["0", "1", "ज़रूरी"]
    office.clock.pass_(8 * 86400)
    await office.begin("अगले हफ़्ते")
    assert office.post.of("राम")[-1] == "अगले हफ़्ते"


async def test_it_pauses_by_itself_where_too_many_fail_and_goes_on_when_staff_say_so(database: Database) -> None:
    office = Office(database, rules=Rules(NIGHT, failures=20), paces=SLOWLY)
    names = [f"p{number}" for number in range(40)]
    await office.settle(*names)
    for name in names:
        office.post.failing[name] += [NotSentError("Bad Request", None)]
    announced = await office.begin()
    await office.go_on(15)
    told = await status(database, announced.id)
    assert (told.announcement.stage, told.announcement.why) == ("paused", "failures")
    assert 20 <= told.of(Fate.FAILED) < 30
    for name in names:
        office.post.failing[name].clear()
    await resume(database, announced.id, "सुनीता", office.clock())
    await office.go_on(15)
    assert (await office.fates(announced.id))[Fate.SENT] == 40 - told.of(Fate.FAILED)


async def test_one_bad_recipient_never_stops_the_rest(office: Office) -> None:
    await office.settle(*NAMES)
    office.post.failing["सीता"].append(NotSentError("Bad Request: chat not found", None))
    announced = await office.begin()
    assert await office.fates(announced.id) == {Fate.FAILED: 1, Fate.SENT: 4}


async def test_what_is_in_doubt_is_not_sent_again_by_itself(office: Office) -> None:
    await office.settle(*NAMES)
    office.post.doubtful["सीता"].append(ConnectionResetError())
    announced = await office.begin()
    office.clock.pass_(3600)
    await office.work()
    assert office.post.of("सीता") == ["नमस्ते सीता!"]
    assert await office.fates(announced.id) == {Fate.UNKNOWN: 1, Fate.SENT: 4}


async def test_what_a_dead_process_had_claimed_is_not_known_and_not_sent_again(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce()
    office.clock.pass_(60)
    await office.announcer.look()
    async with office.database.write() as connection:
        dead = sa.select(outbox.c.id).where(outbox.c.announcement == announced.id).limit(1)
        claimed = outbox.update().where(outbox.c.id.in_(dead))
        await connection.execute(claimed.values(status="claimed", claimed_by="dead", claimed=office.clock()))
    office.clock.pass_(LEASE.total_seconds() + 1)
    await office.work()
    assert await office.fates(announced.id) == {Fate.UNKNOWN: 1, Fate.SENT: 4}
    assert len(office.post.got) == 4


async def test_where_the_window_is_closed_and_there_is_no_template_it_is_left_out(office: Office) -> None:
    await office.settle(*NAMES)
    office.post.failing["राम"].append(NotSentError(WINDOW_CLOSED, 60))
    announced = await office.begin()
    told = await status(office.database, announced.id)
    assert told.reasons == {(Fate.SKIPPED, WINDOW_CLOSED): 1}
    assert told.announcement.stage == "finished"


async def test_staff_send_it_again_for_chosen_reasons_only(office: Office) -> None:
    await office.settle(*NAMES)
    office.post.failing["सीता"].append(NotSentError("Bad Request", None))
    office.post.doubtful["राम"].append(ConnectionResetError())
    announced = await office.begin()
    again = await retry(office.database, announced.id, [(Fate.FAILED, "Bad Request")], "सुनीता", office.clock())
    await office.work()
    assert again == 1
    assert (office.post.of("सीता"), len(office.post.of("राम"))) == (["नमस्ते सीता!"], 1)
    assert await office.fates(announced.id) == {Fate.UNKNOWN: 1, Fate.SENT: 4}


async def test_a_double_click_sends_it_once(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce()
    with pytest.raises(InputError, match="announce-not-a-draft"):
        await send(office.database, announced.id, "सुनीता", office.clock())
    office.clock.pass_(60)
    await office.work()
    assert len(office.post.got) == 5


async def test_who_did_what_is_written_down(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.announce()
    await pause(office.database, announced.id, "राजेश", office.clock())
    await resume(office.database, announced.id, "सुनीता", office.clock())
    await cancel(office.database, announced.id, "राजेश", office.clock())
    async with office.database.read() as connection:
        done = (await connection.execute(sa.select(audit.c.who, audit.c.act, audit.c.what).order_by(audit.c.id))).all()
    what = f"announcement:{announced.id}"
    assert [tuple(row) for row in done] == [
        ("सुनीता", "new", what),
        ("सुनीता", "send", what),
        ("राजेश", "pause", what),
        ("सुनीता", "resume", what),
        ("राजेश", "cancel", what),
    ]


async def test_who_erases_themselves_in_the_middle_is_gone_from_the_ledger(office: Office) -> None:
    await office.settle(*NAMES)
    announced = await office.begin()
    async with office.database.write() as connection:
        await connection.execute(outbox.delete().where(outbox.c.address == "राम"))
    told = await status(office.database, announced.id)
    assert (told.announcement.people, told.of(*Fate)) == (5, 4)


async def test_without_quiet_hours_the_night_is_as_good_as_the_day(database: Database) -> None:
    none = Quiet(NIGHT.begins, NIGHT.begins)
    office = Office(database, Clock(datetime(2026, 11, 26, 23, tzinfo=IST)), rules=Rules(none))
    await office.settle(*NAMES)
    await office.begin()
    assert len(office.post.got) == 5


async def test_several_that_begin_at_once_count_towards_the_share_together(database: Database) -> None:
    office = Office(database, rules=Rules(NIGHT, share=2))
    await office.settle(*NAMES)
    for number in range(3):
        await office.announce(f"{number}")
    office.clock.pass_(60)
    await office.work()
    await office.work()
    assert [len(office.post.of(name)) for name in NAMES] == [2] * len(NAMES)
