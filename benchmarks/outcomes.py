"""Print a Markdown table of how each document of a folder is read: what docs/real-documents.md shows.

    python -m benchmarks.outcomes FOLDER ...

A row has the number of passages or the reason of the quarantine; the numbers of pages, visible characters, headings,
lists and tables; and what the ledger reports in addition: dropped text, problems of pages, warnings.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse, suffixes
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.types import Block, Document, Source

HEADER = ("file", "outcome", "pages", "visible characters", "headings", "lists", "tables", "reported")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="+", type=Path, help="folder with documents; each has a table of its own")
    folders = arguments.parse_args().folders
    counter = find_encoder(EncoderOptions()).tokenizer()
    for folder in folders:
        print(f"\n{row(HEADER)}\n{row(['---', '---', *['---:'] * 5, '---'])}")
        for source in take_inventory(folder, suffixes()).sources:
            print(row(cells(source, counter)), flush=True)


def row(values: Iterable[str]) -> str:
    return f"| {' | '.join(values)} |"


def cells(source: Source, counter: TokenCounter) -> list[str]:
    try:
        document = parse(source, source.path.read_bytes())
    except ParseError as error:
        return [source.name, f"quarantined: {error.reason}", *[""] * 5, error.detail]
    chunks = len(chunk_document(document, ChunkingOptions(), counter))
    counts = [len(document.page_starts), len("".join(document.text.split()))]
    counts += [count_blocks(document.blocks, kind) for kind in ("heading", "list", "table")]
    numbers = [f"{number:,}" if number else "" for number in counts]
    outcome = f"indexed, {chunks} {'passage' if chunks == 1 else 'passages'}"
    return [source.name, outcome, *numbers, "; ".join(ledger_notes(document))]


def count_blocks(blocks: Sequence[Block], kind: str) -> int:
    """The number of blocks of this kind, those inside other blocks included."""
    return sum((block.kind == kind) + count_blocks(block.children, kind) for block in blocks)


def ledger_notes(document: Document) -> list[str]:
    """What the ledger reports in addition to the counts."""
    return [
        *(f"{dropped.kind} × {dropped.times}, {dropped.characters:,} characters" for dropped in document.dropped),
        *(f"page {problem.page}: {problem.reason}" for problem in document.page_problems),
        *document.warnings,
    ]


if __name__ == "__main__":
    main()
