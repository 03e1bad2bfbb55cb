"""Make text from documents safe to print on a terminal."""

from unicodedata import category


def printable(text: str) -> str:
    """Text without line ends and control sequences, which names of files and passages may contain: they are escaped, as
    in a string literal of Python. Each white-space character becomes a space."""
    if text.isprintable():
        return text
    return "".join(_printable_character(char) for char in text)


def _printable_character(char: str) -> str:
    if char.isprintable():
        return char
    # Zs are the separators of words, such as the no-break space.
    if char == "\t" or category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode()
