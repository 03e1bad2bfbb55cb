import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from support.random_markdown import markdown

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Block, Document, Exclusion, Source


def read(text: str | bytes, name: str = "guias/wifi.md") -> Document:
    data = text.encode() if isinstance(text, str) else text
    return parse(Source(name, Path(name), "markdown", len(data), "0" * 64), data)


def blocks(document: Document) -> list[tuple[str, str]]:
    """Kind and text of the top-level blocks."""
    return [(block.kind, document.text[block.char_start : block.char_end]) for block in document.blocks]


def tree(document: Document, parts: Sequence[Block] | None = None, depth: int = 0) -> list[tuple[int, str, str]]:
    """Depth, kind and text of every block, parents before their children."""
    rows: list[tuple[int, str, str]] = []
    for block in document.blocks if parts is None else parts:
        rows.append((depth, block.kind, document.text[block.char_start : block.char_end]))
        rows.extend(tree(document, block.children, depth + 1))
    return rows


def headings(document: Document) -> list[tuple[int, str]]:
    return [(block.level, block.label) for block in document.blocks if block.kind == "heading"]


def excluded(document: Document) -> list[str]:
    return [document.text[exclusion.char_start : exclusion.char_end] for exclusion in document.exclusions]


def test_blocks_are_whole_lines_with_their_markup() -> None:
    document = read(
        "# Red\n\nUn párrafo\nde dos líneas.  \n\n\n***\n- uno\n- dos\n\n> cita\n\n<div>\n<p>html</p>\n</div>\n\nfin\n"
    )
    assert blocks(document) == [
        ("heading", "# Red"),
        ("paragraph", "Un párrafo\nde dos líneas."),
        ("paragraph", "***"),
        ("list", "- uno\n- dos"),
        ("quote", "> cita"),
        ("html", "<div>\n<p>html</p>\n</div>"),
        ("paragraph", "fin"),
    ]


def test_a_headings_label_is_its_text_without_markup() -> None:
    document = read(
        "# Red *local* y `VPN` { #red .ancha }\n\nPlan **profesional**\nde [ventas](v.md)\n======\n\n"
        "Precio\n---\n\n### ![Mapa](m.png) de la red ###\n\n###### Sin {llaves} quitadas\n\n#\n"
    )
    assert headings(document) == [
        (1, "Red local y VPN"),
        (1, "Plan profesional de ventas"),
        (2, "Precio"),
        (3, "Mapa de la red"),
        (6, "Sin {llaves} quitadas"),
        (1, ""),
    ]
    assert blocks(document)[:2] == [
        ("heading", "# Red *local* y `VPN` { #red .ancha }"),
        ("heading", "Plan **profesional**\nde [ventas](v.md)\n======"),
    ]


def test_lists_nest_down_to_the_code_inside_an_item() -> None:
    document = read("- uno\n- dos\n\n  ```sh\n  ls\n\n  pwd\n  ```\n\n  1. tres\n  2. cuatro\n     más\n- cinco\n")
    assert tree(document) == [
        (0, "list", document.text.rstrip()),
        (1, "item", "- uno"),
        (2, "paragraph", "- uno"),
        (1, "item", "- dos\n\n  ```sh\n  ls\n\n  pwd\n  ```\n\n  1. tres\n  2. cuatro\n     más"),
        (2, "paragraph", "- dos"),
        (2, "code", "  ```sh\n  ls\n\n  pwd\n  ```"),
        (2, "list", "  1. tres\n  2. cuatro\n     más"),
        (3, "item", "  1. tres"),
        (4, "paragraph", "  1. tres"),
        (3, "item", "  2. cuatro\n     más"),
        (4, "paragraph", "  2. cuatro\n     más"),
        (1, "item", "- cinco"),
        (2, "paragraph", "- cinco"),
    ]


def test_the_first_row_of_a_table_is_its_header_with_the_delimiters() -> None:
    document = read("| Código | Causa |\n| --- | :-: |\n| E-4012 | sesión \\| red |\n| E-4013 |\n\ntexto\n")
    assert tree(document) == [
        (0, "table", "| Código | Causa |\n| --- | :-: |\n| E-4012 | sesión \\| red |\n| E-4013 |"),
        (1, "row", "| Código | Causa |\n| --- | :-: |"),
        (1, "row", "| E-4012 | sesión \\| red |"),
        (1, "row", "| E-4013 |"),
        (0, "paragraph", "texto"),
    ]


