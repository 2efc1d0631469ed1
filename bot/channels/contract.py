"""What every channel can do: send a reply to an address; and what it says when it cannot."""

from typing import Protocol

from bot.core.talk.message import Reply


class NotSentError(Exception):
    """
    The message certainly did not go out.

    Attributes:
        trouble: why, safe to store.
        again_in: seconds after which trying again makes sense; None where it never will.
    """

    def __init__(self, trouble: str, again_in: float | None) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.again_in = again_in


class Sender(Protocol):
    """Sends on one channel."""

    async def send(self, address: str, reply: Reply) -> str:
        """
        Send one message.

        Returns:
            The platform's id of it; may be "".

        Raises:
            NotSentError: it did not go out.
            Exception: anything else leaves open whether it did.
        """
