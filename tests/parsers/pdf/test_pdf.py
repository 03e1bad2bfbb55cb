import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import DecodedStreamObject, NameObject
from support.document_checks import check_document
from support.pdf_fixtures import LEFT, Text, below, blocks, page_texts, pdf, read, refusal, rewritten

from knowligo_index.parsers.pdf import extraction, reading

MANUAL = pdf(below(["El plan profesional", "cuesta 20 euros."]), below(["Segunda página: año ñandú"]), below(["Fin"]))


def encrypted(data: bytes, user_password: str, algorithm: str) -> bytes:
    return rewritten(data, lambda writer: writer.encrypt(user_password, owner_password="dueño", algorithm=algorithm))


def test_each_page_begins_where_page_starts_says() -> None:
    document = read(MANUAL)
    check_document(document)
    assert page_texts(document) == [
        "El plan profesional cuesta 20 euros.\n\f",
        "Segunda página: año ñandú\n\f",
        "Fin",
    ]
    assert (document.line_starts, document.encoding, document.format) == ((), None, "pdf")


def test_no_block_goes_over_a_page_break() -> None:
    assert blocks(read(MANUAL)) == [
        ("paragraph", "El plan profesional cuesta 20 euros."),
        ("paragraph", "Segunda página: año ñandú"),
        ("paragraph", "Fin"),
    ]


def test_a_blank_page_is_a_page_and_no_problem() -> None:
    document = read(pdf(below(["uno"]), [], below(["tres"])))
    assert page_texts(document) == ["uno\n\f", "\n\f", "tres"]
    assert document.page_problems == ()


def test_drawings_are_no_text() -> None:
    error = refusal(pdf([], [], draw=lambda canvas, _: canvas.rect(72, 72, 300, 300, fill=1)))
    assert (error.reason, error.detail) == ("no-text", "none of its 2 pages has text or an image")


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
    [
        ("Manual de usuario", "Manual de usuario"),
        (" Año \0", "Año"),
        ("  ", "manual"),
        ("untitled", "manual"),
        ("Sin título 2", "manual"),
        ("Microsoft Word - guía.doc", "manual"),
        ("guia_final.DOCX", "manual"),
        ("Guía de Word", "Guía de Word"),
        (None, "manual"),
    ],
)
def test_the_title_is_the_documents_own_or_the_files_name(title: str | None, expected: str) -> None:
    def set_title(writer: PdfWriter) -> None:
        writer.metadata = None if title is None else {"/Title": title}

    assert read(rewritten(MANUAL, set_title)).title == expected


def test_what_a_file_says_of_itself_is_metadata() -> None:
    def describe(writer: PdfWriter) -> None:
        writer.metadata = {
            "/Author": "Mesa de Ayuda\nRío",
            "/Subject": "Redes",
            "/Keywords": "vpn, wifi",
            "/CreationDate": "D:20260312101500-03'00'",
        }
        writer.set_page_label(0, 1, PageLabelStyle.LOWERCASE_ROMAN)
        writer.set_page_label(2, 2, PageLabelStyle.DECIMAL)

    assert read(rewritten(MANUAL, describe)).metadata == {
        "author": "Mesa de Ayuda Río",
        "subject": "Redes",
        "keywords": "vpn, wifi",
        "created": "2026-03-12T10:15:00-03:00",
        "page_labels": ["i", "ii", "1"],
    }


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG not a PDF at all", b"%PDF-1.4\nnot a PDF after all\n", MANUAL[:300]],
    ids=["empty", "picture", "only-the-header", "cut-early"],
)
def test_a_damaged_file_costs_itself_alone(data: bytes) -> None:
    error = refusal(data)
    assert error.reason == "damaged"
    assert error.detail.startswith("it is not a complete PDF (")
    assert error.detail.endswith("): save it again, or get another copy")


def test_what_a_broken_font_map_gives_can_be_stored() -> None:
    """The font's map says that A is a NUL, B a lone surrogate, C an ordinary letter."""
    cmap = DecodedStreamObject()
    cmap.set_data(
        b"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        b"3 beginbfchar\n<41> <0000>\n<42> <D800>\n<43> <00F1>\nendbfchar\n"
    )

    def break_font(writer: PdfWriter) -> None:
        resources: Any = writer.pages[0]["/Resources"]
        font = next(iter(resources["/Font"].values())).get_object()
        font[NameObject("/ToUnicode")] = writer._add_object(cmap)

    data = rewritten(pdf(below(["aABCz y otras palabras de la guía que se leen bien"])), break_font)
    assert "\0" in PdfReader(io.BytesIO(data)).pages[0].extract_text()
    document = read(data)
    check_document(document)
    assert document.text.startswith("a")
    assert "ñz y otras palabras de la gu" in document.text


def test_a_page_that_pdfium_cannot_load_is_read_by_pypdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_page", failing_on(1, extraction.read_page))
    document = read(MANUAL)
    check_document(document)
    assert page_texts(document)[1] == "Segunda página: año ñandú\n\f"
    assert document.warnings == ("read by pypdf, since PDFium could not, on page 2",)


def test_a_file_that_pdfium_cannot_open_is_read_by_pypdf(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes) -> pypdfium2.PdfDocument:
        raise pypdfium2.PdfiumError("no", err_code=3)

    monkeypatch.setattr(pypdfium2, "PdfDocument", refuse)
    document = read(MANUAL)
    assert document.text.split() == read_words(MANUAL)
    assert document.warnings == ("read by pypdf, since PDFium could not, on pages 1, 2, 3",)


def read_words(data: bytes) -> list[str]:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split()


def failing_on(index: int, reader: Callable[..., Any]) -> Callable[..., Any]:
    def fail(document: pypdfium2.PdfDocument, page: int) -> Any:
        if page == index:
            raise pypdfium2.PdfiumError("Failed to load page.")
        return reader(document, page)

    return fail


def test_values_of_form_fields_are_in_the_text_of_their_page() -> None:
    def fields(canvas: Any, number: int) -> None:
        if number == 2:
            canvas.acroForm.textfield(name="interno", tooltip="Interno", value="4021", x=72, y=600)
            canvas.acroForm.textfield(name="clave", value="hunter2", x=72, y=500, fieldFlags="password")
            canvas.acroForm.textfield(name="vacío", value="", x=72, y=400)

    document = read(pdf(below(["Alta de usuario"]), below(["Datos"]), draw=fields))
    check_document(document)
    assert page_texts(document) == ["Alta de usuario\n\f", "Datos\n\nInterno: 4021"]
    assert document.warnings == ("1 form fields for passwords are filled in: they are not indexed",)


def test_attached_files_are_told() -> None:
    def attach(writer: PdfWriter) -> None:
        writer.add_attachment("planilla.csv", b"a;b")

    data = rewritten(MANUAL, attach)
    assert read(data).warnings == ("1 attached file is not read",)


def test_text_beyond_the_page_is_indexed_with_a_warning() -> None:
    document = read(pdf([Text("Se ve"), Text("no se ve", LEFT, -40)]))
    assert document.text == "Se ve\n\nno se ve"
    assert document.warnings == ("text beyond the edge of the page, indexed, on page 1",)
