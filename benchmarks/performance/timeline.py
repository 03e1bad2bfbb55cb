"""Draw the CPU use of the parts of a build over time, as docs/timeline.svg.

    .venv/bin/python -m benchmarks.performance.timeline [FOLDER] [--output docs/timeline.svg]

Builds the folder (by default sixty pages of the real documents) into an index that has only the exported encoder, and
reads every 20 ms the CPU time of each thread of the build and of its processes. Linux only.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.performance import corpus
from benchmarks.performance.measure import build_command, clear_all_but_encoders, process_tree, run
from knowligo_index.system.cpu import available_cpus

STEP_SECONDS = 0.02
SMOOTHED_STEPS = 5
"""number of steps over which CPU use is averaged"""
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")

WIDTH, LANE, LEFT, TOP = 960, 64, 170, 56
COLOURS = {"main thread": "#3b6ea5", "encoder": "#c8553d", "parsers": "#588157", "exporting": "#8d6a9f"}

Usage = dict[str, float]
"""CPU seconds by lane"""


def lane_of(pid: int, thread: int, root: int) -> str:
    """The lane to which the CPU time of a thread counts. `root` is the process of the build, whose other threads are
    the encoder's. Raises OSError if the process has ended."""
    if pid == root:
        return "main thread" if thread == root else "encoder"
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    return "exporting" if b"export_worker" in command else "parsers"


def usage(root: int) -> Usage:
    """CPU seconds of each lane so far, without those of processes that have ended."""
    cpu_seconds = dict.fromkeys(COLOURS, 0.0)
    for pid in process_tree(root):
        try:
            for folder in Path(f"/proc/{pid}/task").iterdir():
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                cpu_seconds[lane_of(pid, int(folder.name), root)] += TICK_SECONDS * (int(fields[11]) + int(fields[12]))
        except OSError:
            continue
    return cpu_seconds


def record(command: list[str | Path]) -> list[tuple[float, Usage]]:
    """Run the command, and return samples: seconds since its start, and the CPU seconds used by then."""
    start = time.perf_counter()
    samples: list[tuple[float, Usage]] = []
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            samples.append((time.perf_counter() - start, usage(process.pid)))
            time.sleep(STEP_SECONDS)
    return samples


def cpus_used(samples: list[tuple[float, Usage]], lane: str) -> Iterator[tuple[float, float]]:
    """Seconds since the start, and the number of CPUs that the lane used around that time."""
    for (start, usage_before), (end, usage_after) in zip(samples, samples[SMOOTHED_STEPS:], strict=False):
        cpu_seconds = max(usage_after[lane] - usage_before[lane], 0.0)
        yield (start + end) / 2, cpu_seconds / (end - start)


def draw(samples: list[tuple[float, Usage]], title: str) -> str:
    """An SVG picture of the number of CPUs that each lane uses, over time. Lanes without CPU time are left out."""
    end, cpus = samples[-1][0], available_cpus()
    lanes = [lane for lane in COLOURS if any(count > 0 for _, count in cpus_used(samples, lane))]
    height = TOP + len(lanes) * (LANE + 16) + 30
    size = f'viewBox="0 0 {LEFT + WIDTH + 30} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="14">',
        f'<rect width="100%" height="100%" fill="#ffffff"/><text x="16" y="28" font-size="17">{title}</text>',
    ]
    for number, lane in enumerate(lanes):
        base = TOP + number * (LANE + 16) + LANE
        points = " ".join(
            f"{LEFT + WIDTH * seconds / end:.1f},{base - LANE * min(count / cpus, 1):.1f}"
            for seconds, count in cpus_used(samples, lane)
        )
        total = max(used[lane] for _, used in samples)
        parts += [
            f'<rect x="{LEFT}" y="{base - LANE}" width="{WIDTH}" height="{LANE}" fill="#f3f1ec"/>',
            f'<polygon points="{LEFT},{base} {points} {LEFT + WIDTH},{base}" fill="{COLOURS[lane]}"/>',
            f'<text x="16" y="{base - LANE / 2}">{lane}</text>',
            f'<text x="16" y="{base - LANE / 2 + 18}" fill="#666">{total:.1f} CPU seconds</text>',
        ]
    for second in range(int(end) + 1):
        x = LEFT + WIDTH * second / end
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - 26}" stroke="#c9c4b8"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle" fill="#666">{second} s</text>')
    return "\n".join([*parts, "</svg>\n"])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, nargs="?", help="folder with documents; default: sixty FastAPI pages")
    arguments.add_argument("--output", type=Path, default=Path("docs") / "timeline.svg", help="file to write")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="timeline-") as temporary:
        folder = options.folder or corpus.sixty_pages(Path(temporary) / "pages")
        index = Path(temporary) / "index"
        run(build_command(folder, index))
        clear_all_but_encoders(index)
        samples = record(build_command(folder, index))
    title = f"Use of the {available_cpus()} CPUs during a full build of {len(list(folder.rglob('*.md')))} pages"
    options.output.write_text(draw(samples, title), encoding="utf-8")


if __name__ == "__main__":
    main()
