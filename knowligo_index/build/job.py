"""One build: what is to be built, from what, and where it goes."""

from dataclasses import dataclass

from knowligo_index.build.inputs import BuildInputs
from knowligo_index.build.previous_version import PreviousVersion
from knowligo_index.build.progress import Progress
from knowligo_index.build.resource_use import StageClock
from knowligo_index.encoders.exported import ExportedEncoder
from knowligo_index.settings import Settings
from knowligo_index.store.publishing import Writer


@dataclass(frozen=True, slots=True)
class Job:
    """What every stage of a build is given."""

    settings: Settings
    inputs: BuildInputs
    writer: Writer
    previous: PreviousVersion | None
    """None where no version was made before whose manifest can be read"""
    clock: StageClock
    progress: Progress
    exported: ExportedEncoder | None = None
    """the export of the encoder, where it was opened already"""
