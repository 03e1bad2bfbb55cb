from pathlib import Path

from knowligo_index.errors import ParseError
from knowligo_index.ledger import decode_ledger, encode_ledger, indexed, not_indexed
from knowligo_index.types import Chunk, Document, Exclusion, LedgerEntry, Source

SOURCE = Source("es/guía.pdf", Path("x"), "pdf", 12, "ab" * 32)
CHUNK = Chunk("uno", 0, 3, (), "", None, None, 1, 1, tokens=3)
DOCUMENT = Document(
    "es/guía.pdf",
    "pdf",
    "Guía",
    "uno\n\f \n\ftres",
    (),
    page_starts=(0, 5, 8),
    exclusions=(Exclusion("front-matter", 0, 2),),
    warnings=("año",),
)


def test_an_indexed_source_says_what_was_read_and_what_was_not() -> None:
    assert indexed(SOURCE, DOCUMENT, [CHUNK, CHUNK]) == LedgerEntry(
        source="es/guía.pdf",
        status="indexed",
        format="pdf",
        size=12,
        sha256="ab" * 32,
        characters=12,
        chunks=2,
        pages=3,
        pages_without_text=[2],
        exclusions=[Exclusion("front-matter", 0, 2)],
        warnings=["año"],
    )


def test_a_document_without_pages_has_no_number_of_them() -> None:
    entry = indexed(SOURCE, Document("a.md", "markdown", "A", "uno", ()), [CHUNK])
    assert (entry.pages, entry.pages_without_text) == (None, [])


def test_an_empty_source_is_skipped_and_any_other_failure_is_quarantined() -> None:
    empty, damaged = (not_indexed(SOURCE, ParseError(reason, "why")) for reason in ("empty", "damaged"))
    assert (empty.status, empty.reason, empty.detail) == ("skipped", "empty", "why")
    assert (damaged.status, damaged.reason, damaged.detail) == ("quarantined", "damaged", "why")
    assert (damaged.size, damaged.sha256, damaged.characters) == (12, "ab" * 32, None)


def test_a_line_is_exactly_this() -> None:
    assert encode_ledger([indexed(SOURCE, DOCUMENT, [CHUNK])]).decode() == (
        '{"source":"es/guía.pdf","status":"indexed","reason":null,"detail":null,"format":"pdf","size":12,'
        f'"sha256":"{"ab" * 32}","characters":12,"chunks":1,"pages":3,"pages_without_text":[2],'
        '"exclusions":[{"reason":"front-matter","char_start":0,"char_end":2}],"warnings":["año"]}\n'
    )


def test_what_is_written_is_what_is_read_in_the_order_given() -> None:
    first = indexed(SOURCE, DOCUMENT, [CHUNK])
    second = LedgerEntry(source="a\u2028.png", status="skipped", reason="unsupported-format")
    assert decode_ledger(encode_ledger([first, second])) == [first, second]
    assert decode_ledger(b"") == []
