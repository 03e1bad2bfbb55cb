"""Functions that the parsers of text formats share: decoding, lines, paragraphs and excluded spans."""

import codecs
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from charset_normalizer import from_bytes

from knowligo_index.errors import ParseError
from knowligo_index.parsers.hidden import find_hidden, find_spelled
from knowligo_index.types import Block, Exclusion

# The line endings of CommonMark. str.splitlines also splits at form feed, U+2028 and others, at which editors do not
# count a line.
LINE_END = re.compile(r"\r\n|\n|\r")

# The groups are atomic, so that one \r\n is not matched as two line ends.
_BLANK_LINES = re.compile(r"(?>\r\n|\n|\r)(?:[ \t]*(?>\r\n|\n|\r))+")

# Byte order marks, each with the codec that removes it. The mark of UTF-32 begins with that of UTF-16, so it is first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Codecs that are not guessed: UTF-8 is recognized by its form, the others by their mark.
_CERTAIN = frozenset(("utf-8", *(codec for _, codec in _BYTE_ORDER_MARKS)))

# The encodings in which programs write Spanish and English. Among all encodings, a short text may seem Japanese.
_CANDIDATES = ["utf_16_le", "utf_16_be", "cp1252", "latin_1", "iso8859_15", "cp850", "mac_roman"]


def decode(data: bytes) -> tuple[str, str]:
    """The text in `data` and its codec: UTF-8, that of its byte order mark, or the one that charset-normalizer chooses
    among the encodings in which Spanish and English are written.

    Raises ParseError if none of them fits, or if the text has NUL characters or only white space.
    """
    codec = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text = ""
        codec = _detect(data)
    if "\0" in text and codec == "utf-8":
        codec = _detect(data)
    text = data.decode(codec)
    if "\0" in text:
        raise ParseError("nul-characters", f"character {text.index(chr(0))} is a NUL: not a text file")
    if not text.strip():
        raise ParseError("empty", "the file contains only white space")
    return text, codec


def _detect(data: bytes) -> str:
    # No candidate decodes such bytes as text, and the detector would need several times their size in memory.
    match = None if _holds_aligned_nuls(data) else from_bytes(data, cp_isolation=_CANDIDATES).best()
    if match is not None:
        return match.encoding
    if b"\0" in data:
        raise ParseError("nul-characters", f"byte {data.index(0)} is a NUL: not a text file")
    raise ParseError(
        "unknown-encoding", "neither UTF-8 nor another encoding of Spanish or English: save the file as UTF-8"
    )


def _holds_aligned_nuls(data: bytes) -> bool:
    """Whether the bytes have a NUL character even if they are UTF-16, in which a NUL byte may be half of a letter."""
    position = data.find(b"\0\0")
    while position % 2 == 1 and position > 0:
        position = data.find(b"\0\0", position + 1)
    return position >= 0


def text_warnings(text: str, codec: str, lines: Sequence[int]) -> list[str]:
    """Warnings about a text that is indexed as it is written."""
    warnings: list[str] = []
    if codec not in _CERTAIN:
        warnings.append(f"read as {codec}, which is a guess: save the file as UTF-8")
    hidden = find_hidden(text)
    if hidden:
        count = sum(end - start for start, end in hidden)
        warnings.append(
            f"hidden-characters: {count} characters are not visible, first on line {bisect_right(lines, hidden[0][0])}"
        )
    return warnings


def spelled_exclusions(text: str, exclusions: Sequence[Exclusion]) -> list[Exclusion]:
    """The given exclusions, which are in order, and the hidden characters outside them that can spell a text; in
    order."""
    starts = [exclusion.char_start for exclusion in exclusions]
    merged = list(exclusions)
    for start, end in find_spelled(text):
        index = bisect_right(starts, start) - 1
        if index < 0 or exclusions[index].char_end <= start:
            merged.append(Exclusion("hidden-characters", start, end))
    return sorted(merged, key=lambda exclusion: exclusion.char_start)


def cut_out(text: str, blocks: Sequence[Block], exclusions: Sequence[Exclusion]) -> tuple[Block, ...]:
    """The blocks without the excluded spans, which do not overlap. A block that contains one is replaced by its
    children, or by its text on either side if it has no children."""
    ends = [exclusion.char_end for exclusion in exclusions]
    remaining_blocks: list[Block] = []
    for block in blocks:
        index = bisect_right(ends, block.char_start)
        if index == len(exclusions) or exclusions[index].char_start >= block.char_end:
            remaining_blocks.append(block)
        elif block.children:
            remaining_blocks.extend(cut_out(text, block.children, exclusions))
        else:
            remaining_blocks.extend(_pieces(text, block, exclusions[index:]))
    return tuple(remaining_blocks)


def _pieces(text: str, block: Block, exclusions: Sequence[Exclusion]) -> list[Block]:
    pieces: list[Block] = []
    position = block.char_start
    for exclusion in [*exclusions, None]:
        beyond = exclusion is None or exclusion.char_start >= block.char_end
        start, end = trim(text, position, block.char_end if beyond or exclusion is None else exclusion.char_start)
        if start < end:
            # Only the first piece of a heading is a heading; the next ones are paragraphs below it.
            if block.kind == "heading" and pieces:
                pieces.append(Block("paragraph", start, end))
            else:
                pieces.append(Block(block.kind, start, end, (), block.level, block.label))
        if beyond or exclusion is None:
            break
        position = exclusion.char_end
    return pieces


def line_starts(text: str) -> tuple[int, ...]:
    """Offset of each line's first character."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    return tuple(starts if starts[-1] < len(text) else starts[:-1])


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blank lines at its beginning and white space at its end; the first line keeps its indentation.

    A blank span gives (end, end).
    """
    body = text[start:end]
    lead = len(body) - len(body.lstrip())
    if lead == len(body):
        return end, end
    line = max(body.rfind("\n", 0, lead), body.rfind("\r", 0, lead)) + 1
    return start + line, start + len(body.rstrip())


def paragraphs(text: str, start: int, end: int) -> list[Block]:
    """Paragraphs of text[start:end]: runs of lines between blank lines."""
    blocks: list[Block] = []
    cuts = [start, *(match.end() for match in _BLANK_LINES.finditer(text, start, end)), end]
    for cut_start, cut_end in pairwise(cuts):
        block_start, block_end = trim(text, cut_start, cut_end)
        if block_start < block_end:
            blocks.append(Block("paragraph", block_start, block_end))
    return blocks


def fill_gaps(text: str, start: int, end: int, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The non-empty blocks, and a paragraph for each non-blank part of text[start:end] that none of them covers.

    Raises ParseError if blocks overlap or lie outside the span, so that no passage is lost by a mistake of a parser.
    """
    filled: list[Block] = []
    position = start
    for block in blocks:
        if block.char_start == block.char_end:
            # For CommonMark a line with only a form feed or a no-break space is a paragraph.
            continue
        if block.char_start < position or block.char_end > end:
            raise ParseError("damaged", f"overlapping blocks at character {block.char_start}")
        filled.extend(paragraphs(text, position, block.char_start))
        filled.append(block)
        position = block.char_end
    filled.extend(paragraphs(text, position, end))
    return tuple(filled)
