"""Measure the speed and memory of builds, encoding and queries, compare them with the peers, and print one table.

    make bench                                             # or, when the peers' environment exists:
    .venv/bin/python -m benchmarks.performance [--rows full_build,throughput] [--repeats 3] [--write]

Needs the real documents next to the checkout (../shared/data) and the peers' environment .venv-peers. Every measurement
is repeated, alternating between this project and the peers; figures are medians, ± half the distance from the minimum
to the maximum. --write puts the table into docs/performance.md.
"""

import argparse
import datetime
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.performance.bench import Bench, Row
from benchmarks.performance.corpus import DATA
from benchmarks.performance.machine import this_machine
from benchmarks.performance.rows import ROWS
from knowligo_index.system.cpu import available_cpus, limit_threads

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
MARKS = ("<!-- bench -->\n", "<!-- /bench -->")


def main() -> None:
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks.performance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [measure.__name__ for measure in ROWS]
    arguments.add_argument(
        "--rows",
        default=",".join(names),
        help=f"measurements, separated by commas, from: {', '.join(names)}; queries and memory need full_build in the "
        "same run",
    )
    arguments.add_argument("--repeats", type=int, default=3, help="number of times that each figure is measured")
    arguments.add_argument(
        "--peers-python",
        type=Path,
        default=Path(".venv-peers/bin/python"),
        help="the interpreter of the peers' environment",
    )
    arguments.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    options = arguments.parse_args()
    if not DATA.is_dir():
        sys.exit(f"There is no folder {DATA}: put the real documents there.")
    if not options.peers_python.is_file():
        sys.exit(f"There is no interpreter {options.peers_python}: run `make .venv-peers/.done` first.")
    threads = available_cpus()
    limit_threads(threads)
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[variable] = "1"
    selected = options.rows.split(",")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), options.repeats, threads, options.peers_python.absolute())
        rows: list[Row] = []
        for measure in ROWS:
            if measure.__name__ in selected:
                print(f"{measure.__name__} ...", file=sys.stderr)
                new_rows = measure(bench)
                for row in new_rows:
                    print(f"  {row.what}: {row.knowligo}; {row.compared_with}; {row.ratio}", file=sys.stderr)
                rows += new_rows
    text = table(rows)
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.split(MARKS[0])[0], page.split(MARKS[1])[1]
        PAGE.write_text(before + MARKS[0] + text + "\n" + MARKS[1] + after, encoding="utf-8")


def table(rows: list[Row]) -> str:
    """The machine and the date, and below them the rows, in Markdown."""
    machine = this_machine()
    today = datetime.datetime.now(datetime.UTC).date()
    lines = [
        f"{machine.cpu}, {machine.cpus} CPUs ({', '.join(machine.features)}), {machine.memory_gb:.0f} GB; {today}.",
        "",
        "| what | KnowLigo Index | compared with | ratio | required | aim | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        verdict = "" if row.reached is None else "reached" if row.reached else "**missed**"
        cells = (row.what, row.knowligo, row.compared_with, row.ratio, row.required, row.aim, verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
