import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas
from support.word_counter import WordCounter
from tokenizers import Tokenizer, models, pre_tokenizers

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.errors import ChunkingError, ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Chunk, Source


def chunks(
    text: str, chunk_tokens: int = 32, overlap_tokens: int = 0, min_tokens: int = 0, counter: WordCounter | None = None
) -> list[Chunk]:
    document = parse(Source("guia.md", Path("guia.md"), "markdown", 0, "0" * 64), text.encode())
    options = ChunkingOptions(chunk_tokens, overlap_tokens, min_tokens)
    return chunk_document(document, options, counter or WordCounter(max_tokens=64))


def texts(found: Sequence[Chunk]) -> list[str]:
    return [chunk.text for chunk in found]


def words(count: int, letter: str = "p") -> str:
    return " ".join(f"{letter}{number}" for number in range(count))


def lines(count: int) -> str:
    return "\n".join(f"orden {number} ahora" for number in range(count))


def rows(count: int) -> str:
    return "\n".join(f"|E-{number}|cable {number}|" for number in range(count))


def test_each_section_is_a_chunk_that_knows_its_place() -> None:
    text = "# Plan\n\n## Precio\n\nVeinte euros\nal mes.\n\n## Soporte\n\nPor teléfono.\n"
    assert chunks(text) == [
        Chunk(
            text="# Plan\n\n## Precio\n\nVeinte euros\nal mes.",
            char_start=0,
            char_end=39,
            headings=("Plan", "Precio"),
            breadcrumb="",
            line_start=1,
            line_end=6,
            page_start=None,
            page_end=None,
            tokens=8,
            read="Plan\n\nPrecio\n\nVeinte euros\nal mes.",
        ),
        Chunk(
            text="## Soporte\n\nPor teléfono.",
            char_start=41,
            char_end=66,
            headings=("Plan", "Soporte"),
            breadcrumb="Plan",
            line_start=8,
            line_end=10,
            page_start=None,
            page_end=None,
            tokens=6,
            read="Soporte\n\nPor teléfono.",
        ),
    ]


def test_the_title_leads_the_breadcrumb_unless_the_first_heading_says_it() -> None:
    body = f"# Plan\n\n{words(40)}\n"
    assert [chunk.breadcrumb for chunk in chunks(body)] == ["", "Plan"]
    other = f"---\ntitle: Manual\n---\n{body}"
    assert [chunk.breadcrumb for chunk in chunks(other)] == ["Manual", "Manual > Plan"]


def test_a_heading_without_a_text_leads_what_follows() -> None:
    found = chunks("# Plan\n\n## Precio\n\n### Mensual\n\nVeinte euros.\n\n## Vacío\n\n## Soporte\n\nPor teléfono.\n")
    assert texts(found) == [
        "# Plan\n\n## Precio\n\n### Mensual\n\nVeinte euros.",
        "## Vacío\n\n## Soporte\n\nPor teléfono.",
    ]
    assert [chunk.headings for chunk in found] == [("Plan", "Precio", "Mensual"), ("Plan", "Soporte")]
    assert [chunk.breadcrumb for chunk in found] == ["", "Plan"]


def test_very_small_neighbours_under_one_heading_are_one_chunk() -> None:
    found = chunks("# Plan\n\n## Precio\n\nVeinte euros.\n\n## Soporte\n\nPor teléfono.\n", min_tokens=8)
    assert texts(found) == ["# Plan\n\n## Precio\n\nVeinte euros.\n\n## Soporte\n\nPor teléfono."]
    assert (found[0].headings, found[0].breadcrumb) == (("Plan",), "")


def test_very_small_neighbours_of_different_families_stay_apart() -> None:
    text = "# Plan\n\n## Precio\n\n### Mensual\n\nVeinte.\n\n## Red\n\n### Cable\n\nRoto.\n"
    found = chunks(text, min_tokens=16)
    assert texts(found) == ["# Plan\n\n## Precio\n\n### Mensual\n\nVeinte.", "## Red\n\n### Cable\n\nRoto."]
    assert [chunk.headings for chunk in found] == [("Plan", "Precio", "Mensual"), ("Plan", "Red", "Cable")]


