"""What the encoders give for everything that a version is judged by.

It is gathered before the index is assembled, so that the encoders can be released: both together would not fit.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.encoders.probes import PROBE_TEXTS
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.gate.sample import SampledChunk
from knowligo_index.store.manifest import Probe
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.types import join_breadcrumb

# Chunks of the sample that are encoded a second time, the shortest: a build in which one page has changed does little
# else.
_REENCODED = 8


@dataclass(frozen=True, slots=True)
class ReencodedChunks:
    """Chunks of the index, encoded a second time by the encoder that questions will be encoded with."""

    rows: Sequence[int]
    texts: Sequence[str]
    """with their breadcrumbs, as they are in the chunk store"""
    vectors: FloatMatrix
    """float32 (n, dim), unit rows"""


@dataclass(frozen=True, slots=True)
class EncodedQuestions:
    """The golden questions, and their vectors."""

    questions: Sequence[GoldenQuestion]
    vectors: FloatMatrix
    """float32 (n, dim), unit rows"""


@dataclass(frozen=True, slots=True)
class EncoderEvidence:
    """What the encoder of the passages and the encoder of the questions gave."""

    probes: list[Probe]
    """probe texts with their vectors, by the encoder of the passages"""
    query_probes: FloatMatrix
    """vectors of the same texts, by the encoder of the questions; float32 (n, dim), unit rows"""
    chunks: ReencodedChunks
    golden: EncodedQuestions | None
    """None where there are no golden questions"""
    unread_languages: list[str]
    """languages of the sample's chunks whose script the encoder does not read, in alphabetical order"""


def gather_evidence(
    encoder: Encoder,
    query_encoder: Encoder,
    sample: Sequence[SampledChunk],
    questions: Sequence[GoldenQuestion],
) -> EncoderEvidence:
    """Encode probe texts, the shortest chunks of `sample` and golden questions."""
    probes = encoder.encode_passages(PROBE_TEXTS)
    shortest = sorted(sample, key=lambda sampled: sampled.chunk.tokens)[:_REENCODED]
    inputs = [sampled.chunk.encoder_input for sampled in shortest]
    question_texts = [question.question for question in questions]
    return EncoderEvidence(
        probes=[Probe(text, vector.tolist()) for text, vector in zip(PROBE_TEXTS, probes, strict=True)],
        query_probes=query_encoder.encode_probes(PROBE_TEXTS),
        chunks=ReencodedChunks(
            [sampled.row for sampled in shortest],
            [join_breadcrumb(sampled.chunk.breadcrumb, sampled.chunk.text) for sampled in shortest],
            query_encoder.encode_passages(inputs),
        ),
        golden=EncodedQuestions(questions, query_encoder.encode_queries(question_texts)) if questions else None,
        unread_languages=_unread_languages(query_encoder, sample),
    )


def _unread_languages(encoder: Encoder, sample: Sequence[SampledChunk]) -> list[str]:
    """The languages of which the encoder reads fewer than half of the sample's chunks."""
    is_read = encoder.reads([sampled.chunk.read_parts[1] for sampled in sample])
    balance: Counter[str] = Counter()
    for sampled, reads in zip(sample, is_read, strict=True):
        if sampled.language:
            balance[sampled.language] += 1 if reads else -1
    return sorted(language for language, value in balance.items() if value < 0)
