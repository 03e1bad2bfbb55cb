from collections.abc import Sequence

import pytest

from knowligo_index.vocabulary import knows, unknown_languages


def pieces_of_three(texts: Sequence[str]) -> list[int]:
    """A tokenizer that cuts words of more than six letters into pieces of three."""
    return [sum(1 if len(word) <= 6 else -(-len(word) // 3) for word in text.split()) for text in texts]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("¿Qué incluye el plan?", "Qué incluye el plan"),
        ("What does the Plan cost, all in all?", "What does the Plan cost all in all"),
        ("error E-4012 en la VPN", "error en la"),
        ("set response_model_exclude_unset=True", "set True"),
        ("el iPhone de 6 o 7", "el de o"),
        ("pip install fastapi==0.1 in /usr/lib", "pip install fastapi in"),
        ("escribí a soporte@ejemplo.com.ar o www.ejemplo.com", "escribí a o"),
        ("the end. Next", "the end Next"),
        ("🔑 4711", ""),
        ("", ""),
    ],
)
def test_plain_words_are_counted_alone(text: str, plain: str) -> None:
    counted: list[str] = []

    def count(texts: Sequence[str]) -> list[int]:
        counted.extend(texts)
        return [0] * len(texts)

    assert knows([text], count) == [True]
    assert counted == [plain]


def test_up_to_135_pieces_in_a_hundred_words_the_language_is_known() -> None:
    words = " ".join(["plan"] * 20)
    assert [knows([words], lambda _: [27]), knows([words], lambda _: [28])] == [[True], [False]]


def test_a_text_without_a_plain_word_is_in_no_language() -> None:
    assert knows(["E-4012", "E-4012 contraseñas"], pieces_of_three) == [True, False]


def test_a_language_is_unknown_where_most_of_five_passages_in_it_are() -> None:
    unknown, known = "contraseñas impresoras", "el plan y la red"
    assert knows([unknown, known], pieces_of_three) == [False, True]
    passages = [
        *[("es", unknown)] * 3,
        *[("es", known)] * 2,
        *[("en", unknown)] * 3,
        *[("en", known)] * 3,
        *[("pt", unknown)] * 4,
        *[(None, unknown)] * 9,
    ]
    assert unknown_languages(passages, pieces_of_three) == ["es"]
    assert unknown_languages([], pieces_of_three) == []
