"""Word files: the numbers and bullets of lists and headings."""

import pytest
from support.word_fixtures import blocks, dropped, headings, levels, listed, numbering, paragraph, paragraph_style, read

OUTLINE = levels(("decimal", "%1."), ("decimal", "%1.%2."), ("lowerLetter", "%3)"))


def test_items_have_the_numbers_that_are_printed() -> None:
    body = (
        listed("Red", 1)
        + listed("Cable", 1, 1)
        + listed("Rojo", 1, 2)
        + listed("Azul", 1, 2)
        + listed("Wifi", 1, 1)
        + listed("Verde", 1, 2)
        + paragraph("Mientras tanto:")
        + listed("Correo", 1)
        + listed("Cuenta", 1, 1)
    )
    document = read(body, numbering=numbering({1: OUTLINE}, {1: (1, "")}))
    assert document.text == (
        "1. Red\n   1.1. Cable\n        a) Rojo\n        b) Azul\n   1.2. Wifi\n        a) Verde\n\n"
        "Mientras tanto:\n\n2. Correo\n   2.1. Cuenta"
    )


@pytest.mark.parametrize(
    ("style", "text", "start", "printed"),
    [
        ("decimal", "%1.", 9, ["9.", "10."]),
        ("decimalZero", "%1", 9, ["09", "10"]),
        ("lowerLetter", "%1)", 26, ["z)", "aa)"]),
        ("upperLetter", "Anexo %1:", 1, ["Anexo A:", "Anexo B:"]),
        ("lowerRoman", "(%1)", 3, ["(iii)", "(iv)"]),
        ("upperRoman", "Artículo %1", 1998, ["Artículo MCMXCVIII", "Artículo MCMXCIX"]),
        ("ordinal", "%1", 1, ["1º", "2º"]),
        ("chicago", "%1", 4, ["§", "**"]),
        ("unknownStyle", "%1.", 1, ["1.", "2."]),
        ("lowerLetter", "%1.", 999999999, ["999999999.", "1000000000."]),
        ("upperRoman", "%1.", 4000, ["4000.", "4001."]),
        ("decimal", "%1.", 0, ["0.", "1."]),
    ],
)
def test_numbers_are_written_in_each_style(style: str, text: str, start: int, printed: list[str]) -> None:
    level = levels((style, text), more=f'<w:start w:val="{start}"/>')
    document = read(listed("x", 1) + listed("x", 1), numbering=numbering({1: level}, {1: (1, "")}))
    assert document.text == "\n".join(f"{number} x" for number in printed)


def test_lists_count_on_or_start_anew_as_they_say() -> None:
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    other = f'<w:lvlOverride w:ilvl="0">{levels(("upperRoman", "%1)"))}</w:lvlOverride>'
    lists = numbering({1: OUTLINE, 2: OUTLINE}, {1: (1, ""), 2: (1, ""), 3: (1, anew), 4: (2, other)})
    document = read(
        listed("a", 1) + listed("b", 2) + listed("c", 3) + listed("d", 3) + listed("e", 1) + listed("f", 4),
        numbering=lists,
    )
    assert document.text == "1. a\n\n2. b\n\n5. c\n6. d\n\n7. e\n\nI) f"


def test_a_level_restarts_only_after_the_levels_it_says() -> None:
    never = levels(("decimal", "%1."), ("decimal", "%2."), more='<w:lvlRestart w:val="0"/>')
    lists = numbering({1: never}, {1: (1, "")})
    document = read(listed("a", 1) + listed("b", 1, 1) + listed("c", 1) + listed("d", 1, 1), numbering=lists)
    assert document.text == "1. a\n   1. b\n2. c\n   2. d"


def test_a_level_without_one_above_counts_it_as_begun() -> None:
    document = read(listed("a", 1, 1) + listed("b", 1), numbering=numbering({1: OUTLINE}, {1: (1, "")}))
    assert document.text == "1.1. a\n\n2. b"


def test_all_numbers_of_a_legal_level_are_decimal() -> None:
    legal = levels(("upperRoman", "%1."), ("decimal", "%1.%2"), more="<w:isLgl/>")
    document = read(listed("a", 1) + listed("b", 1, 1), numbering=numbering({1: legal}, {1: (1, "")}))
    assert document.text == "I. a\n   1.1 b"


def test_headings_are_numbered_by_their_styles() -> None:
    counted = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = paragraph_style("Ttulo1", "heading 1", counted) + paragraph_style("Ttulo2", "heading 2", counted)
    linked = "".join(
        f'<w:lvl w:ilvl="{place}"><w:lvlText w:val="{text}"/><w:pStyle w:val="{name}"/></w:lvl>'
        for place, (text, name) in enumerate((("%1", "Ttulo1"), ("%1.%2", "Ttulo2")))
    )
    off = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    document = read(
        paragraph("Alta", "Ttulo1")
        + paragraph("Requisitos", "Ttulo2")
        + paragraph("Uso", "Ttulo1")
        + paragraph("Anexo", "Ttulo1", off)
        + paragraph("Instalación", "Ttulo2"),
        styles=styles,
        numbering=numbering({1: linked}, {1: (1, "")}),
    )
    assert headings(document) == [
        (1, "1 Alta"),
        (2, "1.1 Requisitos"),
        (1, "2 Uso"),
        (1, "Anexo"),
        (2, "2.1 Instalación"),
    ]


def test_a_definition_may_be_another_styles() -> None:
    styles = '<w:style w:type="numbering" w:styleId="Pasos"><w:name w:val="Pasos"/><w:pPr><w:numPr><w:numId w:val="2"/>'
    styles += "</w:numPr></w:pPr></w:style>"
    lists = numbering({1: '<w:numStyleLink w:val="Pasos"/>', 2: OUTLINE}, {1: (1, ""), 2: (2, "")})
    assert read(listed("Abra", 1) + listed("Cierre", 1), styles=styles, numbering=lists).text == "1. Abra\n2. Cierre"


def test_items_of_missing_lists_are_paragraphs() -> None:
    assert blocks(read(listed("a", 7) + listed("b", 0))) == [("paragraph", "a"), ("paragraph", "b")]
    lists = numbering({}, {1: (9, "")}) + '<w:num w:numId="2"/>'
    assert blocks(read(listed("a", 1) + listed("b", 2), numbering=lists)) == [("paragraph", "a"), ("paragraph", "b")]


def test_an_item_without_text_is_counted_but_a_deleted_one_is_not() -> None:
    series = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    gone = paragraph("<w:del><w:r><w:delText>z</w:delText></w:r></w:del>", properties=series)
    lists = numbering({1: OUTLINE}, {1: (1, "")})
    empty = paragraph("<w:r/>", properties=series)
    document = read(listed("a", 1) + gone + listed("b", 1) + empty + listed("c", 1), numbering=lists)
    assert document.text == "1. a\n2. b\n4. c"
    assert dropped(document) == [("deleted", 1, 1)]
