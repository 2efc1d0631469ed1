"""A channel of the tests: what is sent on it can be read."""

from datetime import datetime

from bot.core.talk.message import Reply


class Heard:
    """Takes every message and remembers it."""

    def __init__(self) -> None:
        self.by: dict[str, list[Reply]] = {}

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        self.by.setdefault(address, []).append(reply)
        return ""
