"""What is read of each kind of markup: what a person sees."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.chunking.visible_text import VisibleText
from knowligo_index.parsers import parse
from knowligo_index.types import Rendition, Source


def seen(text: str, kind: str = "markdown", name: str = "guia.md") -> str:
    document = parse(Source(name, Path(name), kind, 0, "0" * 64), text.encode())
    return VisibleText(document.text, document.renditions).text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("El plan **Profesional** incluye *todo*.", "El plan Profesional incluye todo."),
        ("Con**figur**ación de la red", "Configuración de la red"),
        ("__Ojo:__ usa `snake_case_name` o 2 * 3 * 4", "Ojo: usa snake_case_name o 2 * 3 * 4"),
        ("***Nunca*** y **sin cerrar", "Nunca y **sin cerrar"),
        ("Precio: ~~ARS 12.000~~ ARS 9.800", "Precio: ARS 12.000 ARS 9.800"),
        ("Ver [la guía de **red**](https://example.org/red?a=1 'Red').", "Ver la guía de red."),
        ("Ver [la guía][red] o [red].\n\n[red]: https://example.org", "Ver la guía o red.\n\n"),
        (
            "Write to <help@example.org> or <https://example.org/faq>",
            "Write to help@example.org or https://example.org/faq",
        ),
        ("https://example.org/faq", "https://example.org/faq"),
        ("![Mapa de *la* red](mapa.png) abajo", "Mapa de la red abajo"),
        ("[![Estado](https://ci/b.svg)](https://ci)", "Estado"),
        ("[corchetes] sueltos y [otro]()", "[corchetes] sueltos y otro"),
        ("Corre `pip install **x**` y ``a ` b``", "Corre pip install **x** y a ` b"),
        (r"5 \* 3 y C:\Users", r"5 * 3 y C:\Users"),
        ("Atenci&oacute;n&nbsp;al cliente &amp; ventas&shy;", "Atención al cliente & ventas"),
        ("Uno<br>dos<br/>tres", "Uno dos tres"),
        ("Pulsa <kbd>Ctrl</kbd>+<kbd>C</kbd>, H<sub>2</sub>O", "Pulsa Ctrl+C, H2O"),
        ('<img src="a.png" alt="Mapa"> x', " Mapa  x"),
        ("Uno \\\ndos  \ntres", "Uno \ndos  \ntres"),
        ("a < b y c > d", "a < b y c > d"),
        ("Palabra\u200b par\u00adtida", "Palabra partida"),
    ],
)
def test_inside_a_line(written: str, read: str) -> None:
    assert seen(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("## Planes y precios { #planes }\n", "Planes y precios\n"),
        ("### Cierre ###\n", "Cierre\n"),
        ("Plan *anual*\n===========\n", "Plan anual\n\n"),
        ("- uno\n  * dos\n+ tres\n", " uno\n   dos\n tres\n"),
        ("1. Abrí **Ajustes**\n2) Guardá\n", "1. Abrí Ajustes\n2) Guardá\n"),
        ("- [x] hecho\n", " [x] hecho\n"),
        ("> Una cita\n> > *doble*\n>\n> fin\n", " Una cita\n  doble\n\n fin\n"),
        ("```sh\nsudo **x** # y\n```\n", "\nsudo **x** # y\n\n"),
        ("~~~\nsin cerrar\n", "\nsin cerrar\n"),
        ("    sangrado *x*\n", "    sangrado *x*\n"),
        ("> ```\n> ls > a\n> ```\n", " \n ls > a\n \n"),
        ("Uno\n\n***\n\nDos\n", "Uno\n\n\n\nDos\n"),
        ('!!! note "Ojo: *importante*"\n    Sin cable.\n', "Ojo: importante\n    Sin cable.\n"),
        ("!!! warning\n    Sin cable.\n", "Warning\n    Sin cable.\n"),
        ('??? tip ""\n    Sin cable.\n', "\n    Sin cable.\n"),
        ("<details>\n<summary>¿C&oacute;mo?</summary>\nAsí.\n</details>\n", " \n ¿Cómo? \nAsí.\n \n"),
        ("<script>\nvar a = '<b>';\n</script>\n\nFin\n", " \n\nFin\n"),
        ("# Uno\r\n\r\n- *dos*\r\n  tres\r\n", "Uno\r\n\r\n dos\r\n  tres\r\n"),
    ],
)
def test_blocks(written: str, read: str) -> None:
    assert seen(written) == read


PLANS = "| Plan | Precio |\n| --- | ---: |\n| Profesional | ARS 9.800 |\n| | **a medida** |\n| Básico \\| mini |\n"


def test_each_row_of_a_table_is_read_with_its_columns() -> None:
    assert seen(PLANS) == (
        "Plan; Precio\nPlan: Profesional; Precio: ARS 9.800\nPrecio: a medida\nPlan: Básico | mini\n"
    )


def test_a_table_inside_a_quote_is_read_so_too() -> None:
    assert seen("> Plan: | Precio\n> --- | ---\n> **Uno** | [2](x)\n") == " Plan:; Precio\n Plan: Uno; Precio: 2\n"


def test_emphasis_beside_escaped_pipes_is_found() -> None:
    assert seen("| a |\n| - |\n| x\\|**y**\\|_z_\\|`w` |\n") == "a\na: x|y|z|w\n"


def test_a_column_without_a_name_or_with_the_cells_own_says_only_the_cell() -> None:
    assert seen("| | Sí |\n| --- | --- |\n| Wi-Fi | Sí |\n") == "Sí\nWi-Fi; Sí\n"


@pytest.mark.parametrize("names", [[f"c{number}" for number in range(13)], ["muy " * 50, "b"]])
def test_many_or_long_names_are_not_said_in_each_row(names: list[str]) -> None:
    row = [str(number) for number in range(len(names))]
    written = f"| {' | '.join(names)} |\n|{' - |' * len(names)}\n| {' | '.join(row)} |\n"
    assert seen(written).splitlines() == ["; ".join(name.strip() for name in names), "; ".join(row)]


def test_a_table_of_csv() -> None:
    written = 'Plan;Precio;Nota\nPro;9,8;"dice ""sí"";\nsiempre"\n;;x\nBásico;0\n'
    assert seen(written, "csv", "a.csv") == (
        'Plan; Precio; Nota\nPlan: Pro; Precio: 9,8; Nota: dice "sí";\nsiempre\nNota: x\nPlan: Básico; Precio: 0\n'
    )


def test_a_page_of_html() -> None:
    page = (
        "<h1>Planes</h1><p>El <b>plan</b> * fijo *</p><ul><li>uno<ol><li>dos</ol></ul><blockquote>cita</blockquote>"
        "<table><tr><th>Plan<th>Precio<tr><td>Pro<td>9.800<tr><td><td>a medida</table>"
        "<pre><code class=language-sh>ls -l\n  # x</code></pre>"
    )
    assert seen(page, "html", "a.html") == (
        "Planes\n\nEl plan * fijo *\n\nuno\n  1. dos\n\ncita\n\n"
        "Plan; Precio\n\nPlan: Pro; Precio: 9.800\nPrecio: a medida\n\n\nls -l\n  # x\n"
    )


def test_plain_text_is_read_as_it_is_but_for_what_nobody_sees() -> None:
    assert seen("# No *es* Markdown\u200b", "text", "a.txt") == "# No *es* Markdown"


TEXT = "a **b** [c](d) e"
RENDITIONS = (Rendition(2, 4, ""), Rendition(5, 7, ""), Rendition(8, 9, "Ver: "), Rendition(10, 14, ""))


def test_what_is_read_of_a_span() -> None:
    visible = VisibleText(TEXT, RENDITIONS)
    assert visible.text == "a b Ver: c e"
    assert [visible.of_span(*span) for span in [(0, 7), (7, 10), (8, 16), (9, 16), (3, 5), (0, 12)]] == [
        "a b",
        " Ver: c",
        "Ver: c e",
        "c e",
        "b",
        "a b Ver: c",
    ]


@given(st.lists(st.integers(0, 30), max_size=12).map(sorted), st.lists(st.sampled_from(["", "x", "yyy"]), min_size=6))
def test_spans_that_lie_beside_each_other_are_read_without_gap_or_repeat(places: list[int], texts: list[str]) -> None:
    pairs = zip(places[::2], places[1::2], texts, strict=False)
    renditions = [Rendition(start, end, text) for start, end, text in pairs if start < end]
    text = "".join(chr(ord("A") + number) for number in range(31))
    visible = VisibleText(text, renditions)
    assert "".join(visible.of_span(place, place + 1) for place in range(31)) == visible.text
    for place in range(len(visible.text) + 1):
        assert visible.position_of(visible.offset_of(place)) <= place
