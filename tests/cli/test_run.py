"""``gem-saathi run`` and ``gem-saathi web``, as processes over real sockets."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.telegram import TOKEN, FakeTelegram, served
from tests.processes import Running, free_port, running

PERSON = 4711
QUESTION = "phone number helpdesk ka chahiye"


@pytest.fixture
def settings(environment: dict[str, str], small: Path, tmp_path: Path) -> dict[str, str]:
    """Nothing but where things lie."""
    return {
        "GEM_SAATHI_CACHE_DIR": environment["GEM_SAATHI_CACHE_DIR"],
        "GEM_SAATHI_DATABASE": str(tmp_path / "data" / "gem-saathi.sqlite3"),
        "GEM_SAATHI_FAQ_DIR": str(small),
    }


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[FakeTelegram, dict[str, str]]]:
    """The platform, and the settings with which it is reached."""
    fake = FakeTelegram()
    async with served(fake) as port:
        address = {"GEM_SAATHI_TELEGRAM_TOKEN": TOKEN, "GEM_SAATHI_TELEGRAM_BASE_URL": f"http://127.0.0.1:{port}/bot"}
        yield fake, address


async def ask(client: aiohttp.ClientSession, program: Running, question: str, number: str) -> None:
    message = {"id": number, "text": question}
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with client.post(program.url("/web/messages"), json=message, headers=headers) as answer:
        assert answer.status == 202


async def hear(client: aiohttp.ClientSession, program: Running, words: str) -> None:
    """Read the talk's events until somebody says something."""
    async with asyncio.timeout(30), client.get(program.url("/web/events")) as events:
        async for line in events.content:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data and words in json.dumps(json.loads(data), ensure_ascii=False):
                return
    raise AssertionError(words)


async def test_with_nothing_configured_a_web_chat_runs_on_this_computer_and_says_where(
    settings: dict[str, str], tmp_path: Path
) -> None:
    shipped = {name: value for name, value in settings.items() if name != "GEM_SAATHI_FAQ_DIR"}
    async with running("run", environment=shipped, folder=tmp_path) as program:
        await program.is_ready()
        # What it takes of one core until it answers; how long that is depends on who else is at work.
        assert (await program.metrics())["process_cpu_seconds_total"] < 3
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            async with client.get(program.url("/")) as page:
                assert (page.status, "जेम साथी" in await page.text() or "GeM साथी" in await page.text()) == (200, True)
            await ask(client, program, "helpdesk number", "message-1")
            await hear(client, program, "1800-419-3436")
        code, out, log = await program.stop()
    assert (code, "Traceback" in log) == (0, False)
    first, last = out.splitlines()
    assert f"http://127.0.0.1:{program.port}/" in first
    assert "केवल वेब चैट" in first
    assert "Ctrl+C" in last
    assert "helpdesk" not in log