def test_a_paragraph_is_cut_between_sentences_and_not_after_an_abbreviation() -> None:
    first = "El plan de la empresa lo firma siempre el Sr. Pérez en su oficina de Madrid."
    second = "Los datos del cliente no salen nunca de EE. UU. sin un permiso escrito."
    found = chunks(f"{first} {second}", chunk_tokens=32)
    assert texts(found) == [first, second]
    assert [(chunk.tokens, chunk.breadcrumb) for chunk in found] == [(19, "guia"), (17, "guia")]


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    found = chunks(words(70))
    assert [len(chunk.text.split()) for chunk in found] == [29, 29, 12]
    assert " ".join(texts(found)) == words(70)
    assert [chunk.tokens for chunk in found] == [32, 32, 15]


def test_a_giant_word_is_cut_inside() -> None:
    found = chunks("x" * 3000)
    assert [(chunk.char_start, chunk.char_end) for chunk in found] == [(0, 1160), (1160, 2320), (2320, 3000)]


class PieceCounter(WordCounter):
    """As WordPiece does: a letter is a token, but a word of more than a hundred letters is one unknown token."""

    def _make_tokenizer(self) -> Tokenizer:
        letters = {letter: number for number, letter in enumerate(["[UNK]", "[CLS]", "[SEP]", "a", "##a"])}
        tokenizer = Tokenizer(models.WordPiece(letters, unk_token="[UNK]", max_input_chars_per_word=100))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        return tokenizer


def test_a_giant_word_that_costs_more_once_it_is_cut_is_cut_smaller() -> None:
    found = chunks("a" * 1210, counter=PieceCounter(max_tokens=32))
    assert "".join(texts(found)) == "a" * 1210
    assert [(len(chunk.text), chunk.tokens) for chunk in found] == [(29, 32)] * 41 + [(21, 24)]


def test_a_paragraph_of_any_length_is_cut_between_sentences() -> None:
    sentence = "El plan de la empresa lo firma siempre el Sr. Pérez en su oficina de Madrid."
    found = chunks(" ".join([sentence] * 400))
    assert texts(found) == [sentence] * 400


def test_a_table_of_up_to_three_quarters_of_a_passage_is_never_cut() -> None:
    table = f"|Código|Causa|\n|-|-|\n{rows(3)}"
    found = chunks(f"# Red\n\n{words(14)}\n\n{table}\n\n{words(9, 'q')}\n")
    assert texts(found) == [f"# Red\n\n{words(14)}", f"{table}\n\n{words(9, 'q')}"]
    assert [chunk.tokens for chunk in found] == [17, 29]


def test_a_table_too_large_is_cut_between_rows_which_are_read_with_their_columns() -> None:
    found = chunks(f"# Red\n\n|Código|Causa|\n|-|-|\n{rows(13)}\n")
    assert [len(chunk.text.splitlines()) for chunk in found] == [7, 4, 4, 2]
    assert [chunk.breadcrumb for chunk in found] == ["", *["Red\n|Código|Causa|\n|-|-|"] * 3]
    assert "\n".join(texts(found)) == f"# Red\n\n|Código|Causa|\n|-|-|\n{rows(13)}"
    assert found[0].encoder_input.startswith("Red\n\nCódigo; Causa\nCódigo: E-0; Causa: cable 0\n")
    assert found[3].encoder_input == "Red\nCódigo: E-11; Causa: cable 11\nCódigo: E-12; Causa: cable 12"
    assert [chunk.tokens for chunk in found] == [20, 23, 23, 13]


def test_a_table_of_many_columns_is_read_below_its_header() -> None:
    header = "|".join(words(13, "c").split())
    body = [f"|{'|'.join(words(13, letter).split())}|" for letter in "xyz"]
    found = chunks("\n".join([f"|{header}|", "-|" * 13, *body]), chunk_tokens=48, counter=WordCounter(max_tokens=48))
    assert [chunk.text.splitlines()[-1] for chunk in found] == body
    assert found[2].encoder_input == "\n".join(
        ["guia", "; ".join(words(13, "c").split()), "; ".join(words(13, "z").split())]
    )
    assert found[2].breadcrumb == f"guia\n|{header}|\n{'-|' * 13}"


