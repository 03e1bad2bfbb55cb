"""The encoder of the questions of a version: the export of the encoder that encoded its passages."""

import importlib

import numpy as np

from knowligo_index.encoders import go_offline
from knowligo_index.encoders.exported import WEIGHTS_FILE
from knowligo_index.encoders.probes import PROBE_COSINE_FLOORS, is_below, lowest_cosine
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.errors import EncoderMismatchError
from knowligo_index.store import Store
from knowligo_index.store.encoder_record import exported_of
from knowligo_index.store.manifest import Manifest
from knowligo_index.system.mapped_files import give_back
from knowligo_index.system.sealed_memory import SealedCopy


def import_engine() -> None:
    """Import the engine of the encoder now: otherwise it is imported when the encoder is loaded."""
    go_offline()
    importlib.import_module("knowligo_index.encoders.openvino_engine")


def load_query_encoder(store: Store, manifest: Manifest, threads: int) -> Encoder:
    """Load the exported encoder with the fingerprint in the manifest.

    Raises DamagedIndexError if a file of it is missing, damaged or not that of the manifest, EncoderMismatchError if
    its vectors for the probe texts are not those in the manifest.
    """
    exported = exported_of(store, manifest)
    if exported.description.fingerprint != manifest.encoder.fingerprint:
        raise EncoderMismatchError(
            f"{exported.folder} holds another encoder than version {manifest.version} was built with: copy it again "
            "from where the index came from, or remove it and build the index again."
        )
    encoder = exported.load(threads, all_files=True)
    _check_probes(encoder, manifest)
    # Not at the top of the module: `exported.load` has imported it, after `go_offline`.
    from knowligo_index.encoders.openvino_engine import engine_libraries

    # OpenVINO has copied the weights into another layout, and no longer needs most of its code. The code need not stay
    # in memory; the sealed copy of the weights does, but no longer in that of this process.
    give_back(SealedCopy.mapped_name(WEIGHTS_FILE), *engine_libraries())
    return encoder


def _check_probes(encoder: Encoder, manifest: Manifest) -> None:
    """Raises EncoderMismatchError if the encoder's vectors for the probe texts are not those in the manifest: if a
    cosine of the two is below the floor for the encoder's precision."""
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
