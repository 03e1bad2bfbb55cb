from pathlib import Path

from support.careless_splitter import TABLE, cut_every
from support.word_counter import WordCounter

from knowligo_index.chunking.borders import bad_borders
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.parsers import parse
from knowligo_index.types import Document, Source


def read(text: str) -> Document:
    return parse(Source("a.md", Path("a.md"), "markdown", 1, "0" * 64), text.encode())


def test_what_the_chunker_makes_has_none() -> None:
    document = read(TABLE)
    chunks = chunk_document(document, ChunkingOptions(chunk_tokens=32), WordCounter(64))
    assert len(chunks) > 4
    assert bad_borders(document, chunks) == []


def test_a_cut_inside_a_row_is_found() -> None:
    document = read(TABLE)
    chunks = cut_every(document, 200)
    found = bad_borders(document, chunks)
    inside = [
        chunk.char_start
        for chunk in chunks[1:]
        if document.text[chunk.char_start - 1] != "\n" and chunk.char_start < document.text.index("Fin.")
    ]
    assert found == inside
    assert len(found) > 3


def test_a_row_that_is_too_long_for_a_chunk_may_be_cut() -> None:
    long = " ".join(f"palabra{number}" for number in range(300))
    document = read(f"| Código | Causa |\n| --- | --- |\n| E-1 | corta |\n| E-2 | {long} |\n| E-3 | corta |\n")
    chunks = chunk_document(document, ChunkingOptions(chunk_tokens=32), WordCounter(64))
    assert bad_borders(document, chunks) == []
    # The row above it was not too long.
    assert len({chunk.char_start for chunk in chunks} - {0}) > 5


def test_a_row_that_has_to_be_cut_begins_a_chunk() -> None:
    """It is not cut once more at the end of the chunk before, but for one that is only its heading."""
    long = [" ".join(f"{name}{number}" for number in range(70)) for name in ("uno", "dos", "tres")]
    rows = "".join(f"| E-{number} | {text} |\n" for number, text in enumerate(long))
    document = read(f"Antes.\n\n## Códigos\n\n| Código | Causa |\n| --- | --- |\n{rows}")
    chunks = chunk_document(document, ChunkingOptions(chunk_tokens=64), WordCounter(64))
    assert bad_borders(document, chunks) == []
    starts = {chunk.char_start for chunk in chunks}
    assert {document.text.index(f"| E-{number}") for number in range(3)} <= starts
    assert len(starts) > 6


def test_a_first_row_that_has_to_be_cut_stays_below_its_heading() -> None:
    long = " ".join(f"palabra{number}" for number in range(200))
    document = read(f"Antes.\n\n## Códigos\n\n| {long} | Causa |\n| --- | --- |\n| E-1 | corta |\n")
    chunks = chunk_document(document, ChunkingOptions(chunk_tokens=64), WordCounter(64))
    assert bad_borders(document, chunks) == []
    assert [chunk.text.startswith("## Códigos\n\n| palabra0") for chunk in chunks].count(True) == 1