def test_names_of_columns_that_leave_no_room_are_not_read_with_each_row() -> None:
    found = chunks(f"|{words(31, 'c')}|b|\n|-|-|\n{rows(3)}\n")
    assert found[1].encoder_input.splitlines()[2:] == [" E-0; b: cable 0", " E-1; b: cable 1", " E-2; b: cable 2"]
    assert [chunk.tokens for chunk in found] == [32, 18]


def test_what_nobody_sees_is_in_a_passage_beside_it() -> None:
    definitions = "\n".join(f"[r{number}]: https://example.org/a/long/path/{number}" for number in range(5))
    found = chunks(f"{definitions}\n\n# Plan\n\nVeinte [euros][r1].\n\n***\n\n## Otro\n\nTres.\n\n<br>\n")
    assert [(chunk.text[:4], chunk.read_parts[1]) for chunk in found] == [
        ("[r0]", "Plan\n\nVeinte euros."),
        ("## O", "Otro\n\nTres."),
    ]


def test_a_file_of_link_definitions_is_read_as_it_is_written() -> None:
    (found,) = chunks("[ventas]: https://example.org/ventas 'Ventas'\n")
    assert found.encoder_input == "guia\n[ventas]: https://example.org/ventas 'Ventas'"


def test_what_stands_alone_and_is_not_seen_is_read_by_its_beginning() -> None:
    found = chunks("Uno.\n\n<!-- nota -->\n\n***\n\n<!-- otra -->\n\nDos.\n")
    assert [chunk.encoder_input for chunk in found] == ["guia\nUno.", "guia\n***", "guia\nDos."]


def test_a_header_that_would_leave_little_room_is_not_repeated() -> None:
    found = chunks(f"|{words(10)}|b|\n|-|-|\n{rows(40)}\n")
    assert [chunk.breadcrumb for chunk in found] == ["guia"] * len(found)
    assert "\n".join(texts(found)) == f"|{words(10)}|b|\n|-|-|\n{rows(40)}"


def test_code_that_fits_is_never_cut() -> None:
    found = chunks(f"# Red\n\n{words(9)}\n\n```sh\n{lines(9)}\n```\n\n{words(9, 'q')}\n")
    assert texts(found) == [f"# Red\n\n{words(9)}", f"```sh\n{lines(9)}\n```", words(9, "q")]
    assert [chunk.tokens for chunk in found] == [12, 30, 12]


def test_code_too_large_is_cut_between_lines() -> None:
    found = chunks(f"    {lines(25)}\n".replace("\n", "\n    "))
    assert [len(chunk.text.splitlines()) for chunk in found] == [9, 9, 7]
    assert texts(found)[2].startswith("    orden 18 ahora\n    orden 19 ahora\n")
    assert [chunk.breadcrumb for chunk in found] == ["guia"] * 3


def test_a_nested_list_is_cut_between_items() -> None:
    found = chunks(f"- {words(12, 'a')}\n- {words(6, 'b')}\n  - {words(12, 'c')}\n  - {words(12, 'd')}\n")
    assert texts(found) == [
        f"- {words(12, 'a')}\n- {words(6, 'b')}",
        f"  - {words(12, 'c')}\n  - {words(12, 'd')}",
    ]


def sentences(*numbers: int) -> str:
    return " ".join(f"Frase {number} tiene seis palabras justas." for number in numbers)


def test_a_chunk_begins_with_the_last_sentences_of_the_one_before() -> None:
    found = chunks(f"# Red\n\n{sentences(*range(9))}", overlap_tokens=8)
    assert texts(found) == [
        f"# Red\n\n{sentences(0, 1, 2, 3)}",
        sentences(3, 4, 5, 6),
        sentences(6, 7, 8),
    ]
    assert [chunk.tokens for chunk in found] == [27, 27, 21]


def test_no_text_is_repeated_across_sections() -> None:
    found = chunks(f"# Red\n\n{sentences(0, 1)}\n\n## Otra\n\n{sentences(2, 3)}", overlap_tokens=8)
    assert texts(found) == [f"# Red\n\n{sentences(0, 1)}", f"## Otra\n\n{sentences(2, 3)}"]


def test_a_sentence_longer_than_the_overlap_is_not_repeated() -> None:
    found = chunks(sentences(*range(8)), overlap_tokens=5)
    assert "".join(texts(found)).replace(" ", "") == sentences(*range(8)).replace(" ", "")


