r"""
Whether what a person typed into the registration form can be used, and what is kept of it.

Each ``check_...`` takes any text and gives ``Good`` or ``Bad``. A good value that is typed again is good and the same,
so what is kept can be checked and shown again. No check takes longer than in proportion to the text.

**Mobile.** Digits of any script; groups of digits with a space, a dash or a bracket between them are one number, so
"+91 98765-43210" is read, and "98765 43210 1" is a number that is too long, not one that is right and a digit. Exactly
one mobile number must be in the text; other digits ("मेरे 2 नंबर", a landline) do not matter then.

**Udyam.** The word, the dashes and the case do not matter; state, district and number do.

Sources: Ministry of MSME, notification S.O. 2119(E) of 26 June 2020, and its portal (UDYAM, state, district of two
digits, serial of seven); the states' codes are the vehicle registration marks, compared with numbers that
enterprises publish (CG, OD, TS and UK, not CT, OR and UA; TG is taken too, Telangana's mark since 2024).
DoT's National Numbering Plan: mobile numbers have ten digits and start with 6-9; ``phonenumbers`` knows which are
given out.

>>> check_mobile("mera no ९८७६५ ४३२१० hai")
Good(value='+919876543210')
>>> check_udyam("udyam no. up 31 0012345")
Good(value='UDYAM-UP-31-0012345')
>>> check_name("mera naam  Sita Devi hai")
Good(value='Sita Devi')
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from bot.core.answers.fold import fold
from bot.core.privacy import Secret, mask

# What the office has no use for and must not keep. A mobile number or an e-mail address may have to be typed.
UNSAFE = frozenset({Secret.AADHAAR, Secret.PAN, Secret.CARD, Secret.ACCOUNT, Secret.OTP})

TEXT_CHARS = range(2, 201)
NAME_CHARS = range(2, 61)
NAME_WORDS = 6
MOBILE_DIGITS = 10
# An answer is a line; what is longer is not searched for one.
_READ = 1000


@dataclass(frozen=True, slots=True)
class Good:
    """What is kept of the text."""

    value: str


@dataclass(frozen=True, slots=True)
class Bad:
    """
    The text cannot be used.

    Attributes:
        reason: which phrase under ``form.bad`` says why, with an example.
        values: what the phrase's fields stand for.
    """

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def _plain(text: str) -> str:
    """Digits as 0-9, dashes as "-", spaces as " ", full-width letters and signs as ASCII; what is not seen is gone."""
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif category == "Pd" or char == "\u2212":
            kept.append("-")
        elif category == "Zs":
            kept.append(" ")
        elif category[0] not in "CM" or char in "\n\t":
            other = unicodedata.normalize("NFKC", char)
            kept.append(other if len(other) == 1 else char)
    return "".join(kept)


# --- mobile -----------------------------------------------------------------------------------------------------------

_DIGITS = re.compile("[0-9]+")
# ". " and "/" end a number: "1. 9876543210", "9876543210 / 05512345678".
_GAP = re.compile(r" {0,3}(?:[-()]{1,2}|\.(?! ))? {0,3}")
_INDIAN = re.compile("(?:0{0,2}91)?0?([6-9][0-9]{9})")
_AFTER_COUNTRY = re.compile("0{0,2}910?([6-9][0-9]{9})")
_COUNTRY = re.compile("0{0,2}91")
_PREFIX = re.compile("0{0,2}910?")
_TOWN = re.compile("0[0-9]{2,4}")
_LONGEST_INDIAN = 15
# The longest number of E.164, and what may be dialled before it.
_LONGEST_DIALLED = 18
_AADHAAR_GROUPS = (4, 4, 4)
_MOBILES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True, slots=True)
class _Row:
    """Groups of digits that belong together, and whether "+" stands before them."""

    groups: tuple[str, ...]
    plus: bool

    @property
    def digits(self) -> str:
        return "".join(self.groups)

    @property
    def names_india(self) -> bool:
        """Whether the country's code stands before the number, so that the number begins behind it."""
        apart = len(self.groups) > 1 and _COUNTRY.fullmatch(self.groups[0])
        return bool(apart) or self.digits.startswith("91" if self.plus else "0091")

    @property
    def names_town(self) -> bool:
        """Whether it is written as landlines are: the town's code with its 0, then the number."""
        return len(self.groups) > 1 and _TOWN.fullmatch(self.groups[0]) is not None

    @property
    def abroad(self) -> bool:
        """Whether it is a number of another country."""
        if not self.plus and not self.digits.startswith("00"):
            return False
        parsed = _parsed("+" + self.digits.lstrip("0"))
        return parsed is not None and parsed.country_code != phonenumbers.country_code_for_region("IN")

    def indian(self) -> list[str]:
        """The numbers of ten digits that the groups are, if they are such numbers and nothing else."""
        if tuple(map(len, self.groups)) == _AADHAAR_GROUPS or self.abroad:
            return []
        found, digits = [], ""
        pattern = _AFTER_COUNTRY if self.names_india else _INDIAN
        for group in self.groups:
            digits += group
            if len(digits) > _LONGEST_INDIAN:
                return []
            if number := pattern.fullmatch(digits):
                found.append(number[1])
                digits, pattern = "", _INDIAN
        return [] if digits else found


