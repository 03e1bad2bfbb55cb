"""The promises, checked on real documents with the default encoder's tokenizer; nothing is encoded."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin
from pypdf import PdfReader

from knowligo_index.chunking import ChunkingOptions
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.encoders import DEFAULT_ENCODER, find_encoder
from knowligo_index.errors import ParseError
from knowligo_index.parsers import SUFFIXES, parse
from knowligo_index.sources import take_inventory
from knowligo_index.types import Chunk, Document, Source, TokenCounter, join_breadcrumb

DATA = Path(__file__).parents[2] / "shared" / "data"
LIMIT = 256

pytestmark = [
    pytest.mark.model,
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real documents in {DATA}"),
]

# Half a minute to read the two of them; the others take a few seconds in all.
SLOW_PDFS = {"debian-reference.es.pdf", "GeoTopo-komprimiert.pdf"}

PASSWORD = ("encrypted", "a password is needed: save a copy without one")
ONE_IMAGE = ("no-text", "none of its 1 pages has text: it may need OCR")
QUARANTINED = {
    "cmyk-image.pdf": ONE_IMAGE,
    "grayscale-image.pdf": ONE_IMAGE,
    "imagemagick-ASCII85Decode.pdf": ONE_IMAGE,
    "imagemagick-CCITTFaxDecode.pdf": ONE_IMAGE,
    "imagemagick-lzw.pdf": ONE_IMAGE,
    "libreoffice-writer-password.pdf": PASSWORD,
}


@dataclass(frozen=True)
class Read:
    """A file, as it was parsed and cut."""

    source: Source
    document: Document
    chunks: list[Chunk]

    @property
    def name(self) -> str:
        return self.source.name


@dataclass(frozen=True)
class Block:
    """A table or a fenced code block at the top level of a page."""

    path: tuple[str, ...]
    """headings it stands under"""
    text: str
    char_start: int
    char_end: int


@cache
def counter() -> TokenCounter:
    return find_encoder(DEFAULT_ENCODER).token_counter()


def sources_in(folder: str) -> list[Source]:
    return list(take_inventory(DATA / folder, SUFFIXES).sources)


def read(source: Source) -> Read:
    document = parse(source, source.path.read_bytes())
    return Read(source, document, chunk_document(document, ChunkingOptions(), counter()))


@pytest.fixture(scope="module")
def pages() -> list[Read]:
    """Every Markdown page."""
    return [read(source) for source in sources_in("fastapi-docs")]


@pytest.fixture(scope="module")
def pdfs() -> tuple[list[Read], dict[str, tuple[str, str]]]:
    """The PDFs but the slow ones: those that gave a document, and why the others did not."""
    indexed: list[Read] = []
    quarantined: dict[str, tuple[str, str]] = {}
    for source in sources_in("pdf"):
        if source.name not in SLOW_PDFS:
            try:
                indexed.append(read(source))
            except ParseError as error:
                quarantined[source.name] = (error.reason, error.detail)
    return indexed, quarantined


def uncovered(page: Read) -> str:
    """What is in no chunk and in no exclusion, without white space."""
    missing = list(page.document.text)
    spans = [(chunk.char_start, chunk.char_end) for chunk in page.chunks]
    for start, end in [*spans, *((each.char_start, each.char_end) for each in page.document.exclusions)]:
        missing[start:end] = [" "] * (end - start)
    return "".join("".join(missing).split())


def test_every_page_is_parsed(pages: list[Read]) -> None:
    assert len(pages) == 280
    assert [page.name for page in pages if not page.chunks or page.document.warnings] == []


def test_every_chunk_is_the_span_of_its_file(pages: list[Read]) -> None:
    wrong = []
    for page in pages:
        text = page.source.path.read_bytes().decode("utf-8")
        wrong += [
            (page.name, chunk.char_start)
            for chunk in page.chunks
            if not chunk.text.strip() or chunk.text != text[chunk.char_start : chunk.char_end]
        ]
    assert wrong == []


def test_every_chunk_stands_in_the_lines_it_names(pages: list[Read]) -> None:
    wrong = []
    for page in pages:
        lines = page.source.path.read_bytes().decode("utf-8").split("\n")
        for chunk in page.chunks:
            assert chunk.line_start is not None
            assert chunk.line_end is not None
            named = lines[chunk.line_start - 1 : chunk.line_end]
            if chunk.text not in "\n".join(named) or chunk.text.count("\n") != len(named) - 1:
                wrong.append((page.name, chunk.line_start))
    assert wrong == []


def test_no_chunk_is_longer_than_the_encoder_reads(pages: list[Read], pdfs: tuple[list[Read], Any]) -> None:
    for page in [*pages, *pdfs[0]]:
        inputs = [join_breadcrumb(chunk.breadcrumb, chunk.text) for chunk in page.chunks]
        counts = counter().count_inputs(inputs)
        assert counts == [chunk.tokens for chunk in page.chunks]
        assert max(counts) <= LIMIT


def test_every_character_is_in_a_chunk_or_in_an_exclusion(pages: list[Read], pdfs: tuple[list[Read], Any]) -> None:
    assert {page.name: uncovered(page) for page in [*pages, *pdfs[0]] if uncovered(page)} == {}


def test_what_is_excluded_is_front_matter(pages: list[Read]) -> None:
    excluded = [
        page.document.text[each.char_start : each.char_end] for page in pages for each in page.document.exclusions
    ]
    assert all(re.fullmatch(r"---\n.*\n---", text, re.DOTALL) for text in excluded)


def blocks_of(text: str) -> list[Block]:
    """Top-level tables and fenced code, found anew, with the headings that they stand under."""
    lines = re.findall(r".*\n|.+", text)
    tokens = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).parse(text)
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.level != 0 or token.map is None:
            continue
        if token.type == "heading_open" and following is not None:
            level = int(token.tag[1])
            path = [each for each in path if each[0] < level]
            # The breadcrumb has no markup and no `{ #anchor }`.
            path.append((level, re.sub(r"\s*\{\s*#[^{}]*\}$", "", following.content).replace("`", "")))
        elif token.type in ("fence", "table_open"):
            first, last = token.map
            start = len("".join(lines[:first]))
            block = "".join(lines[first:last]).rstrip()
            blocks.append(Block(tuple(label for _, label in path), block, start, start + len(block)))
    return blocks


def test_tables_and_code_that_fit_are_whole_in_one_chunk(pages: list[Read]) -> None:
    whole, cut = 0, []
    for page in pages:
        blocks = blocks_of(page.document.text)
        title = page.document.title
        paths = [block.path if block.path[:1] == (title,) else (title, *block.path) for block in blocks]
        inputs = [join_breadcrumb(" > ".join(path), block.text) for path, block in zip(paths, blocks, strict=True)]
        for block, tokens in zip(blocks, counter().count_inputs(inputs) if inputs else [], strict=True):
            if tokens > LIMIT:
                continue
            inside = [
                chunk
                for chunk in page.chunks
                if chunk.char_start <= block.char_start and block.char_end <= chunk.char_end
            ]
            whole += bool(inside)
            if not inside:
                cut.append((page.name, block.text.splitlines()[0], block.char_start, tokens))
    assert cut == []
    assert whole > 700


def test_every_pdf_is_indexed_or_quarantined_with_its_reason(pdfs: tuple[list[Read], dict[str, Any]]) -> None:
    indexed, quarantined = pdfs
    assert quarantined == QUARANTINED
    names = {path.name for path in (DATA / "pdf").iterdir()} - SLOW_PDFS
    assert {page.name for page in indexed} == names - set(QUARANTINED)
    assert len(indexed) + len(quarantined) == len(names) == 29


def normal(text: str) -> str:
    """As the parser hands it on, without white space at the ends of lines."""
    cleaned = text.replace("\0", "").encode("utf-8", "replace").decode()
    return "\n".join(line.strip() for line in cleaned.splitlines())


def test_every_line_of_a_chunk_of_a_pdf_is_on_the_pages_that_it_names(pdfs: tuple[list[Read], Any]) -> None:
    checked, elsewhere = 0, []
    for pdf in pdfs[0]:
        texts = [normal(page.extract_text()) for page in PdfReader(pdf.source.path).pages]
        assert len(pdf.document.page_starts) == len(texts)
        for chunk in pdf.chunks:
            assert chunk.page_start is not None
            assert chunk.page_end is not None
            named = texts[chunk.page_start - 1 : chunk.page_end]
            lines = [line for line in normal(chunk.text).splitlines() if line]
            checked += len(lines)
            elsewhere += [
                (pdf.name, chunk.page_start, line) for line in lines if not any(line in page for page in named)
            ]
            # The page range is no wider than the chunk: its first line is on the first page, its last on the last.
            if lines[0] not in named[0] or lines[-1] not in named[-1]:
                elsewhere.append((pdf.name, chunk.page_start, "range"))
    assert elsewhere == []
    assert checked > 3000


def test_a_chunk_of_a_pdf_is_a_span_of_its_text(pdfs: tuple[list[Read], Any]) -> None:
    for pdf in pdfs[0]:
        assert [chunk.text for chunk in pdf.chunks] == [
            pdf.document.text[chunk.char_start : chunk.char_end] for chunk in pdf.chunks
        ]
