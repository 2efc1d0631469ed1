"""Personal numbers: which are masked, which numbers are none, and what holds for any text."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.core.privacy import Masked, Secret, mask

AADHAAR = "234123412346"
CARD = "4111111111111111"
# Dihedral group of order ten and its permutation: Verhoeff's scheme as he defines it, not by its tables.
FIVE = 5
TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
DEVANAGARI_DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")
PIECES = [
    AADHAAR, "2341 2341 2346", "2341-2341-2340", CARD, "4111 1111 1111 1111", "98765 43210", "+91 9876543210",
    "9876543210", "०", "१२", "9", "41", "1076", "123456789", "012 345", "10-07-2024", "10,00,000", "rs 500", " rs",
    "GEM/2026/B/1234567", "GEMC-", "ORD", "SBIN0001234", "ABCPE1234F", "ram@x.in", "@", "otp", "ओटीपी", " is ",
    " my ", "a/c", "khata", "खाता", "[खाता]", "[OTP]", "[", "]", " ", " ", " ", "-", ".", ",", "/", "\n", "\u200d", "+",
    "लाख", "क",
]  # fmt: skip
TYPED = st.lists(st.one_of(st.sampled_from(PIECES), st.text("0123456789 -.", max_size=6)), max_size=25).map("".join)
ANY = st.one_of(st.text(max_size=60), TYPED)
many = settings(max_examples=500, deadline=None, derandomize=True)


def composed(a: int, b: int) -> int:
    """Two symmetries of a pentagon, one after the other: 0-4 turn it, 5-9 turn it over as well."""
    turned = (a % FIVE - b % FIVE if a >= FIVE else a % FIVE + b % FIVE) % FIVE
    return turned + FIVE * ((a >= FIVE) != (b >= FIVE))


def is_aadhaar(digits: str) -> bool:
    check = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char)
        for _ in range(place):
            digit = TURN[digit]
        check = composed(check, digit)
    return len(digits) == 12 and int(digits[0]) > 1 and check == 0


def is_luhn(digits: str) -> bool:
    return sum(sum(divmod(int(d) * (1 + at % 2), 10)) for at, d in enumerate(reversed(digits))) % 10 == 0


def with_check_digit(digits: str, valid: Callable[[str], bool]) -> str:
    return next(digits + check for check in "0123456789" if valid(digits + check))


AADHAARS = st.from_regex(r"[2-9][0-9]{10}", fullmatch=True).map(lambda digits: with_check_digit(digits, is_aadhaar))
CARDS = st.from_regex(r"[45][0-9]{14}", fullmatch=True).map(lambda digits: with_check_digit(digits, is_luhn))


@pytest.mark.parametrize(
    ("typed", "masked", "kind"),
    [
        (AADHAAR, "[आधार]", Secret.AADHAAR),
        ("2341 2341 2346", "[आधार]", Secret.AADHAAR),
        ("2341-2341-2346", "[आधार]", Secret.AADHAAR),
        ("2341.2341.2346", "[आधार]", Secret.AADHAAR),
        ("234123 412346", "[आधार]", Secret.AADHAAR),
        ("2341\u00a02341\u20112346", "[आधार]", Secret.AADHAAR),
        ("2341\u200b2341\u200b2346", "[आधार]", Secret.AADHAAR),
        ("२३४१ २३४१ २३४६", "[आधार]", Secret.AADHAAR),
        ("২৩৪১২৩৪১২৩৪৬", "[आधार]", Secret.AADHAAR),
        ("２３４１２３４１２３４６", "[आधार]", Secret.AADHAAR),
        ("mera aadhar no 2341 2341 2346 hai", "mera aadhar no [आधार] hai", Secret.AADHAAR),
        ("aadhaar234123412346", "aadhaar[आधार]", Secret.AADHAAR),
        ("आधार:234123412346।", "आधार:[आधार]।", Secret.AADHAAR),
        ("mere 2 number: 2341 2341 2346", "mere 2 number: [आधार]", Secret.AADHAAR),
        ("2 2341 2341 2346", "2 [आधार]", Secret.AADHAAR),
        ("2341 2341 2346 25", "[आधार] 25", Secret.AADHAAR),
        ("ABCPE1234F", "[PAN]", Secret.PAN),
        ("pan abcpe1234f hai", "pan [PAN] hai", Secret.PAN),
        ("पैनABCPE१२३४F", "पैन[PAN]", Secret.PAN),
        (CARD, "[कार्ड]", Secret.CARD),
        ("4111 1111 1111 1111", "[कार्ड]", Secret.CARD),
        ("4111-1111-1111-1111", "[कार्ड]", Secret.CARD),
        ("3782 822463 10005", "[कार्ड]", Secret.CARD),
        ("rupay 6521500012345670", "rupay [कार्ड]", Secret.CARD),
        ("5085 0012 3456 7894 block karo", "[कार्ड] block karo", Secret.CARD),
        ("४१११ ११११ ११११ ११११", "[कार्ड]", Secret.CARD),
        ("a/c 12345678901", "a/c [खाता]", Secret.ACCOUNT),
        ("ac no. 123456789", "ac no. [खाता]", Secret.ACCOUNT),
        (
            "mera account number State Bank ka 12345678901 hai",
            "mera account number State Bank ka [खाता] hai",
            "account",
        ),
        ("acount 1234 5678 9012 34", "acount [खाता]", Secret.ACCOUNT),
        ("12345678901 mera khata hai", "[खाता] mera khata hai", Secret.ACCOUNT),
        ("खाता संख्या १२३४५६७८९०१", "खाता संख्या [खाता]", Secret.ACCOUNT),
        ("खाते में 123456789012345678", "खाते में [खाता]", Secret.ACCOUNT),
        ("12345678901 SBIN0001234", "[खाता] SBIN0001234", Secret.ACCOUNT),
        ("ifsc sbin0001234 12345678901", "ifsc sbin0001234 [खाता]", Secret.ACCOUNT),
        ("9876543210", "[मोबाइल]", Secret.MOBILE),
        ("98765 43210", "[मोबाइल]", Secret.MOBILE),
        ("98765-43210", "[मोबाइल]", Secret.MOBILE),
        ("987 654 3210", "[मोबाइल]", Secret.MOBILE),
        ("9 8 7 6 5 4 3 2 1 0", "[मोबाइल]", Secret.MOBILE),
        ("+91 98765 43210", "[मोबाइल]", Secret.MOBILE),
        ("+91-9876543210", "[मोबाइल]", Secret.MOBILE),
        ("+919876543216", "[मोबाइल]", Secret.MOBILE),
        ("\u202a+91 98765 43210\u202c", "\u202a[मोबाइल]\u202c", Secret.MOBILE),
        ("91 9876543210", "[मोबाइल]", Secret.MOBILE),
        ("09876543210", "[मोबाइल]", Secret.MOBILE),
        ("mob.9876543210,call karo", "mob.[मोबाइल],call karo", Secret.MOBILE),
        ("9876543210par", "[मोबाइल]par", Secret.MOBILE),
        ("Ramesh-9876543210", "Ramesh-[मोबाइल]", Secret.MOBILE),
        ("MOB9876543210", "MOB[मोबाइल]", Secret.MOBILE),
        ("९८७६५४३२१० पर फोन करें", "[मोबाइल] पर फोन करें", Secret.MOBILE),
        ("khata wala mobile 9876543210", "khata wala mobile [मोबाइल]", Secret.MOBILE),
        ("226001 9876543210", "226001 [मोबाइल]", Secret.MOBILE),
        ("9876543210 rs 500 bheja", "[मोबाइल] rs 500 bheja", Secret.MOBILE),
        ("rs 500,9876543210", "rs 500,[मोबाइल]", Secret.MOBILE),
        ("500 rs 9876543210 par", "500 rs [मोबाइल] par", Secret.MOBILE),
        ("rs 98765 43210", "rs [मोबाइल]", Secret.MOBILE),
        ("98765 43210 rs nahi aaye", "[मोबाइल] rs nahi aaye", Secret.MOBILE),
        ("9876543210 ₹500", "[मोबाइल] ₹500", Secret.MOBILE),
        ("9876543210,9123456780", "[मोबाइल],[मोबाइल]", Secret.MOBILE),
        ("ram.kumar+gem@gmail.com", "[ई-मेल]", Secret.EMAIL),
        ("mail ram9876543210@up.gov.in par", "mail [ई-मेल] par", Secret.EMAIL),
        ("मेल:RAM@GMAIL.COMहै", "मेल:[ई-मेल]है", Secret.EMAIL),
        ("otp 482913", "otp [OTP]", Secret.OTP),
        ("OTP482913", "OTP[OTP]", Secret.OTP),
        ("otp: 4829", "otp: [OTP]", Secret.OTP),
        ("otp-48291357", "otp-[OTP]", Secret.OTP),
        ("OTP is 482 913", "OTP is [OTP]", Secret.OTP),
        ("ओटीपी ४८२९१३ आया", "ओटीपी [OTP] आया", Secret.OTP),
        ("मेरा ओ टी पी है 482913", "मेरा ओ टी पी है [OTP]", Secret.OTP),
        ("482913 otp hai", "[OTP] otp hai", Secret.OTP),
        ("482913 is your OTP for GeM", "[OTP] is your OTP for GeM", Secret.OTP),
        ("otp 482913 10 minute", "otp [OTP] 10 minute", Secret.OTP),
    ],
)
def test_a_personal_number_is_replaced_by_its_word(typed: str, masked: str, kind: Secret) -> None:
    assert mask(typed) == Masked(masked, frozenset({kind}))


def test_several_in_one_message_are_all_replaced() -> None:
    typed = "Aadhaar 2341 2341 2346 9876543210 pan ABCPE1234F card 4111111111111111 a/c 12345678901 otp 4829 r@x.in"
    masked = "Aadhaar [आधार] [मोबाइल] pan [PAN] card [कार्ड] a/c [खाता] otp [OTP] [ई-मेल]"
    assert mask(typed) == Masked(masked, frozenset(Secret))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "50000",
        "10,00,000",
        "25 लाख",
        "10,00,000 se 25,00,000 tak",
        "60000-75000",
        "70000 80000",
        "5000 6000 7000",
        "₹ 9000000000",
        "9000000000 रुपये",
        "9876540000/-",
        "rs. 98,76,54,32,100",
        "khate me 123456789 rupaye",
        "khate me rs 123456789.50",
        "5000 rs otp",
        "2024",
        "2023 2024 2025",
        "2024-25",
        "10-07-2024",
        "10-07-2024 11.07.2025",
        "10/07/2024 से 10/07/2026",
        "2024-07-10 2025-07-10",
        "mere khate me 10-07-2024 11-07-2025 ko",
        "pin 226001",
        "226001",
        "२२६००१",
        "1800-419-3436",
        "18004193436",
        "1800 102 3436",
        "account band hai, 1800-419-3436 par bola",
        "112",
        "1076",
        "1076 otp nahi aaya",
        "otp nahi aa raha, 1076 par call kiya",
        "otp 10-07-2024 ko aaya",
        "otp rs 5000",
        "otp 482",
        "otp 123456789",
        "option 4829",
        "GEM/2026/B/1234567",
        "gem/2026/b/9876543210 a/c",
        "GEMC-511687712345670",
        "order ORD9876543210",
        "PO-9876543210",
        "HSN 84713010",
        "84713010",
        "hsn84713010 94032010",
        "UDYAM-UP-31-0012345",
        "udyam-up-31-0012345",
        "09ABCPE1234F1Z5",
        "ABCDE1234F",
        "ABCPE1234",
        "ABCPE12345F",
        "SBIN0001234",
        "12345678901",
        "1234567890",
        "5876543210",
        "134123412346",
        "ac 500 watt 123456789",
        "khatam 123456789",
        "khata band hai " + "aur main kya karun " * 5 + " 123456789",
        "a@b",
        "@gem @ 5",
        "[आधार] [PAN] [कार्ड] [खाता] [मोबाइल] [ई-मेल] [OTP]",
        "[OTP] 482913 [OTP] [खाता] 123456789",
    ],
)
def test_other_numbers_stay_as_they_are(typed: str) -> None:
    assert mask(typed) == Masked(typed, frozenset())


def test_an_aadhaar_number_with_any_one_digit_wrong_is_none() -> None:
    wrong = [
        AADHAAR[:at] + digit + AADHAAR[at + 1 :]
        for at in range(12)
        for digit in "0123456789"
        if digit != AADHAAR[at] and not (at == 0 and digit in "01")
    ]
    assert {text: frozenset() for text in wrong} == {text: mask(text).found for text in wrong}


def test_a_card_number_with_any_one_digit_wrong_is_none() -> None:
    wrong = [CARD[:at] + digit + CARD[at + 1 :] for at in range(16) for digit in "0123456789" if digit != CARD[at]]
    assert {text: frozenset() for text in wrong} == {text: mask(text).found for text in wrong}


def test_in_the_shipped_questions_nothing_is_a_secret(shipped: App) -> None:
    questions = [question for entry in shipped.world.faq.entries for question in entry.questions]
    assert questions
    assert {question: frozenset() for question in questions} == {text: mask(text).found for text in questions}


@many
@given(AADHAARS, st.sampled_from(["", " ", "-", "."]), st.text("कखग abc,:", max_size=5), st.booleans())
def test_every_aadhaar_number_is_masked_however_it_is_grouped(
    digits: str,
    separator: str,
    around: str,
    devanagari: bool,  # noqa: FBT001
) -> None:
    groups = [digits[:4], digits[4:8], digits[8:]]
    assume(not separator or not all(re.fullmatch("(?:19|20)..|..00", group) for group in groups))
    typed = separator.join(groups)
    typed = typed.translate(DEVANAGARI_DIGITS) if devanagari else typed
    assert mask(f"{around}{typed}{around}").text == f"{around}[आधार]{around}"


@many
@given(CARDS, st.sampled_from(["", " ", "-"]))
def test_every_card_number_is_masked_however_it_is_grouped(digits: str, separator: str) -> None:
    typed = separator.join(digits[at : at + 4] for at in range(0, 16, 4))
    assume(not typed.endswith("00"))
    assert mask(typed) == Masked("[कार्ड]", frozenset({Secret.CARD}))


@many
@given(ANY)
@example("98765-43210-01-02-03,000 123456")
@example("a/c 123456789" + " " * 36 + "123456789" + " " * 36 + "123456789")
@example("1234567890SBIN0001234 123456789")
def test_masking_a_masked_text_changes_nothing(typed: str) -> None:
    masked = mask(typed)
    assert mask(masked.text) == Masked(masked.text, frozenset())
    assert bool(masked.found) == (masked.text != typed)


@many
@given(st.one_of(ANY, st.tuples(ANY, AADHAARS, ANY).map("".join)))
def test_no_masked_text_contains_an_aadhaar_number(typed: str) -> None:
    assert not [run for run in re.findall(r"\d+", mask(typed).text) if is_aadhaar(run)]


@many
@given(ANY)
def test_what_is_no_digit_and_no_address_is_kept(typed: str) -> None:
    typed = re.sub(r"[@+]|(?i:abcpe)", "", typed)
    without = re.sub(r"\[(?:आधार|कार्ड|खाता|मोबाइल|OTP|PAN)\]", "", typed)
    masked = re.sub(r"\[(?:आधार|कार्ड|खाता|मोबाइल|OTP|PAN)\]", "", mask(typed).text)
    numbers = r"[\d\W]+"
    assert re.sub(numbers, "", without) == re.sub(numbers, "", masked)


@pytest.mark.parametrize(
    "piece",
    [
        "1", "1 ", "12 ", "9876 ", "10-07-", "1,", "10,", "a", "@", "a@", "a.", "a@a.", "otp ", "otp is my ",
        "482 is my ", "rs", "rs 1", "A1", "GEM/", "account 123456789 ", "a/c 98765 43210 123456789 ", "\u200b",
        "1\u200b", "o.t.p",
        "SBIN0001234 12345 ", "98765-43210-01-02-03,000 123456-", "[खाता]", "ABCPE1234", "+91",
    ],
)  # fmt: skip
def test_a_hostile_text_takes_time_in_line_with_its_length(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.process_time()
    mask(text)
    # Quadratic time would be minutes; this leaves room for a slow machine.
    assert time.process_time() - began < 20
