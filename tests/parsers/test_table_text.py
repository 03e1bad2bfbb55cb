import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.document_checks import check_document

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Document, Source


def read(data: bytes) -> Document:
    document = parse(Source("redes/errores.csv", Path("errores.csv"), "csv", len(data), "0" * 64), data)
    check_document(document)
    assert document.text == data.decode(document.encoding or "")
    return document


def rows(document: Document) -> list[str]:
    (table,) = document.blocks
    assert table.kind == "table"
    return [document.text[row.char_start : row.char_end] for row in table.children]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("código,causa\nE-1,cable\n", ["código,causa", "E-1,cable"]),
        ('a;b\r\n"x\r\ny";2\r\n\r\n3;4', ["a;b", '"x\r\ny";2', "3;4"]),
        ("a\tb\r1\t2\r", ["a\tb", "1\t2"]),
        ('n,"d ""x"" y",z\n1,2,"3, 4"\n', ['n,"d ""x"" y",z', '1,2,"3, 4"']),
        ("solo\n", ["solo"]),
    ],
)
def test_a_row_is_a_row_whatever_is_in_it(text: str, expected: list[str]) -> None:
    document = read(text.encode())
    assert (rows(document), document.title, document.warnings) == (expected, "errores", ())


def test_what_breaks_the_rules_is_read_as_text() -> None:
    document = read(b'a,b\n"never closed,2\n')
    assert [block.kind for block in document.blocks] == ["paragraph"]
    assert document.warnings == ("read as plain text, because it is not valid CSV: unexpected end of data",)


def test_another_encoding_is_read_and_told() -> None:
    document = read("código;año\ncontraseña;mañana\n".encode("cp1252"))
    assert rows(document) == ["código;año", "contraseña;mañana"]
    assert (document.encoding, document.warnings) == (
        "cp1252",
        ("read as cp1252, which is a guess: save the file as UTF-8",),
    )


@settings(deadline=None)
@given(st.text('ab,;\t"\n\r x', min_size=1).filter(str.strip))
def test_every_character_is_in_a_row(text: str) -> None:
    if set(text) & set("abx"):
        read(text.encode())
    else:
        # A file of quotes that breaks the rules of CSV is a text, if an odd one.
        with contextlib.suppress(ParseError):
            read(text.encode())


@pytest.mark.parametrize("text", [";;\n;;\n", '"","",""\n'])
def test_a_table_of_nothing_is_none(text: str) -> None:
    with pytest.raises(ParseError, match="none of its cells has text") as refused:
        read(text.encode())
    assert refused.value.reason == "no-text"
