"""Everything the program says: a key and a language make a text."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Phrases:
    """
    The texts of ``locales/*.yaml``.

    Attributes:
        texts: language -> key, dotted as it is nested ("faults.tab") -> text with ``{fields}``.
    """

    texts: Mapping[str, Mapping[str, str]]

    def say(self, key: str, language: str = "hi", /, **values: object) -> str:
        """
        One text with its fields filled in; Hindi where the language lacks it.

        Raises:
            KeyError: no language has the key, or a field has no value. The test of the locales finds both.
        """
        text = self.texts.get(language, {}).get(key) or self.texts["hi"][key]
        return text.format(**values)
