"""What becomes of each document of a folder, as a Markdown table: `python -m benchmarks.outcomes FOLDER ...`."""

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

HEADER = ("file", "what became of it", "pages", "visible characters", "headings", "lists", "tables", "told")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
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
    counts += [count(document.blocks, kind) for kind in ("heading", "list", "table")]
    numbers = [f"{number:,}" if number else "" for number in counts]
    return [source.name, f"indexed, {chunks} chunk{'s' if chunks > 1 else ''}", *numbers, "; ".join(told(document))]


def count(blocks: Sequence[Block], kind: str) -> int:
    return sum((block.kind == kind) + count(block.children, kind) for block in blocks)


def told(document: Document) -> list[str]:
    """What the ledger says beside the counts."""
    return [
        *(f"{each.kind} × {each.times}, {each.characters:,} characters" for each in document.dropped),
        *(f"page {problem.page}: {problem.reason}" for problem in document.page_problems),
        *document.warnings,
    ]


if __name__ == "__main__":
    main()
