"""Word files: what stands in a line, or hangs on it."""

from support.word_fixtures import dropped, levels, listed, numbering, paragraph, read, run, table

BULLETS = levels(("bullet", "•"), ("bullet", "o"))
OUTLINE = levels(("decimal", "%1."), ("decimal", "%1.%2."), ("lowerLetter", "%3)"))


def test_notes_stand_behind_what_refers_to_them() -> None:
    foot = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    notes = '<w:footnote w:id="-1" w:type="separator"><w:p/></w:footnote>' + "".join(
        f'<w:footnote w:id="{name}">{paragraph(run(" ") + run(text) + more)}</w:footnote>'
        for name, text, more in (
            ("1", "Solo días hábiles", ""),
            ("2", "Sin cargo", foot.format(4)),
            ("3", "En la sede", ""),
            ("4", "Con turno", ""),
            ("5", "perdida", ""),
        )
    )
    end = f'<w:endnote w:id="1">{paragraph("Ley 25.326")}</w:endnote>'
    document = read(
        paragraph(run("Atención") + foot.format(1) + run(" telefónica"))
        + paragraph(run("Datos") + '<w:r><w:endnoteReference w:id="1"/></w:r>' + foot.format(1) + foot.format(9))
        + listed("Retiro", 1).replace("</w:p>", foot.format(2) + "</w:p>")
        + listed("Entrega", 1)
        + table(["a", paragraph(run("b") + foot.format(3))], ["c", "d"])
        + paragraph("Fin"),
        footnotes=notes,
        endnotes=end,
        numbering=numbering({1: BULLETS}, {1: (1, "")}),
    )
    assert document.text == (
        "Atención[1] telefónica\n\n[1] Solo días hábiles\n\nDatos[2][1]\n\n[2] Ley 25.326\n\n"
        "- Retiro[3]\n\n  [3] Sin cargo[4]\n\n  [4] Con turno\n- Entrega\n\n"
        "| a | b[5] |\n| --- | --- |\n| c | d |\n\n[5] En la sede\n\nFin"
    )
    assert dropped(document) == [("deleted", 1, 7)]


def test_links_fields_and_controls_say_what_is_shown() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    link = f'<w:hyperlink r:id="r1">{run("la web")}</w:hyperlink>'
    simple = f'<w:fldSimple w:instr=" DATE ">{run("1/3/2026")}</w:fldSimple>'
    inner = mark("begin") + run("") + mark("separate") + run("oculto") + mark("end")
    field = (
        mark("begin")
        + "<w:r><w:instrText> IF </w:instrText></w:r>"
        + inner
        + mark("separate")
        + run("sí")
        + mark("end")
    )
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('nombre')}</w:sdtContent></w:sdt>"
    smart = f"<w:smartTag>{run('Rosario')}</w:smartTag>"
    document = read(
        paragraph(link + run(" ") + simple + run(" ") + field + run(" ") + control + run(" ") + smart)
        + paragraph(mark("begin") + run("sin fin"))
    )
    assert document.text == "la web 1/3/2026 sí nombre Rosario\n\nsin fin"
    assert dropped(document) == [("hidden-text", 1, 6)]
    assert document.warnings == ("hidden-text: 6 characters are not visible and were left out",)


