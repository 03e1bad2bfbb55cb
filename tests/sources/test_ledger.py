from pathlib import Path

from knowligo_index.errors import ParseError
from knowligo_index.sources.ledger import LedgerEntry, decode_ledger, encode_ledger, indexed, not_indexed, of_sources
from knowligo_index.types import Chunk, Document, Dropped, Exclusion, PageProblem, Secret, Source

SOURCE = Source("es/guía.pdf", Path("x"), "pdf", 12, "ab" * 32)
CHUNK = Chunk("uno", 0, 3, (), "", None, None, 1, 1, tokens=3)
SECRET = Secret("AWS Access Key", "page 1")
DOCUMENT = Document(
    "es/guía.pdf",
    "pdf",
    "Guía",
    "uno\n\f \n\f",
    (),
    page_starts=(0, 5, 8),
    exclusions=(Exclusion("front-matter", 0, 2),),
    dropped=(Dropped("running-header", 2, 10),),
    page_problems=(PageProblem(3, "needs-ocr", "an image"),),
    warnings=("año",),
)


def test_an_indexed_source_says_what_was_read_and_what_was_not() -> None:
    assert indexed(SOURCE, DOCUMENT, [CHUNK, CHUNK], [SECRET]) == [
        LedgerEntry(
            source="es/guía.pdf",
            status="indexed",
            format="pdf",
            size=12,
            sha256="ab" * 32,
            characters=8,
            chunks=2,
            pages=3,
            exclusions=[Exclusion("front-matter", 0, 2)],
            dropped=[Dropped("running-header", 2, 10)],
            secrets=[SECRET],
            warnings=["año"],
        ),
        LedgerEntry("es/guía.pdf", "indexed", page=1, characters=5, chunks=2),
        LedgerEntry("es/guía.pdf", "skipped", "empty", page=2, characters=3),
        LedgerEntry("es/guía.pdf", "quarantined", "needs-ocr", "an image", page=3, characters=0),
    ]


def test_a_document_without_pages_has_no_number_of_them() -> None:
    (entry,) = indexed(SOURCE, Document("a.md", "markdown", "A", "uno", ()), [CHUNK], ())
    assert entry.pages is None


def test_an_empty_source_is_skipped_and_any_other_failure_is_quarantined() -> None:
    empty, damaged = (not_indexed(SOURCE, ParseError(reason, "why")) for reason in ("empty", "damaged"))
    assert (empty.status, empty.reason, empty.detail) == ("skipped", "empty", "why")
    assert (damaged.status, damaged.reason, damaged.detail) == ("quarantined", "damaged", "why")
    assert (damaged.size, damaged.sha256, damaged.characters) == (12, "ab" * 32, None)


def test_a_line_is_exactly_this() -> None:
    first, second, *_ = encode_ledger(indexed(SOURCE, DOCUMENT, [CHUNK], [SECRET])).decode().splitlines()
    assert first == (
        '{"source":"es/guía.pdf","status":"indexed","reason":null,"detail":null,"page":null,"format":"pdf","size":12,'
        f'"sha256":"{"ab" * 32}","characters":8,"chunks":1,"pages":3,"duplicate_of":null,'
        '"exclusions":[{"reason":"front-matter","char_start":0,"char_end":2}],'
        '"dropped":[{"kind":"running-header","times":2,"characters":10}],'
        '"secrets":[{"kind":"AWS Access Key","place":"page 1"}],"warnings":["año"]}'
    )
    assert second.startswith('{"source":"es/guía.pdf","status":"indexed","reason":null,"detail":null,"page":1,')


def test_what_is_written_is_what_is_read_in_the_order_given() -> None:
    entries = indexed(SOURCE, DOCUMENT, [CHUNK], [SECRET])
    entries.append(LedgerEntry(source="a\u2028.png", status="skipped", reason="unsupported-format"))
    assert decode_ledger(encode_ledger(entries)) == entries
    assert decode_ledger(b"") == []
    assert of_sources(entries) == [entries[0], entries[-1]]
