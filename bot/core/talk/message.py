"""The words that all parts speak: what a person sends, what is said to them, and what they can choose."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# More digits than the number of anything has that can be chosen.
MAX_DIGITS = 9


class Kind(StrEnum):
    """What a message is; a caption makes words of a picture."""

    TEXT = "text"
    VOICE = "voice"
    STICKER = "sticker"
    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    CONTACT = "contact"
    LOCATION = "location"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attachment:
    """
    A file that somebody sent, still at the platform.

    Attributes:
        channel: whose file it is.
        handle: by which the channel fetches it.
        media_type: as the platform says; not to be relied on.
        size: in bytes; 0 where it is not known.
    """

    channel: str
    handle: str
    name: str
    media_type: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """
    One message of one person, as a channel read it: words that were typed, or an option that was chosen.

    Attributes:
        channel: "console", "telegram", ...
        address: who it is from, as the channel knows them; together with the channel it names the person.
        message: the channel's id of this message; one that comes again with the same id is the same message.
        at: when it came, aware.
        text: what was typed, or the number of a contact that was shared; "" for a press.
        press: the id of the option that was chosen; "" for words.
        name: what the person is called there; may be empty.
        mobile: a mobile number that the channel vouches for (WhatsApp), as it gave it; may be empty.
        kind: what it is.
        location: latitude and longitude in degrees, of a place that was shared.
        in_group: whether it was said where others read along; ``address`` is the group's then.
        attachment: a photo or a document that came with it.
        speaker: who said it in a group, as the channel knows them; "" where ``address`` says so.
        replied_to: the channel's id of the message that this one replies to; "" for none.
        ticket: the ticket that that message is about; 0 for none. Not the channel's to know: the inbox looks it up.
    """

    channel: str
    address: str
    message: str
    at: datetime
    text: str = ""
    press: str = ""
    name: str = ""
    mobile: str = ""
    kind: Kind = Kind.TEXT
    location: tuple[float, float] | None = None
    in_group: bool = False
    attachment: Attachment | None = None
    speaker: str = ""
    replied_to: str = ""
    ticket: int = 0

    @property
    def said_by(self) -> str:
        """Whose words these are, as the channel knows them."""
        return self.speaker or self.address


@dataclass(frozen=True, slots=True)
class Option:
    """
    Something to choose: a button, a row of a list, or a number in the terminal.

    Attributes:
        id: what choosing it means, whenever it is chosen: "entry:emd-amount", "category:payment", "menu", ... Never
            the title, which changes with the language and the FAQ. At most 64 bytes.
        title: what it says.
    """

    id: str
    title: str


def is_number(text: str) -> bool:
    """Whether a part of an option's id, which anybody can make up, may be a number of the database."""
    return 0 < len(text) <= MAX_DIGITS and text.isascii() and text.isdecimal()


@dataclass(frozen=True, slots=True)
class Document:
    """
    A file to send along.

    Attributes:
        content: a small text; or, of a stored file, its bytes, which are there only while it is sent.
        stored: its number among the stored files; channels hand those over once. 0 for what is not stored.
    """

    name: str
    media_type: str
    content: str | bytes = field(repr=False)
    stored: int = 0

    @property
    def data(self) -> bytes:
        """What is in it."""
        return self.content.encode() if isinstance(self.content, str) else self.content

    @property
    def is_photo(self) -> bool:
        """Whether it is shown rather than opened."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person."""

    text: str
    options: tuple[Option, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    What a platform tells later of a message that was sent.

    Attributes:
        sent_as: the platform's id of it.
        fate: "delivered", "read" or "failed".
        trouble: why it failed.
        ours: the id that it was sent with, where the platform gives it back.
    """

    sent_as: str
    fate: str
    at: datetime
    trouble: str = ""
    ours: str = ""
