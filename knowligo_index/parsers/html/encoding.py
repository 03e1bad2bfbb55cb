"""The encoding of a page: that of its byte order mark, else the one that it declares, else a guess.

This follows the WHATWG Encoding Standard, with one exception: bytes that are valid UTF-8 and not ASCII are decoded as
UTF-8 whatever the page declares, because text in another encoding is hardly ever valid UTF-8.
"""

import codecs
import re

from knowligo_index.errors import ParseError
from knowligo_index.parsers.plain import decode

# The standard has a browser look for a declaration in the first 1024 bytes.
_DECLARED_WITHIN = 1024
_DECLARED = re.compile(
    rb"""(?:<meta[^>]{1,512}?charset|<\?xml[^>]{1,200}?encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""", re.IGNORECASE
)

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Pages that declare one of these encodings use another one (Encoding Standard, "Names and labels").
_ALIASES = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}

# Encodings that a page may declare. Python has other codecs that are not encodings of text (rot13, zip), and some that
# turn ASCII into other characters (UTF-7, unicode_escape).
_ALLOWED = re.compile(
    r"utf-8|cp125[0-8]|cp866|cp874|cp932|cp949|iso8859-(?:[2-8]|1[03-6])|koi8-[ru]|mac-roman|mac-cyrillic|gb18030|"
    r"big5(?:hkscs)?|euc_jp|iso2022_jp"
)


def decode_page(data: bytes) -> tuple[str, str, bool]:
    """The text of a page, its codec, and whether the codec was guessed. A declaration that does not fit the bytes is
    ignored.

    Raises ParseError if the bytes are not text.
    """
    declared = None if data.startswith(_MARKS) else _declared(data)
    if declared is not None and not _is_utf8(data):
        try:
            text = data.decode(declared)
        except UnicodeDecodeError:
            pass
        else:
            if "\0" in text:
                raise ParseError("nul-characters", f"character {text.index(chr(0))} is a NUL: not a text file")
            if text.strip():
                return text, declared, False
    text, codec = decode(data)
    return text, codec, not codec.startswith("utf")


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    if match is None:
        return None
    try:
        codec = codecs.lookup(match[1].decode("ascii")).name
    except LookupError:
        return None
    codec = _ALIASES.get(codec, codec)
    return codec if _ALLOWED.fullmatch(codec) else None


def _is_utf8(data: bytes) -> bool:
    # ASCII bytes mean the same in all allowed encodings except ISO-2022-JP, which uses escape sequences.
    if data.isascii():
        return b"\x1b" not in data
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
