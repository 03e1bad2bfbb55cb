"""From a question to a full-text query.

People ask in other forms of a word than documents use ("imprimir", "impresión", "impresora"). A stemmer would have to
know the language; beginnings of words do not: a word looks for every word that begins with it, such as its plural, and
for every word that begins with its first four letters, so that its own form counts for more than the others. Truncation
does for European languages about what stemming does (McNamee and Mayfield, "Character N-Gram Tokenization for European
Language Text Retrieval", 2004); docs/adr/0004-hybrid-search.md has what it does here.
"""

import re
import unicodedata
from collections.abc import Iterable

# Letters. A word of just so many looks for its plurals that way; a longer one for what begins with all of it, too.
_BEGINNING = 4

# A code or an abbreviation has one form only: it counts as much as a word of which form and beginning match.
_CODE_WEIGHT = 2

_WORD = re.compile(r"\w+")
_EDGES = re.compile(r"^\W+|\W+$")


def lexical_query(question: str) -> list[str]:
    """FTS5 phrases, any of which a passage may hold; none where the question has no word.

    A phrase that is in the list several times counts that often. FTS5's own tokenizer folds case and accents on both
    sides. What has a digit in it (E-4012, 1.500,50) or is written in capitals (VPN) is looked for whole.
    """
    phrases: list[str] = []
    for written in unicodedata.normalize("NFC", question.replace("\0", " ")).split():
        core = _EDGES.sub("", written)
        if any(character.isdigit() for character in core) or (len(core) > 1 and core.isupper()):
            phrases += [_phrase(core)] * _CODE_WEIGHT
            continue
        for word in _WORD.findall(core):
            beginning = word[:_BEGINNING]
            phrases += [_phrase(word) + "*" * (len(word) > _BEGINNING)] * _is_word(word)
            if len(beginning) == _BEGINNING and _is_word(beginning):
                phrases.append(f"{_phrase(beginning)}*")
    return phrases


def any_of(phrases: Iterable[str]) -> str:
    """The FTS5 expression that matches what holds any of these phrases."""
    return " OR ".join(phrases)


def _is_word(text: str) -> bool:
    """Whether FTS5's tokenizer finds anything in it: no passage can hold a phrase of underscores, and that it is held
    by none must not count as missing."""
    return any(character.isalnum() for character in text)


def _phrase(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))
