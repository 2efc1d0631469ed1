"""
What a message says to something that was asked: yes, no, both, and of what kind.

A message decides only if all of it is understood (``Said.clear``): words that agree or refuse, and words that change
nothing ("जी", "मुझे", "सीट"). The kind matters: "आएँगे" is a yes to a seat and never to giving one up, "चाहिए" takes a
seat, and only a plain "हाँ" is enough for what cannot be undone.

>>> said_to(fold("हाँ जी, हम आएँगे")).yes == {Kind.PLAIN, Kind.FINE, Kind.COMING}
True
>>> said_to(fold("nahi aa payenge")).no == {Kind.COMING}
True
>>> said_to(fold("train kitni late hai")).clear
False
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.core.answers.fold import fold


class Kind(StrEnum):
    """What one agrees to or refuses by a word."""

    PLAIN = "plain"  # हाँ, नहीं
    FINE = "fine"  # ठीक है: enough for what can be undone
    COMING = "coming"  # आएँगे
    WANTING = "wanting"  # चाहिए
    AGREEING = "agreeing"  # सहमत हूँ, लिख दीजिए


@dataclass(frozen=True, slots=True)
class Said:
    """
    The kinds of yes and of no in a message; both empty where it decides nothing.

    Attributes:
        yes: what it agrees by.
        no: what it refuses by.
        whole: whether nothing else is in it.
    """

    yes: frozenset[Kind] = frozenset()
    no: frozenset[Kind] = frozenset()
    whole: bool = True

    @property
    def mixed(self) -> bool:
        """Whether it says both."""
        return bool(self.yes and self.no)

    @property
    def clear(self) -> bool:
        """Whether it is a yes or a no and nothing else."""
        return self.whole and bool(self.yes) != bool(self.no)


def _phrases(*texts: str) -> frozenset[str]:
    return frozenset(map(fold, texts))


_YES = {
    Kind.PLAIN: _phrases("हाँ", "haan", "han", "yes", "y", "yess", "haa", "हँ", "हाँव"),
    Kind.FINE: _phrases(
        "जी", "ok", "okay", "okk", "ओके", "ठीक है", "theek hai", "thik h", "ठीक बा", "ठीक", "सही है", "sahi hai", "sahi",
        "सही बा", "बिल्कुल", "bilkul", "zaroor", "जरूर", "sure",
    ),
    Kind.COMING: _phrases(
        "आएँगे", "aayenge", "aenge", "aayege", "aaunga", "aaungi", "aayunga", "आऊँगा", "आऊँगी", "आ रहे", "aa rahe",
        "आ रहा", "आ रही", "aa jayenge", "aa jaunga", "आ जाऊँगी", "आ पाएँगे", "aa paunga", "आ पाऊँगी", "आ सकते", "आ सकता",
        "आ सकती", "आ सकूँगा", "आ सकेंगे", "आइब", "aaib", "आइम", "आवत", "aa jaib", "pahunch jayenge", "पहुँच जाऊँगा",
        "will come",
        "am coming", "coming", "आना है", "aana hai", "आएगा", "aa paega",
    ),
    Kind.WANTING: _phrases(
        "चाहिए", "chahiye", "chahie", "चाहीं", "chahi", "ले लेंगे", "ले लूँगा", "ले लूँगी", "lenge", "लेंगे", "लूँगा", "लेब",
        "दे दो", "de do", "दे दीजिए", "de dijiye", "दे दीं", "दिला दो", "dila dijiye", "रख दो", "rakh dijiye", "रख लीजिए",
        "rakh lo",
        "want", "i will take", "बुक कर दो", "book kar do",
    ),
    Kind.AGREEING: _phrases(
        "सहमत", "sahmat", "सहमति है", "sahmati hai", "sehmat", "मंज़ूर", "manjoor", "manzoor", "agree", "agreed",
        "accept", "राज़ी",
        "लिख दो", "likh do", "लिख दीजिए", "likh dijiye", "लिख लो", "likh lo", "लिख लीजिए", "likh lijiye", "लिखिए",
        "likhiye",
        "लिख दीं", "confirm",
    ),
}  # fmt: skip
_NO = _phrases(
    "नहीं", "nahi", "nahin", "nhi", "nai", "nahee", "ना", "na", "no", "n", "नइखे", "मत", "not", "nope", "मना है", "never",
    "cannot", "cant", "disagree",
)  # fmt: skip
# The no in the middle of "आ पाएँगे".
_NOT_COMING = _phrases(
    "आ नहीं पाएँगे", "aa nahi paunga", "aa nahi paungi", "आ ना पाइब", "aa nahi sakte", "aa nahi sakta", "aa nahi rahe",
    "आ नहीं सकूँगा", "आ नहीं सकेंगे", "aa nahi sakungi",
)  # fmt: skip
# "आएँगे ना": a no, or "won't we?".
_OR_IS_IT = fold("ना")
_HARMLESS = frozenset(
    fold(
        "अच्छा pakka पक्का सर sir साहब sahab भैया bhaiya भाई bhai दीदी didi मैडम madam मैम हम hum मैं main mai मुझे mujhe "
        "मुझको हमें हमको "
        "हमके हमरा हमको hamko hume हम लोग log मेरा mera मेरी meri हमारा hamara हमार hamar अपना apna सीट seat sit "
        "है hai h he "
        "हैं hain हूँ hu hoon hun हई बानी bani बा ba तो to भी bhi please plz कृपया kripya नाम naam nam i we will "
        "am do the a "
        "my workshop कार्यशाला training ट्रेनिंग में me mein को ko के ke से लिए liye यह ye वह wo सब sab रहा रहे रही हो "
        "ho अब ab कर "
        "kar दो दीजिए dijiye dena देना लो lo और aur इस उस us is din दिन ek एक यही yahi बात baat पर par पाएँगे "
        "sakte जाएँगे it"
    ).split()
)
_LONGEST = 4
_NOTHING, _REFUSAL, _UNKNOWN = "harmless", "no", "unknown"
_POLITE = (Kind.PLAIN, Kind.FINE)
# A folded phrase -> what it says.
_MEANING: dict[str, Kind | str] = {
    **dict.fromkeys(_HARMLESS, _NOTHING),
    **{phrase: kind for kind, phrases in _YES.items() for phrase in phrases},
    **dict.fromkeys(_NO | _NOT_COMING, _REFUSAL),
}
# What a request names when something is to go, so that "मत" beside it keeps it.
_REMOVING = "|".join(
    sorted(
        {
            fold(word)
            for word in [
                "hata",
                "हटा",
                "hataiye",
                "हटाइए",
                "hatao",
                "हटाओ",
                "hatana",
                "हटाना",
                "hatayen",
                "हटाएँ",
                "mita",
                "मिटा",
                "mitao",
                "मिटाओ",
                "mitana",
                "मिटाना",
                "मिटाइए",
                "mitaiye",
                "kaat",
                "काट",
                "kaato",
                "काटो",
                "kaatna",
                "काटना",
                "काटिए",
                "kaatiye",
                "delete",
                "डिलीट",
                "erase",
                "cancel",
                "कैंसिल",
                "nikal",
                "निकाल",
                "nikalna",
                "निकालना",
                "निकालिए",
                "nikaliye",
                "katwana",
            ]
        }
    )
)
_INFINITIVES = "|".join(
    sorted(
        {
            fold(word)
            for word in [
                "hatana",
                "हटाना",
                "mitana",
                "मिटाना",
                "kaatna",
                "काटना",
                "nikalna",
                "katwana",
                "हटवाना",
                "मिटवाना",
                "hatwana",
            ]
        }
    )
)
_DOING = "|".join(
    sorted(
        {
            fold(word)
            for word in [
                "kar",
                "करो",
                "karo",
                "करना",
                "karna",
                "कीजिए",
                "kijiye",
                "करें",
                "do",
                "दो",
                "dijiye",
                "दीजिए",
                "dena",
                "देना",
                "करिए",
                "kariye",
            ]
        }
    )
)
_MAT = fold("मत")
_NOT = "|".join(sorted({fold(word) for word in ["नहीं", "nahi", "nhi", "ना", "na"]}))
_KEEPS = re.compile(
    rf"(?<!\w)(?:{_MAT} (?:{_REMOVING})|(?:{_REMOVING})(?: (?:{_DOING}))? {_MAT}|(?:{_NOT}) (?:{_INFINITIVES})"
    rf"|(?:{_REMOVING}) (?:{_NOT}) (?:{_DOING})|(?:do not|dont|don t) (?:{_REMOVING}))(?!\w)"
)


def keeps(folded: str) -> bool:
    """Whether a folded message asks that something not be removed: "नाम हटाइए मत"."""
    return _KEEPS.search(folded) is not None


# What a turn asks several times.
@lru_cache(maxsize=256)
def said_to(folded: str) -> Said:
    """What a folded message says to something that was asked."""
    parts = _parts(folded.split())
    yes, no = set[Kind](), set[Kind]()
    for at, (part, words) in enumerate(parts):
        before = parts[at - 1][0] if at else _NOTHING
        behind = parts[at + 1][0] if at + 1 < len(parts) else _NOTHING
        if isinstance(part, Kind):
            refused = _REFUSAL in (before, behind) and part not in (Kind.PLAIN, Kind.FINE)
            (no if refused else yes).add(part)
            if refused and before != _REFUSAL and parts[at + 1][1] == _OR_IS_IT:
                yes.add(part)
        elif part == _REFUSAL and words in _NOT_COMING:
            no.add(Kind.COMING)
        elif part == _REFUSAL and not any(isinstance(each, Kind) and each not in _POLITE for each in (before, behind)):
            no.add(Kind.PLAIN)
    if no and yes <= {Kind.FINE}:
        yes.clear()  # "ठीक है, नहीं आएँगे", "जी नहीं": politeness
    return Said(frozenset(yes), frozenset(no), all(part != _UNKNOWN for part, _ in parts))


def _parts(words: list[str]) -> list[tuple[Kind | str, str]]:
    """The words of a message, longest phrases first, each with what it says."""
    parts: list[tuple[Kind | str, str]] = []
    at = 0
    while at < len(words):
        found = " ".join(words[at : at + 1])
        part: Kind | str = _UNKNOWN
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            if phrase in _MEANING:
                found, part = phrase, _MEANING[phrase]
                break
        parts.append((part, found))
        at += len(found.split())
    return parts
