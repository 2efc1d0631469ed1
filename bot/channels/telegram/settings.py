"""How an office's bot on Telegram is reached, and how its messages come in."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Literal

# Below the public address that is given; who does not know the secret is turned away there.
WEBHOOK_PATH = "/telegram/updates"


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """
    Settings of the channel.

    Attributes:
        token: of the bot, as BotFather gave it; never shown.
        base_url: of the Bot API; the token follows it. A server of one's own works too.
        mode: whether Telegram is asked for messages, or calls ``webhook_url``.
        webhook_url: the public https address of this program, without a path of Telegram's own.
        secret: what Telegram says with each call of the webhook; 1 to 256 letters, digits, "_" and "-". Where it is
            left out, one that follows from the token is used, the same in all processes.
        staff_group: the group in which staff answer people; "" where there is none.
        max_connections: calls of the webhook at once.
        poll_for: seconds for which Telegram holds a request for messages while there are none.
        answer_within: seconds after which Telegram is asked to call the webhook again later.
        typing_after: seconds of waiting after which people see that the bot is typing.
        first_retry, longest_retry: seconds between tries while Telegram cannot be asked; they double in between.
    """

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org/bot"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    secret: str = field(default="", repr=False)
    staff_group: str = ""
    max_connections: int = 100
    poll_for: float = 25
    answer_within: float = 10
    typing_after: float = 0.5
    first_retry: float = 1
    longest_retry: float = 60

    @property
    def webhook(self) -> str:
        """The whole address that Telegram calls."""
        return self.webhook_url.rstrip("/") + WEBHOOK_PATH

    @property
    def files_url(self) -> str:
        """Where the files are that people send; the token follows it, as with ``base_url``."""
        head, _, last = self.base_url.rstrip("/").rpartition("/")
        return f"{head}/file/{last}"

    @property
    def spoken_secret(self) -> str:
        """The secret that is asked of whoever calls the webhook; never empty."""
        return self.secret or hmac.digest(self.token.encode(), b"webhook", hashlib.sha256).hex()

    @property
    def bot(self) -> int:
        """The bot's own number, with which its token begins; 0 where it does not."""
        number = self.token.partition(":")[0]
        return int(number) if number.isascii() and number.isdecimal() else 0
