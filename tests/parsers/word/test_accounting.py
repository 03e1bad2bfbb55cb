"""Word files: no character is lost in silence. Counted without the parser's help, on random files and on real ones."""

import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree
from support.document_checks import check_document
from support.random_word import LETTERS, WordXml, word_xml
from support.word_fixtures import read_bytes, word_file

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.types import Document, Source

REAL_DOCUMENTS = Path(__file__).parents[4] / "shared" / "data" / "docx"
TEXT_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
PARSER = etree.XMLParser(resolve_entities=False, remove_comments=True)


def characters(data: bytes) -> Counter[str]:
    """The characters of all texts of a file, but of what is said a second time for older programs."""
    found: Counter[str] = Counter()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in set(TEXT_PARTS).intersection(archive.namelist()):
            root = etree.fromstring(archive.read(name), PARSER)
            for element in root.iter("{*}t", "{*}delText"):
                if next(element.iterancestors("{*}Fallback"), None) is None:
                    found.update("".join(without_hidden(element.text or "")[0].split()))
    return found


def left_out(document: Document) -> int:
    return sum(
        each.characters for each in document.dropped if each.kind in ("deleted", "hidden-text", "running-header")
    )


@settings(deadline=None, max_examples=300)
@given(word_xml())
def test_each_character_is_in_the_text_or_counted(xml: WordXml) -> None:
    data = word_file(xml.body, xml.parts)
    there = characters(data)
    try:
        document = read_bytes(data)
    except ParseError as error:
        if error.reason != "no-text":
            raise
        return
    missing = there - Counter(document.text)
    assert missing.total() <= left_out(document)
    # A short text of a merged cell is repeated; otherwise nothing is there twice.
    if "vMerge" not in xml.body + "".join(xml.parts.values()):
        kept = sum(document.text.count(letter) for letter in LETTERS)
        assert kept + left_out(document) == there.total()
    assert read_bytes(data) == document


@pytest.mark.realdata
@pytest.mark.skipif(not REAL_DOCUMENTS.is_dir(), reason="the real documents are not here")
@pytest.mark.parametrize("path", sorted(REAL_DOCUMENTS.glob("*.docx")), ids=lambda path: path.stem)
def test_nothing_of_a_real_document_is_lost(path: Path) -> None:
    data = path.read_bytes()
    document = parse(Source(path.name, path, "word", len(data), "0" * 64), data)
    check_document(document)
    assert (characters(data) - Counter(document.text)).total() <= left_out(document)
