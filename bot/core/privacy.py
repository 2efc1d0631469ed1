r"""
Recognises personal numbers in what people type, so that they are neither stored nor logged.

1. **A plain view** of the text, character for character: digits of every script become 0-9, full-width letters and
   signs ASCII, all dashes "-", all spaces " ", and what cannot be seen (joiners, direction marks) one mark.
2. **What is no secret** although it has many digits goes first: dates, amounts, toll-free numbers, IFSC, and
   identifiers with letters (GEM/2026/B/1234567, UDYAM-UP-31-0012345, GEMC-5116..., ORD98...).
3. **Groups of digits** with one space, dot or hyphen between them are a row. Of all ways to cut a row into Aadhaar,
   card, mobile and account numbers the one that masks the most digits is taken, so that no part of a number that
   was typed next to another stays behind. A group is never cut: a number inside a longer one is not that number.
4. **OTP** is what stands next to the word and is none of these.

This repeats until nothing changes, so masking a masked text changes nothing. It takes a handful of rounds at most: only
an account number is recognised by what stands near it, and near is a fixed number of characters.

When in doubt it masks. In particular 12 digits in one piece with Aadhaar's check digit are always masked, even in an
order number; 12 digits typed wrong are not. GSTIN is public, and the PAN inside it is kept with it.

Sources: UIDAI (12 digits, none starting with 0 or 1, Verhoeff), J. Verhoeff, "Error Detecting Decimal Codes", 1969
(both tables), Income Tax Department (PAN: the fourth letter is the kind of holder), ISO/IEC 7812 (card, Luhn), RBI
(IFSC: bank, 0, branch), DoT's National Numbering Plan (mobile numbers start with 6-9).

>>> mask("mera aadhar 2341 2341 2346 hai, fees 50,000").text
'mera aadhar [आधार] hai, fees 50,000'
>>> mask("OTP ४८२९१३ आया").text
'OTP [OTP] आया'
>>> mask("1800-419-3436 par call kiya").found
frozenset()
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from itertools import pairwise


class Secret(StrEnum):
    """The kinds of personal data that are recognised."""

    AADHAAR = "aadhaar"
    PAN = "pan"
    CARD = "card"
    ACCOUNT = "account"
    MOBILE = "mobile"
    EMAIL = "email"
    OTP = "otp"


@dataclass(frozen=True, slots=True)
class Masked:
    """
    A text that may be stored.

    Attributes:
        text: the text with a word in brackets for each personal number; all else is as it was typed.
        found: which kinds were replaced; empty if ``text`` is what was typed.
    """

    text: str
    found: frozenset[Secret]


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits in one piece, and where they stand."""

    digits: str
    start: int
    end: int


_WORDS = {
    Secret.AADHAAR: "[आधार]",
    Secret.PAN: "[PAN]",
    Secret.CARD: "[कार्ड]",
    Secret.ACCOUNT: "[खाता]",
    Secret.MOBILE: "[मोबाइल]",
    Secret.EMAIL: "[ई-मेल]",
    Secret.OTP: "[OTP]",
}

# In the plain view: what cannot be seen, and what has been dealt with.
_UNSEEN, _DONE = "\u200b", "\x00"
# Variation selectors and the keycap around a digit; other marks belong to letters.
_KEYCAP = "\ufe0e\ufe0f\u20e3"
_MINUS = "\u2212"

_AADHAAR_LENGTH = 12
_MOBILE_LENGTH = 10
_CARD_LENGTHS = range(13, 20)
_ACCOUNT_LENGTHS = range(9, 19)
_LONGEST = _CARD_LENGTHS[-1]
_MOBILE_PREFIXES = ("0091", "091", "91", "0", "")
# Cards are typed 4-4-4-4 or 4-6-5; a first group of another length is another number (a pin code before a mobile).
_CARD_FIRST_GROUP, _CARD_GROUPS = 4, range(4, 7)
# A longer group is a number of its own, not a part of one.
_LONGEST_PART = 8
# As far as "mera khata number State Bank of India ka ...".
_NEAR = 40

_VERHOEFF_PRODUCT = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
_VERHOEFF_PERMUTATION = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]
_LUHN_DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]

