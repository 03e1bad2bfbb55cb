"""The markers of numbered lists: numbers as digits, letters or Roman numerals."""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
MAX_ROMAN = 3999
"""the largest number that Roman numerals can express"""
_MAX_LETTERS = 26**3
# A longer number is a mistake, and Python refuses to convert very long ones.
_MAX_DIGITS = 9


def formatted_number(number: int, style: str) -> str:
    """The number as digits ("1"), letters ("a", "A") or Roman numerals ("i", "I"); as digits if the style cannot
    express it."""
    if style in ("a", "A") and 0 < number <= _MAX_LETTERS:
        text = _letters(number)
    elif style in ("i", "I") and 0 < number <= MAX_ROMAN:
        text = roman(number)
    else:
        return str(number)
    return text.upper() if style.isupper() else text


def whole_number(text: str | None) -> int | None:
    """The whole number, of at most nine digits, in the value of an attribute; None if it is not one."""
    digits = (text or "").strip()
    unsigned = digits.removeprefix("-")
    return int(digits) if unsigned.isdecimal() and unsigned.isascii() and len(unsigned) <= _MAX_DIGITS else None


class ListMarkers:
    """The markers of the items of one list, in order."""

    def __init__(self, first: int, step: int, style: str) -> None:
        self._next = first
        self._step = step
        self._style = style

    def next_marker(self, value: int | None) -> str:
        """The marker of the next item; `value` is the item's number if the item itself gives one."""
        number = self._next if value is None else value
        self._next = number + self._step
        return f"{formatted_number(number, self._style)}."


def _letters(number: int) -> str:
    """a to z, then aa, ab, and so on."""
    text = ""
    while number:
        number, place = divmod(number - 1, 26)
        text = chr(ord("a") + place) + text
    return text


def roman(number: int) -> str:
    """The number, 1 to MAX_ROMAN, in lower-case Roman numerals."""
    parts: list[str] = []
    for value, numeral in _ROMAN:
        parts.append(numeral * (number // value))
        number %= value
    return "".join(parts)
