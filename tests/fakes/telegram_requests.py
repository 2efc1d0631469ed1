"""Requests of the Bot API as a server reads them, and what aiogram's models, which know only the documentation, say."""

import email
import email.message
import email.policy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import aiogram.methods
from aiogram.types import BufferedInputFile
from pydantic import BaseModel, ValidationError
from starlette.types import Scope

_METHODS = {
    name.lower(): name
    for name in (
        "getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "sendMessage", "sendDocument",
        "sendPhoto", "editMessageText", "getFile",
        "answerCallbackQuery", "sendChatAction", "setMyCommands", "setMyDescription", "setMyShortDescription",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A request as it came.

    Attributes:
        method: as the documentation spells it.
        values: its parameters, read from JSON where they are JSON.
        file: name and content of a document.
    """

    method: str
    values: Mapping[str, Any]
    file: tuple[str, bytes] | None = None

    @property
    def text(self) -> str:
        return str(self.values.get("text") or self.values.get("caption") or "")

    @property
    def buttons(self) -> list[list[dict[str, Any]]]:
        rows: list[list[dict[str, Any]]] = self.values.get("reply_markup", {}).get("inline_keyboard", [])
        return rows


def read_request(scope: Scope, body: bytes, token: str) -> Asked | None:
    """A request; None where it is not for this bot."""
    bot, _, name = scope["path"].removeprefix("/bot").partition("/")
    method = _METHODS.get(name.lower())
    if bot != token or method is None:
        return None
    given: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode()))
    media_type = dict(scope["headers"]).get(b"content-type", b"").decode()
    file = None
    if media_type.startswith("multipart/"):
        head = b"Content-Type: " + media_type.encode() + b"\r\n\r\n"
        for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
            field_name, content = str(part.get_param("name", header="content-disposition")), _content(part)
            if part.get_filename() is None:
                given[field_name] = content.decode()
                continue
            file = (str(part.get_filename()), content)
            given[field_name] = BufferedInputFile(content, file[0])
    elif media_type == "application/json":
        return Asked(method, json.loads(body))
    else:
        given |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return Asked(method, {name: _plain(name, value) for name, value in given.items()}, file)


_TEXTS = {"text", "caption", "description", "short_description", "secret_token", "callback_query_id"}


def _content(part: email.message.MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _plain(name: str, value: Any) -> Any:
    """A parameter as it is meant: all but texts are JSON."""
    if not isinstance(value, str) or name in _TEXTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def request_faults(asked: Asked) -> list[str]:
    """What is wrong with a request."""
    model = getattr(aiogram.methods, asked.method[0].upper() + asked.method[1:])
    unknown = [f"{asked.method}: {name}" for name in asked.values.keys() - model.model_fields.keys()]
    return unknown + [f"{asked.method}: {fault}" for fault in faults_of(model, dict(asked.values))]


def faults_of(model: type[BaseModel], values: Mapping[str, Any]) -> list[str]:
    """What is wrong with values, after one of aiogram's models."""
    try:
        made = model.model_validate(values)
    except ValidationError as error:
        return [f"{problem['loc']}: {problem['msg']}" for problem in error.errors()]
    return [f"{name} is unknown" for name in _extras(made)]


def _extras(value: Any) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from _extras(getattr(value, name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _extras(each)
