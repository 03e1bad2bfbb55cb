"""The encoder of a version, for questions: the export of the one its chunks were encoded with, or none."""

import importlib

import numpy as np

from knowligo_index.encoders import go_offline
from knowligo_index.encoders.exported import WEIGHTS_FILE, open_exported
from knowligo_index.encoders.probes import PROBE_COSINE_FLOORS, is_below, lowest_cosine
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.errors import DamagedIndexError, EncoderMismatchError
from knowligo_index.store import Store
from knowligo_index.store.manifest import Manifest
from knowligo_index.system.mapped_files import give_back


def import_engine() -> None:
    """Import what computes an encoder, which loading one does otherwise."""
    go_offline()
    importlib.import_module("knowligo_index.encoders.openvino_engine")


def load_query_encoder(store: Store, manifest: Manifest, threads: int) -> Encoder:
    """Load the export that the version's fingerprint names.

    Raises DamagedIndexError where it is not whole, EncoderMismatchError where it gives the manifest's probe texts other
    vectors than the version was built with.
    """
    folder = store.encoders / manifest.encoder.fingerprint
    try:
        exported = open_exported(folder)
    except FileNotFoundError as error:
        raise DamagedIndexError(
            f"{folder}, the encoder of version {manifest.version}, is missing: copy it from where the index came from, "
            "or build the index again."
        ) from error
    if exported.description.fingerprint != manifest.encoder.fingerprint:
        raise EncoderMismatchError(
            f"{folder} holds another encoder than version {manifest.version} was built with: copy it again from where "
            "the index came from, or remove it and build the index again."
        )
    encoder = exported.load(threads)
    _check_probes(encoder, manifest)
    # It has been imported by now, offline.
    from knowligo_index.encoders.openvino_engine import engine_libraries

    # The weights have been copied into the order in which they are computed with, and most of OpenVINO's code has
    # done what it had to: together half as much memory as all the rest.
    give_back(folder / WEIGHTS_FILE, *engine_libraries())
    return encoder


def _check_probes(encoder: Encoder, manifest: Manifest) -> None:
    """Raises EncoderMismatchError where the encoder gives the probe texts other vectors than it did at build time."""
    probes = manifest.probes
    vectors = encoder.encode_probes([probe.text for probe in probes])
    cosine = lowest_cosine(vectors, np.array([probe.vector for probe in probes], dtype=np.float32))
    floor = PROBE_COSINE_FLOORS[manifest.encoder.precision]
    if is_below(cosine, floor):
        raise EncoderMismatchError(
            f"encoder {manifest.encoder.id} no longer gives the vectors of version {manifest.version} (cosine "
            f"{cosine:.5f} on a probe text, {floor} needed): its files are the same, so the "
            "libraries that run it differ; install the releases in the manifest, or build again."
        )
