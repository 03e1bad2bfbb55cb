"""What the canonical text keeps of a page's layout."""

import pytest
from support.document_checks import check_document
from support.pdf_fixtures import LEFT, TOP, Text, below, blocks, pdf, read, wrapped

GUIDE = (
    "La mesa de ayuda atiende de lunes a viernes y recibe los pedidos por correo, por teléfono o por el portal. Cada "
    "pedido tiene un número que se usa para seguirlo, y una prioridad que depende de cuántas personas dejó sin "
    "trabajar. Cuando el problema se resuelve, quien lo informó recibe un resumen de lo que se hizo y puede reabrirlo "
    "durante los cinco días siguientes."
)
NETWORK = (
    "La red inalámbrica cubre todas las oficinas de la empresa salvo el depósito, donde solo hay tomas de red junto a "
    "las columnas. Para conectar un equipo nuevo hace falta registrarlo antes, porque los que no están en el registro "
    "quedan en la red de visitas, desde la cual no se llega a las impresoras ni a las carpetas compartidas."
)


def test_lines_of_a_paragraph_are_put_together() -> None:
    lines = [*wrapped(GUIDE, 400), "", *wrapped(NETWORK, 400)]
    document = read(pdf(below(lines)))
    check_document(document)
    assert blocks(document) == [("paragraph", GUIDE), ("paragraph", NETWORK)]


def test_a_first_line_that_is_set_in_begins_a_paragraph() -> None:
    first, second = wrapped(GUIDE, 400), wrapped(NETWORK, 400)
    texts = below([*first, *second])
    indented = [Text(each.text, LEFT + 15, each.y) if each.text == second[0] else each for each in texts]
    assert blocks(read(pdf(indented))) == [("paragraph", GUIDE), ("paragraph", NETWORK)]


def test_lines_that_end_early_stay_lines() -> None:
    address = ["Mesa de Ayuda Ñandú", "Av. Siempreviva 742", "Rosario", "Argentina"]
    assert read(pdf(below([*wrapped(GUIDE, 400), "", *address]))).text == GUIDE + "\n\n" + "\n".join(address)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Antes de reiniciar conviene cerrar la configu-", "ración abierta.", "la configuración abierta."),
        ("El servicio está en un modelo de cliente y TCP-", "IP de siempre.", "TCP-IP de siempre."),
        ("Las impresoras más nuevas son del modelo HP-", "4250 y HP-4350.", "modelo HP-4250 y HP-4350."),
        ("Es una arquitectura de tipo cliente-servidor-", "base, cliente-servidor.", "cliente-servidorbase"),
    ],
)
def test_hyphens_at_line_ends(first: str, second: str, expected: str) -> None:
    assert expected in read(pdf(below([first, second]))).text


def test_a_hyphen_that_the_document_has_elsewhere_stays() -> None:
    lines = [
        "El modelo cliente-servidor es el más usado.",
        "",
        "Todo se basa en un modelo de tipo cliente-",
        "servidor.",
    ]
    assert read(pdf(below(lines))).text.endswith("de tipo cliente-servidor.")


def columns(y: float = TOP, width: float = 210) -> tuple[list[Text], list[Text]]:
    return below(wrapped(GUIDE, width), LEFT, y), below(wrapped(NETWORK, width), 310, y)


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = columns()
    assert read(pdf(left + right)).text == f"{GUIDE}\n\n{NETWORK}"


def test_two_columns_drawn_line_by_line_are_read_one_after_the_other() -> None:
    left, right = columns()
    mixed = [each for pair in zip(left, right, strict=False) for each in pair]
    mixed += left[len(right) :] + right[len(left) :]
    document = read(pdf(mixed))
    check_document(document)
    assert document.text == f"{GUIDE}\n\n{NETWORK}"


def test_what_goes_across_two_columns_stands_above_them() -> None:
    left, right = columns(TOP - 40)
    title = Text("Cómo trabaja la mesa de ayuda de la empresa y qué red usa cada oficina", LEFT, TOP)
    assert read(pdf([*right, *left, title])).text == f"{title.text}\n\n{GUIDE}\n\n{NETWORK}"


ROWS = [
    ("Equipo", "Sector", "Cantidad"),
    ("Impresora láser", "Ventas", "3"),
    ("Notebook", "Dirección", "12"),
    ("Teléfono", "Recepción", "2"),
]
TABLE = "\n".join("\t".join(row) for row in ROWS)


def table_texts(by_column: bool) -> list[Text]:
    cells = [
        Text(cell, LEFT + 150 * column, TOP - LEADING_OF_TABLE * row)
        for row, cells in enumerate(ROWS)
        for column, cell in enumerate(cells)
    ]
    return sorted(cells, key=lambda cell: (cell.x, -cell.y)) if by_column else cells


LEADING_OF_TABLE = 18


@pytest.mark.parametrize("by_column", [False, True])
def test_a_table_is_read_row_by_row(by_column: bool) -> None:
    document = read(pdf(table_texts(by_column)))
    check_document(document)
    assert document.text == TABLE
    (table,) = document.blocks
    assert table.kind == "table"
    rows = [document.text[row.char_start : row.char_end] for row in table.children]
    assert rows == ["\t".join(row) for row in ROWS]


def test_items_of_a_list_are_lines() -> None:
    items = ["• Apague el equipo.", "• Espere diez segundos.", "• Encienda el equipo."]
    document = read(pdf(below(["Para reiniciar:", "", *items])))
    check_document(document)
    assert blocks(document) == [("paragraph", "Para reiniciar:"), ("list", "\n".join(items))]
    assert [child.kind for child in document.blocks[1].children] == ["item"] * 3


def test_an_item_of_several_lines_is_one() -> None:
    texts = [*below(["1. " + wrapped(GUIDE, 380)[0]]), *below(wrapped(GUIDE, 380)[1:], LEFT + 14, TOP - 14)]
    end = texts[-1].y
    texts += below(["2. Cierre el pedido."], LEFT, end - 14)
    assert blocks(read(pdf(texts))) == [("list", f"1. {GUIDE}\n2. Cierre el pedido.")]


def test_code_keeps_its_lines_and_spaces() -> None:
    code = ["if conectado == False:", "    reiniciar (interfaz, 5)", "    print (estado   ,  hora)"]
    texts = [*below(wrapped(GUIDE, 400)), *below(code, LEFT, 600, "Courier", 10)]
    # A canvas writes spaces as they are; PDFium makes one of several.
    assert blocks(read(pdf(texts))) == [("paragraph", GUIDE), ("code", "\n".join(code))]


def test_a_page_that_is_turned_is_read_as_it_is_shown() -> None:
    def turn(canvas: object, _: int) -> None:
        canvas.setPageRotation(90)  # type: ignore[attr-defined]
        canvas.rotate(90)  # type: ignore[attr-defined]
        for text in below(wrapped(GUIDE, 400), LEFT, -100):
            canvas.drawString(text.x, text.y, text.text)  # type: ignore[attr-defined]

    assert read(pdf([], draw=turn)).text == GUIDE


def test_a_footer_that_is_drawn_first_comes_last() -> None:
    assert read(pdf([Text("Interno 4021", LEFT, 40), *below(wrapped(GUIDE, 400))])).text == f"{GUIDE}\n\nInterno 4021"
