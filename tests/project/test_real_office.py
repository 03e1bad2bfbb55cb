"""The promises, checked on real PDF and Word documents with the default encoder's tokenizer; nothing is encoded."""

import unicodedata
from collections import Counter

import pypdfium2
import pytest
from support.real_documents import DATA, Read, check_lengths, marks, read, sources_in, uncovered

from knowligo_index.errors import ParseError

pytestmark = marks

PASSWORD = ("encrypted", "a password is needed: save a copy without one")
ONE_IMAGE = ("needs-ocr", "none of its 1 pages has text, and 1 is an image: run OCR on the file")
QUARANTINED = {
    "cmyk-image.pdf": ONE_IMAGE,
    "grayscale-image.pdf": ONE_IMAGE,
    "imagemagick-ASCII85Decode.pdf": ONE_IMAGE,
    "imagemagick-CCITTFaxDecode.pdf": ONE_IMAGE,
    "imagemagick-images.pdf": ("needs-ocr", "none of its 6 pages has text, and 6 are images: run OCR on the file"),
    "imagemagick-lzw.pdf": ONE_IMAGE,
    "libreoffice-writer-password.pdf": PASSWORD,
}


@pytest.fixture(scope="module")
def outcomes() -> tuple[list[Read], dict[str, tuple[str, str]]]:
    """The files that gave a document, and why the others did not."""
    indexed: list[Read] = []
    quarantined: dict[str, tuple[str, str]] = {}
    for source in [*sources_in("pdf"), *sources_in("docx")]:
        try:
            indexed.append(read(source))
        except ParseError as error:
            quarantined[source.name] = (error.reason, error.detail)
    return indexed, quarantined


@pytest.fixture(scope="module")
def indexed(outcomes: tuple[list[Read], dict[str, tuple[str, str]]]) -> list[Read]:
    return outcomes[0]


def test_every_file_is_indexed_or_quarantined_with_its_reason(
    outcomes: tuple[list[Read], dict[str, tuple[str, str]]],
) -> None:
    indexed, quarantined = outcomes
    assert quarantined == QUARANTINED
    names = {path.name for folder in ("pdf", "docx") for path in (DATA / folder).iterdir()}
    assert {file.name for file in indexed} == names - set(QUARANTINED)
    assert len(indexed) + len(quarantined) == len(names) == 31 + 32


def test_no_chunk_is_longer_than_the_encoder_reads(indexed: list[Read]) -> None:
    for file in indexed:
        check_lengths(file)


def test_a_chunk_is_a_span_and_every_character_is_in_a_chunk_or_in_an_exclusion(indexed: list[Read]) -> None:
    for file in indexed:
        assert [chunk.text for chunk in file.chunks] == [
            file.document.text[chunk.char_start : chunk.char_end] for chunk in file.chunks
        ]
    assert {file.name: uncovered(file) for file in indexed if uncovered(file)} == {}


def printable(text: str) -> Counter[str]:
    """How often each visible character occurs, one that is written in several ways taken as one."""
    normal = unicodedata.normalize("NFKC", text)
    return Counter(character for character in normal if character.isprintable() and not character.isspace())


def test_every_character_that_pdfium_finds_is_in_the_document_or_counted_as_dropped(indexed: list[Read]) -> None:
    missing: dict[str, int] = {}
    for file in indexed:
        if file.source.format != "pdf":
            continue
        unread = {problem.page for problem in file.document.page_problems}
        with pypdfium2.PdfDocument(file.source.path) as pdf:
            assert len(file.document.page_starts) == len(pdf)
            pages = [page.get_textpage().get_text_range() for number, page in enumerate(pdf, 1) if number not in unread]
        lost = (printable("".join(pages)) - printable(file.document.text)).total()
        dropped = sum(each.characters for each in file.document.dropped)
        if lost > dropped:
            missing[file.name] = lost - dropped
    assert missing == {}
