"""Pictures of numbers, with Hindi set as it is read."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_FONTS = Path(__file__).parent / "poster" / "fonts"
_WIDTH, _MARGIN = 1200, 48
_INK, _PALE, _PAPER = "#1f2a30", "#c9d2d6", "#ffffff"
# Told apart also by those who see no colours: from dark to light.
_COLOURS = ("#0b5d54", "#e0a526", "#c8553d")
_HEIGHT, _ROW = 420, 44
_LINES = 4


def stacked(title: str, labels: Sequence[str], rows: Sequence[Sequence[int]], legend: Sequence[str]) -> Image.Image:
    """
    Columns, each of several parts.

    Args:
        title: what it shows.
        labels: what each column is called.
        rows: the parts of each column.
        legend: what the parts are.
    """
    image = Image.new("RGB", (_WIDTH, _HEIGHT + 200), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((_MARGIN, 28), title, _INK, _font(34, bold=True))
    at = _MARGIN
    for name, colour in zip(legend, _COLOURS, strict=False):
        draw.rectangle((at, 92, at + 22, 114), colour)
        draw.text((at + 32, 86), name, _INK, _font(24))
        at += 32 + round(draw.textlength(name, _font(24))) + 36
    highest = _round_up(max((sum(row) for row in rows), default=0))
    top, bottom, left = 150, _HEIGHT + 120, _MARGIN + 70
    for number in range(_LINES + 1):
        y = bottom - (bottom - top) * number // _LINES
        draw.line((left, y, _WIDTH - _MARGIN, y), _PALE, 1)
        draw.text((left - 12, y), str(highest * number // _LINES), _INK, _font(20), anchor="rm")
    step = (_WIDTH - _MARGIN - left) / max(len(rows), 1)
    every = max(1, round(80 / step + 0.49))
    for number, (label, row) in enumerate(zip(labels, rows, strict=True)):
        x, base = left + step * number, float(bottom)
        for value, colour in zip(row, _COLOURS, strict=False):
            height = (bottom - top) * value / highest
            draw.rectangle((x + step * 0.15, base - height, x + step * 0.85, base), colour)
            base -= height
        if number % every == 0:
            draw.text((x + step / 2, bottom + 14), label, _INK, _font(20), anchor="ma")
    return image


def bars(title: str, rows: Sequence[tuple[str, int]]) -> Image.Image:
    """Rows with a bar each, the first at the top."""
    image = Image.new("RGB", (_WIDTH, 110 + _ROW * max(len(rows), 1) + 30), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((_MARGIN, 28), title, _INK, _font(34, bold=True))
    widest = max((draw.textlength(name, _font(24)) for name, _ in rows), default=0)
    left = _MARGIN + round(min(widest, _WIDTH / 2)) + 20
    most = max((value for _, value in rows), default=1) or 1
    for number, (name, value) in enumerate(rows):
        y = 110 + _ROW * number
        draw.text((left - 20, y + _ROW / 2), name, _INK, _font(24), anchor="rm")
        end = left + (_WIDTH - _MARGIN - 80 - left) * value / most
        draw.rectangle((left, y + 8, end, y + _ROW - 8), _COLOURS[0])
        draw.text((end + 12, y + _ROW / 2), str(value), _INK, _font(22), anchor="lm")
    return image


def _round_up(value: int) -> int:
    """The next number that the lines divide into round ones."""
    step = 1
    while step * _LINES < value:
        # 1, 2, 5, 10, 20, 50, ...
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step * _LINES


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    # Raqm sets the signs of Devanagari in their places.
    name = next(_FONTS.glob("*Bold*.ttf" if bold else "*Regular*.ttf"), None) or next(_FONTS.glob("*.ttf"))
    return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.RAQM)
