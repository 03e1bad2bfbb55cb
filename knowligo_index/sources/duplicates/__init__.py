"""Find documents that say what another one says already, so that a search does not give one answer five times.

Exact: the same text, white space apart. Near: the sets of their word 5-grams have a Jaccard similarity of at least
`near_duplicates`, and all words with a digit are the same ones as often: error codes, prices and versions are what
tells one article of a help desk from the next. `finding` does it; here are its options.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class DuplicateOptions:
    """When a document says what another one says."""

    near_duplicates: Annotated[
        Annotated[float, Meta(ge=0.5, le=1)],
        Meta(
            description="Share of word 5-grams that two documents have in common from which on only the first is "
            "indexed; 1: only where the text is the same."
        ),
    ] = 0.95
