r"""
Brings Hindi as people type it, in either script, to one spelling by sound.

A person writes रजिस्ट्रेशन, rajistreshan, registration or रजिस्टेशन and means one word. Matching compares *folded*
words, so all that spelling leaves open must be gone before:

1. **Characters.** NFKD, casefold; nukta, accents, joiners, control characters and all that is no letter or digit go.
   Digits of every script become 0-9, "50,000" becomes "50000", "10lakh" and "जेमपर" are split where the kind
   of character changes.
2. **Devanagari to Latin**, by table. The inherent vowel is dropped where it is not spoken: at the end of a word, and
   between "vowel consonant" and "consonant vowel", from right to left (करना -> karna, नमक -> namak). A nasal sign at
   the end is dropped (करें -> kare), elsewhere it is n. A word made of English letter names is the abbreviation
   (जीएसटी -> gst, ई एम डी -> emd).
3. **Sound**, for both scripts alike: long and short vowels, aspirates, s/sh, j/z, v/w, f/ph, i/y, doubled letters,
   English c, x, tion. The rules run until nothing changes, so folding a folded text changes nothing.

What is kept: every vowel that is spoken, for it tells words apart (दिन din, दान dan, दूना duna). What is lost on
purpose: length and aspiration, for nobody who types "kam" says whether काम or कम is meant.

Why not a library: rapidfuzz' ``default_process`` and ``\w`` replace every Devanagari vowel sign by a space, and
transliterators keep the very differences that people do not type.

>>> fold("GeM पर रजिस्ट्रेशन कैसे करें?")
'gem par rajistresan kese kare'
>>> fold("gem par rajistreshan kaise karein") == fold("जेम पर रजिस्ट्रेशन कैसे करें").replace("jem", "gem")
True
"""

import re
import unicodedata
from functools import lru_cache


def _table(pairs: str) -> dict[str, str]:
    """Keys and values in turn, as words of one text."""
    items = iter(pairs.split())
    return dict(zip(items, items, strict=True))


_CONSONANTS = _table(
    "क k ख k ग g घ g ङ n च ch छ ch ज j झ j ञ n ट t ठ t ड d ढ d ण n त t थ t द d ध d न n "
    "प p फ f ब b भ b म m य y र r ल l ळ l व v श s ष s स s ह h"
)
_VOWELS = _table("अ a आ aa इ i ई i उ u ऊ u ऋ ri ए e ऐ e ऍ e ओ o औ o ऑ o")
_SIGNS = _table("ा aa ि i ी i ु u ू u ृ ri े e ै e ॅ e ॊ o ो o ौ o ॉ o")
_VIRAMA, _NUKTA = "\u094d", "\u093c"
_NASALS = "\u0901\u0902"
_LETTER_NAMES = {
    "ए": "a", "बी": "b", "सी": "c", "डी": "d", "ई": "e", "एफ": "f", "जी": "g", "एच": "h", "आई": "i", "आइ": "i",
    "जे": "j", "के": "k", "एल": "l", "एम": "m", "एन": "n", "ओ": "o", "पी": "p", "क्यू": "q", "आर": "r", "एस": "s",
    "टी": "t", "यू": "u", "वी": "v", "डब्ल्यू": "w", "डब्लू": "w", "एक्स": "x", "वाई": "y", "जेड": "z",
}  # fmt: skip
# Two letter names are too often two words (जी के); from three on it is an abbreviation.
_MIN_ABBREVIATION = 3
# A vowel sign behind a name belongs to another name: पीएसी is पी-ए-सी, not पी-एस.
_LETTER_NAME = re.compile(f"(?:{'|'.join(sorted(_LETTER_NAMES, key=len, reverse=True))})(?![\u093e-\u094d])")
_ABBREVIATION = re.compile(f"(?:{_LETTER_NAME.pattern}){{{_MIN_ABBREVIATION},}}")

_DEVANAGARI = "\u0900-\u0963\u0971-\u097f"
# A number, a run of Devanagari, or a run of other letters that may end in digits (l1, q4).
_TOKEN = re.compile(rf"\d+|[{_DEVANAGARI}]+|[^\W\d_{_DEVANAGARI}]+\d*")
_DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d)")

