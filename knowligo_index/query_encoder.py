"""The encoder of a version, for questions: the one its chunks were encoded with, or none."""

import numpy as np

from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.errors import EncoderMismatchError
from knowligo_index.manifest import Manifest
from knowligo_index.types import Encoder, EncoderDescription

# Same weights, same tokenizer, another CPU: rounding differs, no more. Anything below this is another encoder.
PROBE_COSINE_FLOOR = 0.9999


def load_query_encoder(manifest: Manifest, threads: int) -> Encoder:
    """Load the encoder that the manifest names.

    Raises EncoderMismatchError where the one on this machine is another, or gives the manifest's probe texts other
    vectors than it did when the version was built.
    """
    expected = manifest.encoder
    model = find_encoder(expected.id)
    if model.description.fingerprint != expected.fingerprint:
        raise EncoderMismatchError(
            f"version {manifest.version} was built with another encoder than the {expected.id} on this machine (the "
            f"{_difference(model.description, expected)} differ): install the one it was built with, or build again."
        )
    encoder = model.load(EncoderOptions(id=expected.id), threads)
    _check_probes(encoder, manifest)
    return encoder


def _difference(found: EncoderDescription, expected: EncoderDescription) -> str:
    """Which side of two encoders with different fingerprints differs."""
    if found.weights_sha256 != expected.weights_sha256:
        return "weights"
    return "tokenizer" if found.tokenizer_sha256 != expected.tokenizer_sha256 else "settings"


def _check_probes(encoder: Encoder, manifest: Manifest) -> None:
    """Raises EncoderMismatchError where the encoder gives the probe texts other vectors than it did at build time."""
    probes = manifest.probes
    vectors = encoder.encode_passages([probe.text for probe in probes])
    cosines = np.sum(vectors * np.array([probe.vector for probe in probes], dtype=np.float32), axis=1)
    worst = int(np.argmin(cosines))
    if not cosines[worst] >= PROBE_COSINE_FLOOR:
        raise EncoderMismatchError(
            f"encoder {manifest.encoder.id} no longer gives the vectors of version {manifest.version} (cosine "
            f"{cosines[worst]:.5f} on a probe text, {PROBE_COSINE_FLOOR} needed): its files are the same, so the "
            "libraries that run it differ; install the releases in the manifest, or build again."
        )
