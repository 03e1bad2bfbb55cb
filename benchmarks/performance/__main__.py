"""Measure everything that docs/performance.md says, and print it as one table.

    make bench                                             # or, with the peers' environment made:
    .venv/bin/python -m benchmarks.performance [--rows full_build,throughput] [--repeats 3] [--write]

Needs the real documents beside the checkout (../shared/data) and .venv-peers. Each row is measured so many times, ours
and the peer's in turns; figures are medians, ± half the distance from the least to the most. --write puts the table
into docs/performance.md.
"""

import argparse
import datetime
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.performance.bench import Bench, Row
from benchmarks.performance.machine import this_machine
from benchmarks.performance.material import DATA
from benchmarks.performance.rows import ROWS
from knowligo_index.system.cpu import available_cpus, limit_threads

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
MARKS = ("<!-- bench -->\n", "<!-- /bench -->")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [row.__name__ for row in ROWS]
    arguments.add_argument("--rows", default=",".join(names), help=f"some of {', '.join(names)}")
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--peers-python", type=Path, default=Path(".venv-peers/bin/python"))
    arguments.add_argument("--write", action="store_true")
    options = arguments.parse_args()
    if not DATA.is_dir():
        sys.exit(f"The documents to measure with are not in {DATA}: put them there.")
    if not options.peers_python.is_file():
        sys.exit(f"There is no {options.peers_python}: `make bench` makes it.")
    threads = available_cpus()
    limit_threads(threads)
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[variable] = "1"
    wanted = options.rows.split(",")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), options.repeats, threads, options.peers_python.absolute())
        found: list[Row] = []
        for row in ROWS:
            if row.__name__ in wanted:
                print(f"{row.__name__} ...", file=sys.stderr)
                measured = row(bench)
                for each in measured:
                    print(f"  {each.what}: {each.ours}; {each.beside}; {each.result}", file=sys.stderr)
                found += measured
    text = table(found)
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.split(MARKS[0])[0], page.split(MARKS[1])[1]
        PAGE.write_text(before + MARKS[0] + text + "\n" + MARKS[1] + after, encoding="utf-8")


def table(rows: list[Row]) -> str:
    """The machine, and a line a row, in Markdown."""
    machine = this_machine()
    today = datetime.datetime.now(datetime.UTC).date()
    lines = [
        f"{machine.cpu}, {machine.cpus} CPUs ({', '.join(machine.features)}), {machine.memory_gb:.0f} GB; {today}.",
        "",
        "| what | ours | beside | result | at least | aim | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        verdict = "" if row.reached is None else "reached" if row.reached else "**missed**"
        cells = (row.what, row.ours, row.beside, row.result, row.floor, row.aim, verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
