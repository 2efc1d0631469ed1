"""
The code of a workshop's day in what people type: "4827", "४८२७ है कोड", "4 8 2 7", "aaj ka code 4827".

>>> code_in("aaj ka code 4827 hai")
'4827'
>>> code_in("kya 5000 rupaye lagenge?")
''
"""

import re

from bot.core.answers.fold import fold
from bot.core.talk.words import QUESTION

_DIGITS = re.compile(r"\d+")
_APART = re.compile(r"(?<!\w)(\d) (\d) (\d) (\d)(?!\w)")
_CODE = re.compile(r"\d{4}")
_YEAR = re.compile(r"19\d\d|20\d\d")
# Beside these, four digits are an amount, a year or a part of something else.
_OTHER = frozenset(
    fold(
        "रुपये rupaye rupees rs inr रुपया लाख lakh हज़ार hazar crore करोड़ साल saal year सन san वर्ष percent pin पिन pincode "
        "kilo kg किलो piece पीस meter turnover टर्नओवर bid बिड order ऑर्डर otp emd price कीमत daam दाम form फॉर्म "
        "gst itr hp "
        "march april january february may june july august september october november december मार्च अप्रैल"
    ).split()
)
_NAMED = frozenset(fold("code कोड हाज़िरी hajiri attendance").split())


def code_in(text: str) -> str:
    """The one group of four digits in a text, unless it is a year, an amount or part of a question; "" for none."""
    folded = _APART.sub(r"\1\2\3\4", fold(text))
    groups = _DIGITS.findall(folded)
    if len(groups) != 1 or not _CODE.fullmatch(groups[0]) or "₹" in text or "%" in text:
        return ""
    words = set(folded.split()) - set(groups)
    if "?" in text or QUESTION.search(folded) or not _OTHER.isdisjoint(words):
        return ""
    return "" if words and _YEAR.fullmatch(groups[0]) and _NAMED.isdisjoint(words) else groups[0]


def names_code(text: str) -> bool:
    """Whether a text says that it holds the code."""
    return not _NAMED.isdisjoint(fold(text).split())


def is_bare(text: str) -> bool:
    """Whether a text is a code and says nothing else."""
    words = _APART.sub(r"\1\2\3\4", fold(text)).split()
    return sum(_CODE.fullmatch(word) is not None for word in words) == 1 == len(words) - len(_NAMED & set(words))
