"""Headings come from the outline, and stand where the page has them."""

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject
from support.document_checks import check_document
from support.pdf_fixtures import below, blocks, headings, pdf, read, rewritten, with_outline

from knowligo_index.parsers.pdf import outline

PAGES = pdf(
    below(["1. Impresoras", "", "Esta parte trata de ellas.", "", "1.1 Papel atascado", "", "Abra la tapa."]),
    below(["Capítulo 2. Redes y", "telefonía", "", "Reinicie el equipo.", "", "VPN", "", "Pida el certificado."]),
)


def test_entries_are_headings_where_the_page_has_them() -> None:
    document = read(
        with_outline(
            PAGES, [("Impresoras", 0, 1), ("1.1 PAPEL  ATASCADO", 1, 1), ("Redes y telefonía", 0, 2), ("VPN", 1, 2)]
        )
    )
    check_document(document)
    assert headings(document) == [
        (1, "Impresoras", "1. Impresoras"),
        (2, "1.1 PAPEL ATASCADO", "1.1 Papel atascado"),
        (1, "Redes y telefonía", "Capítulo 2. Redes y\ntelefonía"),
        (2, "VPN", "VPN"),
    ]
    assert document.warnings == ()
    assert [text for kind, text in blocks(document) if kind != "heading"] == [
        "Esta parte trata de ellas.",
        "Abra la tapa.",
        "Reinicie el equipo.",
        "Pida el certificado.",
    ]


def test_entries_that_no_line_matches_are_counted() -> None:
    document = read(with_outline(PAGES, [("Impresoras", 0, 1), ("Otra cosa", 0, 1), ("VPN", 0, 1)]))
    assert headings(document) == [(1, "Impresoras", "1. Impresoras")]
    assert document.warnings == ("2 of 3 outline entries are not in the text of their page",)


def test_two_entries_of_one_name_are_two_headings() -> None:
    data = pdf(below(["Requisitos", "", "Un cable.", "", "Requisitos", "", "Dos cables."]))
    document = read(with_outline(data, [("Requisitos", 0, 1), ("Requisitos", 1, 1)]))
    assert [(level, text) for level, _, text in headings(document)] == [(1, "Requisitos"), (2, "Requisitos")]


def test_the_deepest_level_is_six() -> None:
    names = [f"Nivel {letter}" for letter in "ABCDEFGH"]
    data = pdf(below([line for name in names for line in (name, "")]))
    document = read(with_outline(data, [(name, depth, 1) for depth, name in enumerate(names)]))
    assert [level for level, _, _ in headings(document)] == [1, 2, 3, 4, 5, 6, 6, 6]


def test_an_outline_that_leads_to_itself_is_read_once() -> None:
    def close_circle(writer: PdfWriter) -> None:
        first = writer.add_outline_item(title="Impresoras", page_number=0)
        second = writer.add_outline_item(title="VPN", page_number=1)
        second.get_object()[NameObject("/Next")] = first  # type: ignore[index]

    document = read(rewritten(PAGES, close_circle))
    assert [label for _, label, _ in headings(document)] == ["Impresoras", "VPN"]


def test_entries_beyond_the_limit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "MAX_ENTRIES", 2)
    document = read(with_outline(PAGES, [("Impresoras", 0, 1), ("VPN", 0, 2), ("Papel", 0, 2)]))
    assert len(headings(document)) == 2
    assert document.warnings == ("only the first 2 entries of the outline were read",)
