"""Text of documents on a terminal."""

from unicodedata import category


def printable(text: str) -> str:
    """A file's name, or a passage, may hold line ends and sequences that a terminal obeys. White space of any kind is
    a space."""
    if text.isprintable():
        return text
    return "".join(_printable_character(char) for char in text)


def _printable_character(char: str) -> str:
    if char.isprintable():
        return char
    # Zs: no-break spaces and their like.
    if char == "\t" or category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode()
