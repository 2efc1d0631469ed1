"""
What WhatsApp's error codes mean for a message: later, never, or not before the office has put something right.

Source: developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes. Meta asks to go by the
code, not by the status or the words. What concerns the token, the account or the number holds for everybody; what
concerns the template holds only for those who did not write within a day, so the others are still answered. An unknown
code is tried again, for the outbox ends that some day.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.channels.contract import NotSentError

WINDOW_CLOSED = 131047
# How long it takes somebody to put right what is configured wrongly, at the least.
FAULT_WAIT = 600.0
WINDOW_WAIT = 3600.0
_BAD_GATEWAY, _GATEWAY_TIMEOUT = 502, 504


class Of(StrEnum):
    """Whose the trouble is."""

    MESSAGE = "message"
    CHANNEL = "channel"  # it holds for all messages until then
    ACCOUNT = "account"  # likewise, and the office has to act
    TEMPLATE = "template"  # the office has to act; only templates are concerned


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    Why a message did not go out.

    Attributes:
        reason: in a few words, for the log and for staff.
        again_in: seconds; None for never.
    """

    reason: str
    again_in: float | None = None
    of: Of = Of.MESSAGE
    code: int | None = None

    @property
    def text(self) -> str:
        """The code and the reason; safe to store."""
        return self.reason if self.code is None else f"{self.code}: {self.reason}"

    def error(self, not_before: float = 0) -> NotSentError:
        """For the outbox; ``not_before``: seconds that the platform asked to wait."""
        again_in = None if self.again_in is None else max(self.again_in, not_before)
        everybody = self.of in (Of.CHANNEL, Of.ACCOUNT)
        return NotSentError(self.text, again_in, everybody=everybody, too_fast=self.code in _TOO_FAST)


def _account(reason: str) -> Trouble:
    return Trouble(reason, FAULT_WAIT, Of.ACCOUNT)


def _template(reason: str) -> Trouble:
    return Trouble(reason, FAULT_WAIT, Of.TEMPLATE)


_PERMISSION = _account("the access token may not send for this number; give it whatsapp_business_messaging")
_NOTHING_THERE = _account("there is nothing at this address; look at base_url and phone_id in the configuration")
_TROUBLES: dict[int, Trouble] = {
    # The token and what it may do.
    0: _account("the access token is not valid any more; put a new one into the configuration"),
    3: _PERMISSION,
    10: _PERMISSION,
    190: _account("the access token has expired; put a new one into the configuration"),
    131005: _PERMISSION,
    # Too much at once.
    4: Trouble("the app calls too often", 60, Of.CHANNEL),
    80007: Trouble("the account calls too often", 60, Of.CHANNEL),
    130429: Trouble("too many messages a second", 5, Of.CHANNEL),
    131048: Trouble("too many messages were reported as spam", 600, Of.CHANNEL),
    131056: Trouble("too many messages to this person", 6),
    131064: Trouble("the day's limit of people to be written to first is reached", WINDOW_WAIT),
    133016: Trouble("the number was registered too often", 600, Of.CHANNEL),
    # Meta's own troubles.
    1: Trouble("unknown error at Meta", 30),
    2: Trouble("Meta's service is down", 30, Of.CHANNEL),
    131000: Trouble("unknown error at Meta", 10),
    131016: Trouble("Meta's service is overloaded", 30, Of.CHANNEL),
    131052: Trouble("the file could not be fetched", 30),
    131053: Trouble("the file could not be taken", 30),
    131057: Trouble("the account is in maintenance", 60, Of.CHANNEL),
    135000: Trouble("unknown error at Meta", 30),
    # The account and the number.
    33: _account("the number does not exist any more; look at phone_id in the configuration"),
    368: _account("the account is blocked for breaking a policy; look into WhatsApp Manager"),
    130497: _account("the account may not write to people of this country; look into WhatsApp Manager"),
    131031: _account("the account is locked; look into WhatsApp Manager"),
    131037: _account("the number's display name is not approved; look into WhatsApp Manager"),
    131042: _account("there is a trouble with the payment; look into WhatsApp Manager"),
    131045: _account("the number is not registered; register it in WhatsApp Manager"),
    133010: _account("the number is not registered; register it in WhatsApp Manager"),
    # The template.
    131063: _template("marketing templates are switched off for this number; choose another template"),
    132000: _template("the template has another number of parameters; look at them in the configuration"),
    132001: _template("there is no such template in this language; look at its name in the configuration"),
    132005: _template("the template is too long with its parameters; make its own text shorter"),
    132007: _template("the template breaks a policy; choose another one"),
    132008: _template("a parameter of the template is not right; look at them in the configuration"),
    132012: _template("a parameter of the template has another kind; look at them in the configuration"),
    132015: _template("the template is paused for its quality; choose another one"),
    132016: _template("the template was switched off for its quality; choose another one"),
    132018: _template("a parameter of the template is not right; look at them in the configuration"),
    # This message to this person.
    100: Trouble("a parameter is not right"),
    130472: Trouble("the person is in an experiment of Meta's"),
    131008: Trouble("a parameter is missing"),
    131009: Trouble("a parameter is not right"),
    131021: Trouble("the number would write to itself"),
    131026: Trouble("undeliverable: not on WhatsApp, or an old version of it"),
    131030: Trouble("a test number writes only to numbers on its list"),
    WINDOW_CLOSED: Trouble("window closed", WINDOW_WAIT),
    131049: Trouble("the person gets too many such messages"),
    131050: Trouble("the person does not want such messages"),
    131051: Trouble("WhatsApp does not carry this kind of message"),
    131062: Trouble("such a message needs the person's number, which is hidden"),
    137000: Trouble("the person's identity has changed"),
}
_TOO_FAST = (4, 80007, 130429)
_PERMISSIONS = range(200, 300)
# Where the answer names no code.
_BY_STATUS: dict[int, Trouble] = {
    401: _account("the access token is not valid; put a new one into the configuration"),
    403: _PERMISSION,
    404: _NOTHING_THERE,
    429: Trouble("too many requests", 30, Of.CHANNEL),
    503: Trouble("Meta's service is down", 30, Of.CHANNEL),
    **dict.fromkeys((301, 302, 303, 307, 308), _NOTHING_THERE),
}
UNREACHABLE = Trouble("Meta cannot be reached", 5, Of.CHANNEL)


def trouble_of(code: int | None, status: int = 0) -> Trouble:
    """What is the matter, by Meta's code or, without one, by the status of the answer."""
    if code is None:
        return _BY_STATUS.get(status) or Trouble(f"unknown error at Meta (status {status})", 30)
    found = _PERMISSION if code in _PERMISSIONS else _TROUBLES.get(code, Trouble("unknown error", 60))
    return Trouble(found.reason, found.again_in, found.of, code)


def is_fault(text: str) -> bool:
    """Whether a trouble, by its text, is one that the office has to put right."""
    code = text.partition(":")[0]
    return code.isdecimal() and trouble_of(int(code)).of in (Of.ACCOUNT, Of.TEMPLATE)


def is_unclear(status: int) -> bool:
    """Whether somebody between us and Meta gave up waiting for the answer: the message may have gone out."""
    return status in (_BAD_GATEWAY, _GATEWAY_TIMEOUT)
