"""What whoever looks after the program asks it, and who may."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import InputError
from bot.server import Server, Watch, application, is_loopback, listen

TOKEN = "0123456789abcdef"  # noqa: S105 - invented


def watch(ready: Mapping[str, bool] | None = None, token: str = "", proxy_header: str = "") -> Watch:
    async def parts() -> Mapping[str, bool]:
        return ready or {}

    async def metrics() -> tuple[bytes, str]:
        return b"gem_saathi 1\n", "text/plain"

    return Watch(parts, metrics, token, proxy_header)


async def get(
    path: str, watched: Watch, headers: Mapping[str, str] | None = None, host: str = "127.0.0.1"
) -> httpx.Response:
    async def hello(_: Request) -> Response:
        return PlainTextResponse("नमस्ते")

    app = application([Route("/", hello)], watched)
    transport = httpx.ASGITransport(app, client=(host, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers=headers)


async def test_what_channels_answer_is_answered() -> None:
    assert (await get("/", watch())).text == "नमस्ते"
    assert (await get("/elsewhere", watch())).status_code == 404


async def test_a_process_that_answers_is_alive_whatever_it_lacks() -> None:
    assert (await get("/healthz", watch({"database": False}))).status_code == 200


@pytest.mark.parametrize(
    ("ready", "status"),
    [
        ({"database": True, "telegram": True}, 200),
        ({"database": False, "telegram": True}, 503),
        ({"database": True, "telegram": False}, 503),
    ],
)
async def test_it_is_ready_where_every_part_is_and_says_which_is_not(ready: dict[str, bool], status: int) -> None:
    answer = await get("/readyz", watch(ready))
    assert (answer.status_code, answer.json()) == (status, ready)


@pytest.mark.parametrize(
    ("headers", "host", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "10.0.0.7", 403),
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", 403),
        ({"Forwarded": "for=127.0.0.1"}, "127.0.0.1", 403),
        ({"CF-Connecting-IP": "127.0.0.1"}, "127.0.0.1", 403),
    ],
)
async def test_without_a_token_only_this_machine_reads_the_metrics_and_not_through_a_proxy(
    headers: dict[str, str], host: str, status: int
) -> None:
    assert (await get("/metrics", watch(proxy_header="CF-Connecting-IP"), headers, host)).status_code == status


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        ("", 403),
        (TOKEN, 403),
        (f"Bearer {TOKEN}x", 403),
        (f"Bearer {TOKEN[:-1]}", 403),
        ("Bearer é", 403),
    ],
)
async def test_with_a_token_whoever_says_it_reads_the_metrics_and_nobody_else(said: str, status: int) -> None:
    headers = {"Authorization": said.encode("latin-1").decode("latin-1")} if said else {}
    app = application([], watch(token=TOKEN))
    for host in ("127.0.0.1", "10.0.0.7"):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(host, 4711)), base_url="http://test"
        ) as client:
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            assert (await client.get("/metrics", headers=raw)).status_code == status


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],  # noqa: S104
)
def test_which_addresses_are_this_machine_s_own(host: str, is_own: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is is_own


def test_a_port_that_another_program_has_is_named() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(InputError) as caught:
            listen("127.0.0.1", port)
    assert (caught.value.key, caught.value.values["address"]) == ("port-taken", f"127.0.0.1:{port}")


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(InputError, match="port-taken"):
        listen("no such host", 8000)


async def test_over_a_real_socket_a_request_that_is_open_is_answered_before_the_server_ends() -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        arrived.set()
        await go_on.wait()
        return PlainTextResponse("done")

    server = Server(application([Route("/", slow)], watch()))
    with listen("127.0.0.1", 0) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        async with httpx.AsyncClient() as client:
            asked = asyncio.create_task(client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
            await arrived.wait()
            server.should_exit = True
            go_on.set()
            answer = await asked
        await serving
    assert (answer.text, "server" in answer.headers) == ("done", False)
