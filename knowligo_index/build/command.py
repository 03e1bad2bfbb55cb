"""Build, if there is something to build."""

import contextlib
import logging
from pathlib import Path

from knowligo_index.build.cost import StageClock, peak_rss_bytes
from knowligo_index.build.encoder_export import export_encoder
from knowligo_index.build.plan import make_plan
from knowligo_index.build.progress import Progress
from knowligo_index.build.result import BuildResult
from knowligo_index.encoders import find_encoder
from knowligo_index.errors import DamagedIndexError, IndexNotFoundError, KnowligoError, OlderSchemaError
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.manifest import Manifest
from knowligo_index.store.writer import writing
from knowligo_index.system.hash_memo import MEMO_FILE, HashMemo

_log = logging.getLogger(__name__)


def build(settings: Settings, progress: Progress | None = None) -> BuildResult:
    """Build a version from the knowledge folder and make it the live one, unless the live one is the same already or
    the gate refuses it.

    Raises a KnowligoError where that cannot be done; the index is then as it was.
    """
    progress = progress or Progress(enabled=False)
    clock = StageClock()
    with clock("scan"):
        memo = HashMemo(settings.index / MEMO_FILE)
        plan = make_plan(settings, memo)
    with writing(Store(settings.index), "build", make=True) as writer:
        memo.save()
        with clock("scan"):
            live = _intact_live_version(writer.store)
            before = live or _version_before_the_damage(writer.store)
        if live is not None and live.digest == plan.digest:
            with clock("export encoder"):
                export_encoder(writer, plan.model)
            return BuildResult("unchanged", live, [], 0, clock.seconds, peak_rss_bytes())
        # Imported only now: an unchanged folder need not wait for numpy and FAISS.
        from knowligo_index.build.pipeline import build_version

        return build_version(writer, plan, live, before, settings, clock, progress)


def export(settings: Settings) -> Path:
    """Put the encoder of the settings into the index, where builds and questions find it, and nothing else. Gives its
    folder.

    Raises a KnowligoError where that cannot be done.
    """
    model = find_encoder(settings.encoder)
    with writing(Store(settings.index), "export-encoder", make=True) as writer:
        return export_encoder(writer, model).folder


def _intact_live_version(store: Store) -> Manifest | None:
    """The manifest of the live version; None where there is none, or it is damaged or of an older schema: then a build
    is the remedy. Raises NewerSchemaError where a newer release made it."""
    try:
        version = store.open()
        version.check()
    except IndexNotFoundError:
        return None
    except OlderSchemaError:
        pointer = store.pointer()
        _log.warning(
            "The live version%s was made by an earlier release, in a schema that this one does not read: everything is "
            "built anew, and nothing is compared with it.",
            f", {pointer.version}," if pointer else "",
        )
        return None
    except DamagedIndexError as error:
        _log.warning("The live version is not used: %s", error)
        return None
    return version.manifest


def _version_before_the_damage(store: Store) -> Manifest | None:
    """What a new version is compared with where no version is live and whole: the one that was live, if its manifest
    can be read, else the newest of which that is so and that the gate let through; None where nothing was published."""
    pointer = store.readable_pointer()
    ids = [*([pointer.version] if pointer else []), *reversed(store.version_ids())]
    for version_id in ids:
        with contextlib.suppress(KnowligoError):
            manifest = store.open_ignoring_current(version_id).manifest
            if not manifest.refusals:
                _log.warning("The new version is compared with %s.", version_id)
                return manifest
    return None
