"""What Prometheus is told."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.channels.contract import NotSentError
from bot.core.answers.matcher import Match, Nothing
from bot.core.talk.message import Incoming, Reply
from bot.metrics import ErrorCounter, Metrics
from tests.crash.waiting import Letterbox

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


class Silent:
    """Knows no answers."""

    def match(self, _: str) -> Match:
        return Nothing(None, ())


def values(metrics: Metrics, depths: dict[str, tuple[int, datetime]] | None = None) -> dict[str, float]:
    text = metrics.exposed(depths or {}, NOW).decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_messages_in_are_counted_by_channel_and_their_handling_is_timed() -> None:
    metrics = Metrics()
    taken: list[Incoming] = []

    async def take(incoming: Incoming) -> None:
        taken.append(incoming)

    for channel in ("telegram", "web", "web"):
        await metrics.handled(take, Incoming(channel, "a", "1", NOW, "9876543210"))
    told = values(metrics)
    assert [message.channel for message in taken] == ["telegram", "web", "web"]
    assert (told["gem_saathi_messages_in_total telegram"], told["gem_saathi_messages_in_total web"]) == (1, 2)
    assert told["gem_saathi_handling_seconds_count web"] == 2
    assert "9876543210" not in metrics.exposed({}, NOW).decode()


async def test_messages_out_are_counted_and_timed_and_what_fails_by_its_kind() -> None:
    metrics, letterbox = Metrics(), Letterbox()
    sender = metrics.timed("telegram", letterbox)
    assert await sender.send("a", Reply("x"), heard=NOW) == "a/1"
    failures: list[tuple[str, Exception]] = [
        ("send: channel", NotSentError("429", 1, everybody=True)),
        ("send: gone", NotSentError("blocked", None, gone=True)),
        ("send: never", NotSentError("bad", None)),
        ("send: later", NotSentError("away", 1)),
        ("send: in doubt", ConnectionResetError()),
    ]
    letterbox.hanging.add("slow")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sender.send("slow", Reply("x")), 0.01)
    for _, error in failures:
        letterbox.failing["a"] = [error]
        with pytest.raises(type(error)):
            await sender.send("a", Reply("x"))
    told = values(metrics)
    assert told["gem_saathi_messages_out_total telegram"] == 1
    assert told["gem_saathi_sending_seconds_count telegram"] == 1
    assert [told[f"gem_saathi_errors_total {kind}"] for kind, _ in failures] == [1, 1, 1, 1, 2]


def test_what_questions_find_is_counted() -> None:
    metrics = Metrics()
    answers = metrics.matched(Silent())
    assert isinstance(answers.match("बारिश"), Nothing)
    assert values(metrics)["gem_saathi_matches_total nothing"] == 1


def test_the_outbox_s_depth_and_age_are_as_they_are_now() -> None:
    metrics = Metrics()
    told = values(metrics, {"web": (3, NOW - timedelta(seconds=90)), "telegram": (1, NOW + timedelta(seconds=1))})
    assert (told["gem_saathi_outbox_depth web"], told["gem_saathi_outbox_oldest_seconds web"]) == (3, 90)
    assert told["gem_saathi_outbox_oldest_seconds telegram"] == 0
    assert [name for name in values(metrics) if "outbox" in name] == []


def test_errors_in_the_log_are_counted_by_who_tells_them() -> None:
    metrics = Metrics()
    logger = logging.Logger("bot.inbox")  # noqa: LOG001 - one that nobody else hears
    logger.addHandler(ErrorCounter(metrics))
    logger.warning("no")
    logger.error("yes")
    assert values(metrics)["gem_saathi_errors_total bot.inbox"] == 1


def test_two_programs_in_one_process_count_for_themselves() -> None:
    first, second = Metrics(), Metrics()
    first.error("x")
    assert "gem_saathi_errors_total x" not in values(second)