def test_a_quote_holds_its_blocks_and_its_bare_markers() -> None:
    document = read("> # Aviso\n> cita\n>\n>     código\n> perezoso\nsigue\n")
    assert tree(document) == [
        (0, "quote", "> # Aviso\n> cita\n>\n>     código\n> perezoso\nsigue"),
        (1, "heading", "> # Aviso"),
        (1, "paragraph", "> cita"),
        (1, "paragraph", ">"),
        (1, "code", ">     código"),
        (1, "paragraph", "> perezoso\nsigue"),
    ]


def test_code_keeps_the_indentation_of_its_first_line() -> None:
    document = read("\n    def f():\n        pass\n\n\n    f()\n\n ```py\n   x = 1\n```\n\n~~~\nsin cerrar\n")
    assert blocks(document) == [
        ("code", "    def f():\n        pass\n\n\n    f()"),
        ("code", " ```py\n   x = 1\n```"),
        ("code", "~~~\nsin cerrar"),
    ]


def test_link_reference_definitions_are_not_lost() -> None:
    document = read("uno\n\n[a]: http://a 'A'\n[b]: http://b\ntexto [a]\n\n- x\n\n  [c]: http://c\n- [d]: http://d\n")
    assert tree(document) == [
        (0, "paragraph", "uno"),
        (0, "paragraph", "[a]: http://a 'A'\n[b]: http://b"),
        (0, "paragraph", "texto [a]"),
        (0, "list", "- x\n\n  [c]: http://c\n- [d]: http://d"),
        (1, "item", "- x\n\n  [c]: http://c"),
        (2, "paragraph", "- x"),
        (2, "paragraph", "  [c]: http://c"),
        (1, "item", "- [d]: http://d"),
        (2, "paragraph", "- [d]: http://d"),
    ]


@pytest.mark.parametrize(
    ("end", "starts"), [("\n", (0, 4, 5, 9, 13)), ("\r\n", (0, 5, 7, 12, 17)), ("\r", (0, 4, 5, 9, 13))]
)
def test_every_line_end_counts_and_stays_in_the_text(end: str, starts: tuple[int, ...]) -> None:
    document = read(f"# A{end}{end}uno{end}dos{end}- x{end}")
    assert document.text == f"# A{end}{end}uno{end}dos{end}- x{end}"
    assert blocks(document) == [("heading", "# A"), ("paragraph", f"uno{end}dos"), ("list", "- x")]
    assert document.line_starts == starts


def test_only_what_an_editor_takes_for_a_line_end_is_one() -> None:
    document = read("uno\u2028dos\x0ctres\x85cuatro\nfin")
    assert document.line_starts == (0, 20)
    assert blocks(document) == [("paragraph", "uno\u2028dos\x0ctres\x85cuatro\nfin")]


def test_offsets_do_not_count_the_byte_order_mark() -> None:
    document = read(b"\xef\xbb\xbf# A\xc3\xb1o\n\ntexto\n")
    assert (document.encoding, document.text) == ("utf-8-sig", "# Año\n\ntexto\n")
    assert blocks(document) == [("heading", "# Año"), ("paragraph", "texto")]


def test_offsets_count_code_points() -> None:
    document = read("🔑🔑 é\n\nfin")
    assert document.encoding == "utf-8"
    assert [(block.char_start, block.char_end) for block in document.blocks] == [(0, 4), (6, 9)]


def test_front_matter_becomes_metadata_and_is_excluded() -> None:
    document = read(
        "---\ntitle: Plan\nupdated: 2026-03-01\npublic: no\ntags: [red, 4012, {a: b}]\nnav: {a: b}\nempty:\n---\n"
        "# Red\n"
    )
    assert document.metadata == {
        "title": "Plan",
        "updated": "2026-03-01",
        "public": "no",
        "tags": ["red", "4012"],
        "empty": "",
    }
    end = document.text.index("# Red") - 1
    assert document.exclusions == (Exclusion("front-matter", 0, end),)
    assert blocks(document) == [("heading", "# Red")]
    assert document.warnings == ()


