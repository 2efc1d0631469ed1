"""
Who somebody is: a random id in a signed cookie.

The id is the person's address; it never stands in a URL, a page or a log, and the page's script cannot read the cookie.
It is kept as long as browsers keep one that is renewed with every visit, so that whoever registered finds their seat
weeks later.

Opened by itself, the page's cookie is SameSite=Lax. In a window on another website a browser sends only cookies that
are SameSite=None, Secure and, where third-party cookies are blocked, Partitioned: then the talk in the window on one
website is another one than on the page itself or on another website, and it works over https only (and on the machine
itself). A browser that blocks even those cannot talk in the window; the page then offers to open the chat by itself.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

COOKIE = "gem_saathi"
_ID_BYTES = 18
_SIGNATURE_CHARS = 32
# The longest that browsers keep any.
_SECONDS = 400 * 24 * 3600


class Sessions:
    """Makes and reads cookies."""

    def __init__(self, secret: str, *, secure: bool) -> None:
        # A key of its own, should the secret sign other things too.
        self._key = hmac.digest(secret.encode(), b"gem-saathi web session", sha256)
        self._secure = secure

    def new(self) -> str:
        """The id of somebody new."""
        return secrets.token_urlsafe(_ID_BYTES)

    def read(self, value: str | None) -> str | None:
        """The id in a cookie's value; None where it was not signed here."""
        session, _, signature = (value or "").partition(".")
        genuine = hmac.compare_digest(signature.encode(), self._signature(session).encode())
        return session if session and genuine else None

    def header(self, session: str, *, framed: bool) -> str:
        """
        The Set-Cookie header that keeps an id.

        Args:
            session: the id.
            framed: whether the page stands in a window on another website.
        """
        site = "SameSite=None; Secure; Partitioned" if framed else "SameSite=Lax" + "; Secure" * self._secure
        value = f"{session}.{self._signature(session)}"
        return f"{COOKIE}={value}; Path=/; Max-Age={_SECONDS}; HttpOnly; {site}"

    def _signature(self, session: str) -> str:
        digest = hmac.digest(self._key, session.encode(), sha256)
        return urlsafe_b64encode(digest).decode()[:_SIGNATURE_CHARS]
