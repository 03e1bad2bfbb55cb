"""What the fuzzer throws bytes at: each parser with the chunker behind it, and the reader of manifests.

A target takes any bytes and returns nothing. It raises where a promise is broken: an exception that comes out of the
package's own code, a character that is in no chunk and in no exclusion, a document that can't be written down.
"""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from support.document_checks import check_document
from support.word_counter import WordCounter

import knowligo_index
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.errors import KnowligoError, ParseError
from knowligo_index.parsers import PARSERS, parse
from knowligo_index.store.manifest import decode_manifest
from knowligo_index.types import Document, Source

Target = Callable[[bytes], None]

PACKAGE = Path(knowligo_index.__file__).parent
# The sentences of `parsers.checked`, which tell of a mistake in a parser.
BROKEN = ("the parser returned overlapping blocks", "the parser left out characters")

_counter = WordCounter()


def parses(format_name: str, data: bytes) -> None:
    """Parse and cut; what the reader says against the file is no finding, what breaks in this package is one."""
    suffix = PARSERS[format_name].suffixes[0]
    source = Source(f"archivo{suffix}", Path(f"archivo{suffix}"), format_name, len(data), "0" * 64)
    try:
        document = parse(source, data)
    except ParseError as error:
        if error.detail.startswith(BROKEN) or (error.__cause__ and _is_ours(error.__cause__)):
            raise
        return
    check_document(document)
    _check_chunks(document)


def reads_manifest(data: bytes) -> None:
    """A manifest is one, or the error says that it is damaged."""
    try:
        decode_manifest(data, Path("manifest.json"))
    except KnowligoError:
        return


def word_of_xml(data: bytes) -> bytes:
    """A Word file with `data` as its document.xml: random bytes are hardly ever a ZIP archive."""
    files = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": data,
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def parses_word_xml(data: bytes) -> None:
    """As `parses`, with `data` as the XML of a Word file."""
    parses("word", word_of_xml(data))


TARGETS: dict[str, Target] = {
    **{name: partial(parses, name) for name in PARSERS},
    "word-xml": parses_word_xml,
    "manifest": reads_manifest,
}


def _is_ours(error: BaseException) -> bool:
    """Whether it was raised by a line of this package, and not in a library that the line called. Too deep and too
    large are limits, wherever they are met."""
    if isinstance(error, RecursionError | MemoryError):
        return False
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and PACKAGE in Path(traceback.tb_frame.f_code.co_filename).parents


def _check_chunks(document: Document) -> None:
    chunks = chunk_document(document, ChunkingOptions(), _counter)
    spans = [(chunk.char_start, chunk.char_end) for chunk in chunks]
    spans = sorted([*spans, *((each.char_start, each.char_end) for each in document.exclusions)])
    position = 0
    for start, end in [*spans, (len(document.text), len(document.text))]:
        assert not document.text[position:start].strip(), f"characters {position} to {start} are in no chunk"
        position = max(position, end)
    for chunk in chunks:
        assert chunk.text == document.text[chunk.char_start : chunk.char_end]
        assert chunk.text.strip()


_CONTENT_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/word/document.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)
