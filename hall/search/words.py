"""The words of a text, as they are looked for: Latin ones whole, Chinese ones by pairs of characters.

Chinese is written without spaces. Every pair of neighbouring characters is a word here: whoever looks for
`设备故障` looks for `设备`, `备故` and `故障` together, and finds it within any sentence. One character alone
is not looked for. Both databases keep the same words, so both find the same.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64
"""Characters of a word; what is longer is cut."""
_LATIN = re.compile(r"[0-9a-z][0-9a-z_-]*")
_HAN = re.compile(r"[㐀-鿿豈-﫿]+")


def folded(text: str) -> str:
    """Text as it is compared: full-width forms made plain, lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def has_han(text: str) -> bool:
    """Whether there are Chinese characters in it."""
    return _HAN.search(text) is not None


def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    plain = folded(text)
    pairs = {
        run[place : place + 2] for run in _HAN.findall(plain) for place in range(len(run) - 1)
    }  # fmt: skip
    latin = {word[:LONGEST] for word in _LATIN.findall(plain) if len(word) > 1}
    return frozenset(pairs | latin)