# Without a digit, of whatever script, or an @ there is no secret.
_MAY_HOLD = re.compile(r"[\d@\uff20\ufe6b]")
_DIGITS = re.compile(r"[0-9]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_GAP = re.compile(rf"{_UNSEEN}{{0,3}}[ .-]?{_UNSEEN}{{0,3}}")
_EMAIL = re.compile(r"[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}", re.IGNORECASE)
# Bounded by Latin letters and digits only: "पैनABCPE1234F" is one, the middle of a GSTIN is not.
_PAN = re.compile(r"(?<![a-z0-9])[a-z]{3}[abcfghljpt][a-z][0-9]{4}[a-z](?![a-z0-9])", re.IGNORECASE)
_IFSC = re.compile(r"(?<![a-z0-9])[a-z]{4}0[a-z0-9]{6}(?![a-z0-9])", re.IGNORECASE)
# "ac" alone is an air conditioner. The word in brackets is ours and says nothing of what stands near it.
_ACCOUNT_WORD = re.compile(
    rf"{re.escape(_WORDS[Secret.ACCOUNT])}|(?P<word>(?<![a-z])(?:a/c(?![a-z])|acc?[ .]{{0,2}}n(?:o|um)|acct(?![a-z])|"
    r"ac+(?:o|a)u?nt|kha+t+h?[ae]+(?![a-z]))|(?:ख\u093c?|\u0959)ात[ाे]|[अए]का[उऊ](?:ं|न्)ट|ए/सी)",
    re.IGNORECASE,
)

# Ten digits that are not round are a mobile number, even where money is spoken of next.
_AMOUNT = r"(?:[0-9]{1,3}(?:,[0-9]{2,3})++|[0-9]{5,14}0000|[0-9]{1,9})(?![0-9])(?:\.[0-9]{1,2}(?![0-9]))?"
_AMOUNT_AFTER = (
    r"rupees?|rupa?ye|रुप[एय]|रु(?![\u0900-\u097f])|la(?:kh|c)|लाख|crore|करो(?:ड|\u095c)|hazar|ह(?:ज\u093c?|\u095b)ार|/-"
)
# Labels people glue to their number; any other capitals there make it an order number.
_LABELS = "otp|mob(?:ile)?|ph(?:one)?|n[ou]|num(?:ber)?|tel|cell|call|whatsapp|wa|ac+|acct|account|card|uid|aadha+r"
# No secrets. Each is searched on its own, so that none hides another; whether one is found depends on what it says
# and, outside it, only on digits or letters that must not be there.
_KEPT = [
    _IFSC,
    re.compile(
        r"(?<![0-9])(?<![0-9][-./])(?:0?[1-9]|[12][0-9]|3[01])([-./])(?:0?[1-9]|1[0-2])\1(?:19|20)?[0-9]{2}(?![-./]?[0-9])"
    ),
    re.compile(
        r"(?<![0-9])(?<![0-9][-./])(?:19|20)[0-9]{2}([-./])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])(?![-./]?[0-9])"
    ),
    re.compile(r"(?<![0-9])(?<![0-9][-. ])18[06]0[-. ]?[0-9]{2,4}[-. ]?[0-9]{3,5}(?![-. ]?[0-9])"),
    re.compile(r"(?<![0-9,])[0-9]{1,3}(?:,[0-9]{2,3})++(?![0-9])"),
    re.compile(rf"(?<![0-9])(?<![0-9] )(?:₹|(?<![a-z])(?:rs|inr)|रु)\.? ?{_AMOUNT}(?![ -]?[0-9])", re.IGNORECASE),
    re.compile(rf"(?<![0-9,.])(?<![0-9][ -]){_AMOUNT} ?(?:{_AMOUNT_AFTER}|(?:rs|₹)(?!\.? ?[0-9]))", re.IGNORECASE),
    re.compile(
        r"(?<![a-z0-9])(?:gemc?|udyam|hsn|sac|ord(?:er)?|po|inv(?:oice)?|bid|ref|tkt|ticket|srn?|txn|utr|crac|prc)"
        r"(?=[-/_0-9])[a-z0-9/_-]*+",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![A-Za-z0-9])(?!(?i:{_LABELS})[0-9])[A-Z]{{1,10}}[0-9][A-Z0-9]*+"),
]

_OTP_WORD = r"(?:(?<![a-z])o\.?t\.?p(?![a-z])\.?|ओ[ .]?टी[ .]?पी)"
_OTP_FILLER = (
    r"(?:(?:is|my|your|the|mera|meri|ye|yeh|yah|ka|no|number|code|hai|h|मेरा|यह|ये|का|नंबर|नम्बर|कोड|है)[\s:=.,-]{1,3})"
)
# 1076 is the chief minister's helpline.
_OTP_DIGITS = (
    r"(?<![0-9])(?!1076(?![0-9]))(?P<digits>[0-9]{4}[ .-][0-9]{4}|[0-9]{4,8}|[0-9]{3}[ .-][0-9]{3}|"
    r"[0-9]{2}(?:[ .-][0-9]{2}){1,3}|[0-9](?:[ .-][0-9]){3,7})(?![0-9])"
)
_OTPS = [
    re.compile(rf"{_OTP_WORD}[\s:=.,#-]{{0,3}}{_OTP_FILLER}{{0,2}}{_OTP_DIGITS}", re.IGNORECASE),
    re.compile(rf"{_OTP_DIGITS}[\s:=.,-]{{0,3}}{_OTP_FILLER}{{0,2}}{_OTP_WORD}", re.IGNORECASE),
]


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """One character -> one character of the plain view."""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category == "Cf" or char in _KEYCAP:
        return _UNSEEN
    if category == "Pd" or char == _MINUS:
        return "-"
    if category == "Zs":
        return " "
    other = unicodedata.normalize("NFKC", char) if category[0] in "LPS" else char
    return other if len(other) == 1 else char


def _is_aadhaar(digits: str) -> bool:
    """Whether 12 digits end in Verhoeff's check digit over the rest."""
    if len(digits) != _AADHAAR_LENGTH or digits[0] in "01":
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_PRODUCT[check][_VERHOEFF_PERMUTATION[place % 8][int(digit)]]
    return check == 0


def _is_card(digits: str) -> bool:
    """Whether the digits have a card's length and first digit, and Luhn's check digit."""
    if len(digits) not in _CARD_LENGTHS or digits[0] not in "234568":
        return False
    return (sum(map(int, digits[-1::-2])) + sum(_LUHN_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def _are_parts(groups: Sequence[str]) -> bool:
    """Whether groups can be parts of one number: not a list of amounts and years, of counts, or of whole numbers."""
    if len(groups) == 1:
        return True
    lengths = [len(group) for group in groups]
    ordinary = all(group.endswith("00") or bool(_YEAR.fullmatch(group)) for group in groups)
    return not ordinary and max(lengths) <= _LONGEST_PART and (min(lengths) > 1 or max(lengths) == 1)


def _is_mobile(groups: Sequence[str]) -> bool:
    """Whether groups are ten digits from 6-9 on, with the country's or the trunk prefix before them or without."""
    digits = "".join(groups)
    prefix, number = digits[:-_MOBILE_LENGTH], digits[-_MOBILE_LENGTH:]
    if prefix not in _MOBILE_PREFIXES or len(number) < _MOBILE_LENGTH or number[0] not in "6789":
        return False
    if [len(group) for group in groups] == [4, 4, 4]:
        return False  # an Aadhaar number typed wrong
    return _are_parts(groups[1:] if prefix and groups[0] == prefix else groups)


def _kind(groups: Sequence[str], *, plus: bool, account: Callable[[], bool]) -> Secret | None:
    """What groups of one row are together, if anything; ``plus`` is a "+" before them."""
    digits = "".join(groups)
    mobile = _is_mobile(groups)
    if mobile and plus:
        return Secret.MOBILE
    if _is_aadhaar(digits) and _are_parts(groups):
        return Secret.AADHAAR
    is_cut_as_card = len(groups) == 1 or (
        len(groups[0]) == _CARD_FIRST_GROUP and all(len(group) in _CARD_GROUPS for group in groups[:-1])
    )
    if is_cut_as_card and _is_card(digits) and _are_parts(groups):
        return Secret.CARD
    if mobile:
        return Secret.MOBILE
    if len(digits) in _ACCOUNT_LENGTHS and account() and _are_parts(groups):
        return Secret.ACCOUNT
    return None


def _rows(view: str) -> Iterator[list[_Group]]:
    """Groups of digits that stand one separator apart."""
    row: list[_Group] = []
    for found in _DIGITS.finditer(view):
        if row and not _GAP.fullmatch(view, row[-1].end, found.start()):
            yield row
            row = []
        row.append(_Group(found.group(), *found.span()))
    if row:
        yield row


def _cut(row: Sequence[_Group], view: str, near_account: Callable[[int, int], bool]) -> list[tuple[int, int, Secret]]:
    """The numbers in a row, so that the most digits are covered: start, end, kind."""
    covered = [0]  # by the best cut of the groups before each
    cuts: list[tuple[int, Secret] | None] = [None]  # what ends before each in that cut: its first group, its kind
    for after in range(1, len(row) + 1):
        best, cut, length = covered[-1], None, 0
        for first in range(after - 1, -1, -1):
            length += len(row[first].digits)
            if length > _LONGEST:
                break
            if length < _ACCOUNT_LENGTHS[0] or covered[first] + length <= best:
                continue
            start, end = row[first].start, row[after - 1].end
            kind = _kind(
                [group.digits for group in row[first:after]],
                plus=view[start - 1 : start] == "+",
                account=partial(near_account, start, end),
            )
            if kind:
                best, cut = covered[first] + length, (first, kind)
        covered.append(best)
        cuts.append(cut)
    spans = []
    after = len(row)
    while after:
        cut = cuts[after]
        if cut is None:
            after -= 1
            continue
        first, kind = cut
        start = row[first].start
        spans.append((start - (kind is Secret.MOBILE and view[start - 1 : start] == "+"), row[after - 1].end, kind))
        after = first
    return spans


def _account_finder(view: str) -> Callable[[int, int], bool]:
    """Tells whether the text around start and end speaks of an account."""
    if _IFSC.search(view):
        return lambda _start, _end: True
    words = [found.span() for found in _ACCOUNT_WORD.finditer(view) if found["word"]]
    ends = [end for _, end in words]

    def near(start: int, end: int) -> bool:
        at = bisect_left(ends, start - _NEAR)
        return at < len(words) and words[at][0] <= end + _NEAR

    return near


def _without(view: str, spans: Sequence[tuple[int, int]]) -> str:
    """The view with spans, which may overlap, marked as dealt with."""
    kept, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            kept += [view[at:start], _DONE * (end - max(start, at))]
            at = end
    return "".join([*kept, view[at:]])


def _spans(view: str) -> list[tuple[int, int, Secret]]:
    """Start, end and kind of each secret in a plain view; they do not overlap."""
    spans: list[tuple[int, int, Secret]] = []
    near_account = _account_finder(view)

    def take(found: list[tuple[int, int, Secret]]) -> str:
        spans.extend(found)
        return _without(view, [(start, end) for start, end, _ in found])

    view = take([(*found.span(), Secret.EMAIL) for found in _EMAIL.finditer(view)] if "@" in view else [])
    view = take([(*found.span(), Secret.PAN) for found in _PAN.finditer(view)])
    view = _without(
        view,
        [
            found.span()
            for pattern in _KEPT
            for found in pattern.finditer(view)
            if not any(map(_is_aadhaar, _DIGITS.findall(found.group())))
        ],
    )
    view = take([span for row in _rows(view) for span in _cut(row, view, near_account)])
    for pattern in _OTPS:
        view = take([(*found.span("digits"), Secret.OTP) for found in pattern.finditer(view)])
    return sorted(spans)


def mask(text: str) -> Masked:
    """
    Replace personal numbers and addresses by words.

    Args:
        text: anything a person can type, of any length; the time taken grows with the length.

    Returns:
        The text to store, and what was in it. ``mask(mask(text).text).found`` is empty.
    """
    if not _MAY_HOLD.search(text):
        return Masked(text, frozenset())
    found: set[Secret] = set()
    while spans := _spans("".join(map(_plain, text))):
        found.update(kind for _, _, kind in spans)
        kept = [
            text[end:start] for (_, end, _), (start, _, _) in pairwise([(0, 0, None), *spans, (len(text), 0, None)])
        ]
        words = [*(_WORDS[kind] for _, _, kind in spans), ""]
        text = "".join(part for pair in zip(kept, words, strict=True) for part in pair)
    return Masked(text, frozenset(found))
