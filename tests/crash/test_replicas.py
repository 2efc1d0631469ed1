"""
Two processes of ``gem-saathi run`` by webhook on one PostgreSQL share the load; one is killed in the middle, and no
message is lost, or answered twice but for those that were on their way.
"""

import asyncio
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App
from tests.crash.telegram_office import ANSWERS, AT_ONCE, QUESTIONS, office
from tests.fakes.telegram import FakeTelegram, served
from tests.processes import Running, free_port, running

PEOPLE, MESSAGES, BEFORE = 30, 4, 40


class Platform:
    """Telegram's side of the webhook where a load balancer stands before several processes."""

    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake
        self.delivered = 0
        self.reached = asyncio.Event()

    async def deliver(self, programs: list[Running]) -> None:
        """All that waits: each person's in order, to the processes in turn, to the other one where one is away."""
        lanes: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for update in self._fake.waiting:
            lanes[update["message"]["from"]["id"]].append(update)
        assert self._fake.webhook is not None
        secret = {"X-Telegram-Bot-Api-Secret-Token": self._fake.webhook["secret_token"]}
        async with aiohttp.ClientSession(headers=secret) as client:
            await asyncio.gather(*(self._lane(client, programs, turn, lane) for turn, lane in lanes.items()))

    async def _lane(
        self, client: aiohttp.ClientSession, programs: list[Running], turn: int, updates: list[dict[str, Any]]
    ) -> None:
        for update in updates:
            status = 0
            while status != 200:
                turn += 1
                try:
                    path = programs[turn % len(programs)].url("/telegram/updates")
                    async with client.post(path, json=update) as answer:
                        status = answer.status
                except aiohttp.ClientError:
                    status = 0
            self.delivered += 1
            if self.delivered >= BEFORE:
                self.reached.set()


def answers(texts: list[str]) -> list[int]:
    """Which answers somebody read, in order; one that came again only once."""
    told = [number for text in texts for number, answer in enumerate(ANSWERS) if answer in text]
    return [number for number, _ in groupby(told)]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_two_replicas_share_the_load_and_one_that_is_killed_loses_and_doubles_nothing(
    database_url: str, tmp_path: Path, shipped: App
) -> None:
    fake = FakeTelegram()
    for number in range(MESSAGES):
        for person in range(1, PEOPLE + 1):
            await fake.write(person, QUESTIONS[number % 2])
    async with served(fake) as port:
        settings = office(tmp_path, database_url, port, shipped) | {
            "GEM_SAATHI_TELEGRAM_MODE": "webhook",
            "GEM_SAATHI_PUBLIC_URL": "https://saathi.example.org",
        }
        async with (
            running("run", environment=settings, folder=tmp_path, port=free_port()) as first,
            running("run", environment=settings, folder=tmp_path, port=free_port()) as second,
        ):
            await asyncio.gather(first.is_ready(), second.is_ready())
            platform = Platform(fake)
            async with asyncio.timeout(150):
                delivering = asyncio.create_task(platform.deliver([first, second]))
                await platform.reached.wait()
                shared = (await first.metrics())['gem_saathi_messages_in_total{channel="telegram"}']
                first.kill()
                await delivering

                def all_answered() -> bool:
                    texts = [fake.texts(person) for person in range(1, PEOPLE + 1)]
                    return all(len(each) >= MESSAGES and len(answers(each)) == MESSAGES for each in texts)

                await fake.until(all_answered, 120)
            alone = (await second.metrics())['gem_saathi_messages_in_total{channel="telegram"}']
            code, _, log = await second.stop()
    assert (code, fake.faults) == (0, [])
    assert min(shared, alone) >= BEFORE / 4
    texts = {person: fake.texts(person) for person in range(1, PEOPLE + 1)}
    in_order = [number % 2 for number in range(MESSAGES)]
    assert [person for person, each in texts.items() if answers(each) != in_order] == []
    assert sum(map(len, texts.values())) - PEOPLE * MESSAGES <= AT_ONCE
    assert [line for line in log.splitlines() if " INFO " not in line] == []
