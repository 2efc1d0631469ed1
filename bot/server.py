"""
The HTTP server: the channels' webhooks and pages, and what whoever looks after the program asks it.

/healthz says that the process answers; /readyz that the database answers and the channels hear, else 503, so that a
load balancer sends nobody here; /metrics is for Prometheus, and answers only who says the token, or, where there is
none, who comes from this machine and not through a proxy.
"""

import hmac
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import InputError

# Seconds that requests get to end when the program is asked to stop.
GRACE = 4
_BACKLOG = 2048
# A proxy keeps a connection for a minute; it must not be closed under its hands.
_KEEP_ALIVE = 75
# Who writes one of these is a proxy, and speaks for somebody else.
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_NOT_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Watch:
    """
    What can be asked of the program.

    Attributes:
        ready: part -> whether it is.
        metrics: Prometheus's text, and its media type.
        token: what /metrics wants to hear; "" for none.
        proxy_header: in which the proxy writes who is asking; "" for none.
    """

    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    metrics: Callable[[], Awaitable[tuple[bytes, str]]]
    token: str = ""
    proxy_header: str = ""


def application(routes: Sequence[BaseRoute], watch: Watch) -> Starlette:
    """All that the server answers."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True}, headers=_NOT_KEPT)

    async def readyz(_: Request) -> Response:
        parts = dict(await watch.ready())
        return JSONResponse(parts, 200 if all(parts.values()) else 503, _NOT_KEPT)

    async def metrics(request: Request) -> Response:
        if not _may_read(request, watch):
            return Response(status_code=403, headers=_NOT_KEPT)
        text, media_type = await watch.metrics()
        return Response(text, media_type=media_type, headers=_NOT_KEPT)

    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=[*own, *routes])


def _may_read(request: Request, watch: Watch) -> bool:
    if watch.token:
        said = request.headers.get("authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {watch.token}".encode())
    through_proxy = any(header in request.headers for header in (*_OF_PROXIES, watch.proxy_header) if header)
    return not through_proxy and is_loopback(request.client.host if request.client else "")


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, for nobody else to reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """
    Open the socket; what comes from now on waits.

    Raises:
        InputError: another program has it, or it is no address of this machine.
    """
    address = f"{host}:{port}"
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InputError("port-taken", address=address, reason=error.strerror or str(error)) from error


class Server(uvicorn.Server):
    """uvicorn, without its own ways of logging and of ending."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                # It holds addresses of people.
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals concern the whole program."""
        yield
