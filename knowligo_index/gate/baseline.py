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
    where it does not. Where only the manifest could be read, such a version is compared without its answers.
    """
    if not questions:
        return Baseline(manifest)
    try:
        with IndexReader(index, manifest.version, threads) as reader:
            return Baseline(manifest, evaluate(reader, questions))
    except DamagedIndexError as error:
        if is_intact:
            raise
        _log.warning("Answers to golden questions are not compared: %s", error)
        return Baseline(manifest)
