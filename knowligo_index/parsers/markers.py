"""What stands before the items of numbered lists."""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
MOST_ROMAN = 3999
"""Roman numerals go no further"""
_MOST_LETTERS = 26**3
# Beyond this a number is nonsense, and Python refuses to read very long ones.
_MOST_DIGITS = 9


def written(number: int, style: str) -> str:
    """The number as digits ("1"), letters ("a", "A") or Roman numerals ("i", "I"); as digits where it has no other
    form."""
    if style in ("a", "A") and 0 < number <= _MOST_LETTERS:
        text = _letters(number)
    elif style in ("i", "I") and 0 < number <= MOST_ROMAN:
        text = roman(number)
    else:
        return str(number)
    return text.upper() if style.isupper() else text


def whole_number(text: str | None) -> int | None:
    """The number that an attribute gives; None where it gives none that makes sense."""
    digits = (text or "").strip()
    unsigned = digits.removeprefix("-")
    return int(digits) if unsigned.isdecimal() and unsigned.isascii() and len(unsigned) <= _MOST_DIGITS else None


class Numbering:
    """Numbers the items of a list, one after another."""

    def __init__(self, first: int, step: int, style: str) -> None:
        self._next = first
        self._step = step
        self._style = style

    def marker(self, value: int | None) -> str:
        """The next item's marker; an item may say its number itself."""
        number = self._next if value is None else value
        self._next = number + self._step
        return f"{written(number, self._style)}."


def _letters(number: int) -> str:
    """a to z, then aa, ab, and so on."""
    text = ""
    while number:
        number, place = divmod(number - 1, 26)
        text = chr(ord("a") + place) + text
    return text


def roman(number: int) -> str:
    """The number, 1 to MOST_ROMAN, in small Roman numerals."""
    parts: list[str] = []
    for worth, sign in _ROMAN:
        parts.append(sign * (number // worth))
        number %= worth
    return "".join(parts)