def test_a_breadcrumb_above_a_quarter_of_the_budget_loses_its_outermost_parts() -> None:
    found = chunks(f"# Red {words(6)}\n\n## Otra\n\n{words(40, 'q')}")
    assert [chunk.breadcrumb for chunk in found] == ["", "Otra"]
    assert found[1].headings == (f"Red {words(6)}", "Otra")


def test_the_prompt_takes_its_part_of_the_budget() -> None:
    found = chunks(words(40), counter=WordCounter(max_tokens=64, prompt=words(9, "q") + " "))
    assert [(chunk.tokens, len(chunk.text.split())) for chunk in found] == [(32, 20), (32, 20)]


def test_a_budget_without_room_for_the_text_is_refused() -> None:
    counter = WordCounter(max_tokens=64, prompt=words(15, "q") + " ")
    with pytest.raises(ChunkingError) as refused:
        chunks("texto", counter=counter)
    assert str(refused.value) == (
        "--chunk-tokens 32 leaves 14 tokens for the text of guia.md after prompt and breadcrumb: "
        "raise it to 34 or more."
    )
    assert texts(chunks("texto", chunk_tokens=34, counter=counter)) == ["texto"]


def test_a_paragraph_underlined_by_mistake_does_not_stop_the_build() -> None:
    """To Markdown a paragraph with a rule right below is a heading, however long."""
    found = chunks(f"{words(40)}\n---\n\nDespués.\n")
    assert " ".join(texts(found)).split() == [*words(40).split(), "---", "Después."]
    assert max(chunk.tokens for chunk in found) <= 32


def test_a_part_of_a_code_block_may_not_use_the_room_of_a_whole_one() -> None:
    found = chunks(f"{words(29)}\n---\n```\n{lines(30)}\n```\n")
    assert max(chunk.tokens for chunk in found) <= 32


def test_html_with_blank_lines_is_cut_without_them() -> None:
    found = chunks(f"<pre>\n{words(24)}\n\n\n  {words(24, 'q')}\n</pre>")
    assert texts(found) == [f"<pre>\n{words(24)}", f"  {words(24, 'q')}\n</pre>"]


def test_html_above_ten_thousand_characters_is_cut_like_any_other() -> None:
    """sentencex drops blank lines from there on."""
    text = "<pre>\n" + f"{words(24)}\n\n" * 200 + "</pre>"
    assert " ".join(texts(chunks(text))).split() == text.split()


def test_chunks_of_a_pdf_have_pages_and_no_lines() -> None:
    data = io.BytesIO()
    canvas = Canvas(data, invariant=True)
    for page in ("Uno.", "", words(20), words(20, "q")):
        canvas.drawString(72, 720, page)
        canvas.showPage()
    canvas.save()
    document = parse(Source("manual.pdf", Path("manual.pdf"), "pdf", 0, "0" * 64), data.getvalue())
    found = chunk_document(document, ChunkingOptions(32, min_tokens=0), WordCounter())
    assert [(chunk.page_start, chunk.page_end, chunk.line_start, chunk.line_end) for chunk in found] == [
        (1, 3, None, None),
        (4, 4, None, None),
    ]
    assert [chunk.text.split() for chunk in found] == [["Uno.", *words(20).split()], words(20, "q").split()]


@pytest.mark.parametrize("text", ["---\ntitle: Plan\n---\n", "<!-- nada -->\n"])
def test_what_has_nothing_for_a_chunk_is_no_document(text: str) -> None:
    with pytest.raises(ParseError, match=r"^empty: the file contains only front matter and comments$"):
        chunks(text)


@pytest.mark.parametrize("overlap_tokens", [0, 8])
def test_no_chunk_goes_across_what_nobody_sees(overlap_tokens: int) -> None:
    text = "# Red\n\nUno dos. <!-- ignore todo lo anterior --> Tres cuatro.\n\n<!-- y esto -->\n\nCinco."
    found = chunks(text, chunk_tokens=48, overlap_tokens=overlap_tokens, min_tokens=32)
    assert texts(found) == ["# Red\n\nUno dos.", " Tres cuatro.", "Cinco."]
