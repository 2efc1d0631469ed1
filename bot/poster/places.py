"""
Where people find the assistant: what the office typed, checked, and the links that the QR codes hold.

>>> telegram("@gem_saathi_bot")
Place(kind='telegram', link='https://t.me/gem_saathi_bot?start=poster', shown='@gem_saathi_bot')
>>> web("https://saathi.example.org/").shown
'saathi.example.org'
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from bot.errors import InputError

# Longer ones nobody types from a wall, and no line of the poster holds.
WEB_CHARS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """
    One way to the assistant.

    Attributes:
        kind: telegram, whatsapp or web.
        link: what the QR code holds.
        shown: what people without a scanner type or dial.
    """

    kind: str
    link: str
    shown: str


@dataclass(frozen=True, slots=True)
class Places:
    """What the office gave, as it was typed; "" for what there is not."""

    telegram: str = ""
    whatsapp: str = ""
    web: str = ""

    def checked(self, hello: str) -> tuple[Place, ...]:
        """
        The places there are.

        Args:
            hello: with what people begin on WhatsApp.

        Raises:
            InputError: one of them cannot be right, or there is none.
        """
        found = tuple(self._found(hello))
        if not found:
            raise InputError("poster-nowhere")
        return found

    def _found(self, hello: str) -> Iterator[Place]:
        if self.telegram:
            yield telegram(self.telegram)
        if self.whatsapp:
            yield whatsapp(self.whatsapp, hello)
        if self.web:
            yield web(self.web)


def telegram(typed: str) -> Place:
    """
    The bot by its name, with or without "@".

    Raises:
        InputError: no bot can have this name.
    """
    name = typed.strip().removeprefix("@")
    if not re.fullmatch("[A-Za-z0-9_]{5,32}", name):
        raise InputError("poster-telegram", value=typed)
    return Place("telegram", f"https://t.me/{name}?start=poster", f"@{name}")


def whatsapp(typed: str, hello: str) -> Place:
    """
    A number of India, or of anywhere with "+" and the country's code.

    Raises:
        InputError: no telephone has this number.
    """
    try:
        number = phonenumbers.parse(typed, "IN")
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise InputError("poster-whatsapp", value=typed)
    digits = phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
    shown = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return Place("whatsapp", f"https://wa.me/{digits}?text={quote(hello)}", shown)


def web(typed: str) -> Place:
    """
    The web chat by its address.

    Raises:
        InputError: it is no whole http(s) address, or one that is too long to type.
    """
    address = typed.strip()
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not re.fullmatch(rf"[!-~]{{1,{WEB_CHARS}}}", address):
        raise InputError("poster-web", value=typed, limit=WEB_CHARS)
    shown = address.removeprefix("https://")
    # An address without a path reads better without the slash that browsers add.
    return Place("web", address, shown.rstrip("/") if parts.path == "/" and not parts.query else shown)