def _rows(view: str) -> Iterator[_Row]:
    groups: list[str] = []
    plus, end = False, 0
    for found in _DIGITS.finditer(view):
        if groups and not _GAP.fullmatch(view, end, found.start()):
            yield _Row(tuple(groups), plus)
            groups = []
        if not groups:
            plus = "+" in view[max(found.start() - 2, 0) : found.start()]
        groups.append(found.group())
        end = found.end()
    if groups:
        yield _Row(tuple(groups), plus)


def _parsed(digits: str) -> phonenumbers.PhoneNumber | None:
    """A number that is given out somewhere."""
    if len(digits) > _LONGEST_DIALLED:
        return None
    try:
        number = phonenumbers.parse(digits, "IN")
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _type(digits: str) -> int:
    number = _parsed(digits)
    return PhoneNumberType.UNKNOWN if number is None else phonenumbers.number_type(number)


def check_mobile(text: str) -> Good | Bad:
    """The one Indian mobile number in a text, as "+919876543210"."""
    rows = list(_rows(_plain(text)))
    numbers: set[str] = set()
    for row in rows:
        for number in dict.fromkeys(row.indian()):
            kind = _type("+91" + number)
            # The ranges of landlines and mobiles overlap; who does not write the town's code apart means a mobile.
            if kind in _MOBILES or (kind == PhoneNumberType.FIXED_LINE and not row.names_town):
                numbers.add(number)
            if len(numbers) > 1:
                return Bad("mobile-many")
    if numbers:
        return Good("+91" + numbers.pop())
    if not UNSAFE.isdisjoint(mask(text).found):
        return Bad("personal-number")
    if not rows:
        return Bad("mobile-none")
    return _no_mobile(max(rows, key=lambda row: len(row.digits)))


def _no_mobile(row: _Row) -> Bad:
    """Why the digits are no mobile number."""
    if row.abroad:
        return Bad("mobile-abroad")
    kind = _type("+" + row.digits.lstrip("0") if row.plus or row.names_india else row.digits)
    if kind == PhoneNumberType.FIXED_LINE:
        return Bad("mobile-landline")
    digits = _PREFIX.sub("", row.digits, count=1) if row.names_india else row.digits.lstrip("0")
    if len(digits) == MOBILE_DIGITS or kind not in {PhoneNumberType.UNKNOWN, *_MOBILES}:
        return Bad("mobile-other")
    return Bad("mobile-short" if len(digits) < MOBILE_DIGITS else "mobile-long", {"digits": len(digits)})


def said_mobile(e164: str) -> str:
    """
    A mobile number as people read it out.

    >>> said_mobile("+919876543210")
    '98765 43210'
    """
    digits = e164[-MOBILE_DIGITS:]
    return f"{digits[:5]} {digits[5:]}"


# --- Udyam ------------------------------------------------------------------------------------------------------------

