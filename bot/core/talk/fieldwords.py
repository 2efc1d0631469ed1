"""
Which field of the form people name: "मोबाइल नंबर", "dukan ka naam", "naam galat ho gaya".

>>> named(fold("dukan ka naam"), {"name", "enterprise"})
'enterprise'
"""

import re
from collections.abc import Collection, Mapping

from bot.core.answers.fold import fold
from bot.core.talk.state import LANGUAGES, World
from bot.core.workshops.fields import label

# A field's id -> what people call it beside its label.
_CALLED = {
    "name": ("नाम", "naam", "name", "nam"),
    "mobile": ("मोबाइल नंबर", "mobile number", "मोबाइल", "mobile", "phone", "फ़ोन", "नंबर", "number", "फोन नंबर",
    "phone number"),
    "enterprise": (
        "दुकान", "dukan", "dukaan", "shop", "उद्यम का नाम", "udyam ka naam", "समूह", "samuh", "firm", "फर्म", "कंपनी",
        "company",
        "संस्था", "दुकान का नाम", "dukan ka naam", "enterprise", "उद्यम",
    ),
    "products": ("सामान", "samaan", "saman", "product", "products", "प्रोडक्ट", "माल", "maal", "काम", "kaam",
    "क्या बेचते हैं"),
    "place": ("ब्लॉक", "block", "कस्बा", "kasba", "गाँव", "gaon", "पता", "pata", "address", "जगह", "place", "town"),
    "udyam": ("उद्यम नंबर", "udyam number", "udyam no", "udyam", "udyam registration", "उद्यम (Udyam)"),
    "stage": ("GeM", "stage", "रजिस्ट्रेशन", "registration", "कहाँ तक", "काम कहाँ तक पहुँचा"),
}  # fmt: skip
_FOLDED = {field: frozenset(map(fold, words)) for field, words in _CALLED.items()}
# "dukan ka naam" and "udyam number" are of the shop and of Udyam.
_GENERAL = ("name", "mobile")
_CHANGING = re.compile(
    r"(?<!\w)(?:{})(?!\w)".format(
        "|".join(
            sorted(
                {
                    fold(word)
                    for word in [
                        "गलत",
                        "galat",
                        "galti",
                        "गलती",
                        "बदल",
                        "badal",
                        "badalna",
                        "बदलना",
                        "बदलो",
                        "badlo",
                        "badalni",
                        "बदलनी",
                        "badliye",
                        "बदलिए",
                        "badal",
                        "badla",
                        "सुधार",
                        "sudhar",
                        "sudharna",
                        "सुधारना",
                        "sudharo",
                        "सुधारो",
                        "sudhariye",
                        "सुधारिए",
                        "change",
                        "correct",
                        "wrong",
                    ]
                }
            )
        )
    )
)
# What else is said of a field that is to be changed.
_BESIDE = frozenset(
    fold(
        "मेरा mera मेरी meri अपना apna हमार hamar है hai h हो ho गया gaya gayi गई लिख likh लिखा likha दिया diya "
        "दो do दीजिए "
        "dijiye कर kar करो karo करना karna करनी चाहता chahta chahti हूँ hu मुझे mujhe का ka की ki के ke को ko में "
        "me वाला wala "
        "ठीक theek तो to जी ji sir सर is my the please भी bhi पड़ गइल bhail बा ba"
    ).split()
)


def named(folded: str, fields: Collection[str], labels: Mapping[str, str] | None = None) -> str:
    """
    The one field that a folded message names; "" where it names none or several.

    Args:
        folded: what was typed.
        fields: ids of the fields that are in question.
        labels: folded label -> id, of fields whose words are not known here too.
    """
    if found := (labels or {}).get(folded):
        return found if found in fields else ""
    spans = [
        (each.start(), each.end(), field)
        for field in fields
        for words in (*_FOLDED.get(field, ()), *(each for each, its in (labels or {}).items() if its == field))
        for each in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", folded)
    ]
    longest = {field for a, b, field in spans if not any(c <= a and b <= d and b - a < d - c for c, d, _ in spans)}
    if len(longest) > 1:
        longest -= set(_GENERAL)
    return longest.pop() if len(longest) == 1 else ""


def changes(folded: str) -> bool:
    """Whether a folded message says that something is wrong or is to be changed."""
    return _CHANGING.search(folded) is not None


def to_change(folded: str, answers: Collection[str], world: World) -> str:
    """The field that was answered and that a message wants changed, by name: "naam galat ho gaya"; "" for none."""
    if not changes(folded):
        return ""
    field = named(folded, answers, labels_of(world))
    known = {word for words in _FOLDED.get(field, ()) for word in words.split()}
    rest = set(_CHANGING.sub(" ", folded).split()) - _BESIDE - known
    return field if not rest else ""


def labels_of(world: World) -> dict[str, str]:
    """What the fields are called in every language, folded -> id."""
    return {fold(label(field, world.phrases, language)): field.id for field in world.fields for language in LANGUAGES}
