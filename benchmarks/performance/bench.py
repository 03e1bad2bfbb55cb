"""What the rows of the table share."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.performance.measure import Figure, build_command, clear, run
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.e5_folder import write_model_folder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.encoders.protocol import Encoder

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    ours: str
    beside: str
    result: str
    floor: str
    reached: bool | None
    """whether the floor was; None where there is none"""
    aim: str = ""


@dataclass
class Bench:
    """What the rows share: folders, how often, and the two interpreters."""

    folder: Path
    repeats: int
    threads: int
    peers_python: Path
    exports: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def model_folder(self) -> Path:
        """The default encoder as the peers read it."""
        folder = self.fresh("model")
        folder.mkdir(parents=True)
        write_model_folder(find_encoder(EncoderOptions()).path, folder)
        return folder

    def fresh(self, name: str) -> Path:
        """A folder that isn't there."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def peer(self, script: str, knowledge: Path) -> Callable[[], float]:
        target = self.folder / f"peer-{script}"

        def measure() -> float:
            shutil.rmtree(target, ignore_errors=True)
            return run([self.peers_python, PEERS / f"{script}.py", knowledge, target, self.model_folder]).seconds

        return measure

    def cold_build(self, knowledge: Path, index: Path, *more: str) -> Callable[[], float]:
        """A full build: nothing but the encoder's export is there."""

        def measure() -> float:
            clear(index)
            return run(build_command(knowledge, index, *more)).seconds

        return measure

    def encoder(self, precision: str) -> Encoder:
        model = find_encoder(EncoderOptions(engine="openvino", precision=precision))  # type: ignore[arg-type]
        if precision not in self.exports:
            self.exports[precision] = self.fresh(f"export-{precision}")
            self.exports[precision].mkdir(parents=True)
            model.export(self.exports[precision])
        return model.load(open_exported(self.exports[precision]), self.threads)


def seconds(figure: Figure) -> str:
    return f"{figure.median:.2f} s ± {figure.spread:.0%}"


def per_second(figure: Figure) -> str:
    return f"{figure.median:,.0f} tokens/s ± {figure.spread:.0%}"
