"""What the office has to say of its WhatsApp number before people can be answered there."""

from dataclasses import dataclass, field

# What stands for the message's own text in a template's parameter.
TEXT = "{text}"


@dataclass(frozen=True, slots=True)
class Template:
    """
    A message that WhatsApp has approved: the only kind that may be sent a day after the person's last message.

    Attributes:
        name: as it is called in WhatsApp Manager.
        language: its language there, such as "hi" or "en_US".
        parameters: what stands for ``{{1}}``, ``{{2}}``, ... of its body, in order; ``{text}`` in one of them is what
            is to be said, on one line.
    """

    name: str
    language: str = "hi"
    parameters: tuple[str, ...] = (TEXT,)


@dataclass(frozen=True, slots=True)
class WhatsAppSettings:
    """
    A number of the WhatsApp Cloud API.

    Attributes:
        token: the access token of a system user who may send (whatsapp_business_messaging); does not expire.
        phone_id: the "phone number ID" of the number, which is not the number.
        app_secret: the app's secret, with which Meta signs what it sends; without it nothing is taken.
        verify_token: a word of the office's own choice that Meta shows once, when the webhook is entered there.
        base_url: where the Graph API is, with its version.
        template: what is sent to people who have not written for a day; None: they must write first.
    """

    token: str = field(repr=False)
    phone_id: str
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    base_url: str = "https://graph.facebook.com/v23.0"
    template: Template | None = None
