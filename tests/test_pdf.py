import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject
from reportlab.pdfgen.canvas import Canvas

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Document, Source


def read(data: bytes, name: str = "guias/manual.pdf") -> Document:
    return parse(Source(name, Path(name), "pdf", len(data), "0" * 64), data)


def refusal(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as refused:
        read(data)
    return refused.value


def pdf(*pages: list[str], title: str | None = None) -> bytes:
    """A page for each list of lines; an empty one gets a drawing and no text."""
    data = io.BytesIO()
    canvas = Canvas(data, invariant=True)
    if title is not None:
        canvas.setTitle(title)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 720 - 14 * number, line)
        if not lines:
            canvas.rect(72, 72, 300, 300, fill=1)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def encrypted(data: bytes, user_password: str, algorithm: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password, owner_password="dueño", algorithm=algorithm)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def page_texts(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in pairwise([*document.page_starts, len(document.text)])]


MANUAL = pdf(["El plan profesional", "cuesta 20 euros."], ["Segunda página: año ñandú"], ["Fin"])


def test_each_page_begins_where_page_starts_says() -> None:
    document = read(MANUAL)
    pages = page_texts(document)
    assert [page.rstrip() for page in pages] == [
        "El plan profesional\ncuesta 20 euros.",
        "Segunda página: año ñandú",
        "Fin",
    ]
    assert "".join(pages) == document.text
    assert [page[-2:] for page in pages[:-1]] == ["\n\f", "\n\f"]
    assert document.text.count("\f") == 2
    assert (document.line_starts, document.encoding, document.format) == ((), None, "pdf")


def test_blocks_are_paragraphs_that_no_page_break_is_in() -> None:
    document = read(MANUAL)
    assert [(block.kind, document.text[block.char_start : block.char_end]) for block in document.blocks] == [
        ("paragraph", "El plan profesional\ncuesta 20 euros."),
        ("paragraph", "Segunda página: año ñandú"),
        ("paragraph", "Fin"),
    ]


def test_a_page_without_text_is_still_a_page() -> None:
    document = read(pdf(["uno"], [], ["tres"]))
    assert [page.strip() for page in page_texts(document)] == ["uno", "", "tres"]
    assert [document.text[block.char_start : block.char_end] for block in document.blocks] == ["uno", "tres"]


def test_pages_of_drawings_have_no_text() -> None:
    error = refusal(pdf([], []))
    assert (error.reason, error.detail) == ("no-text", "none of its 2 pages has text: it may need OCR")


def test_a_pdf_without_pages_has_no_text() -> None:
    output = io.BytesIO()
    PdfWriter().write(output)
    assert refusal(output.getvalue()).reason == "no-text"


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_asks_for_a_password_is_encrypted(algorithm: str) -> None:
    error = refusal(encrypted(MANUAL, "secreto", algorithm))
    assert (error.reason, error.detail) == ("encrypted", "a password is needed: save a copy without one")


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_its_owner_may_change_is_read(algorithm: str) -> None:
    assert read(encrypted(MANUAL, "", algorithm)).text == read(MANUAL).text


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Manual de usuario", "Manual de usuario"), (" Año \0", "Año"), ("  ", "manual"), (None, "manual")],
)
def test_the_title_is_the_documents_own_or_the_files_name(title: str | None, expected: str) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(MANUAL))
    writer.metadata = None if title is None else {"/Title": title}
    output = io.BytesIO()
    writer.write(output)
    assert read(output.getvalue()).title == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG not a PDF at all",
        b"%PDF-1.4\nnot a PDF after all\n",
        MANUAL[:300],
        MANUAL[: MANUAL.index(b"endstream")],
    ],
    ids=["empty", "picture", "only-the-header", "cut-early", "cut-in-a-page"],
)
def test_a_damaged_file_costs_itself_alone(data: bytes) -> None:
    error = refusal(data)
    assert error.reason == "damaged"
    assert error.detail.startswith("its reader failed: ")
    assert "\n" not in error.detail


def test_what_a_broken_font_map_gives_can_be_stored() -> None:
    """The font's map says that A is a NUL, B a lone surrogate, C an ordinary letter."""
    cmap = DecodedStreamObject()
    cmap.set_data(
        b"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        b"3 beginbfchar\n<41> <0000>\n<42> <D800>\n<43> <00F1>\nendbfchar\n"
    )
    writer = PdfWriter(clone_from=io.BytesIO(pdf(["aABCz"])))
    resources: Any = writer.pages[0]["/Resources"]
    font = next(iter(resources["/Font"].values())).get_object()
    font[NameObject("/ToUnicode")] = writer._add_object(cmap)
    output = io.BytesIO()
    writer.write(output)
    assert "\0" in PdfReader(io.BytesIO(output.getvalue())).pages[0].extract_text()
    assert read(output.getvalue()).text.rstrip() == "a?ñz"
