"""Compare the speed of the parsers with that of libraries that do much less: pypdf's text extraction for PDF, and
markdown-it-py alone for Markdown.

    python -m benchmarks.parsing FOLDER ... [--repeats 3]

Reads every PDF and every Markdown file below the folders with the parser and with the other library, in turns and in
one process; files that cannot be parsed are left out. Prints the pages (of Markdown: files), the seconds and the pages
per second of both, and how many times as fast the parser is: a row for each PDF of ten pages or more, and one for all
files of the format. Times are the best of the repeats.

The last two rows of a format have the time that a build takes to parse the same files: once, and ten times, so that
starting its processes takes a small share of the time. A build parses in sandboxed processes, one for each CPU. The
time includes starting them, the search for secrets, and sending the documents to the main process.
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

LONG_PAGES = 10
"""pages of a document that has a row of its own"""
BUILD_ROUNDS = 10
"""how many times the last row of a format parses all files"""


def read_by_parser(source: Source, data: bytes) -> int:
    """The number of pages, 1 if the format has none. Raises ParseError if the file cannot be parsed."""
    return max(1, len(parse(source, data).page_starts))


def read_by_pypdf(source: Source, data: bytes) -> int:
    """The number of pages."""
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    return len([page.extract_text() for page in reader.pages])


def read_by_markdown_it(source: Source, data: bytes) -> int:
    """1: Markdown has no pages."""
    MarkdownIt("commonmark").enable("table").parse(data.decode("utf-8"))
    return 1


def seconds_of(read: Callable[[Source, bytes], int], source: Source, data: bytes) -> float:
    """Seconds that reading the file once takes."""
    start = time.perf_counter()
    read(source, data)
    return time.perf_counter() - start


def compare(sources: list[Source], read_by_library: Callable[[Source, bytes], int], repeats: int) -> None:
    """Print a row for each long document, one for all documents, and two for all of them in a build."""
    readable: list[Source] = []
    all_pages = 0
    all_parser_seconds = all_library_seconds = 0.0
    for source in sources:
        data = source.path.read_bytes()
        try:
            pages = read_by_parser(source, data)
        except ParseError:
            continue
        readable.append(source)
        times = [
            (seconds_of(read_by_parser, source, data), seconds_of(read_by_library, source, data))
            for _ in range(repeats)
        ]
        parser_seconds, library_seconds = (min(seconds) for seconds in zip(*times, strict=True))
        all_pages += pages
        all_parser_seconds += parser_seconds
        all_library_seconds += library_seconds
        if pages >= LONG_PAGES:
            print_row(source.name, pages, parser_seconds, library_seconds)
    if readable:
        print_row("all", all_pages, all_parser_seconds, all_library_seconds)
        processes = available_cpus()
        for rounds, files in ((1, "all"), (BUILD_ROUNDS, f"{BUILD_ROUNDS} times all")):
            build_seconds = min(seconds_in_build(rounds * readable, processes) for _ in range(repeats))
            name = f"{files}, in {processes} sandboxed processes"
            print_row(name, rounds * all_pages, build_seconds, rounds * all_library_seconds)


def seconds_in_build(sources: list[Source], processes: int) -> float:
    """Seconds that the parser pool of a build takes for these files, from its start to its end."""
    start = time.perf_counter()
    with ParserPool(sources, lambda source: source.path.read_bytes(), SandboxOptions(), processes) as pool:
        deque(pool, maxlen=0)
    return time.perf_counter() - start


def print_row(name: str, pages: int, parser_seconds: float, library_seconds: float) -> None:
    speeds = [f"{seconds:6.2f} s {pages / seconds:5.0f}/s" for seconds in (parser_seconds, library_seconds)]
    ratio = library_seconds / parser_seconds
    print(f"{name:44} {pages:6} {speeds[0]:>16} {speeds[1]:>16} {ratio:5.1f}x", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="+", type=Path, help="folder with documents")
    arguments.add_argument("--repeats", type=int, default=3, help="number of measurements of each file")
    options = arguments.parse_args()
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    sources = [source for folder in options.folders for source in take_inventory(folder, suffixes()).sources]
    for file_format, library, read_by_library in (
        ("pdf", "pypdf", read_by_pypdf),
        ("markdown", "markdown-it-py", read_by_markdown_it),
    ):
        print(f"{file_format:44} {'pages':>6} {'parser':>16} {library:>16} {'ratio':>6}")
        compare([source for source in sources if source.format == file_format], read_by_library, options.repeats)


if __name__ == "__main__":
    main()
