"""
The channels there are: what each needs to be switched on, how it is built, how fast it may be sent to.

A channel is a row of ``CHANNELS``. Its package is imported when it is built, so that an office without Telegram does
not wait for Telegram's library to load.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.channels.contract import Channel
from bot.config import WHATSAPP, Settings
from bot.core.pacing import AS_IT_GOES, Pace
from bot.core.talk.phrases import Phrases

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram
    from bot.channels.web.history import History

# Telegram holds a question for messages for half a minute at the most.
_SILENT_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Parts:
    """
    What channels are built of.

    Attributes:
        history: of the web chat's talks.
        web_secret: signs its cookies, where the settings name none.
    """

    settings: Settings
    phrases: Phrases
    history: "History"
    web_secret: str = field(repr=False)
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A channel that can be switched on.

    Attributes:
        is_on: whether the settings switch it on.
        build: makes it.
        pace: how fast it may be sent to, by the settings.
        is_up: whether it hears of messages: the channel, whether its ``run`` has returned, now.
        streams: it has answers that do not end by themselves: it is closed before the server is stopped.
        windowed: only who has written within a day can be written to freely.
    """

    is_on: Callable[[Settings], bool]
    build: Callable[[Parts], Channel]
    pace: Callable[[Settings], Pace] = lambda _settings: AS_IT_GOES
    is_up: Callable[[Channel, bool, datetime], bool] = lambda _channel, _has_run, _now: True
    streams: bool = False
    windowed: bool = False


def _telegram(parts: Parts) -> Channel:
    from bot.channels.telegram import Telegram, TelegramSettings  # noqa: PLC0415 - see above

    settings = parts.settings
    return Telegram(
        TelegramSettings(
            token=_secret(settings, "telegram_token"),
            base_url=settings.telegram_base_url,
            mode=settings.telegram_mode,
            webhook_url=settings.public_url,
            secret=_secret(settings, "telegram_secret"),
            staff_group=settings.telegram_staff_group,
        ),
        parts.phrases,
        settings.language,
        parts.clock,
    )


def _telegram_is_up(channel: Channel, has_run: bool, now: datetime) -> bool:  # noqa: FBT001 - see ``Kind.is_up``
    # By webhook it returns once Telegram knows where to call.
    telegram: Telegram = channel  # type: ignore[assignment]
    return has_run or (telegram.heard_of is not None and now - telegram.heard_of < _SILENT_FOR)


def _whatsapp(parts: Parts) -> Channel:
    from bot.channels.whatsapp import Template, WhatsApp, WhatsAppSettings  # noqa: PLC0415 - see above

    settings = parts.settings
    template = None
    if settings.whatsapp_template:
        parameters = settings.whatsapp_template_parameters
        template = Template(settings.whatsapp_template, settings.whatsapp_template_language, parameters)
    address = {"base_url": settings.whatsapp_base_url} if settings.whatsapp_base_url else {}
    return WhatsApp(
        WhatsAppSettings(
            token=_secret(settings, "whatsapp_token"),
            phone_id=settings.whatsapp_phone_id,
            app_secret=_secret(settings, "whatsapp_app_secret"),
            verify_token=_secret(settings, "whatsapp_verify_token"),
            template=template,
            **address,
        ),
        parts.phrases,
        settings.language,
        parts.clock,
    )


def _web(parts: Parts) -> Channel:
    from bot.channels.web import Web, WebSettings  # noqa: PLC0415 - see above

    settings = parts.settings
    return Web(
        WebSettings(
            secret=_secret(settings, "web_secret") or parts.web_secret,
            language=settings.language,
            office=settings.office_name,
            emblem=settings.web_emblem,
            colour=settings.web_colour,
            public_url=settings.public_url,
            allowed_origins=settings.web_origins,
            secure_cookie=settings.public_url.startswith("https://"),
            client_header=settings.proxy_header,
        ),
        parts.history,
        parts.phrases,
        clock=parts.clock,
    )


def _secret(settings: Settings, name: str) -> str:
    secret = getattr(settings, name)
    return "" if secret is None else str(secret.get_secret_value())


def _has_telegram(settings: Settings) -> bool:
    return settings.telegram_token is not None


def _has_whatsapp(settings: Settings) -> bool:
    # Where one of them is missing, that is said, rather than nothing.
    return any(getattr(settings, name) for name in WHATSAPP)


def _has_web(settings: Settings) -> bool:
    if settings.web is None:
        return not _has_telegram(settings) and not _has_whatsapp(settings)
    return settings.web


def _telegram_pace(settings: Settings) -> Pace:
    # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    return Pace(settings.telegram_per_second, timedelta(seconds=1), timedelta(seconds=3), at_once=200)


WEB = "web"
CHANNELS: Mapping[str, Kind] = {
    "telegram": Kind(_has_telegram, _telegram, _telegram_pace, _telegram_is_up),
    "whatsapp": Kind(_has_whatsapp, _whatsapp, lambda settings: Pace(settings.whatsapp_per_second), windowed=True),
    WEB: Kind(_has_web, _web, streams=True),
}


def switched_on(settings: Settings) -> list[str]:
    """The names of the channels that the settings switch on."""
    return [name for name, kind in CHANNELS.items() if kind.is_on(settings)]
