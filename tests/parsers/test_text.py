import random
import tracemalloc
from pathlib import Path

import pytest

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Document, Source


def read(data: bytes, name: str = "redes/historial.de.cortes.txt") -> Document:
    return parse(Source(name, Path(name), "text", len(data), "0" * 64), data)


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.char_start : block.char_end]) for block in document.blocks]


def test_a_text_is_the_file_and_its_name_the_title() -> None:
    document = read("Año 2026\nlínea dos\n".encode())
    assert (document.text, document.encoding) == ("Año 2026\nlínea dos\n", "utf-8")
    assert (document.title, document.format) == ("historial.de.cortes", "text")
    assert (document.line_starts, document.page_starts, document.metadata) == ((0, 9), (), {})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_paragraphs_are_what_blank_lines_separate(end: str) -> None:
    text = end.join(["", "uno", "dos", "", "# tres", " \t", "", "- cuatro", ""])
    assert blocks(read(text.encode())) == [
        ("paragraph", f"uno{end}dos"),
        ("paragraph", "# tres"),
        ("paragraph", "- cuatro"),
    ]


def test_the_first_line_of_a_paragraph_keeps_its_indentation() -> None:
    document = read(b"  a  b\n  1  2\n\n   a  b\n   3  4\n")
    assert blocks(document) == [("paragraph", "  a  b\n  1  2"), ("paragraph", "   a  b\n   3  4")]


def test_offsets_do_not_count_the_byte_order_mark() -> None:
    document = read(b"\xef\xbb\xbfuno\r\n\r\ndos")
    assert (document.encoding, document.text, document.line_starts) == ("utf-8-sig", "uno\r\n\r\ndos", (0, 5, 7))
    assert [(block.char_start, block.char_end) for block in document.blocks] == [(0, 3), (7, 10)]


def test_many_blank_lines_are_read_in_a_moment() -> None:
    document = read(b"a" + b"\n \t" * 200_000 + b"\nb" + b" " * 200_000 + b"c")
    assert [block.char_end - block.char_start for block in document.blocks] == [1, 200_002]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\t\r\n", "empty"),
        (b"GIF89a\0\1\0\1\0\x80\0\0\xff\xff", "nul-characters"),
        ("ñ".encode() * 20 + "ñ".encode("latin-1"), "unknown-encoding"),
    ],
)
def test_what_is_no_text_gives_no_document(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(data)
    assert refused.value.reason == reason


def test_what_has_nuls_is_not_given_to_the_detector() -> None:
    data = random.Random(7).randbytes(2**20)
    tracemalloc.start()
    with pytest.raises(ParseError, match=f"byte {data.index(0)} is a NUL"):
        read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Three times the size with the detector, which for a file of the largest size allowed is too much.
    assert peak < 2.5 * len(data)


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        (("El señor Ibáñez pidió más café. " * 9).encode("utf-16"), ()),
        (
            ("El señor Ibáñez pidió más café. " * 9).encode("utf-16-le"),
            ("read as utf_16_le, which is a guess: save the file as UTF-8",),
        ),
        (
            ("El señor Ibáñez pidió más café. " * 9).encode("cp1252"),
            ("read as cp1252, which is a guess: save the file as UTF-8",),
        ),
    ],
)
def test_an_encoding_that_is_a_guess_is_told(data: bytes, warnings: tuple[str, ...]) -> None:
    assert read(data).warnings == warnings
