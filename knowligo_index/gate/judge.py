"""A version that is complete is tried before it is published: as its readers will ask it, and beside the live one."""

import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowligo_index.encoders.probes import PROBE_TEXTS
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.errors import DamagedIndexError
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.measures import evaluate
from knowligo_index.gate.checks import (
    AskedGolden,
    Reencoded,
    evaluate_version,
    worse_answers,
    wrong_encoder,
    wrong_vectors,
)
from knowligo_index.gate.rules import GateOptions, shrinkage
from knowligo_index.gate.sample import SampledChunk
from knowligo_index.search.open_version import OpenVersion
from knowligo_index.search.reader import IndexReader
from knowligo_index.store.manifest import Manifest, Probe
from knowligo_index.store.version import Version
from knowligo_index.types import join_breadcrumb

_log = logging.getLogger(__name__)

# Passages of the sample that are encoded once more by what questions will be encoded with: its shortest, since a build
# of which one page has changed does little else.
_REENCODED = 8


@dataclass(frozen=True, slots=True)
class Answers:
    """What the encoders gave for everything that a version is tried with. Then they can go, and leave their memory."""

    probes: list[Probe] = field(default_factory=list)
    again: Reencoded = field(default_factory=Reencoded)
    golden: AskedGolden | None = None
    unread_languages: list[str] = field(default_factory=list)
    """those of the sample's passages whose script the encoder does not read, in alphabetical order"""


def ask_encoders(
    encoder: Encoder,
    query_encoder: Encoder,
    sample: Sequence[SampledChunk],
    questions: Sequence[GoldenQuestion],
) -> Answers:
    """Ask the encoder of the passages, and the one that questions will be encoded with."""
    probes = encoder.encode_passages(PROBE_TEXTS)
    again = sorted(sample, key=lambda each: each.chunk.tokens)[:_REENCODED]
    inputs = [each.chunk.encoder_input for each in again]
    asked = [question.question for question in questions]
    return Answers(
        probes=[Probe(text, vector.tolist()) for text, vector in zip(PROBE_TEXTS, probes, strict=True)],
        again=Reencoded(
            [each.row for each in again],
            [join_breadcrumb(each.chunk.breadcrumb, each.chunk.text) for each in again],
            query_encoder.encode_passages(inputs),
            query_encoder.encode_probes(PROBE_TEXTS),
        ),
        golden=AskedGolden(questions, query_encoder.encode_queries(asked)) if questions else None,
        unread_languages=_unread_languages(query_encoder, sample),
    )


def _unread_languages(encoder: Encoder, sample: Sequence[SampledChunk]) -> list[str]:
    """The languages of which the encoder reads fewer than half of the sample's passages."""
    read = encoder.reads([each.chunk.read_parts[1] for each in sample])
    balance: Counter[str] = Counter()
    for each, is_read in zip(sample, read, strict=True):
        if each.language:
            balance[each.language] += 1 if is_read else -1
    return sorted(language for language, value in balance.items() if value < 0)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a version is tried beside, and by what."""

    before: Manifest | None
    """the live version's or, where none is live and whole, that of the last one whose manifest can be read"""
    is_whole: bool
    """whether that is the live version, all of whose files were checked"""
    index: Path
    """the folder that it is in"""
    options: GateOptions
    threads: int

    def outcome(self, draft: Version, answers: Answers, refused: Sequence[str]) -> Manifest:
        """The draft's manifest with everything that is against it, `refused` first."""
        manifest = draft.manifest
        opened = OpenVersion(draft)
        with closing(opened.chunks):
            refusals = [*refused, *wrong_vectors(opened, answers.again)]
            refusals += wrong_encoder(self.before, manifest, answers.again.probes)
            if self.before is not None:
                refusals += shrinkage(self.before, manifest, self.options)
            if answers.golden is not None:
                refusals += self._worse_answers(opened, answers.golden)
        return replace(manifest, refusals=refusals)

    def _worse_answers(self, opened: OpenVersion, golden: AskedGolden) -> list[str]:
        after = evaluate_version(opened, golden)
        if self.before is None:
            return worse_answers(after, None, None, self.options)
        try:
            with IndexReader(self.index, self.before.version, self.threads) as before:
                return worse_answers(after, evaluate(before, golden.questions), self.before, self.options)
        except DamagedIndexError as error:
            if self.is_whole:
                raise
            _log.warning("Golden questions are not compared: %s", error)
            return worse_answers(after, None, None, self.options)
