"""The exports of encoders in an index: each is created once, and then used by every build and every question."""

import logging

from knowligo_index.encoders import EncoderModel
from knowligo_index.encoders.exported import ExportedEncoder, open_exported
from knowligo_index.errors import DamagedIndexError
from knowligo_index.store.manifest import Manifest
from knowligo_index.store.publishing import Writer
from knowligo_index.system.hashing import FileEntry

_log = logging.getLogger(__name__)


def export_encoder(writer: Writer, model: EncoderModel, previous: Manifest | None = None) -> ExportedEncoder:
    """The export of `model`, which is created where it is missing or damaged, or is not the one that the manifest of
    the previous version names.

    Raises EncoderError, MissingExtraError or StorageError.
    """
    fingerprint = model.description.fingerprint
    try:
        return open_exported(writer.store.encoders / fingerprint, _expected_record(model, previous))
    except FileNotFoundError:
        pass
    except DamagedIndexError as error:
        _log.warning("The encoder is exported again: %s", error)
    return open_exported(writer.add_encoder(fingerprint, model.export))


def _expected_record(model: EncoderModel, manifest: Manifest | None) -> FileEntry | None:
    """What encoder.json of the export must be according to a manifest; None where that says nothing of this encoder."""
    if manifest is None or manifest.encoder.fingerprint != model.description.fingerprint:
        return None
    return manifest.encoder_record
