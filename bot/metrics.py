"""
What Prometheus is told; no number is about one person.

Messages in and out, what questions found, how long handling and sending take, the outbox's depth and age, errors by
kind. Nothing that is measured knows of it: it is wrapped where it is wired (``handled``, ``matched``, ``timed``).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bot.channels.contract import NotSentError, Sender
from bot.core.answers.matcher import Match
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.state import Answers

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 15)


class Metrics:
    """All that is measured, of one running program."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._received = Counter("gem_saathi_messages_in", "Messages of people", ["channel"], registry=registry)
        self._sent = Counter("gem_saathi_messages_out", "Messages that went out", ["channel"], registry=registry)
        self._handling = Histogram(
            "gem_saathi_handling_seconds",
            "From a message's arrival until it is on the disk with its replies",
            ["channel"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._sending = Histogram(
            "gem_saathi_sending_seconds", "Sending a message", ["channel"], buckets=_SECONDS, registry=registry
        )
        self._matches = Counter("gem_saathi_matches", "What questions found", ["outcome"], registry=registry)
        self._errors = Counter("gem_saathi_errors", "Errors", ["kind"], registry=registry)
        self._depth = Gauge("gem_saathi_outbox_depth", "Messages waiting to be sent", ["channel"], registry=registry)
        self._age = Gauge(
            "gem_saathi_outbox_oldest_seconds", "Age of the oldest of them", ["channel"], registry=registry
        )

    async def handled(self, take: Callable[[Incoming], Awaitable[None]], incoming: Incoming) -> None:
        """Have a message taken."""
        self._received.labels(incoming.channel).inc()
        since = _time()
        await take(incoming)
        self._handling.labels(incoming.channel).observe(_time() - since)

    def matched(self, answers: Answers) -> Answers:
        """The same answers, counted."""
        return _Counted(answers, self._matches)

    def timed(self, channel: str, sender: Sender) -> Sender:
        """The same sender, timed."""
        return _Timed(sender, self._sent.labels(channel), self._sending.labels(channel), self.error)

    def error(self, kind: str) -> None:
        """Something went wrong."""
        self._errors.labels(kind).inc()

    def exposed(self, depths: Mapping[str, tuple[int, datetime]], now: datetime) -> bytes:
        """
        All of it in Prometheus's text format.

        Args:
            depths: channel -> how many messages wait, and when the oldest was queued.
            now: when.
        """
        self._depth.clear()
        self._age.clear()
        for channel, (count, oldest) in depths.items():
            self._depth.labels(channel).set(count)
            self._age.labels(channel).set(max(0.0, (now - oldest).total_seconds()))
        return generate_latest(self.registry)


class ErrorCounter(logging.Handler):
    """Counts what is logged as an error, by who logs it."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.ERROR)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        self._metrics.error(record.name)


class _Counted:
    def __init__(self, answers: Answers, matches: Counter) -> None:
        self._answers = answers
        self._matches = matches

    def match(self, text: str) -> Match:
        found = self._answers.match(text)
        self._matches.labels(type(found).__name__.lower()).inc()
        return found


class _Timed:
    def __init__(self, sender: Sender, sent: Counter, sending: Histogram, error: Callable[[str], None]) -> None:
        self._sender = sender
        self._sent = sent
        self._sending = sending
        self._error = error

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:
        since = _time()
        try:
            sent_as = await self._sender.send(address, reply, heard=heard, ours=ours)
        except NotSentError as error:
            self._error(_kind(error))
            raise
        except (Exception, asyncio.CancelledError):  # cancelled is what takes too long
            self._error("send: in doubt")
            raise
        self._sending.observe(_time() - since)
        self._sent.inc()
        return sent_as


def _kind(error: NotSentError) -> str:
    if error.everybody:
        return "send: channel"
    if error.gone:
        return "send: gone"
    return "send: never" if error.again_in is None else "send: later"


def _time() -> float:
    return asyncio.get_running_loop().time()
