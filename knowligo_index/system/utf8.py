"""Text that can be encoded as UTF-8. Python decodes a byte that is not UTF-8 as a lone surrogate, and JSON can escape
one; neither SQLite nor a tokenizer nor a JSON file accepts it."""

import os
from pathlib import Path


def utf8_text(text: str) -> str:
    """The text with a question mark in place of each lone surrogate."""
    return text.encode("utf-8", "replace").decode()


def utf8_path(path: str | Path) -> str:
    r"""The path with \xNN in place of each byte that is not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
