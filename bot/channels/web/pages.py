"""
The files of the page, filled in with the office's own, compressed once, with the headers that keep it shut.

The page's own files are plain HTML, CSS and JavaScript in ``page/``; what differs from office to office goes into three
marked places. Nothing that a person wrote is ever part of them.
"""

import gzip
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.colours import shades
from bot.channels.web.settings import WebSettings
from bot.core.talk.phrases import Phrases
from bot.errors import InputError

_FILES = Path(__file__).parent / "page"
_MOST_EMBLEM_BYTES = 100_000
_PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
# What the page's script says; the same names without "web.".
_SAYS = (
    "you", "bot", "connecting", "offline", "waiting", "not-sent", "today", "yesterday", "new", "too-long",
    "no-cookie", "open-alone", "save-file",
)  # fmt: skip
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What is no page of ours may load nothing and be shown nowhere.
SHUT = SAFE | {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is served."""

    content: bytes
    media_type: str
    headers: Mapping[str, str]
    packed: bytes

    def answer(self, request: Request, headers: Mapping[str, str] | None = None) -> Response:
        """The answer to a request for it; ``headers`` are added."""
        packs = "gzip" in request.headers.get("accept-encoding", "")
        more = {"Content-Encoding": "gzip"} if packs else {}
        return Response(
            self.packed if packs else self.content,
            headers={"Vary": "Accept-Encoding"} | dict(self.headers) | more | dict(headers or {}),
            media_type=self.media_type,
        )


class Pages:
    """
    All files of one office's web chat.

    Attributes:
        index: the page.
        style, script, widget, emblem: what it loads; ``emblem`` is None where the office has none.
    """

    def __init__(self, settings: WebSettings, phrases: Phrases) -> None:
        """
        Read and fill in the files.

        Raises:
            InputError: the emblem cannot be used.
        """
        # The page puts the names of files in itself.
        say = {key: phrases.say(f"web.{key}", settings.language, name="{name}") for key in _SAYS}
        title = settings.title or phrases.say("web.title", settings.language)
        look = shades(settings.colour)
        self.emblem = None if settings.emblem is None else _emblem(settings.emblem)
        style = look.style() + _read("chat.css")
        script = _read("chat.js")
        self.style = _file(style, "text/css", SAFE | {"Cache-Control": _FOR_A_YEAR})
        self.script = _file(script, "text/javascript", SAFE | {"Cache-Control": _FOR_A_YEAR})
        window = {
            "title": title,
            "open": phrases.say("web.open", settings.language),
            "close": phrases.say("web.close", settings.language),
            "colour": look.head,
            "text": look.on_head,
        }
        widget = _read("widget.js").replace("/*window*/", _json(window))
        # Websites of other origins load this one.
        shared = SAFE | {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": _FOR_AN_HOUR}
        self.widget = _file(widget, "text/javascript", shared)
        greeting = {
            "text": phrases.say("talk.greeting", settings.language),
            "options": [
                ["menu", phrases.say("talk.menu-button", settings.language)],
                ["workshop", phrases.say("batch.see", settings.language)],
            ],
        }
        emblem = f"web/emblem?v={_version(self.emblem.content)}" if self.emblem else ""
        filled = {
            "language": settings.language,
            "title": title,
            "office": settings.office,
            "emblem": emblem,
            "colour": look.head,
            "style": f"web/chat.css?v={_version(self.style.content)}",
            "script": f"web/chat.js?v={_version(self.script.content)}",
        } | {
            name: phrases.say(f"web.{name}", settings.language)
            for name in ("about", "talk", "write", "input", "send", "close", "privacy", "needs-script")
        }
        page = _read("index.html")
        for name, value in filled.items():
            page = page.replace(f"{{{{{name}}}}}", html.escape(value))
        config = {"say": say, "greeting": greeting, "language": settings.language}
        page = page.replace("/*config*/", _json(config))
        self.index = _file(page, "text/html", SAFE | _page_headers(settings.allowed_origins))

    @property
    def size(self) -> int:
        """Bytes of page, script and style, as they are before compression."""
        return sum(len(file.content) for file in (self.index, self.style, self.script))


def _page_headers(allowed_origins: tuple[str, ...]) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(("'self'", *allowed_origins)),
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        # It carries a cookie.
        "Cache-Control": "private, no-store",
    }


def _read(name: str) -> str:
    return (_FILES / name).read_text("utf-8")


def _json(value: object) -> str:
    """JSON that can stand in a script or a page: nothing in it ends either."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")


def _file(content: str | bytes, media_type: str, headers: Mapping[str, str]) -> File:
    as_bytes = content.encode() if isinstance(content, str) else content
    return File(as_bytes, media_type, headers, gzip.compress(as_bytes, mtime=0))


def _version(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


def _emblem(path: Path) -> File:
    media_type = _PICTURES.get(path.suffix.lower())
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("web-emblem", path=path, reason=error.strerror or str(error)) from error
    if media_type is None or not 0 < len(content) <= _MOST_EMBLEM_BYTES:
        raise InputError("web-emblem", path=path, reason=f"{path.suffix}, {len(content)} bytes")
    # A picture in SVG may hold a script, which must not run where somebody opens it by itself.
    return _file(content, media_type, SHUT | {"Cache-Control": _FOR_A_YEAR})
