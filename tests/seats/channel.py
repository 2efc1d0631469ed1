"""A channel of the tests: what is sent on it can be read."""

from bot.core.talk.message import Reply


class Heard:
    """Takes every message and remembers it."""

    def __init__(self) -> None:
        self.by: dict[str, list[Reply]] = {}

    async def send(self, address: str, reply: Reply) -> str:
        self.by.setdefault(address, []).append(reply)
        return ""
