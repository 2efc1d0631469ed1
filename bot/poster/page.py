"""
The poster as a page: A4, black on white, colours as accents only, so that a cheap printer does.

Everything is measured before it is drawn: what is left over of the page's height goes between the parts. The font holds
Devanagari and Latin letters, and HarfBuzz puts conjuncts and vowel signs where they belong; the script is always named,
since what is guessed from a line that begins with "GeM" would leave the Hindi in it unshaped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
import uharfbuzz
from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from bot.core.talk.phrases import Phrases
from bot.errors import InputError
from bot.poster.places import Place

FONTS = Path(__file__).parent / "fonts"
QUESTIONS = 8
MIN_POINTS = 14
_WIDTH, _HEIGHT = 210.0, 297.0
_SIDE, _TOP = 13.0, 11.0
_ROOM = _WIDTH - 2 * _SIDE
_FAMILY = "saathi"
_REGULAR, _BOLD = "SaathiPoster-Regular.ttf", "SaathiPoster-Bold.ttf"
_MM = 25.4 / 72
# Devanagari has signs above and below the letters.
_LEADING = 1.34
_LEAST_GAP, _TALLEST_GAP = 2.5, 9.0
# Where names and addresses are long, all is drawn smaller, but no text below MIN_POINTS.
_SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75)
# By how many there are, in mm; the room between them is more than the four modules that scanners ask for.
_QR_SIDES = {1: 66.0, 2: 60.0, 3: 52.0}
# As they write themselves; the web chat is ours to name.
_BRANDS = {"telegram": "Telegram", "whatsapp": "WhatsApp"}
# The office's name: so many points for a name of at most so many letters.
_NAME_POINTS = ((40, 24), (110, 18), (200, MIN_POINTS))


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of the page: mm it takes, and how it is drawn from a given y on."""

    height: float
    draw: Callable[[float], None]


def poster(
    places: Sequence[Place], office: tuple[str, str], colour: str, said: tuple[Phrases, str], made: datetime
) -> bytes:
    """
    The poster as a PDF of one page.

    Args:
        places: one to three, in the order to be shown.
        office: its name and its telephone; "" for what is not known.
        colour: "#rrggbb" of the accents.
        said: the texts and the language.
        made: stands in the file, not on the page.

    Raises:
        InputError: the office's name or telephone has a letter that the font lacks.
    """
    name, phone = (" ".join(text.split()) for text in office)
    letters = set(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(FONTS / _BOLD))).unicodes)
    if strange := sorted({char for char in name + phone if ord(char) not in letters}):
        raise InputError("poster-letters", letters=" ".join(strange))
    return _Poster(colour, said, made).page(places, name, phone)


