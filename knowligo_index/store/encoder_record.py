"""The encoder of a version: the export in `encoders/` whose encoder.json is the one that the manifest names."""

from knowligo_index.encoders.exported import ExportedEncoder, read_exported
from knowligo_index.errors import DamagedIndexError
from knowligo_index.store import Store
from knowligo_index.store.manifest import Manifest


def exported_of(store: Store, manifest: Manifest) -> ExportedEncoder:
    """The export with which the questions of this version are encoded; its files are compared with encoder.json when
    they are read. Raises DamagedIndexError where it is missing, or is not the one that the manifest names."""
    folder = store.encoders / manifest.encoder.fingerprint
    try:
        return read_exported(folder, manifest.encoder_record)
    except FileNotFoundError as error:
        raise DamagedIndexError(
            f"{folder}, the encoder of version {manifest.version}, is missing: copy it from where the index came from, "
            "or build the index again."
        ) from error


def check_encoder(store: Store, manifest: Manifest) -> None:
    """Raises DamagedIndexError where the encoder of the version is not the one that its manifest names. Versions of
    releases that did not record it pass."""
    if manifest.encoder_record is not None:
        exported_of(store, manifest)
