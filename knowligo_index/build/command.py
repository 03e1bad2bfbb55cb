"""Build, if there is something to build."""

from pathlib import Path

from knowligo_index.build.encoder_export import export_encoder
from knowligo_index.build.inputs import take_inputs
from knowligo_index.build.previous_version import find_previous
from knowligo_index.build.progress import Progress
from knowligo_index.build.resource_use import StageClock, peak_rss_bytes
from knowligo_index.build.result import BuildResult
from knowligo_index.encoders import find_encoder
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing
from knowligo_index.system.hash_memo import MEMO_FILE, HashMemo


def build(settings: Settings, progress: Progress | None = None) -> BuildResult:
    """Build a version from the knowledge folder and make it the live one, unless the live one is the same already or
    the gate refuses it.

    Raises a KnowligoError where that cannot be done; the index is then as it was.
    """
    clock = StageClock()
    with clock("scan"):
        memo = HashMemo(settings.index / MEMO_FILE)
        inputs = take_inputs(settings, memo)
    with writing(Store(settings.index), "build", make=True) as writer:
        memo.save()
        with clock("scan"):
            previous = find_previous(writer.store)
        exported = None
        if previous is not None and previous.is_live_with(inputs.digest):
            with clock("export encoder"):
                exported = export_encoder(writer, inputs.model, previous.manifest)
            if previous.is_live_with(inputs.digest, exported.record):
                return BuildResult("unchanged", previous.manifest, [], 0, clock.seconds, peak_rss_bytes())
        # Imported only now: an unchanged folder need not wait for numpy and FAISS.
        from knowligo_index.build.job import Job
        from knowligo_index.build.pipeline import build_version

        job = Job(settings, inputs, writer, previous, clock, progress or Progress(enabled=False), exported)
        return build_version(job)


def export(settings: Settings) -> Path:
    """Put the encoder of the settings into the index, where builds and questions find it, and nothing else. Gives its
    folder.

    Raises a KnowligoError where that cannot be done.
    """
    model = find_encoder(settings.encoder)
    with writing(Store(settings.index), "export-encoder", make=True) as writer:
        return export_encoder(writer, model).folder
