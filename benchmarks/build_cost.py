"""Compare what a build costs in this checkout and in another one, such as a worktree of an earlier commit.

    python -m benchmarks.build_cost ../before [FOLDER] [--repeats 3] [--index indexes]

Builds an index of the folder (by default the 280 pages of `../shared/data/fastapi-docs`) with each of the two packages
in turns, with the exported encoder and without a cache. Prints for each turn the processor time of the build and of
all processes that it started, and the time from its start to its exit, in seconds; then the medians, and the share by
which they are longer in this checkout. Processor time is what to look at on a machine that does other work, too.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.performance.corpus import PAGES
from benchmarks.performance.measure import build_command, clear_all_but_encoders

THIS_CHECKOUT = Path(__file__).resolve().parents[1]


def build_once(checkout: Path, knowledge: Path, index: Path) -> tuple[float, float]:
    """Processor time and time of a build, in seconds."""
    clear_all_but_encoders(index)
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in build_command(knowledge, index)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A package that is installed for editing is found after this one.
        env={**os.environ, "PYTHONPATH": str(checkout), "HF_HUB_OFFLINE": "1"},
        cwd=index.parent,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"The build with {checkout} ended with exit code {process.returncode}.")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("before", type=Path, help="the other checkout")
    arguments.add_argument("folder", type=Path, nargs="?", default=PAGES, help="folder with documents")
    arguments.add_argument("--repeats", type=int, default=3, help="number of builds with each")
    arguments.add_argument("--index", type=Path, help="an index that has the exported encoder; else it is exported")
    options = arguments.parse_args()
    checkouts = {"before": options.before.resolve(), "this checkout": THIS_CHECKOUT}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in checkouts}
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        knowledge = shutil.copytree(options.folder, Path(temporary) / "knowledge")
        indexes = {name: Path(temporary) / name.replace(" ", "-") for name in checkouts}
        if options.index is None:
            # It exports the encoder, which is not measured.
            build_once(THIS_CHECKOUT, knowledge, indexes["this checkout"])
        exported = options.index or indexes["this checkout"]
        for index in indexes.values():
            if index != exported:
                shutil.copytree(exported / "encoders", index / "encoders")
        for _ in range(options.repeats):
            for name, checkout in checkouts.items():
                processor, elapsed = build_once(checkout, knowledge, indexes[name])
                seconds[name].append((processor, elapsed))
                print(f"{name:14} processor {processor:7.2f} s, elapsed {elapsed:7.2f} s", flush=True)
    medians = {
        name: [statistics.median(values) for values in zip(*pairs, strict=True)] for name, pairs in seconds.items()
    }
    longer = [after / before - 1 for before, after in zip(medians["before"], medians["this checkout"], strict=True)]
    for name, (processor, elapsed) in medians.items():
        print(f"median {name:14} processor {processor:7.2f} s, elapsed {elapsed:7.2f} s")
    print(f"longer in this checkout: processor {longer[0]:+.1%}, elapsed {longer[1]:+.1%}")


if __name__ == "__main__":
    main()