def test_boxes_are_ticked_or_not() -> None:
    def box(state: str, content: str) -> str:
        properties = f"<w:sdtPr><w14:checkbox>{state}</w14:checkbox></w:sdtPr>"
        return f"<w:sdt>{properties}<w:sdtContent>{content}</w:sdtContent></w:sdt>"

    def legacy(inside: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{inside}</w:ffData></w:fldChar></w:r>'

    choices = '<w:ddList><w:result w:val="1"/><w:listEntry w:val="no"/><w:listEntry w:val="sí"/></w:ddList>'
    document = read(
        paragraph(box('<w14:checked w14:val="1"/>', run("☒")) + run(" router"))
        + paragraph(box('<w14:checked w14:val="1"/>', "") + run(" cable"))
        + paragraph(box("", "") + run(" fuente"))
        + paragraph(legacy('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>') + run(" a"))
        + paragraph(legacy('<w:checkBox><w:default w:val="0"/></w:checkBox>') + run(" b"))
        + paragraph(run("garantía: ") + legacy(choices))
    )
    assert document.text == "☒ router\n\n☑ cable\n\n☐ fuente\n\n☑ a\n\n☐ b\n\ngarantía: sí"


def test_symbols_are_characters() -> None:
    def sym(code: str, font: str) -> str:
        return f'<w:r><w:sym w:char="{code}" w:font="{font}"/></w:r>'

    own = run("\uf0fc\uf041", '<w:rFonts w:ascii="Wingdings"/>')
    document = read(
        paragraph(sym("F0E0", "Wingdings") + sym("F061", "Symbol") + sym("F032", "Symbol") + sym("2192", "Arial"))
        + paragraph(own)
        + paragraph(sym("F021", "Logos de la empresa") + sym("", "Arial"))
    )
    assert document.text == "→α2→\n\n✓\uf041\n\n\ufffd\ufffd"
    assert document.warnings == ("not read: symbols of unknown fonts (2)",)


def test_tabs_breaks_hyphens_and_ruby() -> None:
    document = read(
        paragraph(
            run("a") + "<w:r><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t><w:softHyphen/></w:r>"
        )
        + paragraph(f"<w:r><w:ruby><w:rt>{run('kanji')}</w:rt><w:rubyBase>{run('漢字')}</w:rubyBase></w:ruby></w:r>")
        + paragraph("<w:r><w:t>uno\ndos</w:t></w:r>")
    )
    assert document.text == "a\tb\nc-d\n\n漢字(kanji)\n\nuno dos"


def test_text_boxes_are_read_once_and_behind_their_paragraph() -> None:
    def box(content: str) -> str:
        inside = f"<w:txbxContent>{content}</w:txbxContent>"
        return (
            f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing>'
            f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback>"
            "</mc:AlternateContent></w:r>"
        )

    only_old = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="x"/><mc:Fallback><w:pict><v:textbox><w:txbxContent>'
        f"{paragraph('viejo')}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    document = read(
        paragraph(box(paragraph("Atención", "Heading3") + paragraph("No apague.")) + run("El equipo"))
        + paragraph(only_old)
        + table(["a", paragraph(run("b") + box(paragraph("c")))], ["d", "e"])
        + listed("uno", 1).replace("</w:p>", box(paragraph("al lado")) + "</w:p>")
        + listed("dos", 1),
        numbering=numbering({1: OUTLINE}, {1: (1, "")}),
    )
    assert document.text == (
        "El equipo\n\n### Atención\n\nNo apague.\n\nviejo\n\n| a | b c |\n| --- | --- |\n| d | e |\n\n"
        "1. uno\n\n   al lado\n2. dos"
    )


def test_drawings_say_their_text_and_what_is_in_a_picture() -> None:
    picture = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="{}"/></wp:inline></w:drawing></w:r>'
    shape = (
        "<w:r><w:drawing><a:p><a:r><a:t>Router</a:t></a:r><a:br/><a:r><a:t>central</a:t></a:r></a:p></w:drawing></w:r>"
    )
    lettering = '<w:r><w:pict><v:shape><v:textpath string="BORRADOR"/></v:shape></w:pict></w:r>'
    document = read(
        paragraph(run("Vea:") + picture.format("Botón de\n encendido"))
        + paragraph(picture.format("captura.PNG") + picture.format("Texto. Descripción generada automáticamente"))
        + paragraph(run("Plano") + shape + lettering)
    )
    assert document.text == "Vea: [image: Botón de encendido]\n\nPlano\n\nRouter\ncentral\n\nBORRADOR"
