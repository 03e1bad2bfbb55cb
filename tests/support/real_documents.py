"""Real documents, where they are: read and cut as a build does, with the default encoder's tokenizer."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.parsers import parse, suffixes
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.types import Chunk, Document, Source

DATA = Path(__file__).parents[3] / "shared" / "data"
LIMIT = 256

marks = [
    pytest.mark.model,
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real documents in {DATA}"),
]


@dataclass(frozen=True)
class Read:
    """A file, as it was parsed and cut."""

    source: Source
    document: Document
    chunks: list[Chunk]

    @property
    def name(self) -> str:
        return self.source.name


@cache
def counter() -> TokenCounter:
    return find_encoder(EncoderOptions()).tokenizer()


def sources_in(folder: str) -> list[Source]:
    return list(take_inventory(DATA / folder, suffixes()).sources)


def read(source: Source) -> Read:
    """Raises ParseError where the file gives no document."""
    document = parse(source, source.path.read_bytes())
    return Read(source, document, chunk_document(document, ChunkingOptions(), counter()))


def uncovered(page: Read) -> str:
    """What is in no chunk and in no exclusion, without white space."""
    missing = list(page.document.text)
    spans = [(chunk.char_start, chunk.char_end) for chunk in page.chunks]
    for start, end in [*spans, *((each.char_start, each.char_end) for each in page.document.exclusions)]:
        missing[start:end] = [" "] * (end - start)
    return "".join("".join(missing).split())


def check_lengths(page: Read) -> None:
    """No chunk is longer than the encoder reads, and each says how long it is."""
    inputs = [chunk.encoder_input for chunk in page.chunks]
    counts = counter().count_inputs(inputs)
    assert counts == [chunk.tokens for chunk in page.chunks]
    assert max(counts) <= LIMIT
