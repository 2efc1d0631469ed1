"""
An office's colour, and its shades that can be read whatever it is.

Contrast is that of WCAG 2: at least 4.5 to 1 for text, on the page's own grounds by day and by night. By night more,
for what only just passes looks switched off there.
"""

from dataclasses import dataclass

# As in page/chat.css: what text of the office's colour stands on.
_BY_DAY, _BY_NIGHT = (255, 255, 255), (31, 44, 51)
_ENOUGH_BY_DAY, _ENOUGH_BY_NIGHT = 4.6, 7.0
_STEPS = 40

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shades:
    """
    Colours as "#rrggbb".

    Attributes:
        head: the office's colour itself, behind the head of the page.
        on_head: of text on it.
        by_day: of text on white.
        by_night: of text on dark.
    """

    head: str
    on_head: str
    by_day: str
    by_night: str

    def style(self) -> str:
        """As the first lines of the page's style."""
        day = f":root{{--head:{self.head};--on-head:{self.on_head};--accent:{self.by_day}}}"
        return f"{day}\n@media (prefers-color-scheme:dark){{:root{{--accent:{self.by_night}}}}}\n"


def shades(colour: str) -> Shades:
    """The shades of "#rrggbb"."""
    own = (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
    on_head = max(((255, 255, 255), (0, 0, 0)), key=lambda text: contrast(text, own))
    return Shades(
        _hex(own),
        _hex(on_head),
        _hex(_readable(own, _BY_DAY, (0, 0, 0), _ENOUGH_BY_DAY)),
        _hex(_readable(own, _BY_NIGHT, (255, 255, 255), _ENOUGH_BY_NIGHT)),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """How much two colours differ in lightness: 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        value / 12.92 if (value := part / 255) <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(colour: Rgb, ground: Rgb, towards: Rgb, enough: float) -> Rgb:
    """The colour, moved as little as need be until it can be read."""
    mixed = colour
    for step in range(_STEPS + 1):
        share = step / _STEPS
        red, green, blue = (round(own + (end - own) * share) for own, end in zip(colour, towards, strict=True))
        mixed = (red, green, blue)
        if contrast(mixed, ground) >= enough:
            break
    return mixed


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
