"""Whether an encoder's vocabulary knows the language of a text.

A tokenizer cuts words it was trained on into few pieces and those of other languages into many. Only plain words tell:
names, identifiers and numbers are cut into many pieces in every language. Figures: docs/adr/0004-hybrid-search.md.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

# Pieces a plain word, at most. The embedded English encoder has 1.00 to 1.43 for English questions, 1.36 to 2.33 for
# Spanish ones (5th to 95th percentile), and 1.02 to 1.30 beside 1.58 to 2.14 for passages of a hundred words.
_KNOWN = 1.35

# Letters alone, with a capital at most at the beginning, and no part of a path, an address or an identifier.
_PLAIN_WORD = re.compile(r"(?<![\w.@/-])[^\W\d_]+(?![\w@/-]|[.]\w)")

# Fewer passages don't tell whether a language is known.
_LEAST_OF_A_LANGUAGE = 5

PieceCounter = Callable[[Sequence[str]], list[int]]
"""how many tokens an encoder's tokenizer cuts each text into, without special ones"""


def knows(texts: Sequence[str], count_pieces: PieceCounter) -> list[bool]:
    """For each text, whether its language is known. One without a plain word is in no language, and known."""
    plain = [_plain_words(text) for text in texts]
    pieces = count_pieces([" ".join(words) for words in plain])
    return [count <= _KNOWN * len(words) for words, count in zip(plain, pieces, strict=True)]


def unknown_languages(passages: Iterable[tuple[str | None, str]], count_pieces: PieceCounter) -> list[str]:
    """The languages that are not known, by most of the passages in them; each passage with its language, if told."""
    by_language: dict[str, list[str]] = defaultdict(list)
    for language, text in passages:
        if language:
            by_language[language].append(text)
    return sorted(
        language
        for language, texts in by_language.items()
        if len(texts) >= _LEAST_OF_A_LANGUAGE and 2 * sum(knows(texts, count_pieces)) < len(texts)
    )


def _plain_words(text: str) -> list[str]:
    return [word for word in _PLAIN_WORD.findall(text) if word[1:].islower() or len(word) == 1]
