"""From a question to a full-text query.

A question and a document may have different forms of a word ("imprimir", "impresión", "impresora"). A stemmer would
need to know the language; prefixes do not. Each word is searched as a prefix, which finds its plural, and its first
four letters are searched as another one, so that the word itself counts for more than words with the same beginning.
For European languages truncation is about as effective as stemming (McNamee and Mayfield, "Character N-Gram
Tokenization for European Language Text Retrieval", 2004); docs/adr/0004-hybrid-search.md has the measurements for this
package.
"""

import re
import unicodedata
from collections.abc import Iterable

# Letters of the short prefix. A word that is not longer is searched whole instead of as a prefix of its own.
_PREFIX_LETTERS = 4

# A code or an abbreviation has only one form. It counts as much as a word that is matched by both of its prefixes.
_CODE_WEIGHT = 2

_WORD = re.compile(r"\w+")
_EDGES = re.compile(r"^\W+|\W+$")


def lexical_query(question: str) -> list[str]:
    """FTS5 phrases, of which a passage must have at least one; empty if the question has no word.

    A phrase that occurs in the list several times has that weight. The tokenizer of FTS5 folds case and accents, in the
    phrases and in the passages. A word that has a digit (E-4012, 1.500,50) or is in capitals (VPN) is searched whole.
    """
    phrases: list[str] = []
    for written_word in unicodedata.normalize("NFC", question.replace("\0", " ")).split():
        core = _EDGES.sub("", written_word)
        if any(character.isdigit() for character in core) or (len(core) > 1 and core.isupper()):
            phrases += [_phrase(core)] * _CODE_WEIGHT
            continue
        for word in _WORD.findall(core):
            prefix = word[:_PREFIX_LETTERS]
            phrases += [_phrase(word) + "*" * (len(word) > _PREFIX_LETTERS)] * _has_token(word)
            if len(prefix) == _PREFIX_LETTERS and _has_token(prefix):
                phrases.append(f"{_phrase(prefix)}*")
    return phrases


def any_of(phrases: Iterable[str]) -> str:
    """The FTS5 expression that matches passages with at least one of these phrases."""
    return " OR ".join(phrases)


def _has_token(text: str) -> bool:
    """Whether the tokenizer of FTS5 finds a token in the text. In underscores alone it finds none: no passage can have
    such a phrase, and that must not count as a word that is missing from the index."""
    return any(character.isalnum() for character in text)


def _phrase(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))
