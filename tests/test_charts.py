"""Pictures of numbers: what is more is longer, and nothing leaves the paper."""

from collections import Counter

from PIL import Image

from bot.charts import bars, stacked

GREEN, YELLOW = (0x0B, 0x5D, 0x54), (0xE0, 0xA5, 0x26)


def amounts(image: Image.Image) -> Counter[object]:
    """Colour -> how many points have it, below the legend."""
    below = image.crop((0, 130, *image.size))
    return Counter({colour: count for count, colour in below.getcolors(1_000_000) or ()})


def test_columns_show_their_parts_as_they_are() -> None:
    image = stacked("रोज़ के सवाल", ["01-11", "02-11", "03-11"], [[10, 5, 0], [20, 10, 0], [0, 0, 0]], ["क", "ख", "ग"])
    found = amounts(image)
    assert 1.9 < found[GREEN] / found[YELLOW] < 2.1
    left, right = image.crop((0, 130, 470, 620)), image.crop((470, 130, 830, 620))
    assert 1.9 < amounts_of(right, GREEN) / amounts_of(left, GREEN) < 2.1


def amounts_of(image: Image.Image, colour: tuple[int, int, int]) -> int:
    return {each: count for count, each in image.getcolors(1_000_000) or ()}.get(colour, 0)


def test_bars_are_as_long_as_their_numbers() -> None:
    image = bars("सबसे ज़्यादा", [("रजिस्ट्रेशन कैसे करें", 400), ("EMD", 100)])
    first, second = image.crop((0, 110, 1200, 154)), image.crop((0, 154, 1200, 198))
    assert 3.8 < amounts_of(first, GREEN) / amounts_of(second, GREEN) < 4.2


def test_with_nothing_to_show_there_is_a_picture_all_the_same() -> None:
    assert stacked("x", [], [], ["क"]).size[0] == bars("x", []).size[0] == 1200
    assert stacked("x", ["1"] * 400, [[1, 2, 3]] * 400, ["क"]).size == (1200, 620)
