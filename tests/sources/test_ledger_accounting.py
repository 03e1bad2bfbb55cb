"""Whatever lies in the knowledge folder is in the ledger once, and every visible character of what is indexed is in a
chunk or in an exclusion: for random folders of every format."""

import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import random_html, random_markdown, random_pdf, random_rst, random_word
from support.word_counter import WordCounter
from support.word_fixtures import word_file

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.errors import KnowledgeError
from knowligo_index.parsers import suffixes
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.document_reading import ParsedSource, ReadingOptions, read_documents
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.sources.ledger import LedgerEntry, indexed, of_sources
from knowligo_index.sources.source_names import source_name
from knowligo_index.system.blob_cache import BlobCache

COUNTER = WordCounter(160)
PIPE = None


@dataclass(frozen=True)
class Entry:
    """Something in the folder: the end of its name, and its bytes; a pipe where it has none."""

    suffix: str
    data: bytes | None


def entries() -> st.SearchStrategy[Entry]:
    word = random_word.word_xml().map(lambda xml: word_file(xml.body, xml.parts))
    good = [
        (".md", random_markdown.markdown().map(str.encode)),
        (".html", random_html.pages().map(str.encode)),
        (".rst", random_rst.documents().map(lambda written: written.text.encode())),
        (".csv", st.text('ab,;\t"\n\r x').map(str.encode)),
        (".txt", st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))),
        (".docx", word),
        (".pdf", random_pdf.random_pdfs().map(random_pdf.RandomPdf.data)),
    ]
    formats = [st.builds(Entry, st.just(suffix), data) for suffix, data in good]
    broken = st.builds(Entry, st.sampled_from([suffix for suffix, _ in good]), st.binary(max_size=60))
    other = st.builds(Entry, st.sampled_from([".png", "", ".MD", ".exe"]), st.just(b"# Red\n\nUn cable."))
    return st.one_of(*formats, broken, other, st.just(Entry(".md", PIPE)))


NAMES = st.sampled_from([b"guia", b".oculto", b"con\nsalto", b"ra\xffro", b"a b", "año".encode(), b"barra\\x41"])


def write(folder: Path, files: list[tuple[bytes, Entry]]) -> list[str]:
    """The names they have, as the ledger spells them."""
    names: list[str] = []
    for number, (name, entry) in enumerate(files):
        below = folder / f"carpeta-{number % 2}"
        below.mkdir(exist_ok=True)
        path = below / os.fsdecode(name + str(number).encode() + entry.suffix.encode())
        if entry.data is None:
            os.mkfifo(path)
        else:
            path.write_bytes(entry.data)
        names.append(source_name(str(path.relative_to(folder))))
    return names


def is_document(name: bytes, entry: Entry) -> bool:
    """Whether there is a parser to try on it."""
    return entry.data is not None and not name.startswith(b".") and entry.suffix.lower() in suffixes()


def uncovered(item: ChunkedDocument) -> str:
    """The visible characters of the document that are in no chunk and in no exclusion."""
    left = list(item.document.text)
    spans = [(chunk.char_start, chunk.char_end) for chunk in item.chunks]
    spans += [(each.char_start, each.char_end) for each in item.document.exclusions]
    for start, end in spans:
        left[start:end] = " " * (end - start)
    return "".join("".join(left).split())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.tuples(NAMES, entries()), min_size=1, max_size=6), st.booleans())
def test_every_source_is_in_the_ledger_once(files: list[tuple[bytes, Entry]], twice: bool) -> None:
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as cache_folder:
        folder = Path(name)
        names = write(folder, files * (2 if twice else 1))
        if not any(is_document(*each) for each in files):
            with pytest.raises(KnowledgeError, match="holds no document"):
                take_inventory(folder, suffixes())
            return
        inventory = take_inventory(folder, suffixes())
        with BlobCache(Path(cache_folder) / "cache" / "results.sqlite") as cache:
            known = DocumentCache(cache, {}, {})
            items = list(read_documents(inventory, ReadingOptions(), 1, known))
            again = list(read_documents(inventory, ReadingOptions(), 1, known))
        assert again == items
        ledger = list(inventory.ledger_entries)
        documents: list[ChunkedDocument] = []
        for item in items:
            if isinstance(item, LedgerEntry):
                ledger.append(item)
                continue
            documents.append(chunked(item))
            assert uncovered(documents[-1]) == ""
            ledger += indexed(item.source, item.document, documents[-1].chunks, item.secrets)
        sources = of_sources(ledger)
        assert sorted(entry.source for entry in sources) == sorted(names)
        counts = Counter(entry.status for entry in sources)
        assert counts["indexed"] == len(documents)
        assert counts["indexed"] + counts["skipped"] + counts["quarantined"] == len(names)
        assert all((entry.reason is None) == (entry.status == "indexed") for entry in sources)


def chunked(item: ParsedSource) -> ChunkedDocument:
    options = ChunkingOptions(chunk_tokens=64)
    return ChunkedDocument(item.document, item.source.sha256, tuple(chunk_document(item.document, options, COUNTER)))
