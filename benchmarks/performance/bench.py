"""A row of the table, and what all measurements share: the folder, the number of repeats and the peers."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.performance.measure import Figure, build_command, clear_all_but_encoders, run
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.e5_folder import write_model_folder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.encoders.protocol import Encoder

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    knowligo: str
    """the figures of this project"""
    compared_with: str
    """the figures of the peers, or of another measurement of this project"""
    ratio: str
    required: str
    """the ratio or the figures that must be reached; empty if there is no such requirement"""
    reached: bool | None
    """whether the requirement is met; None if there is none"""
    aim: str = ""
    """a better value, which is not required"""


@dataclass
class Bench:
    """One run of the benchmark."""

    folder: Path
    """holds the documents, indexes and exports of the run"""
    repeats: int
    threads: int
    peers_python: Path
    """the interpreter of the peers' environment"""
    exports: dict[str, Path] = field(default_factory=dict)
    """exported encoders, by precision"""

    @cached_property
    def model_folder(self) -> Path:
        """The default encoder in the format of sentence-transformers, for the peers."""
        folder = self.unused_path("model")
        folder.mkdir(parents=True)
        write_model_folder(find_encoder(EncoderOptions()).path, folder)
        return folder

    def unused_path(self, name: str) -> Path:
        """A path in the folder of the run; what an earlier measurement left at it is removed."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def peer_build(self, script: str, knowledge: Path) -> Callable[[], float]:
        """What measures the seconds of a full build by a script in `peers`."""
        target = self.folder / f"peer-{script}"

        def measure() -> float:
            shutil.rmtree(target, ignore_errors=True)
            return run([self.peers_python, PEERS / f"{script}.py", knowledge, target, self.model_folder]).seconds

        return measure

    def full_build(self, knowledge: Path, index: Path) -> Callable[[], float]:
        """What measures the seconds of a full build into an index that has only the exported encoder."""

        def measure() -> float:
            clear_all_but_encoders(index)
            return run(build_command(knowledge, index)).seconds

        return measure

    def encoder(self, precision: str) -> Encoder:
        """The default encoder in this precision, run by OpenVINO."""
        model = find_encoder(EncoderOptions(engine="openvino", precision=precision))  # type: ignore[arg-type]
        if precision not in self.exports:
            self.exports[precision] = self.unused_path(f"export-{precision}")
            self.exports[precision].mkdir(parents=True)
            model.export(self.exports[precision])
        return model.load(open_exported(self.exports[precision]), self.threads)


def format_seconds(figure: Figure) -> str:
    return f"{figure.median:.2f} s ± {figure.spread:.0%}"


def format_rate(figure: Figure) -> str:
    return f"{figure.median:,.0f} tokens/s ± {figure.spread:.0%}"
