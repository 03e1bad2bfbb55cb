import pytest

from knowligo_index.sources.language import language_of

SPANISH = "Para restablecer la contraseña del correo, llame a la mesa de ayuda y tenga a mano su número de legajo."
ENGLISH = "To reset the password of your mailbox, call the help desk and have your employee number at hand."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (SPANISH, "es"),
        (ENGLISH, "en"),
        ("Para redefinir a senha do seu e-mail, ligue para a central e tenha em mãos o número de matrícula.", "pt"),
        (f"```python\nfor item in items: print(item, end='with the end of the line')\n```\n{SPANISH}", "es"),
        (f"{SPANISH} https://example.com/this/is/the/page/of/the/help/desk/where/everything/is/written", "es"),
        ("E-4012 | 15 | 20", None),
        ("", None),
        ("Hola", None),
        ("1 2 3 4 5 6 7 8 9 " * 50, None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_a_long_text_is_told_by_its_beginning() -> None:
    assert language_of(SPANISH * 60 + ENGLISH * 1000) == "es"