@pytest.mark.parametrize("front", ["---\n---", "---\n# nada\n---"])
def test_front_matter_that_says_nothing_is_excluded(front: str) -> None:
    document = read(f"{front}\ntexto\n")
    assert (excluded(document), document.metadata, blocks(document)) == ([front], {}, [("paragraph", "texto")])


@pytest.mark.parametrize(
    ("front", "why"),
    [
        ("---\n- uno\n- dos\n---", "not a mapping"),
        ("---\nun texto\n---", "not a mapping"),
        ("---\na: [\n---", "while parsing a flow node"),
        ("---\na: *b\n---", "found undefined alias 'b'"),
        ("---\n? [a]\n: b\n---", "while constructing a mapping"),
    ],
)
def test_front_matter_that_is_no_mapping_stays_text(front: str, why: str) -> None:
    document = read(f"{front}\n# Red\n")
    assert blocks(document) == [("paragraph", front), ("heading", "# Red")]
    assert (document.metadata, document.exclusions, document.title) == ({}, (), "Red")
    assert document.warnings == (f"front matter is not a YAML mapping, indexed as text: {why}",)


def test_only_the_first_line_can_begin_front_matter() -> None:
    document = read("\n---\ntitle: Plan\n---\n")
    assert blocks(document) == [("paragraph", "---"), ("heading", "title: Plan\n---")]
    assert document.title == "wifi"


def test_yaml_aliases_that_multiply_do_no_harm() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 30)]
    start = time.perf_counter()
    document = read("---\n" + "\n".join(lines) + "\n---\n# Red\n")
    assert time.perf_counter() - start < 5
    assert document.metadata == {"l0": ["x"] * 10, **{f"l{level}": [] for level in range(1, 30)}}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: ' Del autor '\n---\n# Uno\n", "Del autor"),
        ("---\ntitle: ''\n---\n# Uno\n", "Uno"),
        ("---\ntitle: [a]\n---\n# Uno\n", "Uno"),
        ("## Dos\n\n# Uno\n\n# Otro\n", "Uno"),
        ("> # Citado\n\ntexto\n", "wifi"),
        ("#\n\ntexto\n", "wifi"),
        ("## Dos\n", "wifi"),
    ],
)
def test_the_title_is_the_authors_or_the_first_heading_or_the_files_name(text: str, title: str) -> None:
    assert read(text).title == title


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"", "empty", "the file contains only white space"),
        (b" \r\n\t\n\xc2\xa0", "empty", "the file contains only white space"),
        (b"\xef\xbb\xbf\n", "empty", "the file contains only white space"),
        (b"# A\n\0", "nul-characters", "byte 4 is a NUL: not a text file"),
        (
            "# Año\n".encode() * 20 + "# Año".encode("latin-1"),
            "unknown-encoding",
            "neither UTF-8 nor another encoding of Spanish or English: save the file as UTF-8",
        ),
    ],
)
def test_what_is_no_text_gives_no_document(data: bytes, reason: str, detail: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(data)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


def check_cover(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> None:
    """The spans lie in [start, end) in order, do not overlap, and leave out nothing but white space."""
    bounds = [start, *chain.from_iterable(spans), end]
    assert bounds == sorted(bounds)
    gaps = zip(bounds[::2], bounds[1::2], strict=True)
    assert all(not text[left:right].strip() for left, right in gaps)
    assert all(text[left:right].strip() for left, right in spans)


def check_children(text: str, block: Block) -> None:
    if block.children:
        children = [(child.char_start, child.char_end) for child in block.children]
        check_cover(text, block.char_start, block.char_end, children)
    for child in block.children:
        check_children(text, child)


@settings(deadline=None)
@given(markdown())
def test_blocks_and_exclusions_cover_every_character(text: str) -> None:
    try:
        document = read(text)
    except ParseError as error:
        # Nothing but comments, or characters that nobody sees.
        if error.reason not in ("empty", "no-text"):
            raise
        return
    assert document.text == text.removeprefix("\ufeff")
    assert document.text == text.encode().decode(document.encoding or "")
    parts: list[Exclusion | Block] = [*document.exclusions, *document.blocks]
    spans = sorted((part.char_start, part.char_end) for part in parts)
    check_cover(document.text, 0, len(document.text), spans)
    starts = [block.char_start for block in document.blocks]
    assert starts == sorted(starts)
    for block in document.blocks:
        check_children(document.text, block)


def parts(text: str) -> list[str]:
    document = read(text)
    return [document.text[block.char_start : block.char_end] for block in document.blocks]


@pytest.mark.parametrize(
    ("text", "expected", "comments"),
    [
        ("Uno\n\n<!-- nota -->\n\nDos", ["Uno", "Dos"], ["<!-- nota -->"]),
        ("Uno <!-- a\nb --> dos", ["Uno", " dos"], ["<!-- a\nb -->"]),
        ("# Plan <!-- a --> B", ["# Plan", " B"], ["<!-- a -->"]),
        ("- uno\n- dos <!-- a -->\n", ["- uno", "- dos"], ["<!-- a -->"]),
        ("| a |\n| - |\n| b <!-- c --> |", ["| a |\n| - |", "| b", " |"], ["<!-- c -->"]),
        ("[//]: # (nota)\n\nUno", ["Uno"], ["[//]: # (nota)"]),
        ("Uno\n\n<!-- sin fin\n\nDos", ["Uno"], ["<!-- sin fin\n\nDos"]),
        ("`<!-- a -->`", ["`<!-- a -->`"], []),
        ("```\n<!-- a -->\n```", ["```\n<!-- a -->\n```"], []),
        ("Uno\U000e0041\U000e0042 dos", ["Uno", " dos"], ["\U000e0041\U000e0042"]),
    ],
)
def test_what_nobody_sees_is_in_no_block(text: str, expected: list[str], comments: list[str]) -> None:
    document = read(text)
    assert parts(text) == expected
    assert [document.text[each.char_start : each.char_end] for each in document.exclusions] == comments


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (
            "Uno <!-- a --> `<!-- b -->`",
            "hidden-text: the comment on line 1 is indexed, since it cannot be told from code",
        ),
        ("Uno\n\n<p hidden>Dos</p>", "hidden-text: the HTML on line 3 hides its content, which is indexed"),
        (
            'a\n\nb <b style="display:none">c</b>',
            "hidden-text: the HTML on line 3 hides its content, which is indexed",
        ),
        ("Uno\nd\u200bos", "hidden-characters: 1 characters are not visible, first on line 2"),
    ],
)
def test_what_is_hidden_and_indexed_is_told(text: str, warning: str) -> None:
    assert read(text).warnings == (warning,)


