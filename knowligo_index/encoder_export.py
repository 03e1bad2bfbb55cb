"""The exports of encoders that an index keeps: made once, then there for every build and every question."""

import logging
from pathlib import Path

from knowligo_index.encoders import EncoderModel
from knowligo_index.encoders.exported import open_exported
from knowligo_index.errors import DamagedIndexError
from knowligo_index.store.writer import Writer

_log = logging.getLogger(__name__)


def export_encoder(writer: Writer, model: EncoderModel) -> Path:
    """The folder with the export of `model`, made where it is not there or damaged.

    Raises EncoderError, MissingExtraError or StorageError.
    """
    fingerprint = model.description.fingerprint
    folder = writer.store.encoders / fingerprint
    try:
        open_exported(folder)
        return folder
    except FileNotFoundError:
        pass
    except DamagedIndexError as error:
        _log.warning("The encoder is exported anew: %s", error)
    return writer.keep_encoder(fingerprint, model.export)
