import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_markdown import markdown
from support.word_counter import LetterCounter, WordCounter

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Block, Document, Source

MAX_TOKENS = 160

counters = pytest.mark.parametrize(
    "counter", [WordCounter(MAX_TOKENS), LetterCounter(MAX_TOKENS)], ids=["words", "letters"]
)


def documents() -> st.SearchStrategy[Document]:
    """Those of random texts that are more than comments and front matter."""
    return markdown().map(_parsed).filter(bool).map(lambda found: found[0])


def _parsed(text: str) -> list[Document]:
    try:
        return [parse(Source("guia.md", Path("guia.md"), "markdown", 0, "0" * 64), text.encode())]
    except ParseError:
        return []


def options() -> st.SearchStrategy[ChunkingOptions]:
    return st.builds(
        ChunkingOptions,
        chunk_tokens=st.integers(32, 128),
        overlap_tokens=st.sampled_from([0, 8]),
        min_tokens=st.sampled_from([0, 8, 32]),
    )


def tables_and_code(document: Document) -> list[Block]:
    """However deep they are."""
    found: list[Block] = []
    blocks = list(document.blocks)
    while blocks:
        block = blocks.pop()
        if block.kind in ("table", "code"):
            found.append(block)
        blocks.extend(block.children)
    return found


@counters
@settings(max_examples=50, deadline=None)
@given(documents(), options())
def test_chunks_are_spans_of_the_document_in_order(
    counter: WordCounter, document: Document, options: ChunkingOptions
) -> None:
    chunks = chunk_document(document, options, counter)
    assert [chunk.text for chunk in chunks] == [document.text[chunk.char_start : chunk.char_end] for chunk in chunks]
    starts = [chunk.char_start for chunk in chunks]
    assert starts == sorted(starts)


@counters
@settings(max_examples=50, deadline=None)
@given(documents(), options())
def test_every_character_of_the_blocks_is_in_a_chunk_and_none_of_the_front_matter(
    counter: WordCounter, document: Document, options: ChunkingOptions
) -> None:
    left = list(document.text)
    for chunk in chunk_document(document, options, counter):
        left[chunk.char_start : chunk.char_end] = " " * len(chunk.text)
    outside = [document.text[part.char_start : part.char_end] for part in document.exclusions]
    assert "".join(left).strip() == "".join(outside)


@counters
@settings(max_examples=50, deadline=None)
@given(documents(), options())
def test_chunks_fit_the_budget_and_whole_tables_and_code_fit_the_encoder(
    counter: WordCounter, document: Document, options: ChunkingOptions
) -> None:
    chunks = chunk_document(document, options, counter)
    assert [chunk.tokens for chunk in chunks] == counter.count_inputs([chunk.encoder_input for chunk in chunks])
    whole = tables_and_code(document)
    for chunk in chunks:
        ends_in_one = any(chunk.char_start <= block.char_start and chunk.char_end == block.char_end for block in whole)
        assert chunk.tokens <= (MAX_TOKENS if ends_in_one else options.budget(MAX_TOKENS))


@counters
@settings(max_examples=50, deadline=None)
@given(documents(), options())
def test_no_chunk_begins_or_ends_with_a_blank_line(
    counter: WordCounter, document: Document, options: ChunkingOptions
) -> None:
    for chunk in chunk_document(document, options, counter):
        assert chunk.text == chunk.text.rstrip()
        assert not re.match(r"\s*[\r\n]", chunk.text)


@counters
@settings(max_examples=50, deadline=None)
@given(documents(), st.integers(32, 128))
def test_without_overlap_no_two_chunks_share_a_character(
    counter: WordCounter, document: Document, chunk_tokens: int
) -> None:
    chunks = chunk_document(document, ChunkingOptions(chunk_tokens), counter)
    bounds = [bound for chunk in chunks for bound in (chunk.char_start, chunk.char_end)]
    assert bounds == sorted(bounds)


@counters
@settings(max_examples=50, deadline=None)
@given(documents(), st.integers(32, 128))
def test_with_overlap_no_chunk_lies_inside_another(counter: WordCounter, document: Document, chunk_tokens: int) -> None:
    chunks = chunk_document(document, ChunkingOptions(chunk_tokens, overlap_tokens=8), counter)
    starts = [chunk.char_start for chunk in chunks]
    ends = [chunk.char_end for chunk in chunks]
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))
