"""Why the gate refuses a version: a code for programs and a sentence for people."""

from collections.abc import Sequence
from enum import StrEnum

from knowligo_index.store.manifest import Refusal

# A sentence names this many examples; the ledger and `diff` have all of them.
_EXAMPLES = 3


class RefusalCode(StrEnum):
    """The codes of refusals, which `build --json` and the manifest hold; docs/gate.md describes each."""

    DOCUMENTS_FAILED = "documents-failed"
    SECRETS_FOUND = "secrets-found"
    TABLE_ROW_SPLIT = "table-row-split"
    INDEX_SHRUNK = "index-shrunk"
    VECTORS_DIFFER = "vectors-differ"
    ENCODER_DIFFERS = "encoder-differs"
    RECALL_TOO_LOW = "recall-too-low"
    ANSWERS_WORSE = "answers-worse"
    DECLINED_LESS = "declined-less"


def refuse(code: RefusalCode, sentence: str) -> Refusal:
    """The refusal with this code and this sentence."""
    return Refusal(code.value, sentence)


def examples(items: Sequence[str], maximum: int = _EXAMPLES) -> str:
    """The first `maximum` of `items` in one line, and how many more there are."""
    more = len(items) - maximum
    return "; ".join(items[:maximum]) + (f"; and {more} more" if more > 0 else "")
