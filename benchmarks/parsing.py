"""How fast the parsers are beside the libraries that do the least one could: pypdf's own text extraction for PDF, and
markdown-it-py alone for Markdown.

    python -m benchmarks.parsing FOLDER ... [--repeats 3]

Reads every PDF and every Markdown file below the folders that gives a document, and takes the same files through the
other library, in one process. Prints pages (of Markdown: files), seconds and pages a second of both for each PDF of
ten pages or more and for each format, and how many times faster the parser is. They take turns, and the best of the
repeats counts for both. The last two rows of a format are what a build does with the same files, once and so often that
the start of its processes hardly counts: parsing in sandboxed processes, as many as there are CPUs, their start, the
search for secrets and the way back of the documents included.
"""

import argparse
import io
import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt
from pypdf import PdfReader

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse, suffixes
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.pool import ParserPool
from knowligo_index.system.cpu import available_cpus
from knowligo_index.types import Source

LONG = 10  # pages
OFTEN = 10


def read_by_parser(source: Source, data: bytes) -> int:
    """The number of pages. Raises ParseError where the file gives no document."""
    return max(1, len(parse(source, data).page_starts))


def read_by_pypdf(source: Source, data: bytes) -> int:
    """The number of pages."""
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    return len([page.extract_text() for page in reader.pages])


def read_by_markdown_it(source: Source, data: bytes) -> int:
    """One: Markdown has no pages."""
    MarkdownIt("commonmark").enable("table").parse(data.decode("utf-8"))
    return 1


def seconds_of(read: Callable[[Source, bytes], int], source: Source, data: bytes) -> float:
    """How long it takes to read the file once."""
    begun = time.perf_counter()
    read(source, data)
    return time.perf_counter() - begun


def compare(sources: list[Source], other: Callable[[Source, bytes], int], repeats: int) -> None:
    """Print a row for each long document, one for all of them, and one for all of them in a build."""
    readable: list[Source] = []
    totals = [0.0, 0.0, 0.0]
    for source in sources:
        data = source.path.read_bytes()
        try:
            pages = read_by_parser(source, data)
        except ParseError:
            continue
        readable.append(source)
        pairs = [(seconds_of(read_by_parser, source, data), seconds_of(other, source, data)) for _ in range(repeats)]
        ours, theirs = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
        totals = [total + value for total, value in zip(totals, (pages, ours, theirs), strict=True)]
        if pages >= LONG:
            print_row(source.name, pages, ours, theirs)
    if totals[0]:
        print_row("all", int(totals[0]), totals[1], totals[2])
        processes = available_cpus()
        for times, what in ((1, "all"), (OFTEN, f"{OFTEN} times all")):
            in_build = min(seconds_in_build(times * readable, processes) for _ in range(repeats))
            print_row(
                f"{what}, in {processes} sandboxed processes", times * int(totals[0]), in_build, times * totals[2]
            )


def seconds_in_build(sources: list[Source], processes: int) -> float:
    """How long the pool of parsers that a build starts takes for these files."""
    begun = time.perf_counter()
    with ParserPool(sources, lambda source: source.path.read_bytes(), SandboxOptions(), processes) as pool:
        deque(pool, maxlen=0)
    return time.perf_counter() - begun


def print_row(name: str, pages: int, ours: float, theirs: float) -> None:
    speeds = [f"{seconds:6.2f} s {pages / seconds:5.0f}/s" for seconds in (ours, theirs)]
    print(f"{name:44} {pages:6} {speeds[0]:>16} {speeds[1]:>16} {theirs / ours:5.1f}x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    sources = [source for folder in arguments.folders for source in take_inventory(folder, suffixes()).sources]
    for name, other in (("pdf", read_by_pypdf), ("markdown", read_by_markdown_it)):
        print(f"{name:44} {'pages':>6} {'parser':>16} {other.__name__.removeprefix('read_by_'):>16} {'ratio':>6}")
        compare([source for source in sources if source.format == name], other, arguments.repeats)


if __name__ == "__main__":
    main()
