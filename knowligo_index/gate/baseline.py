"""The version that a new one is compared with."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import DamagedIndexError
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.measures import Evaluation, evaluate
from knowligo_index.search.reader import IndexReader
from knowligo_index.store.manifest import Manifest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of the version that a new one is compared with."""

    manifest: Manifest
    evaluation: Evaluation | None = None
    """how it answers the golden questions; None where there are none, or it cannot be searched"""


def measure_baseline(
    manifest: Manifest, index: Path, questions: Sequence[GoldenQuestion], threads: int, *, is_intact: bool
) -> Baseline:
    """Ask the version with this manifest the golden questions.

    `is_intact`: every file of it was compared with the manifest, so that it must open: DamagedIndexError is raised
    where it does not. Where only the manifest could be read, such a version is compared without its answers, as is one
    whose encoder is damaged or is no longer the one that its manifest names.
    """
    if not questions:
        return Baseline(manifest)
    try:
        with IndexReader(index, manifest.version, threads) as reader:
            problem = _problem_of_encoder(reader)
            if problem is None:
                return Baseline(manifest, evaluate(reader, questions))
    except DamagedIndexError as error:
        if is_intact:
            raise
        problem = error
    _log.warning("Answers to golden questions are not compared: %s", problem)
    return Baseline(manifest)


def _problem_of_encoder(reader: IndexReader) -> DamagedIndexError | None:
    try:
        reader.load_encoder()
    except DamagedIndexError as error:
        return error
    return None
