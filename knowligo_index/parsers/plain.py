"""What parsers of text share: decoding, lines, paragraphs, and what is left out of them."""

import codecs
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from charset_normalizer import from_bytes

from knowligo_index.errors import ParseError
from knowligo_index.parsers.hidden import find_hidden, find_spelled
from knowligo_index.types import Block, Exclusion

# CommonMark's line endings; str.splitlines knows more of them (form feed, U+2028, ...) and would count lines that
# an editor does not.
LINE_END = re.compile(r"\r\n|\n|\r")

# The groups are atomic, lest the two halves of one \r\n be taken for two line ends.
_BLANK_LINES = re.compile(r"(?>\r\n|\n|\r)(?:[ \t]*(?>\r\n|\n|\r))+")


# A byte order mark, and the codec that takes it off. UTF-32's begins as UTF-16's does, so it is tried first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What is not a guess: UTF-8 by its own form, the others by their mark.
_CERTAIN = frozenset(("utf-8", *(codec for _, codec in _BYTE_ORDER_MARKS)))

# What programs write Spanish and English in. Among all encodings there are, a short text is as likely Japanese.
_CANDIDATES = ["utf_16_le", "utf_16_be", "cp1252", "latin_1", "iso8859_15", "cp850", "mac_roman"]


def decode(data: bytes) -> tuple[str, str]:
    """The text in `data` and the codec that gives it: UTF-8, what its byte order mark says, or what
    charset-normalizer finds among the encodings that Spanish and English are written in.

    Raises ParseError where it is none of them, or holds NUL characters.
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
        raise ParseError("empty", "nothing but white space")
    return text, codec


def _detect(data: bytes) -> str:
    # No candidate reads such bytes as text, and the detector needs several times their memory to find that out.
    match = None if _holds_aligned_nuls(data) else from_bytes(data, cp_isolation=_CANDIDATES).best()
    if match is not None:
        return match.encoding
    if b"\0" in data:
        raise ParseError("nul-characters", f"byte {data.index(0)} is a NUL: not a text file")
    raise ParseError("unknown-encoding", "neither UTF-8 nor another encoding of Spanish or English: save it as UTF-8")


def _holds_aligned_nuls(data: bytes) -> bool:
    """Whether there is a NUL in it even as UTF-16, where a single NUL byte is half of a letter."""
    position = data.find(b"\0\0")
    while position % 2 == 1 and position > 0:
        position = data.find(b"\0\0", position + 1)
    return position >= 0


def text_warnings(text: str, codec: str, lines: Sequence[int]) -> list[str]:
    """What a person should know of a text that is indexed as it is."""
    warnings: list[str] = []
    if codec not in _CERTAIN:
        warnings.append(f"read as {codec}, which is a guess: save it as UTF-8")
    hidden = find_hidden(text)
    if hidden:
        count = sum(end - start for start, end in hidden)
        warnings.append(
            f"hidden-characters: {count} that nobody sees, first on line {bisect_right(lines, hidden[0][0])}"
        )
    return warnings


def spelled_exclusions(text: str, others: Sequence[Exclusion]) -> list[Exclusion]:
    """`others`, and the hidden characters outside them that can spell a text of their own; in order."""
    inside = [Exclusion("hidden-characters", start, end) for start, end in find_spelled(text)]
    starts = [exclusion.char_start for exclusion in others]
    kept = list(others)
    for exclusion in inside:
        place = bisect_right(starts, exclusion.char_start) - 1
        if place < 0 or others[place].char_end <= exclusion.char_start:
            kept.append(exclusion)
    return sorted(kept, key=lambda exclusion: exclusion.char_start)


def cut_out(text: str, blocks: Sequence[Block], exclusions: Sequence[Exclusion]) -> tuple[Block, ...]:
    """The blocks without the excluded spans, which do not overlap. A block with one inside gives way to its children;
    without children, to what is left on either side."""
    ends = [exclusion.char_end for exclusion in exclusions]
    kept: list[Block] = []
    for block in blocks:
        first = bisect_right(ends, block.char_start)
        if first == len(exclusions) or exclusions[first].char_start >= block.char_end:
            kept.append(block)
        elif block.children:
            kept.extend(cut_out(text, block.children, exclusions))
        else:
            kept.extend(_pieces(text, block, exclusions[first:]))
    return tuple(kept)


def _pieces(text: str, block: Block, exclusions: Sequence[Exclusion]) -> list[Block]:
    pieces: list[Block] = []
    position = block.char_start
    for exclusion in [*exclusions, None]:
        beyond = exclusion is None or exclusion.char_start >= block.char_end
        start, end = trim(text, position, block.char_end if beyond or exclusion is None else exclusion.char_start)
        if start < end:
            # A heading is one piece of text: what follows in it is a paragraph below it.
            again = block.kind == "heading" and bool(pieces)
            pieces.append(
                Block("paragraph", start, end) if again else Block(block.kind, start, end, (), block.level, block.label)
            )
        if beyond or exclusion is None:
            break
        position = exclusion.char_end
    return pieces


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
