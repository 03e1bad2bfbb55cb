"""The version that is there before a build."""

import contextlib
import logging
from dataclasses import dataclass

from knowligo_index.errors import DamagedIndexError, IndexNotFoundError, KnowligoError, OlderSchemaError
from knowligo_index.store import Store
from knowligo_index.store.manifest import Manifest
from knowligo_index.system.hashing import FileEntry

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreviousVersion:
    """The version that a build replaces, and that its result is compared with."""

    manifest: Manifest
    is_live: bool
    """whether it is the live version, and every file of it was compared with the manifest; if not, the live version is
    damaged or missing, and of this one only the manifest was read"""

    def is_live_with(self, digest: str, encoder_record: FileEntry | None = None) -> bool:
        """Whether it is live and has the content with this digest, so that there is nothing to build. `encoder_record`:
        encoder.json of the encoder as it is in the index now, if it is known: the version must name no other."""
        named = self.manifest.encoder_record
        return (
            self.is_live
            and self.manifest.digest == digest
            and (named is None or encoder_record is None or named == encoder_record)
        )


def find_previous(store: Store) -> PreviousVersion | None:
    """The live version or, where it is damaged, the last one whose manifest can be read; None where there is none.

    Raises NewerSchemaError where a newer release made the live version.
    """
    try:
        version = store.open()
        version.check()
        return PreviousVersion(version.manifest, is_live=True)
    except IndexNotFoundError:
        pass
    except OlderSchemaError:
        pointer = store.pointer()
        _log.warning(
            "The live version%s was made by an earlier release, in a schema that this one does not read: everything is "
            "built anew, and nothing is compared with it.",
            f", {pointer.version}," if pointer else "",
        )
    except DamagedIndexError as error:
        _log.warning("The live version is not used: %s", error)
    return _last_readable(store)


def _last_readable(store: Store) -> PreviousVersion | None:
    """The version that was live, if its manifest can be read, else the newest for which that is so and that the gate
    let through."""
    pointer = store.readable_pointer()
    ids = [*([pointer.version] if pointer else []), *reversed(store.version_ids())]
    for version_id in ids:
        with contextlib.suppress(KnowligoError):
            manifest = store.open_ignoring_current(version_id).manifest
            if not manifest.refusals:
                _log.warning("The new version is compared with %s.", version_id)
                return PreviousVersion(manifest, is_live=False)
    return None
