import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from conftest import two_page_pdf
from pypdf import PdfWriter

from knowligo_index.errors import ChunkingError, MissingExtraError, ParseError
from knowligo_index.parsers import PARSERS, SUFFIXES, ParserEntry, parse
from knowligo_index.types import Document, Source

SOURCE = Source("a.xyz", Path("a.xyz"), "xyz", 1, "0" * 64)


def read_with(monkeypatch: pytest.MonkeyPatch, reader: Callable[[Source, bytes], Document]) -> Document:
    """Parse a file of a format whose reader is `reader`."""
    module = ModuleType("xyz_parser")
    vars(module)["parse"] = reader
    monkeypatch.setitem(sys.modules, "xyz_parser", module)
    monkeypatch.setattr("knowligo_index.parsers.PARSERS", {"xyz": ParserEntry("xyz_parser", (".xyz",))})
    return parse(SOURCE, b"x")


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (KeyError("/Root"), "its reader failed: KeyError: '/Root'"),
        (RecursionError(), "its reader failed: RecursionError: "),
        (ValueError("one\n  two " + "x" * 500), "its reader failed: ValueError: one two " + "x" * 192),
    ],
    ids=["key", "recursion", "long-message"],
)
def test_whatever_a_reader_raises_the_file_is_damaged(
    monkeypatch: pytest.MonkeyPatch, error: Exception, detail: str
) -> None:
    def reader(source: Source, data: bytes) -> Document:
        raise error

    with pytest.raises(ParseError) as refused:
        read_with(monkeypatch, reader)
    assert (refused.value.reason, refused.value.detail) == ("damaged", detail)
    assert refused.value.__cause__ is error


@pytest.mark.parametrize("error", [ParseError("no-text", "x"), ChunkingError("x")])
def test_what_this_package_raises_stays_what_it_is(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def reader(source: Source, data: bytes) -> Document:
        raise error

    with pytest.raises(type(error)) as refused:
        read_with(monkeypatch, reader)
    assert refused.value is error


def test_a_reader_that_is_not_installed_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    monkeypatch.delitem(sys.modules, "knowligo_index.parsers.pdf", raising=False)
    with pytest.raises(MissingExtraError) as refused:
        parse(Source("a.pdf", Path("a.pdf"), "pdf", 1, "0" * 64), b"%PDF")
    assert str(refused.value) == (
        "reading pdf files needs the package pypdf: install it with `pip install 'knowligo-index[build]'`."
    )


def test_every_suffix_belongs_to_one_format_and_is_in_lower_case() -> None:
    suffixes = [suffix for entry in PARSERS.values() for suffix in entry.suffixes]
    assert sorted(suffixes) == sorted(SUFFIXES)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)


@pytest.mark.parametrize("title", ["untitled", " Untitled\n", "UNTITLED", "Sin título", "", None])
def test_a_pdf_that_nobody_gave_a_title_takes_its_files_name(title: str | None) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(two_page_pdf("El gato duerme.")))
    writer.metadata = None if title is None else {"/Title": title}
    data = io.BytesIO()
    writer.write(data)
    source = Source("guias/manual.pdf", Path("manual.pdf"), "pdf", 1, "0" * 64)
    assert parse(source, data.getvalue()).title == "manual"