async def test_who_came_before_is_known_after_a_restart(settings: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with running("web", environment=settings, folder=tmp_path, port=port) as program:
            await program.is_ready()
            await client.get(program.url("/"))
            await ask(client, program, QUESTION, "message-1")
            await hear(client, program, "0000-111")
            assert (await program.stop())[0] == 0
        async with running("web", environment=settings, folder=tmp_path, port=port) as program:
            await program.is_ready()
            await hear(client, program, "0000-111")
    secret = tmp_path / "data" / "gem-saathi.web-secret"
    assert secret.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_asked_to_stop_it_ends_with_0_although_a_page_is_open(
    settings: dict[str, str], tmp_path: Path, number: int
) -> None:
    async with (
        running("web", environment=settings, folder=tmp_path) as program,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client,
    ):
        await program.is_ready()
        await client.get(program.url("/"))
        async with client.get(program.url("/web/events")) as events:
            assert events.status == 200
            code, _, log = await program.stop(number)
            await events.read()
    assert code == 0
    assert [line.split(": ", 1)[1] for line in log.splitlines()] == [
        "Asked to stop: finishing what is open.",
        "Stopped.",
    ]


async def test_on_telegram_by_polling_a_question_is_answered_once_beside_the_web_chat(
    settings: dict[str, str], tmp_path: Path, telegram: tuple[FakeTelegram, dict[str, str]]
) -> None:
    fake, address = telegram
    both = settings | address | {"GEM_SAATHI_WEB": "yes", "GEM_SAATHI_LOG_FORMAT": "json"}
    async with running("run", environment=both, folder=tmp_path) as program:
        await program.is_ready()
        await fake.write(PERSON, QUESTION)
        await fake.until(lambda: len(fake.texts(PERSON)) == 1 and not fake.waiting)
        async with asyncio.timeout(20):
            # The program hears of it after the platform.
            while not (told := await program.metrics())['gem_saathi_messages_out_total{channel="telegram"}']:
                pass
        code, out, log = await program.stop()
    assert (code, fake.faults, len(fake.texts(PERSON))) == (0, [], 1)
    assert "0000-111" in fake.texts(PERSON)[0]
    assert told['gem_saathi_messages_in_total{channel="telegram"}'] == 1
    assert told['gem_saathi_messages_out_total{channel="telegram"}'] >= 1
    assert told['gem_saathi_matches_total{outcome="answer"}'] == 1
    assert len(out.splitlines()) == 3
    assert [json.loads(line)["level"] for line in log.splitlines()] == ["INFO", "INFO"]
    assert TOKEN not in out + log


async def test_with_a_bad_token_it_is_not_ready_and_says_so_without_telling_the_token(
    settings: dict[str, str], tmp_path: Path, telegram: tuple[FakeTelegram, dict[str, str]]
) -> None:
    fake, address = telegram
    fake.token = "1:another"  # noqa: S105 - invented
    async with running("run", environment=settings | address, folder=tmp_path) as program:
        async with aiohttp.ClientSession() as client:
            parts = None
            while parts is None:
                try:
                    async with client.get(program.url("/readyz")) as answer:
                        parts = (answer.status, await answer.json())
                except aiohttp.ClientConnectionError:
                    assert program.process.returncode is None
            async with client.get(program.url("/healthz")) as answer:
                assert answer.status == 200
        code, _, log = await program.stop()
    assert parts == (503, {"database": True, "telegram": False})
    assert code == 0
    assert TOKEN not in log


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("web: no\n", "telegram_token"),
        (f"telegram_token: '{TOKEN}'\ntelegram_mode: webhook\n", "public_url"),
        ("whatsapp_phone_id: '1'\n", "whatsapp_app_secret"),
        ("listen_host: no-such-host.invalid\n", "listen_port"),
        ("web_emblem: nowhere.svg\n", "nowhere.svg"),
        ("database: postgresql://a:s3cret@localhost/x\n", "web_secret"),
    ],
)
async def test_what_is_wrong_or_missing_is_one_sentence_each(
    settings: dict[str, str], tmp_path: Path, lines: str, says: str
) -> None:
    (tmp_path / "config.yaml").write_text(lines, "utf-8")
    (tmp_path / "config.yaml").chmod(0o600)
    given = {name: value for name, value in settings.items() if "database" not in lines or "DATABASE" not in name}
    async with running("run", environment=given, folder=tmp_path) as program:
        code, out, err = await program.ended()
    assert (code, out) == (1, "")
    assert says in err
    assert all(line.endswith(("।", ".")) for line in err.splitlines())
    assert "s3cret" not in err


async def test_a_port_that_another_program_has_is_one_sentence(settings: dict[str, str], tmp_path: Path) -> None:
    async with running("web", environment=settings, folder=tmp_path) as first:
        await first.is_ready()
        async with running("web", environment=settings, folder=tmp_path, port=first.port) as second:
            code, out, err = await second.ended()
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"127.0.0.1:{first.port}" in err


async def test_a_config_with_a_secret_that_others_can_read_is_warned_of(
    settings: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("web: yes\nweb_secret: 0123456789abcdef\n", "utf-8")
    config.chmod(0o644)
    async with running("run", environment=settings, folder=tmp_path) as program:
        await program.is_ready()
        code, _, err = await program.stop()
    assert code == 0
    assert "config.yaml:2" in err
    assert "chmod 600" in err
    assert "0123456789abcdef" not in err