class _Poster:
    """Draws one poster."""

    def __init__(self, colour: str, said: tuple[Phrases, str], made: datetime) -> None:
        self._phrases, self._language = said
        self._scale = _SCALES[0]
        self._colour = (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_auto_page_break(auto=False)
        pdf.set_margins(_SIDE, _TOP, _SIDE)
        pdf.c_margin = 0
        pdf.set_creation_date(made)
        pdf.set_lang(self._language)
        pdf.set_title(self._say("title"))
        pdf.add_font(_FAMILY, "", FONTS / _REGULAR)
        pdf.add_font(_FAMILY, "B", FONTS / _BOLD)
        pdf.set_text_shaping(use_shaping_engine=True, direction="ltr", script="Deva")
        pdf.add_page()

    def page(self, places: Sequence[Place], name: str, phone: str) -> bytes:
        for self._scale in _SCALES:
            parts = self._parts(places, name, phone)
            free = _HEIGHT - 2 * _TOP - sum(part.height for part in parts)
            gap = min(free / (len(parts) - 1), _TALLEST_GAP)
            if gap >= _LEAST_GAP:
                break
        y = _TOP + (free - gap * (len(parts) - 1)) / 2
        for part in parts:
            part.draw(y)
            y += part.height + gap
        return bytes(self._pdf.output())

    def _parts(self, places: Sequence[Place], name: str, phone: str) -> list[_Part]:
        """What the page is made of, from top to bottom, in the scale tried."""
        parts = []
        if name:
            points = next((points for longest, points in _NAME_POINTS if len(name) <= longest), MIN_POINTS)
            parts.append(self._text(name, points, bold=True))
        if phone:
            parts.append(self._text(self._say("phone", phone=phone), 18))
        return [
            *parts,
            self._title(),
            self._text(self._say("what"), 19),
            self._text(self._say("scan"), MIN_POINTS),
            self._codes(places),
            self._text(self._say("ask"), 18, bold=True),
            self._questions(),
            self._text(self._say("workshops"), 18),
            self._warning(),
        ]

    def _say(self, key: str, **values: object) -> str:
        return self._phrases.say(f"poster.{key}", self._language, **values)

    def _lines(self, text: str, x: float, y: float, width: float, align: str, *, dry: bool) -> float:
        """Write a text in lines, or only measure it; its height in mm."""
        leading = self._pdf.font_size_pt * _MM * _LEADING
        self._pdf.set_xy(x, y)
        height: Any = self._pdf.multi_cell(
            width, leading, text, align=align, dry_run=dry, output=MethodReturnValue.HEIGHT
        )
        return float(height)

    def _font(self, points: float, *, bold: bool = False) -> None:
        self._pdf.set_font(_FAMILY, "B" if bold else "", max(points * self._scale, MIN_POINTS))

    def _text(self, text: str, points: float, *, bold: bool = False) -> _Part:
        """Centred lines over the whole width."""
        self._font(points, bold=bold)
        height = self._lines(text, _SIDE, 0, _ROOM, "C", dry=True)

        def draw(y: float) -> None:
            self._font(points, bold=bold)
            self._lines(text, _SIDE, y, _ROOM, "C", dry=False)

        return _Part(height, draw)

    def _title(self) -> _Part:
        """The assistant's name between two lines of the office's colour."""
        text = self._text(self._say("title"), 60, bold=True)

        def draw(y: float) -> None:
            self._pdf.set_fill_color(*self._colour)
            self._pdf.rect(_SIDE, y, _ROOM, 1.6, style="F")
            text.draw(y + 2.5)
            self._pdf.rect(_SIDE, y + text.height + 3, _ROOM, 1.6, style="F")

        return _Part(text.height + 4.6, draw)

    def _name(self, place: Place) -> str:
        return _BRANDS.get(place.kind) or self._say(place.kind)

    def _codes(self, places: Sequence[Place]) -> _Part:
        """The QR codes side by side: the place's name above, its address below."""
        side = _QR_SIDES[len(places)] * self._scale
        column = _ROOM / len(places)
        inner = column - 4
        self._font(20, bold=True)
        label = max(self._lines(self._name(place), 0, 0, inner, "C", dry=True) for place in places) + 2
        self._font(MIN_POINTS + 1, bold=True)
        address = max(self._lines(place.shown, 0, 0, inner, "C", dry=True) for place in places)

        def draw(y: float) -> None:
            for number, place in enumerate(places):
                x = _SIDE + number * column
                self._font(20, bold=True)
                self._lines(self._name(place), x + 2, y, inner, "C", dry=False)
                self._code(place.link, x + (column - side) / 2, y + label, side)
                self._font(MIN_POINTS + 1, bold=True)
                self._lines(place.shown, x + 2, y + label + side + 2, inner, "C", dry=False)

        return _Part(label + side + 2 + address, draw)

    def _code(self, link: str, x: float, y: float, side: float) -> None:
        """One QR code, black, without its quiet border."""
        rows = segno.make_qr(link, error="m").matrix
        module = side / len(rows)
        self._pdf.set_fill_color(0, 0, 0)
        for down, row in enumerate(rows):
            start = 0
            while start < len(row):
                end = start
                while end < len(row) and row[end]:
                    end += 1
                if end > start:
                    # A hair taller than the row: viewers show a white line where two rows only touch.
                    self._pdf.rect(
                        x + start * module, y + down * module, (end - start) * module, module * 1.02, style="F"
                    )
                start = end + 1

    def _questions(self) -> _Part:
        """What people ask, in two columns of bubbles."""
        between, inside = 5.0, 3.0
        column = (_ROOM - between) / 2
        room = column - 2 * inside
        texts = [self._say(f"question-{number}") for number in range(1, QUESTIONS + 1)]
        self._font(17)
        heights = [self._lines(text, 0, 0, room, "L", dry=True) for text in texts]
        row = max(heights) + 3.5
        step = row + 2.5

        def draw(y: float) -> None:
            self._pdf.set_draw_color(*self._colour)
            self._pdf.set_line_width(0.5)
            self._font(17)
            for number, (text, height) in enumerate(zip(texts, heights, strict=True)):
                x = _SIDE + number % 2 * (column + between)
                top = y + number // 2 * step
                self._pdf.rect(x, top, column, row, round_corners=True, corner_radius=3)
                self._lines(text, x + inside, top + (row - height) / 2, room, "L", dry=False)

        return _Part(step * QUESTIONS / 2 - 2.5, draw)

    def _warning(self) -> _Part:
        """What must not be typed, in a thick black frame."""
        text = self._text(self._say("warning"), 20, bold=True)

        def draw(y: float) -> None:
            self._pdf.set_draw_color(0, 0, 0)
            self._pdf.set_line_width(0.9)
            self._pdf.rect(_SIDE, y, _ROOM, text.height + 5)
            text.draw(y + 2.5)

        return _Part(text.height + 5, draw)
