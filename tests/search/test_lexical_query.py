import pytest

from knowligo_index.search.lexical_query import any_of, lexical_query


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("imprimir", '"imprimir"* OR "impr"*'),
        ("gatos", '"gatos"* OR "gato"*'),
        ("gato", '"gato" OR "gato"*'),
        ("sol", '"sol"'),
        ("el sol", '"el" OR "sol"'),
        ("impresora red", '"impresora"* OR "impr"* OR "red"'),
        ("¿Cómo IMPRIMO?", '"Cómo" OR "Cómo"* OR "IMPRIMO" OR "IMPRIMO"'),
        ("don't re-start", '"don" OR "t" OR "re" OR "start"* OR "star"*'),
    ],
)
def test_a_word_is_looked_for_by_what_begins_with_it_and_with_its_first_four_letters(
    question: str, expression: str
) -> None:
    assert any_of(lexical_query(question)) == expression


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("E-4012", "E-4012"),
        ("¿(E-4012)?", "E-4012"),
        ("$1.500,50.", "1.500,50"),
        ("18.500", "18.500"),
        ("24x7", "24x7"),
        ("VPN,", "VPN"),
        ("TCP/IP", "TCP/IP"),
        ("ÑU", "ÑU"),
    ],
)
def test_a_code_and_an_abbreviation_are_looked_for_whole_and_count_twice(question: str, code: str) -> None:
    assert any_of(lexical_query(question)) == f'"{code}" OR "{code}"'


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("____", ""),
        ("_ sol", '"sol"'),
        ("____gatos", '"____gatos"*'),
        ("__init__", '"__init__"* OR "__in"*'),
    ],
)
def test_what_holds_nothing_but_underscores_is_not_looked_for(question: str, expression: str) -> None:
    assert any_of(lexical_query(question)) == expression


def test_one_capital_letter_is_a_word() -> None:
    assert any_of(lexical_query("A la Y")) == '"A" OR "la" OR "Y"'


@pytest.mark.parametrize("question", ["", " \t\n", "\0", "¿?", '"', "'*-^:()", "🔑 — «»", '""" """'])
def test_a_question_without_a_word_gives_no_expression(question: str) -> None:
    assert any_of(lexical_query(question)) == ""


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ('"red"', '"red"'),
        ('una"red', '"una" OR "red"'),
        ('19"x', '"19""x" OR "19""x"'),
        ("red OR sol", '"red" OR "OR" OR "OR" OR "sol"'),
        ("red*", '"red"'),
        ("text:red", '"text" OR "text"* OR "red"'),
    ],
)
def test_quotes_and_operators_are_not_syntax(question: str, expression: str) -> None:
    assert any_of(lexical_query(question)) == expression


def test_a_nul_parts_words() -> None:
    assert any_of(lexical_query("red\0sol")) == '"red" OR "sol"'


def test_a_decomposed_accent_counts_as_one_letter_with_its_base() -> None:
    assert any_of(lexical_query("sesio\u0301n")) == any_of(lexical_query("sesión")) == '"sesión"* OR "sesi"*'
    assert any_of(lexical_query("cafe\u0301")) == '"café" OR "café"*'
    assert any_of(lexical_query("cafe\u0301s")) == '"cafés"* OR "café"*'
