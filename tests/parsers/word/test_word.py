"""Word files: blocks, tables, titles."""

import pytest
from support.word_fixtures import (
    blocks,
    cell,
    headings,
    levels,
    listed,
    numbering,
    paragraph,
    paragraph_style,
    read,
    read_bytes,
    row,
    run,
    table,
    tree,
    word_file,
)

BULLETS = levels(("bullet", "•"), ("bullet", "o"))
OUTLINE = levels(("decimal", "%1."), ("decimal", "%1.%2."), ("lowerLetter", "%3)"))


def test_headings_are_known_by_name_identifier_base_and_outline_level() -> None:
    styles = (
        paragraph_style("Ttulo2", "heading 2")
        + paragraph_style("Capitulo", "Capítulo de la guía", base="Ttulo2")
        + paragraph_style("Encabezado1", "Encabezado 1,Enc1")
        + paragraph_style("Puesto", "Title")
        + paragraph_style("Aviso", "Aviso", '<w:pPr><w:outlineLvl w:val="3"/></w:pPr>')
        + paragraph_style("TtuloTDC", "TOC Heading", '<w:pPr><w:outlineLvl w:val="9"/></w:pPr>', base="Ttulo2")
    )
    document = read(
        paragraph("Guía de red", "Puesto")
        + paragraph("Instalación", "Ttulo2")
        + paragraph("Antes", "Capitulo")
        + paragraph("Uso", "Encabezado1")
        + paragraph("Cuidado", "Aviso")
        + paragraph("Índice", "TtuloTDC")
        + paragraph("Sin estilos", "Ttulo3")
        + paragraph("Directo", properties='<w:outlineLvl w:val="1"/>')
        + paragraph("Cuerpo", "Ttulo2", '<w:outlineLvl w:val="9"/>')
        + paragraph("Muy hondo", properties='<w:outlineLvl w:val="8"/>'),
        styles=styles,
    )
    assert headings(document) == [
        (1, "Guía de red"),
        (2, "Instalación"),
        (2, "Antes"),
        (1, "Uso"),
        (4, "Cuidado"),
        (3, "Sin estilos"),
        (2, "Directo"),
        (6, "Muy hondo"),
    ]
    assert [text for kind, text in blocks(document) if kind == "paragraph"] == ["Índice", "Cuerpo"]
    assert document.title == "Guía de red"


def test_a_paragraph_in_the_style_of_a_heading_is_text() -> None:
    long = "El servicio se presta de lunes a viernes. " * 10
    assert blocks(read(paragraph(long, "Heading1"))) == [("paragraph", long.strip())]


def test_the_text_is_written_as_markdown_with_exact_spans() -> None:
    document = read(
        paragraph("Correo", "Heading1")
        + paragraph("Configure la cuenta.")
        + listed("uno", 1)
        + listed("dos", 1, 1)
        + table(["Código", "Causa"], ["E-10", "clave vencida"]),
        numbering=numbering({1: BULLETS}, {1: (1, "")}),
    )
    assert document.text == (
        "# Correo\n\nConfigure la cuenta.\n\n- uno\n  - dos\n\n"
        "| Código | Causa |\n| --- | --- |\n| E-10 | clave vencida |"
    )
    assert tree(document) == [
        (0, "heading", "# Correo"),
        (0, "paragraph", "Configure la cuenta."),
        (0, "list", "- uno\n  - dos"),
        (1, "item", "- uno\n  - dos"),
        (2, "paragraph", "- uno"),
        (2, "list", "  - dos"),
        (3, "item", "  - dos"),
        (4, "paragraph", "  - dos"),
        (0, "table", "| Código | Causa |\n| --- | --- |\n| E-10 | clave vencida |"),
        (1, "row", "| Código | Causa |\n| --- | --- |"),
        (1, "row", "| E-10 | clave vencida |"),
    ]
    assert (document.dropped, document.warnings, document.page_starts, document.encoding) == ((), (), (), None)


def test_cells_are_merged_across_and_down() -> None:
    wide, long = '<w:gridSpan w:val="2"/>', "z" * 81
    document = read(
        table(
            [cell("Plan", '<w:vMerge w:val="restart"/>'), cell("Precio por mes", wide)],
            [cell("<w:p/>", "<w:vMerge/>"), "Pesos", "Dólares"],
            [cell("Básico", '<w:vMerge w:val="restart"/>'), "100", "1"],
            [cell("<w:p/>", '<w:vMerge w:val="continue"/>'), "200", "2"],
            [cell(long, '<w:vMerge w:val="restart"/>'), "300", "3"],
            [cell(paragraph("resto"), "<w:vMerge/>"), "400", "4"],
        )
    )
    assert document.text.split("\n") == [
        "| Plan | Precio por mes |  |",
        "| --- | --- | --- |",
        "| Plan | Pesos | Dólares |",
        "| Básico | 100 | 1 |",
        "| Básico | 200 | 2 |",
        f"| {long} | 300 | 3 |",
        "| resto | 400 | 4 |",
    ]


def test_rows_may_begin_late_and_end_early() -> None:
    late = row(["e"], '<w:gridBefore w:val="1"/>')
    assert (
        read(table(["a", "b", "c"], ["d"], late)).text == "| a | b | c |\n| --- | --- | --- |\n| d |  |  |\n|  | e |  |"
    )


