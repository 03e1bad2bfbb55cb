"""Running headers, running footers and page numbers."""

from typing import Any

import pytest
from support.document_checks import check_document
from support.pdf_fixtures import HEIGHT, LEFT, TOP, Text, below, page_texts, pdf, read

from knowligo_index.types import Dropped

TOPICS = ["Impresoras", "Correo", "Redes", "Telefonía", "Licencias", "Respaldos"]
BODIES = [[f"Esta página trata de {topic.lower()}.", "", f"Pida {topic.lower()} por el portal."] for topic in TOPICS]
CLEAN = [f"{body[0]}\n\n{body[2]}" for body in BODIES]


def texts(document: Any) -> list[str]:
    check_document(document)
    return [text.rstrip() for text in page_texts(document)]


def test_headers_footers_and_page_numbers_are_taken_out_and_counted() -> None:
    document = read(
        pdf(
            *(
                [
                    Text("Manual de la mesa de ayuda", LEFT, HEIGHT - 30),
                    *below(body, LEFT, TOP - 20),
                    Text(f"Página {number} de 6", LEFT, 30),
                ]
                for number, body in enumerate(BODIES, 1)
            )
        )
    )
    assert texts(document) == CLEAN
    assert document.dropped == (Dropped("page-number", 6, 6 * 10), Dropped("running-header", 6, 6 * 21))


def test_a_header_that_changes_with_the_chapter_is_taken_out() -> None:
    names = ["Equipos"] * 3 + ["Servicios"] * 3
    pages = [
        [Text(f"{name} {number}", LEFT, HEIGHT - 30), *below(body, LEFT, TOP - 20)]
        for number, (name, body) in enumerate(zip(names, BODIES, strict=True), 1)
    ]
    assert texts(read(pdf(*pages))) == CLEAN


@pytest.mark.parametrize("numbers", [["i", "ii", "iii", "iv", "v", "vi"], ["7", "8", "9", "10", "11", "12"]])
def test_page_numbers_of_any_kind(numbers: list[str]) -> None:
    pages = [[*below(body, LEFT, TOP), Text(number, 290, 30)] for number, body in zip(numbers, BODIES, strict=True)]
    document = read(pdf(*pages))
    assert texts(document) == CLEAN
    assert document.dropped == (Dropped("page-number", 6, len("".join(numbers))),)


def test_three_pages_are_too_few_to_tell() -> None:
    pages = [[Text("Manual", LEFT, HEIGHT - 30), *below(body, LEFT, TOP - 20)] for body in BODIES[:3]]
    document = read(pdf(*pages))
    assert texts(document) == [f"Manual\n\n{text}" for text in CLEAN[:3]]
    assert document.dropped == ()


def test_a_heading_that_repeats_here_and_there_stays() -> None:
    pages = [
        [Text("Requisitos" if number in (0, 5) else f"Tema {topic}", LEFT, HEIGHT - 60), *below(body, LEFT, TOP - 40)]
        for number, (topic, body) in enumerate(zip(TOPICS, BODIES, strict=True))
    ]
    document = read(pdf(*pages))
    assert document.text.count("Requisitos") == 2
    assert document.dropped == ()


def test_numbers_at_the_edge_that_do_not_count_the_pages_stay() -> None:
    totals = ["48", "1250", "77", "903", "16", "2200"]
    pages = [[*below(body), Text(total, LEFT, 40)] for total, body in zip(totals, BODIES, strict=True)]
    document = read(pdf(*pages))
    assert [text.split("\n")[-1] for text in texts(document)] == totals
    assert document.dropped == ()


def test_the_head_of_a_table_that_goes_over_pages_stays_once() -> None:
    def page(number: int) -> list[Text]:
        head = [Text(name, LEFT + 150 * place, TOP) for place, name in enumerate(("Equipo", "Sector", "Cantidad"))]
        rows = [
            Text(cell, LEFT + 150 * place, TOP - 18 * row)
            for row, topic in enumerate(TOPICS, 1)
            for place, cell in enumerate((topic, f"Piso {row * 7 % 5}", str((row * 31 + number * number) % 97)))
        ]
        return head + rows

    document = read(pdf(*(page(number) for number in range(1, 7))))
    check_document(document)
    assert document.text.count("Equipo\tSector\tCantidad") == 1
    assert document.dropped == (Dropped("running-header", 5, 5 * 20),)


def test_the_first_lines_of_pages_of_one_size_stay() -> None:
    assert texts(read(pdf(*(below(body) for body in BODIES)))) == CLEAN
