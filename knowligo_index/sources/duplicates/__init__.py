"""Find documents with the same text as another one, so that a search does not return the same passage several times.

Exact duplicates have the same text except for white space. Near duplicates have sets of word 5-grams with a Jaccard
similarity of at least `near_duplicates`, and every word with a digit occurs equally often in both: articles of a help
desk may differ only in an error code, a price or a version. `finding` finds them.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class DuplicateOptions:
    """When a document is a duplicate of another one."""

    near_duplicates: Annotated[
        Annotated[float, Meta(ge=0.5, le=1)],
        Meta(
            description="Minimum Jaccard similarity of the word 5-grams of two documents for the second to be skipped "
            "as a near duplicate; 1: only documents with the same text are skipped."
        ),
    ] = 0.95
