"""The exports of encoders in an index: each is created once, and then used by every build and every question."""

import logging

from knowligo_index.encoders import EncoderModel
from knowligo_index.encoders.exported import ExportedEncoder, open_exported
from knowligo_index.errors import DamagedIndexError
from knowligo_index.store.publishing import Writer

_log = logging.getLogger(__name__)


def export_encoder(writer: Writer, model: EncoderModel) -> ExportedEncoder:
    """The export of `model`, which is created where it is missing or damaged.

    Raises EncoderError, MissingExtraError or StorageError.
    """
    fingerprint = model.description.fingerprint
    try:
        return open_exported(writer.store.encoders / fingerprint)
    except FileNotFoundError:
        pass
    except DamagedIndexError as error:
        _log.warning("The encoder is exported again: %s", error)
    return open_exported(writer.add_encoder(fingerprint, model.export))
