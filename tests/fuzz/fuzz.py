"""Throw bytes at the parsers and at the reader of manifests: `python tests/fuzz/fuzz.py [TARGET ...] [--seconds 120]`.

As many targets at a time as there are CPUs, each for so many seconds in a process of its own. Exits with 1 where one
of them broke a promise (targets.py), died, took longer than 30 seconds or more than 2 GiB for one input; the input is
then in the folder that it names. Put it, made small, into tests/fuzz/findings as TARGET-WHAT: test_targets.py tries
it from then on.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
# The modules here and beside, which tests find because pytest looks for them in their folders.
FOLDERS = (HERE, HERE.parent, HERE.parent / "hostile", HERE.parents[1])

LONGEST_RUN = 30  # seconds
MOST_MEMORY = 2048  # MiB, the fuzzer's own included
LONGEST_INPUT = 20_000  # bytes


def run_target(target: str, seconds: int) -> tuple[bool, str]:
    """Fuzz one target in a process of its own. Whether all was well, and what there is to say."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{target}-"))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, FOLDERS))}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, __file__, "--inside", str(folder), "--seconds", str(seconds), target]
        status = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, env=environment, check=False).returncode
    text = (folder / "log").read_text(errors="replace")
    runs = re.findall(r"^Done (\d+) runs", text, re.MULTILINE)
    if status == 0 and runs:
        return True, f"{target}: {runs[-1]} inputs in {seconds} s, nothing found"
    return False, f"{target}: exit status {status}; see {folder}\n" + "\n".join(text.splitlines()[-25:])


def fuzz_inside(target: str, seconds: int, folder: Path) -> None:
    """Fuzz in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["knowligo_index"]):
        from seeds import seeds
        from targets import TARGETS
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds(target)):
        (corpus / f"{number:04}").write_bytes(data)
    options = [
        *(f"-max_total_time={seconds}", f"-timeout={LONGEST_RUN}", f"-rss_limit_mb={MOST_MEMORY}"),
        *(f"-max_len={LONGEST_INPUT}", f"-artifact_prefix={folder}/", "-print_final_stats=1", "-seed=1"),
    ]
    atheris.Setup([target, *options, str(corpus)], TARGETS[target])
    atheris.Fuzz()


def main(words: Sequence[str]) -> int:
    sys.path[:0] = map(str, FOLDERS)
    from targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=f"of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--seconds", type=int, default=120, help="for each target (default: 120)")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    unknown = set(arguments.targets) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {min(unknown)}: choose from {', '.join(TARGETS)}")
    if arguments.inside:
        fuzz_inside(arguments.targets[0], arguments.seconds, arguments.inside)
        return 0
    well = True
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for fine, said in pool.map(lambda target: run_target(target, arguments.seconds), arguments.targets or TARGETS):
            print(said, flush=True)
            well = well and fine
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
