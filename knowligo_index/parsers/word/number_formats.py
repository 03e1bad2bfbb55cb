"""The formats in which Word prints the number of a list item."""

from knowligo_index.parsers.markers import MAX_ROMAN, roman

_SIGNS = "*†‡§"

# Beyond this a number is printed in digits, because a letter or sign is repeated for every round of the alphabet.
_MAX_ROUNDS = 20


def printed_number(number: int, style: str) -> str:
    """The number in a format of ECMA-376 ("lowerRoman", ...); in digits if the format is not supported."""
    if style == "none":
        return ""
    if style == "decimalZero":
        return f"{number:02}"
    if style in ("ordinal", "ordinalNumber"):
        return f"{number}º"
    if style in ("lowerRoman", "upperRoman") and 0 < number <= MAX_ROMAN:
        return _cased(roman(number), style)
    if style in ("lowerLetter", "upperLetter"):
        return _cased(_repeated(number, "abcdefghijklmnopqrstuvwxyz"), style)
    if style == "chicago":
        return _repeated(number, _SIGNS)
    return str(number)


def _cased(text: str, style: str) -> str:
    return text.upper() if style.startswith("upper") else text


def _repeated(number: int, signs: str) -> str:
    """a to z, then aa to zz, and so on."""
    rounds, place = divmod(number - 1, len(signs))
    return signs[place] * (rounds + 1) if 0 <= rounds < _MAX_ROUNDS else str(number)
