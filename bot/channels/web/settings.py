"""What an office decides of its web chat."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WebSettings:
    """
    How the web chat looks, and whom it trusts.

    Attributes:
        secret: signs the cookie that says who somebody is; whoever knows it can be anybody. At least 16 characters.
            With another one, everybody starts a new talk.
        language: hi or en, of the page itself; the talk has its own.
        title: what stands at the head of the page; "" for the assistant's name.
        office: stands below it; may be empty.
        emblem: an SVG, PNG, JPEG or WebP picture of at most 100 KB, shown square; None for a sign of the page's own.
        colour: "#rrggbb", of the head and the buttons. Text on it is black or white, and where the colour itself is
            text it is darkened or lightened, so that everything can be read whatever is chosen.
        public_url: where people find it, as "https://chat.example.gov.in"; "" where the server is asked under that
            name itself. Messages from pages of any other origin are refused.
        allowed_origins: websites that may show the chat in a window of theirs, as "https://example.gov.in".
        secure_cookie: whether the cookie goes over https only; right wherever the page is served over https.
        client_header: the header in which the reverse proxy before the server writes who is asking
            ("x-forwarded-for", whose last entry counts); "" where there is none. Whoever can reach the server without
            the proxy could write what they like in it.
    """

    secret: str = field(repr=False)
    language: str = "hi"
    title: str = ""
    office: str = ""
    emblem: Path | None = None
    colour: str = "#075e54"
    public_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    secure_cookie: bool = True
    client_header: str = ""