def test_an_emoji_and_a_flag_hide_nothing() -> None:
    text = "\N{MAN}\u200d\N{WOMAN} \u2764\ufe0f \U0001f3f4\U000e0067\U000e0062\U000e007f"
    assert (read(text).warnings, read(text).exclusions) == ((), ())


def test_an_admonition_is_a_quote_of_paragraphs() -> None:
    document = read('!!! note "Ojo"\n    Sin cable.\n\n    - uno\n\nDos')
    assert [(block.kind, [child.kind for child in block.children]) for block in document.blocks] == [
        ("quote", ["paragraph", "paragraph", "list"]),
        ("paragraph", []),
    ]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("# Año próximo: señal".encode("latin-1"), "cp1252"),
        ("# Año “próximo” – 5 €".encode("cp1252"), "cp1252"),
        ("# Año".encode("utf-16"), "utf-16"),
        ("# Configuración de la señal del año próximo".encode("utf-16-le"), "utf_16_le"),
        ("# Año".encode("utf-32"), "utf-32"),
        (("# Configuración: ¿qué incluye el año próximo? Más señal y teléfono.").encode("cp850"), "cp850"),
    ],
)
def test_a_file_in_another_encoding_is_read_as_it_was_written(data: bytes, encoding: str) -> None:
    source = Source("a.md", Path("a.md"), "markdown", len(data), "0" * 64)
    document = parse(source, data)
    assert (document.encoding, document.text) == (encoding, data.decode(encoding))
    assert [warning for warning in document.warnings if "guess" in warning] == (
        [] if encoding in ("utf-16", "utf-32") else [f"read as {encoding}, which is a guess: save the file as UTF-8"]
    )