_REPEATED = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1")
# (what, becomes): tried left to right at each place; the first that fits wins.
_SOUNDS: list[tuple[str, str]] = [
    ("ation", "esan"), ("[st]ion", "san"), ("ture", "char"), ("sch", "sk"), ("tch", "ch"), ("dge", "je"),
    ("(?<=[aeiou])y(?=[ei])", ""), ("iy(?=a)", "i"),
    ("ein$", "e"), ("eh(?![aeiou])", "ah"),
    ("aa", "a"), ("ee|ii|ea", "i"), ("oo|uu", "u"),
    ("a[ie]|e[iy](?![aeiou])|ay(?![aeiou])", "e"), ("au|ou|oa|ow(?![aeiou])", "o"),
    ("(?<=[^aeiou])y(?![aeiou])", "i"),
    ("chh", "ch"), ("ck", "k"), ("ph", "f"), ("sh", "s"), ("kh", "k"), ("gh", "g"), ("jh|zh", "j"), ("th", "t"),
    ("dh", "d"), ("bh", "b"),
    ("c(?=[eiy])", "s"), ("c(?!h)|q", "k"), ("x", "ks"), ("w", "v"), ("z", "j"), ("m(?=[pbf])", "n"),
]  # fmt: skip
_SOUND = re.compile("|".join(f"({what})" for what, _ in _SOUNDS))
_BECOMES = ["", *(becomes for _, becomes in _SOUNDS)]


def _sound(word: str) -> str:
    while True:
        heard = _REPEATED.sub(r"\1", word)
        heard = _SOUND.sub(lambda m: _BECOMES[m.lastindex or 0], heard)
        heard = _DOUBLED.sub(r"\1", heard)
        if heard == word:
            return word
        word = heard


def _romanise(word: str) -> str:
    """One word in Devanagari -> Latin letters as spoken, before the sound rules."""
    if _ABBREVIATION.fullmatch(word):
        return _LETTER_NAME.sub(lambda m: _LETTER_NAMES[m.group()], word)
    syllables = _syllables(word.rstrip(_NASALS).replace("ज्ञ", "ग्य"))
    last = len(syllables) - 1
    for at in range(last, 0, -1):
        consonant, _, inherent = syllables[at]
        before, after = syllables[at - 1], syllables[at + 1] if at < last else ("", "", False)
        # राज्य, क्षेत्र: behind another consonant a final y or r cannot be spoken without it.
        at_end = at == last and (before[1] or consonant not in "yr")
        if inherent and (at_end or (before[1] and after[0] and after[1])):
            syllables[at] = (consonant, "", False)
    return "".join(consonant + vowel for consonant, vowel, _ in syllables)


def _syllables(word: str) -> list[tuple[str, str, bool]]:
    """Consonant or "", vowel or "", and whether the vowel is the inherent one, which may go unspoken."""
    syllables: list[tuple[str, str, bool]] = []
    for sign in word:
        if sign in _CONSONANTS:
            syllables.append((_CONSONANTS[sign], "a", True))
        elif sign in _VOWELS:
            syllables.append(("", _VOWELS[sign], False))
        elif sign in _NASALS:
            syllables.append(("n", "", False))
        elif syllables and (sign in _SIGNS or sign == _VIRAMA):
            syllables[-1] = (syllables[-1][0], _SIGNS.get(sign, ""), False)
    return syllables


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> str:
    if word[0].isdecimal():
        return word
    return _sound(_romanise(word) if "\u0900" <= word[0] <= "\u097f" else word)


def _plain(text: str) -> str:
    """Letters, digits and Devanagari signs in one form; everything else but commas becomes a space."""
    kept = []
    for char in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()):
        if char.isascii():
            kept.append(char if char.isalnum() or char == "," else "" if char == "'" else " ")
        elif "\u0900" <= char <= "\u0963" or "\u0971" <= char <= "\u097f":
            kept.append("" if char == _NUKTA else char)
        elif char.isdecimal():
            kept.append(str(unicodedata.digit(char)))
        elif char.isalpha():
            kept.append(char)
        elif unicodedata.category(char)[0] not in "MC" and char != "\u2019":
            kept.append(" ")
    return _DIGIT_COMMA.sub("", "".join(kept))


# One message is folded by everybody who reads it.
@lru_cache(maxsize=512)
def fold(text: str) -> str:
    """
    Fold a text to words of one spelling by sound, joined by single spaces.

    Args:
        text: anything a person can type, of any length. Letters of other scripts than Latin and Devanagari stay as
            they are.

    Returns:
        Words of a-z, 0-9 (and letters of other scripts). ``fold(fold(text)) == fold(text)``.
    """
    words: list[str] = []
    letters: list[tuple[str, str]] = []  # letters that stand alone, or their names; and how each folds as a word
    for token in (*_TOKEN.findall(_plain(text)), ""):
        word = _fold_word(token) if token else ""
        letter = _LETTER_NAMES.get(token) or (token if len(token) == 1 and token.isascii() else word)
        if token and not word:
            continue
        if len(letter) == 1 and letter.isalpha():
            letters.append((letter, word))
            continue
        if len(letters) >= _MIN_ABBREVIATION:
            words.append(_sound("".join(letter for letter, _ in letters)))
        else:
            words += [its_word for _, its_word in letters]
        letters = []
        words.append(word)
    return " ".join(word for word in words if word)
