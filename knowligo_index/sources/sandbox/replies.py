"""What the build believes of a reply: nothing that it can check itself.

A hostile file may have taken control of the process that sends the reply. Where the document comes from is taken from
the request, its size is checked before it is decoded, and its parts are checked before they are used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import get_args

import msgspec

from knowligo_index.errors import ParseError, QuarantineReason, SkipReason
from knowligo_index.parsers import checked, cleaned
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.sources.sandbox.messages import Parsed, Reply
from knowligo_index.types import Block, Document, PageProblem, Secret, Source

REASONS = frozenset({*get_args(SkipReason), *get_args(QuarantineReason)})

# Replies up to this length are decoded as they are: they become 64 MiB of objects at most.
_SMALL = 2**20

# What is in a reply besides the values of a document's fields: their names, and the heads of lists and maps.
_MAX_OVERHEAD = 4096

# Bytes of memory that a byte of a field's value becomes at most while it is decoded: as a list of the shortest values
# that are objects of their own, such as numbers of two bytes or tuples with a word of two letters, or as a text of
# letters with one character that makes each of them take four bytes.
_MEMORY_PER_BYTE = {"text": 6, "line_starts": 18, "page_starts": 18, "renditions": 28, "blocks": 8}
_MEMORY_PER_BYTE_OF_OTHERS = 64

_MAX_DEPTH = 200
_MAX_PAGES = 100_000
_MAX_WARNINGS = 1000
_MAX_LINE = 500  # characters
_MAX_NUMBER = 2**53

_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class _ParsedParts(msgspec.Struct, tag="Parsed"):
    """A reply whose document is not decoded yet."""

    document: msgspec.Raw
    secrets: msgspec.Raw


_DocumentParts = msgspec.defstruct(
    "_DocumentParts", [(field.name, msgspec.Raw, msgspec.Raw()) for field in fields(Document)]
)


def max_reply_bytes(file_bytes: int, memory_bytes: int) -> int:
    """Maximum length of the reply to a file of `file_bytes` whose process has `memory_bytes`. The blocks of very short
    lines are some forty times as long as the lines, and the text in a compressed file may be, too."""
    return min(32 * 2**20 + 48 * file_bytes, memory_bytes)


def max_reply_memory(file_bytes: int, memory_bytes: int) -> int:
    """Maximum memory, in bytes, that the reply to such a file may take when it is decoded."""
    return min(64 * 2**20 + 320 * file_bytes, memory_bytes)


def decode_reply(data: bytes | bytearray, max_memory: int) -> Reply:
    """Raises msgspec.DecodeError where it is not a reply, or might take more than `max_memory` bytes."""
    try:
        if len(data) > _SMALL and _memory_of(data) > max_memory:
            raise msgspec.DecodeError(f"the reply might take more than {max_memory:,} bytes of memory")
        return _REPLIES.decode(data)
    except (RecursionError, UnicodeDecodeError, MemoryError) as error:
        raise msgspec.DecodeError(f"the reply cannot be decoded: {type(error).__name__}") from error


def _memory_of(data: bytes | bytearray) -> int:
    """Bytes of memory that the reply takes at most when it is decoded. Raises msgspec.DecodeError, RecursionError."""
    reply = msgspec.msgpack.decode(data, type=_ParsedParts)
    document = msgspec.msgpack.decode(reply.document, type=_DocumentParts)
    lengths = {field.name: len(memoryview(getattr(document, field.name))) for field in fields(Document)}
    lengths["secrets"] = len(memoryview(reply.secrets))
    # A field that comes twice is there once, and one that no document has is not there at all.
    if len(data) - sum(lengths.values()) > _MAX_OVERHEAD:
        raise msgspec.DecodeError("the reply holds more than a document")
    return sum(length * _MEMORY_PER_BYTE.get(name, _MEMORY_PER_BYTE_OF_OTHERS) for name, length in lengths.items())


def verified(reply: Parsed, source: Source) -> Parsed:
    """The reply with the name and the format of the source, if its document holds together. Raises ParseError."""
    document = reply.document
    size = len(document.text)
    _check_lists(document)
    _check_blocks(document.blocks, 0, size, 0)
    for starts in (document.page_starts, document.line_starts):
        if starts and (starts[0] < 0 or starts[-1] > size or any(a > b for a, b in pairwise(starts))):
            raise _damaged("pages or lines out of order")
    position = 0
    for start, end, _ in document.renditions:
        if start < position or end < start:
            raise _damaged(f"renditions out of order at character {start}")
        position = end
    if position > size:
        raise _damaged("renditions beyond its end")
    document = replace(
        document,
        source=source.name,
        format=source.format,
        language=None,
        page_problems=tuple(PageProblem(p.page, p.reason, one_line(p.detail)) for p in document.page_problems),
        warnings=tuple(map(one_line, document.warnings)),
    )
    secrets = tuple(Secret(one_line(secret.kind), one_line(secret.place)) for secret in reply.secrets)
    return Parsed(cleaned(checked(document)), secrets)


def one_line(text: str) -> str:
    """A message of a parser as the ledger keeps it and a terminal prints it: without control characters, and short."""
    return " ".join(without_hidden(text[: 2 * _MAX_LINE])[0].split())[:_MAX_LINE]


def _check_lists(document: Document) -> None:
    if len(document.page_starts) > _MAX_PAGES:
        raise _damaged(f"{len(document.page_starts):,} pages")
    if max(len(document.warnings), len(document.dropped), len(document.encoding or "")) > _MAX_WARNINGS:
        raise _damaged("too many warnings")
    numbers = [number for dropped in document.dropped for number in (dropped.times, dropped.characters)]
    if any(not 0 <= number <= _MAX_NUMBER for number in numbers):
        raise _damaged("numbers out of range")
    pages = [problem.page for problem in document.page_problems]
    if any(page < 1 for page in pages[:1]) or not _ascending(pages) or (pages and pages[-1] > _MAX_PAGES):
        raise _damaged("pages out of order")


def _check_blocks(blocks: Sequence[Block], position: int, end: int, depth: int) -> None:
    """Blocks that lie between `position` and `end`, in order."""
    if depth > _MAX_DEPTH:
        raise ParseError("too-deep", "its parts lie inside each other deeper than they can be followed")
    for block in blocks:
        if block.char_start < position or block.char_end < block.char_start or not 0 <= block.level <= 6:
            raise _damaged(f"parts out of order at character {block.char_start}")
        position = block.char_end
        if block.children:
            _check_blocks(block.children, block.char_start, position, depth + 1)
    if position > end:
        raise _damaged(f"parts that end at character {position}, beyond their place")


def _ascending(numbers: Iterable[int]) -> bool:
    return all(a < b for a, b in pairwise(numbers))


def _damaged(what: str) -> ParseError:
    return ParseError("damaged", f"its parser returned {what}: report it")
