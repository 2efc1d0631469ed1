"""Colours that can be read, buckets that fill up again, and a page small enough for 2G."""

import gzip
import ipaddress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.channels.web
from bot.app import App
from bot.channels.web.colours import contrast, shades
from bot.channels.web.limiting import Buckets, network
from bot.channels.web.pages import Pages
from tests.channels.web.house import SETTINGS

PAGE = Path(bot.channels.web.__file__).parent / "page"
COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:], 16)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(COLOURS)
def test_whatever_colour_an_office_has_its_text_can_be_read(colour: str) -> None:
    look = shades(colour)
    assert look.head == colour
    assert contrast(rgb(look.on_head), rgb(look.head)) >= 4.5
    assert contrast(rgb(look.by_day), (255, 255, 255)) >= 4.5
    assert contrast(rgb(look.by_night), (31, 44, 51)) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shades("#075e54").by_day == "#075e54"


def test_the_grounds_that_colours_are_made_for_are_those_of_the_style() -> None:
    style = (PAGE / "chat.css").read_text("utf-8")
    assert "--card: #fff;" in style
    assert f"--card: #{bytes((31, 44, 51)).hex()};" in style


def test_a_bucket_that_is_empty_says_when_there_is_more() -> None:
    at = [0.0]
    buckets = Buckets(3, 0.5, lambda: at[0])
    assert [buckets.wait("a") for _ in range(5)] == [0, 0, 0, 2, 2]
    assert buckets.wait("b") == 0
    at[0] = 1
    assert buckets.wait("a") == 1
    at[0] = 2
    assert [buckets.wait("a"), buckets.wait("a")] == [0, 2]
    at[0] = 1000
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 2]


def test_buckets_of_many_take_a_bounded_room() -> None:
    buckets = Buckets(1, 0.001, lambda: 0.0)
    for number in range(20_001):
        assert buckets.wait(str(number)) == 0
    assert buckets.wait("20000") > 0
    assert buckets.wait("0") == 0


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", str(ipaddress.ip_address("::ffff:203.0.113.7"))),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_of_the_sixth_version_counts_with_its_network(address: str, whose: str) -> None:
    assert network(address) in {whose, address}
    assert network(address) == whose or address.startswith("::ffff")


def test_page_script_and_style_are_small_enough_for_2g(shipped: App) -> None:
    pages = Pages(SETTINGS, shipped.phrases)
    assert pages.size <= 60 * 1024
    packed = sum(len(file.packed) for file in (pages.index, pages.style, pages.script))
    assert packed <= 16 * 1024
    assert gzip.decompress(pages.index.packed) == pages.index.content


def test_every_place_of_the_page_is_filled_in_in_both_languages(shipped: App) -> None:
    for language in ("hi", "en"):
        page = Pages(bot.channels.web.WebSettings("x" * 16, language=language), shipped.phrases)
        texts = [file.content.decode() for file in (page.index, page.script, page.style, page.widget)]
        assert not any(mark in text for text in texts for mark in ("{{", "/*config*/", "/*window*/"))


@pytest.mark.parametrize("file", sorted(PAGE.iterdir()), ids=lambda file: file.name)
def test_nothing_of_the_page_asks_another_host_or_makes_markup_of_text(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "").replace("https://CHAT/", "")
    text = text.replace("https:\\/\\/", "")
    assert "http:" not in text
    assert "https:" not in text.replace("https only", "")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "localStorage",
    ):
        assert way not in text