STATES = frozenset({
    "AN", "AP", "AR", "AS", "BR", "CG", "CH", "DD", "DL", "DN", "GA", "GJ", "HP", "HR", "JH", "JK", "KA", "KL",
    "LA", "LD", "MH", "ML", "MN", "MP", "MZ", "NL", "OD", "PB", "PY", "RJ", "SK", "TG", "TN", "TR", "TS", "UK",
    "UP", "WB",
})  # fmt: skip
_UDYAM_WORD = re.compile("UDH?A?YA?M|उद्यम")
_UP = re.compile(r"यू[ .]?पी")
_BETWEEN = r"[ ./_-]{0,3}"
_UDYAM = re.compile(
    rf"(?<![A-Z])([A-Z]{{2}}){_BETWEEN}([0-9]{{2}}){_BETWEEN}([0-9](?:[ -]?[0-9]){{6}})(?![0-9])", re.ASCII
)
_NO_DIGIT = re.compile("[^0-9]")
_UDYOG_AADHAAR = re.compile(rf"(?<![A-Z])[A-Z]{{2}}{_BETWEEN}[0-9]{{2}}{_BETWEEN}[A-F]{_BETWEEN}[0-9]{{7}}(?![0-9])")


def check_udyam(text: str) -> Good | Bad:
    """The one Udyam number in a text, as "UDYAM-UP-31-0012345"."""
    # Vowel signs must stay for the Devanagari words, so these go before the plain view.
    latin = _UP.sub("UP", unicodedata.normalize("NFC", text[:_READ]))
    view = _UDYAM_WORD.sub(" ", _plain(_UDYAM_WORD.sub(" ", latin)).upper())
    found = {(state, district, _NO_DIGIT.sub("", number)) for state, district, number in _UDYAM.findall(view)}
    known = {number for number in found if number[0] in STATES}
    if len(known) == 1:
        return Good("-".join(("UDYAM", *known.pop())))
    if known:
        return Bad("udyam-many")
    if not UNSAFE.isdisjoint(mask(text).found):
        return Bad("personal-number")
    if _UDYOG_AADHAAR.search(view):
        return Bad("udyam-old")
    if found:
        return Bad("udyam-state", {"state": min(found)[0]})
    return Bad("udyam")


# --- words ------------------------------------------------------------------------------------------------------------

