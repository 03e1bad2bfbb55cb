"""Word files: what is not in the text is counted or named."""

from support.word_fixtures import dropped, paragraph, paragraph_style, read, row, run, table


def test_a_deleted_row_is_dropped() -> None:
    document = read(table(["a", "b"], ["c", "d"], row(["borrada", "fila"], "<w:del/>")))
    assert (document.text, dropped(document)) == ("| a | b |\n| --- | --- |\n| c | d |", [("deleted", 1, 11)])


def test_insertions_stay_and_deletions_go() -> None:
    moved = f"<w:moveFrom>{run('aquí')}</w:moveFrom><w:moveTo>{run('allá')}</w:moveTo>"
    document = read(
        paragraph(f"<w:ins>{run('nuevo ')}</w:ins><w:del><w:r><w:delText>muy viejo</w:delText></w:r></w:del>{moved}")
        + f"<w:ins>{paragraph('entero')}</w:ins><w:del>{paragraph('fuera')}</w:del>"
    )
    assert (document.text, dropped(document)) == ("nuevo allá\n\nentero", [("deleted", 3, 17)])


def test_hidden_text_is_dropped_wherever_it_is_said() -> None:
    styles = (
        paragraph_style("Interno", "Interno", "<w:rPr><w:vanish/></w:rPr>")
        + paragraph_style("Hija", "Hija", base="Interno")
        + '<w:style w:type="character" w:styleId="Tapado"><w:name w:val="Tapado"/><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    document = read(
        paragraph(run("visible ") + run("uno", "<w:vanish/>") + run("dos", '<w:rStyle w:val="Tapado"/>'))
        + paragraph(run("tres") + run("sí", '<w:vanish w:val="false"/>'), "Hija")
        + paragraph("<m:oMath><m:r><w:rPr><w:vanish/></w:rPr><m:t>xyz</m:t></m:r><m:r><m:t>a</m:t></m:r></m:oMath>"),
        styles=styles,
    )
    assert document.text == "visible\n\nsí\n\na"
    assert dropped(document) == [("hidden-text", 4, 13)]
    assert document.warnings == ("hidden-text: 13 characters are not visible and were left out",)


def test_characters_that_nobody_sees_are_dropped() -> None:
    document = read(paragraph(run("cla\u200bve") + run("\u200c") + run("\u200d")) + paragraph("co\u00adrreo"))
    assert (document.text, dropped(document)) == ("clave\n\ncorreo", [("hidden-characters", 1, 3)])


def test_what_stands_beside_the_text_is_counted() -> None:
    comment = f'<w:comment w:id="0">{paragraph("¿Seguro?")}</w:comment><w:comment w:id="1"><w:p/></w:comment>'
    document = read(
        paragraph(run("Tarifas") + '<w:r><w:commentReference w:id="0"/></w:r>'),
        header1=paragraph("Mesa de ayuda"),
        header2="<w:p/>",
        footer1=paragraph("Página 1"),
        comments=comment,
    )
    assert document.text == "Tarifas"
    assert dropped(document) == [("comment", 1, 8), ("running-header", 2, 18)]
    assert document.warnings == ()


def test_what_is_not_read_is_named() -> None:
    def graphic(kind: str) -> str:
        return f'<w:r><w:drawing><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/{kind}"/></w:drawing></w:r>'

    document = read(
        paragraph(run("Ventas") + graphic("chart") + graphic("diagram") + graphic("picture"))
        + paragraph('<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>' + graphic("chart"))
        + '<w:altChunk r:id="r9"/>'
        + paragraph('<w:subDoc r:id="r8"/>')
    )
    assert document.text == "Ventas"
    assert document.warnings == (
        "not read: SmartArt diagrams (1), charts (2), embedded documents (2), embedded objects (1)",
    )
