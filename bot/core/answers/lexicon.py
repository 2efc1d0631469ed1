"""
Words that mean the same for this assistant: what folding by sound cannot know.

Staff keep ``lexicon.yaml``: each group lists words and short phrases (caution money, जमानत, paise jama karne wala).
Read from left to right, the longest phrase that fits wins and stands for its group.
"""

from collections.abc import Mapping, Sequence

from bot.core.answers.fold import fold


class Lexicon:
    """Finds groups in folded words."""

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        """Args: groups: group id -> words and phrases as staff wrote them."""
        self._phrases: dict[tuple[str, ...], str] = {}
        for group, phrases in groups.items():
            for phrase in phrases:
                self._phrases.setdefault(tuple(fold(phrase).split()), group)
        self._phrases.pop((), None)
        # First word -> how long the longest phrase is that begins with it.
        self._longest: dict[str, int] = {}
        for words in self._phrases:
            self._longest[words[0]] = max(len(words), self._longest.get(words[0], 0))

    @property
    def words(self) -> frozenset[str]:
        """Every folded word that stands in some phrase."""
        return frozenset(word for phrase in self._phrases for word in phrase)

    def reduce(self, words: Sequence[str]) -> list[str]:
        """The words with each phrase of a group replaced by ``§group``."""
        reduced: list[str] = []
        at = 0
        while at < len(words):
            for length in range(min(self._longest.get(words[at], 0), len(words) - at), 0, -1):
                group = self._phrases.get(tuple(words[at : at + length]))
                if group is not None:
                    reduced.append(f"§{group}")
                    at += length
                    break
            else:
                reduced.append(words[at])
                at += 1
        return reduced
