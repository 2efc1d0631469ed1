"""
The parts of Meta's webhook bodies that are read, and no more: what is not named here may be there or not.

Sources: the references of the ``messages`` webhook below developers.facebook.com/documentation/business-messaging, and
its page on business-scoped user IDs (since April 2026: ``user_id`` and ``from_user_id``; ``wa_id`` and ``from`` may be
missing for people with a user name). A body holds entries, an entry changes, a change of the field "messages" a value
with contacts, messages and statuses; each of these is validated alone, so that a broken one spoils no other.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

# The last second of the year 9999.
_LAST_SECOND = 253_402_300_799


def _repaired(value: Any) -> Any:
    """JSON's null as nothing said, and halves of characters, which are no text, replaced."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


Text = Annotated[str, BeforeValidator(_repaired)]
Id = Annotated[str, BeforeValidator(_repaired), Field(min_length=1)]
# Seconds since 1970; Meta writes them as text.
Seconds = Annotated[int, Field(ge=0, le=_LAST_SECOND)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Profile(_Part):
    """How people call themselves."""

    name: Text = ""


class Contact(_Part):
    """Who wrote; ``user_id`` names them for this business, ``wa_id`` is their number without "+"."""

    profile: Profile = Profile()
    wa_id: Text = ""
    user_id: Text = ""


class Context(_Part):
    """The message that one replies to."""

    id: Text = ""


class Envelope(_Part):
    """What all messages have; the content stands under the name of the type."""

    id: Id
    timestamp: Seconds
    type: Text = ""
    sender: Annotated[Text, Field(alias="from")] = ""
    from_user_id: Text = ""
    group_id: Text = ""
    context: Context = Context()


class Words(_Part):
    """A text message."""

    body: Text


class Media(_Part):
    """A picture, a video or a file; ``id`` is by which it is fetched."""

    caption: Text = ""
    id: Text = ""
    mime_type: Text = ""
    filename: Text = ""


class Place(_Part):
    """A place that was shared, in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Phone(_Part):
    """A number of a shared contact; ``wa_id`` where it is on WhatsApp."""

    phone: Text = ""
    wa_id: Text = ""


class SharedContact(_Part):
    """A contact that was shared."""

    phones: tuple[Phone, ...] = ()


class Chosen(_Part):
    """A button or row that was chosen."""

    id: Id


class Interactive(_Part):
    """An answer to buttons or to a list."""

    button_reply: Chosen | None = None
    list_reply: Chosen | None = None


class QuickReply(_Part):
    """A button of a template; Meta repeats the text as the payload where the sender gave none."""

    payload: Text = ""
    text: Text = ""


class Failure(_Part):
    """Why a message failed; Meta's own words may name the number and are not read."""

    code: int


class Status(_Part):
    """What became of a message that was sent."""

    id: Id
    status: Text
    timestamp: Seconds
    errors: tuple[Failure, ...] = ()
    biz_opaque_callback_data: Text = ""
