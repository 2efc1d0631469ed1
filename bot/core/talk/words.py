"""
Words that mean something wherever a talk stands: commands, greetings, numbers, and what makes a question.

All are folded (``core/answers/fold.py``), so each holds in both scripts and in the usual spellings.
"""

import re

from bot.core.answers.fold import fold


def _folded(*words: str) -> frozenset[str]:
    return frozenset(map(fold, words))


# As in "2", "option 2", "2 nambar".
_BESIDE = "|".join(map(fold, ("option", "ऑप्शन", "number", "नंबर", "no", "वाला", "वाली")))
_NUMBER = re.compile(rf"(?:(?:{_BESIDE}) )?(\d{{1,3}})(?: (?:{_BESIDE}))?")
_ORDINALS = {
    fold(f"{word} {noun}".strip()): number
    for number, words in enumerate((("पहला", "पहले"), ("दूसरा", "दूसरे"), ("तीसरा", "तीसरे"), ("चौथा", "चौथे")), 1)
    for word in words
    for noun in ("", "वाला", "वाली", "वाले", "नंबर", "नंबर वाला")
}
# An option's id -> the words that choose it.
_COMMANDS = {
    "menu": ("menu", "मेन्यू", "मेनू", "मैन्यू", "menyu", "main menu", "मुख्य मेन्यू", "विषय सूची", "sab sawal dikhao"),
    "start": ("start",),
    "help": ("help", "sahayata", "सहायता", "madad karo", "कैसे चलाएँ", "kaise chalaye"),
    "language": ("language", "bhasha", "भाषा", "bhasa badlo", "भाषा बदलो", "भाषा बदलें", "change language"),
    "cancel": ("cancel", "कैंसिल", "रद्द", "रद्द करो", "रद्द करें", "rahne do", "रहने दो", "रहने दीजिए", "form band karo"),
    "back": ("back", "पीछे", "पिछला", "peeche jao", "wapas", "वापस", "ek kadam peeche"),
    "workshop": ("workshop", "कार्यशाला", "karyashala"),
    "my-place": ("my place", "mera naam", "meri seat", "मेरी सीट", "मेरी कार्यशाला"),
    "data:show": ("data", "my data", "mera data", "मेरा डेटा", "मेरा डेटा दिखाओ", "मेरी जानकारी", "मेरी जानकारी दिखाओ"),
    "data:correct": ("correct", "सुधारो", "मेरा डेटा सुधारो", "मेरी जानकारी सुधारो"),
    "data:erase": ("erase", "delete", "delete my data", "मिटाओ", "मेरा डेटा मिटाओ", "मेरी जानकारी मिटाओ"),
    "news:off": ("stop", "unsubscribe", "ख़बरें बंद", "ख़बरें बंद करो", "khabar band karo", "रोकें", "रोको"),
    "news:on": ("subscribe", "ख़बरें चालू", "ख़बरें चालू करो", "khabar chalu karo"),
}
COMMANDS = {fold(word): command for command, words in _COMMANDS.items() for word in words}
_GREETINGS = _folded(
    "नमस्ते", "namaste", "namastey", "नमस्कार", "namaskar", "hello", "hi", "hey", "hlo", "helo", "हेलो", "हैलो", "हाय",
    "प्रणाम",
    "pranam", "राम राम", "ram ram", "good morning", "good evening", "good afternoon", "सलाम", "salaam", "गुड मॉर्निंग",
    "start karo",
)  # fmt: skip
_COURTESY = frozenset(
    fold("जी ji भैया bhaiya भाई bhai सर sir दीदी didi मैडम madam साहब sahab अभी abhi please plz कृपया अब ab").split()
)
CONFIRMING = _folded(
    "सही", "sahi", "सब सही है", "sab sahi hai", "सब सही", "sab sahi", "सब ठीक है", "sab theek hai", "नाम लिखिए",
    "naam likhiye", "सही है नाम लिखिए", "नाम लिख लीजिए", "naam likh lijiye", "लिख लीजिए", "likh lijiye", "सेव करें",
    "सही है सेव करें", "save karo",
)  # fmt: skip
CHANGING = _folded(
    "कुछ बदलना है", "kuch badalna hai", "बदलना है", "badalna hai", "गलत है", "galat hai", "सुधारना है", "सही नहीं है",
    "sahi nahi hai",
)  # fmt: skip
_ASKING = _folded(
    "क्या", "कैसे", "कैसा", "कैसी", "कब", "कहाँ", "कहां", "कितना", "कितनी", "कितने", "कौन", "किसको", "किसे", "क्यों",
    "kyu", "kahiya", "कहवाँ", "kaisan", "कवन", "what", "how to", "how do", "how can", "when", "where", "why", "which",
    "who",
)  # fmt: skip
# What requests and questions have in them, and names of people, enterprises and goods have not: "मिठाई" is no wish to
# have something erased, "RK workshop" none to learn.
_SAYING = frozenset(
    fold(
        "दो do दे de दीजिए dijiye dijie दीं करो karo कर kar kara करें kare कीजिए kijiye करना karna करनी karni है hai हैं हूँ hu "
        "हो ho चाहिए chahiye चाहता chahta चाहती chahti दिखाओ dikhao दिखाइए dikhaiye हटाओ hatao मिटाओ mitao मिटाइए "
        "लिखवाना likhwana लिखो likho लिख likh लीजिए lijiye लो lo रोको बंद band चालू chalu मत mat मुझे mujhe मेरा mera मेरी "
        "meri मेरे mere हमार हमरो my is the please"
    ).split()
)
QUESTION = re.compile(r"(?<!\w)(?:{})(?!\w)".format("|".join(sorted(_ASKING))))


def chosen_number(folded: str) -> int | None:
    """The number that a folded message is, if it is one: "2", "option 2", "दूसरा वाला"."""
    number = _NUMBER.fullmatch(folded)
    return int(number[1]) if number else _ORDINALS.get(folded)


def is_sentence(folded: str) -> bool:
    """Whether a folded message says or asks something, as names do not."""
    return QUESTION.search(folded) is not None or not _SAYING.isdisjoint(folded.split())


def is_greeting(folded: str) -> bool:
    """Whether a folded message greets and does nothing else."""
    return without_courtesy(folded) in _GREETINGS


def without_courtesy(folded: str) -> str:
    """
    A folded message without "जी", "भैया" and "अभी" before and behind it.

    >>> without_courtesy(fold("rahne do abhi bhaiya")) == fold("रहने दो")
    True
    """
    words = folded.split()
    while words and words[-1] in _COURTESY:
        words.pop()
    while words and words[0] in _COURTESY:
        words.pop(0)
    return " ".join(words)
