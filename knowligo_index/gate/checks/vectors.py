"""Checks of vectors: that they are those of their passages, and that the encoder is the one it says it is."""

import numpy as np

from knowligo_index.encoders.probes import PROBE_COSINE_FLOORS, is_below, lowest_cosine
from knowligo_index.gate.evidence import EncoderEvidence, ReencodedChunks
from knowligo_index.gate.refusals import encoder_differs, vectors_differ
from knowligo_index.search.open_version import OpenVersion
from knowligo_index.store.manifest import Manifest, Refusal


def check_vectors(opened: OpenVersion, chunks: ReencodedChunks) -> list[Refusal]:
    """Refuse vectors that are not those that the encoder gives to their passages: shuffled ones, those of another
    model, or of another precision."""
    floor = PROBE_COSINE_FLOORS[opened.manifest.encoder.precision]
    stored_texts = opened.chunks.written(chunks.rows)
    cosines = [
        float(opened.vectors.scores(vector, [row])[0]) for row, vector in zip(chunks.rows, chunks.vectors, strict=True)
    ]
    wrong = [
        row
        for row, stored, expected, cosine in zip(chunks.rows, stored_texts, chunks.texts, cosines, strict=True)
        if stored != expected or is_below(cosine, floor)
    ]
    if not wrong:
        return []
    return [vectors_differ(len(wrong), len(chunks.rows), min(cosines), floor)]


def check_encoder(baseline: Manifest | None, draft: Manifest, evidence: EncoderEvidence) -> list[Refusal]:
    """Refuse an encoder that gives the probe texts other vectors than the export that questions will be encoded with,
    or than the baseline's encoder of the same fingerprint gave."""
    vectors = np.array([probe.vector for probe in evidence.probes], np.float32)
    floor = PROBE_COSINE_FLOORS[draft.encoder.precision]
    expected = {"the encoder that questions are encoded with": evidence.query_probes}
    if baseline is not None and baseline.encoder.fingerprint == draft.encoder.fingerprint:
        baseline_vectors = {probe.text: probe.vector for probe in baseline.probes}
        if all(probe.text in baseline_vectors for probe in evidence.probes):
            expected[f"version {baseline.version}"] = np.array(
                [baseline_vectors[probe.text] for probe in evidence.probes], np.float32
            )
    return [
        encoder_differs(origin, lowest, floor)
        for origin, others in expected.items()
        if is_below(lowest := lowest_cosine(vectors, others), floor)
    ]
