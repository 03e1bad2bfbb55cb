"""Exports of models, each made once."""

import shutil
from pathlib import Path

from knowligo_index.encoders import EncoderOptions, find_encoder


class Exports:
    """A shelf of exports: making one takes some seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, options: EncoderOptions) -> Path:
        """The export of a model. Shared: read it, and nothing else."""
        model = find_encoder(options)
        target = self._folder / model.description.fingerprint
        if not target.exists():
            target.mkdir()
            model.export(target)
        return target

    def give(self, index: Path, options: EncoderOptions) -> None:
        """Put the export into an index, as if a build had made it."""
        export = self.of(options)
        shutil.copytree(export, index / "encoders" / export.name)
