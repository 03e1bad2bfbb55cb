"""What parsers of text share: decoding, lines, paragraphs."""

import re
from collections.abc import Sequence
from itertools import pairwise

from knowligo_index.errors import ParseError
from knowligo_index.types import Block

# CommonMark's line endings; str.splitlines knows more of them (form feed, U+2028, ...) and would count lines that
# an editor does not.
LINE_END = re.compile(r"\r\n|\n|\r")

# The groups are atomic, lest the two halves of one \r\n be taken for two line ends.
_BLANK_LINES = re.compile(r"(?>\r\n|\n|\r)(?:[ \t]*(?>\r\n|\n|\r))+")


def decode(data: bytes) -> tuple[str, str]:
    """The text in `data` and the codec that gives it. UTF-8, with or without a byte order mark.

    Raises ParseError where it is not UTF-8 or holds NUL characters.
    """
    codec = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise ParseError("not-utf8", f"byte {error.start} is not UTF-8: save the file as UTF-8") from error
    if "\0" in text:
        raise ParseError("nul-characters", f"character {text.index(chr(0))} is a NUL: not a text file")
    if not text.strip():
        raise ParseError("empty", "nothing but white space")
    return text, codec


def line_starts(text: str) -> tuple[int, ...]:
    """Offset of each line's first character."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    return tuple(starts if starts[-1] < len(text) else starts[:-1])


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blank lines before it and white space after it; the first line keeps its indentation.

    An all-blank span gives (end, end).
    """
    body = text[start:end]
    lead = len(body) - len(body.lstrip())
    if lead == len(body):
        return end, end
    line = max(body.rfind("\n", 0, lead), body.rfind("\r", 0, lead)) + 1
    return start + line, start + len(body.rstrip())


def paragraphs(text: str, start: int, end: int) -> list[Block]:
    """Paragraphs of text[start:end]: runs of lines between blank ones."""
    blocks: list[Block] = []
    cuts = [start, *(match.end() for match in _BLANK_LINES.finditer(text, start, end)), end]
    for left, right in pairwise(cuts):
        first, last = trim(text, left, right)
        if first < last:
            blocks.append(Block("paragraph", first, last))
    return blocks


def fill_gaps(text: str, start: int, end: int, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """`blocks` but the empty ones, and a paragraph for each non-blank stretch of text[start:end] that none of them
    covers.

    Raises ParseError where blocks overlap or leave the span, so that a parser's mistake is never a lost passage.
    """
    filled: list[Block] = []
    position = start
    for block in blocks:
        if block.char_start == block.char_end:
            # To CommonMark a line with nothing but a form feed or a no-break space is a paragraph.
            continue
        if block.char_start < position or block.char_end > end:
            raise ParseError("damaged", f"overlapping blocks at character {block.char_start}")
        filled.extend(paragraphs(text, position, block.char_start))
        filled.append(block)
        position = block.char_end
    filled.extend(paragraphs(text, position, end))
    return tuple(filled)