def test_a_cell_holds_the_text_of_whatever_is_in_it() -> None:
    rich = paragraph("Pasos:") + listed("abra", 1) + listed("cierre", 1) + table(["x", "y"], ["1", "2"])
    document = read(
        table(["Tarea", "Detalle"], ["Alta", rich], ["Baja", paragraph("uno") + paragraph("dos", "Heading1")]),
        numbering=numbering({1: OUTLINE}, {1: (1, "")}),
    )
    assert document.text.split("\n")[2:] == [
        "| Alta | Pasos: 1. abra 2. cierre x y 1 2 |",
        "| Baja | uno dos |",
    ]


def test_rows_and_cells_may_be_wrapped() -> None:
    first, second = row(["a", f"<w:tc>{paragraph('b')}</w:tc>"]), row(["c", "d"])
    wrapped = first.replace("<w:tc>", "<w:customXml><w:tc>", 1).replace("</w:tc>", "</w:tc></w:customXml>", 1)
    inside = f"<w:tblPr/><w:sdt><w:sdtPr/><w:sdtContent>{wrapped}</w:sdtContent></w:sdt><w:ins>{second}</w:ins>"
    assert read(f"<w:tbl>{inside}</w:tbl>").text == "| a | b |\n| --- | --- |\n| c | d |"


def test_a_frame_is_no_table() -> None:
    document = read(table([paragraph("Nota", "Heading2") + paragraph("Reinicie el equipo.")]) + table(["a"], ["b"]))
    assert blocks(document) == [
        ("heading", "## Nota"),
        ("paragraph", "Reinicie el equipo."),
        ("paragraph", "a"),
        ("paragraph", "b"),
    ]


def test_code_is_known_by_style_or_by_its_letters() -> None:
    mono = '<w:rFonts w:ascii="Consolas"/>'
    styles = paragraph_style("Cdigo", "Código fuente") + paragraph_style(
        "Letra", "Letra", '<w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr>'
    )
    document = read(
        paragraph("ipconfig /all", "Cdigo")
        + paragraph("<w:r><w:br/></w:r>", "Cdigo")
        + paragraph("  ping 8.8.8.8", "Cdigo")
        + paragraph(run("Escriba ") + run("dir", mono))
        + paragraph(run("for x in y:", mono) + run("", ""))
        + paragraph(run("    print(x)", mono))
        + paragraph("exit", "Letra")
        + paragraph("Listo"),
        styles=styles,
    )
    assert blocks(document) == [
        ("code", "```\nipconfig /all\n\n  ping 8.8.8.8\n```"),
        ("paragraph", "Escriba dir"),
        ("code", "```\nfor x in y:\n    print(x)\nexit\n```"),
        ("paragraph", "Listo"),
    ]


def test_where_all_is_monospaced_nothing_is_code() -> None:
    styles = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr></w:rPrDefault></w:docDefaults>'
    )
    document = read(paragraph(run("carta", '<w:rFonts w:ascii="Courier New"/>')), styles=styles)
    assert blocks(document) == [("paragraph", "carta")]


def test_code_and_quotes_stand_in_their_order() -> None:
    document = read(paragraph("dir", "Code") + paragraph("uno", "Quote") + paragraph("cls", "Code") + listed("a", 7))
    assert [text for _, text in blocks(document)] == ["```\ndir\n```", "> uno", "```\ncls\n```", "a"]


def test_quotes_stand_together() -> None:
    document = read(
        paragraph("uno", "IntenseQuote") + paragraph("dos", "Quote") + paragraph("tres"),
        styles=paragraph_style("Quote", "Quote") + paragraph_style("IntenseQuote", "Intense Quote"),
    )
    assert blocks(document) == [
        ("quote", "> uno\n\n> dos"),
        ("paragraph", "tres"),
    ]


def test_properties_become_metadata() -> None:
    core = (
        "<dc:title> Guía de \n red </dc:title><dc:creator>Ana Paz</dc:creator><dc:subject>Redes</dc:subject>"
        "<cp:keywords>wifi, vpn</cp:keywords><dc:language>es-AR</dc:language>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2026-03-01T10:00:00Z</dcterms:created>'
        '<dcterms:modified xsi:type="dcterms:W3CDTF">9999-12-31T23:59:59-01:00</dcterms:modified>'
    )
    document = read_bytes(word_file(paragraph("Inicio", "Heading1"), core=core))
    assert document.title == "Guía de red"
    assert document.metadata == {
        "title": "Guía de red",
        "author": "Ana Paz",
        "subject": "Redes",
        "keywords": "wifi, vpn",
        "created": "2026-03-01T10:00:00+00:00",
        "modified": "9999-12-31T23:59:59-01:00",
        "language": "es-AR",
    }


@pytest.mark.parametrize(
    ("core", "body", "title"),
    [
        ("<dc:title>Word Document</dc:title>", paragraph("Alta", "Heading1"), "Alta"),
        ("<dc:title>sin título</dc:title>", paragraph("Alta", "Heading1") + paragraph("Guía", "Title"), "Guía"),
        (f"<dc:title>{'x' * 301}</dc:title>", paragraph("Baja", "Heading2"), "red"),
        ("<dcterms:created>ayer</dcterms:created>", paragraph("texto"), "red"),
        ("", paragraph("texto"), "red"),
    ],
)
def test_the_title_is_the_first_good_one(core: str, body: str, title: str) -> None:
    document = read_bytes(word_file(body, core=core))
    assert (document.title, document.metadata) == (title, {})


def test_the_language_is_that_of_the_styles_where_the_properties_say_none() -> None:
    styles = '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="es-AR"/></w:rPr></w:rPrDefault></w:docDefaults>'
    assert read(paragraph("hola"), styles=styles).metadata == {"language": "es-AR"}
