"""What a refusal says: a code for programs, and a sentence for people. The checks find what is wrong; every sentence is
here.
"""

from collections.abc import Sequence
from enum import StrEnum

from knowligo_index.evaluation.measures import DEPTH
from knowligo_index.evaluation.results import Declined
from knowligo_index.evaluation.significance import SIGNIFICANT
from knowligo_index.store.manifest import Refusal

# A sentence names this many documents and places; the ledger has all of them.
_MAX_DOCUMENTS = 3

# A sentence names this many questions, the worst first; `diff --questions` prints all of them.
_MAX_QUESTIONS = 5


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


def documents_failed(failed: Sequence[str], documents: int, max_failed: float) -> Refusal:
    """`failed`: the failed documents with their reasons."""
    return _refusal(
        RefusalCode.DOCUMENTS_FAILED,
        f"{len(failed)} of {documents} documents could not be read, and --max-failed {max_failed:g} allows "
        f"{int(max_failed * documents)}: mend or remove them, or allow more ({_first(failed, _MAX_DOCUMENTS)}).",
    )


def secrets_found(places: Sequence[str]) -> Refusal:
    """`places`: where each secret is, and of which kind."""
    count = "a secret" if len(places) == 1 else f"{len(places)} secrets"
    return _refusal(
        RefusalCode.SECRETS_FOUND,
        f"{count} in the documents: remove and replace it, or allow it with --allow-secrets "
        f"({_first(places, _MAX_DOCUMENTS)}).",
    )


def table_row_split(source: str, offsets: Sequence[int]) -> Refusal:
    """`offsets`: where passages end inside rows, in characters of the canonical text."""
    others = f" and at {len(offsets) - 1} others" if len(offsets) > 1 else ""
    return _refusal(
        RefusalCode.TABLE_ROW_SPLIT,
        f"{source} is cut inside a row of a table, at character {offsets[0]}{others}: please report this.",
    )


def index_shrunk(now: int, before: int, unit: str, baseline_version: str, max_shrink: float) -> Refusal:
    """`unit`: documents or passages, of which there are `now` and were `before`."""
    return _refusal(
        RefusalCode.INDEX_SHRUNK,
        f"only {now:,} of the {before:,} {unit} of version {baseline_version} remain, a greater loss than --max-shrink "
        f"{max_shrink:g} allows: restore them, or pass --allow-shrink if they were removed on purpose.",
    )


def vectors_differ(wrong: int, encoded: int, lowest_cosine: float, floor: float) -> Refusal:
    """`wrong` of `encoded` passages do not have the vectors that the encoder gives them."""
    return _refusal(
        RefusalCode.VECTORS_DIFFER,
        f"{wrong} of {encoded} passages that were encoded a second time have other vectors in the index (lowest cosine "
        f"{lowest_cosine:.5f}, minimum {floor}): remove the cache folder of the index and build again.",
    )


def encoder_differs(origin: str, lowest_cosine: float, floor: float) -> Refusal:
    """`origin`: what gave the other vectors of the probe texts."""
    return _refusal(
        RefusalCode.ENCODER_DIFFERS,
        f"the encoder gives other vectors than {origin} (lowest cosine of a probe text {lowest_cosine:.5f}, minimum "
        f"{floor}), though both have the same fingerprint: remove its folder in encoders/ and build again.",
    )


def recall_too_low(unanswered: Sequence[str], questions: int, recall: float, min_recall: float) -> Refusal:
    """`unanswered`: the golden questions, of so many, that none of the first 5 passages answers."""
    quoted = [f'"{question}"' for question in unanswered]
    return _refusal(
        RefusalCode.RECALL_TOO_LOW,
        f"{questions - len(unanswered)} of {questions} golden questions are answered by one of the first 5 passages "
        f"({recall:.3f}), fewer than --min-recall {min_recall:g} requires: improve the documents, or lower it (not "
        f"answered: {_first(quoted, _MAX_QUESTIONS)}).",
    )


def answers_worse(baseline_version: str, before: float, now: float, p: float, lost: Sequence[str]) -> Refusal:
    """`before` and `now`: nDCG@10. `lost`: the questions whose answer has a lower rank, from `lost_answer`."""
    return _refusal(
        RefusalCode.ANSWERS_WORSE,
        f"golden questions are answered worse than by version {baseline_version}: nDCG@10 {now:.3f} instead of "
        f"{before:.3f} (p = {p:.4f}, significant below {SIGNIFICANT}): look at what changed, or publish this version "
        f"with `rollback` ({_first(lost, _MAX_QUESTIONS)}).",
    )


def lost_answer(question: str, source: str | None, before: int | None, now: int | None, first: str | None) -> str:
    """A question whose answer, in `source`, went from one rank to another; `first`: the source of the first passage."""
    return f'"{question}": {source} was {_rank(before)} and is {_rank(now)}, first is {first or "nothing"}'


def declined_less(
    baseline_version: str, before: Declined, now: Declined, p: float, no_longer: Sequence[tuple[str, str | None]]
) -> Refusal:
    """`before` and `now`: how many of the questions that nothing answers are declined. `no_longer`: those that are no
    longer declined, and the source of the first passage."""
    lost = [f'"{question}": first is {source}' for question, source in no_longer]
    return _refusal(
        RefusalCode.DECLINED_LESS,
        f"questions that nothing answers are declined less often than by version {baseline_version}: {now.declined} "
        f"of {now.questions} instead of {before.declined} (p = {p:.4f}, significant below {SIGNIFICANT}): look at what "
        f"changed, or publish this version with `rollback` ({_first(lost, _MAX_QUESTIONS)}).",
    )


def _refusal(code: RefusalCode, sentence: str) -> Refusal:
    return Refusal(code.value, sentence)


def _first(items: Sequence[str], maximum: int) -> str:
    """The first `maximum` of `items` in one line, and how many more there are."""
    more = len(items) - maximum
    return "; ".join(items[:maximum]) + (f"; and {more} more" if more > 0 else "")


def _rank(rank: int | None) -> str:
    return f"at rank {rank}" if rank else f"not among the first {DEPTH}"