_JOINERS = "\u200c\u200d"
_MASKED = re.compile(r"\[[^\[\]]*\]")
_LINK = re.compile(r"https?:|www\.|://|@|\.(?:com|in|org|net)\b", re.IGNORECASE)
# "Nam Dev" is a name, "naam: Dev" and "mera naam Dev" have one.
_NAAM = r"(?:(?:pura|poora|full|पूरा)\s+)?(?:naam|nam|name|नाम)"
_BEFORE_NAME = re.compile(
    rf"(?:mera|meraa|my|मेरा)\s+{_NAAM}\b(?:\s+(?:is|hai|he|है))?\s*[:=-]?\s*|{_NAAM}\s*[:=-]\s*|{_NAAM}\s+(?:is|hai|है)\s+",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile("(?<=[\u0900-\u0963])[0\u0966](?![0-9\u0966-\u096f])")
_AFTER_NAME = re.compile(r"\s+(?:hai|है)\s*$", re.IGNORECASE)
_EMOJI = "\ufe0e\ufe0f\u20e3"
_NAME_END = "।.!,;:"
# Words of questions; nobody and nothing is called so.
_ASKS = frozenset(
    fold("क्या कैसे कब कहाँ kahan क्यों kyu कितना कितने कितनी बताओ bataiye बताइए what how when where why").split()
)
_SAYS = _ASKS | frozenset(fold("चाहिए chahiye मुझे है hain नहीं nhi nahin please").split())
# Neither a name nor a line of words where they are all that is said: yes, no, "wait", "I do not understand".
NO_ANSWERS = frozenset(
    map(
        fold,
        (
            "ok", "okay", "ठीक", "ठीक है", "हाँ", "haan", "han", "जी", "हाँ जी", "जी हाँ", "yes", "no", "नहीं", "nahi",
            "nhi", "ना",
            "नहीं है", "जी नहीं", "नइखे", "कुछ नहीं", "kuchh nahi", "kuch nahi", "koi nahi", "पता नहीं", "pata nahi",
            "मालूम नहीं",
            "malum nahi", "याद नहीं", "yaad nahi", "रुको", "ruko", "ruk", "रुकिए", "rukiye", "wait", "एक मिनट",
            "ek minute",
            "1 minute",
            "ek min", "एक मिनट रुकिए", "ek minute ruko", "बाद में", "baad me", "अभी नहीं", "abhi nahi", "समझ नहीं आया",
            "samajh nahi aaya", "samajh me nahi aaya", "समझ में नहीं आया", "नहीं समझे", "skip", "छोड़ दीजिए", "chhodo",
            "don't know",
            "सहमत हूँ", "sahmat hu", "सहमत", "मैं सहमत हूँ", "हाँ सहमत हूँ", "नाम हटाना", "naam hatana", "नाम हटाना है", "सही है",
            "next", "done", "test", "none", "nil",
        ),
    )
)  # fmt: skip
# No names where they are all that is said.
_ALONE = NO_ANSWERS | frozenset(fold("नाम name naam नमस्ते नमस्कार hello hi hey hlo").split())
# A spreadsheet would run it.
_FORMULA = "=+-@"


def clean(text: str) -> str:
    """
    A text in one line, composed (NFC), spaces collapsed, without what cannot be seen and could deceive.

    Joiners stay behind letters and signs, where they shape the writing; control characters, direction marks and
    private characters go.
    """
    kept: list[str] = []
    for char in " ".join(text.split()):
        joins = char in _JOINERS and kept and unicodedata.category(kept[-1])[0] in "LM"
        if joins or unicodedata.category(char)[0] != "C":
            kept.append(char)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _has_letters(text: str) -> bool:
    return any(char.isalpha() for char in text)


def check_text(text: str) -> Good | Bad:
    """A line of words; mobile numbers and addresses in it are masked."""
    line = " ".join(text.split())
    masked = mask(clean(line[:_READ]))
    if len(line) <= _READ and not UNSAFE.isdisjoint(masked.found):
        return Bad("personal-number")
    if len(line) > _READ or len(masked.text) > TEXT_CHARS[-1]:
        return Bad("text-long", {"limit": TEXT_CHARS[-1]})
    if "?" in masked.text or not _ASKS.isdisjoint(fold(masked.text).split()):
        return Bad("text-question")
    if len(masked.text) < TEXT_CHARS[0] or not _has_letters(_MASKED.sub("", masked.text)):
        return Bad("text-none")
    return Bad("text-said") if fold(masked.text) in NO_ANSWERS else Good(masked.text)


def check_name(text: str) -> Good | Bad:
    """A person's name, in any script."""
    line = " ".join(text.split())
    if len(line) > _READ:
        return Bad("name-long")
    typed = clean(line)
    # मो० is how "मो॰" is typed.
    name = _ABBREVIATED.sub("\u0970", _bare(typed))
    wrong = {
        "personal-number": not UNSAFE.isdisjoint(mask(typed).found),
        "name-digits": any(char.isdigit() for char in name),
        "name-sentence": "?" in typed or not _SAYS.isdisjoint(fold(name).split()),
        "name-long": len(name) > NAME_CHARS[-1] or len(name.split()) > NAME_WORDS,
        "name": len(name) < NAME_CHARS[0]
        or not _has_letters(name)
        or bool(_LINK.search(name))
        or fold(name) in _ALONE
        or name.startswith(tuple(_FORMULA)),
    }
    reason = next((reason for reason, is_so in wrong.items() if is_so), None)
    return Bad(reason) if reason else Good(name)


def _bare(name: str) -> str:
    """A name without what is said around it ("मेरा नाम ... है"), without emoji, and without a full stop at the end."""
    while True:
        bare = "".join(char for char in name if unicodedata.category(char) not in {"So", "Sk"} and char not in _EMOJI)
        bare = clean(bare.strip().rstrip(_NAME_END))
        if opening := _BEFORE_NAME.match(bare):
            bare = _AFTER_NAME.sub("", bare[opening.end() :])
        if bare == name:
            return name
        name = bare
