"""What the build believes of a reply: nothing that it can check itself.

A hostile file may have taken control of the process that sends the reply. Where the document comes from is taken from
the request, its size is checked before it is decoded, and its parts are checked before they are used.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import msgspec

from knowligo_index.errors import ParseError
from knowligo_index.parsers import checked
from knowligo_index.sources.sandbox.messages import Parsed, Reply
from knowligo_index.types import Block, Source

# Replies up to this length are decoded as they are: even of empty parts they become less than 128 MiB of objects.
_SMALL = 4 * 2**20

# Memory of a decoded item: a number, a string without its characters, an entry of a list.
_ITEM_BYTES = 64

_MAX_DEPTH = 200

_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def max_reply_bytes(data: bytes) -> int:
    """Maximum length of the reply to a file with these bytes. Text in a compressed file may be many times as long."""
    return 8 * _SMALL + 32 * len(data)


def decode_reply(data: bytes, max_memory: int) -> Reply:
    """Raises msgspec.DecodeError where it is not a reply, or would take more than `max_memory` bytes."""
    if len(data) > _SMALL and len(data) + _ITEM_BYTES * count_items(data, max_memory // _ITEM_BYTES) > max_memory:
        raise msgspec.DecodeError(f"the reply would take more than {max_memory:,} bytes of memory")
    try:
        return _REPLIES.decode(data)
    except RecursionError as error:
        raise msgspec.DecodeError("the reply is nested too deep") from error


def count_items(data: bytes, maximum: int) -> int:
    """Number of items in a MessagePack message, those inside lists and maps included; where there are more than
    `maximum`, a greater number. Builds no object for any of them. Raises msgspec.DecodeError."""
    position = items = 0
    remaining = 1
    end = len(data)
    while remaining and items <= maximum:
        if position >= end:
            raise msgspec.DecodeError("the reply is cut off")
        head = data[position]
        position += 1
        remaining -= 1
        items += 1
        if head <= 0x7F or head >= 0xE0 or head in (0xC0, 0xC2, 0xC3):
            continue
        if 0x80 <= head <= 0x8F:
            remaining += 2 * (head & 0x0F)
        elif head <= 0x9F:
            remaining += head & 0x0F
        elif head <= 0xBF:
            position += head & 0x1F
        elif head in _FIXED:
            position += _FIXED[head]
        elif head in _LENGTHS:
            width, items_of_each = _LENGTHS[head]
            length = int.from_bytes(data[position : position + width])
            position += width
            if items_of_each:
                remaining += items_of_each * length
            else:
                position += length
        else:
            raise msgspec.DecodeError("the reply holds what no reply holds")
    return items + remaining


# Bytes after the head of numbers.
_FIXED = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}

# Width of the length after the head, and items of each entry: 0 for bytes and strings, 1 for lists, 2 for maps.
_LENGTHS = {
    0xC4: (1, 0),
    0xC5: (2, 0),
    0xC6: (4, 0),
    0xD9: (1, 0),
    0xDA: (2, 0),
    0xDB: (4, 0),
    0xDC: (2, 1),
    0xDD: (4, 1),
    0xDE: (2, 2),
    0xDF: (4, 2),
}


def verified(reply: Parsed, source: Source) -> Parsed:
    """The reply with the name and the format of the source, if its document holds together. Raises ParseError."""
    document = replace(reply.document, source=source.name, format=source.format, language=None)
    checked(document)
    _check_children(document.blocks, len(document.text), 0)
    for starts in (document.page_starts, document.line_starts):
        if starts and (starts[0] < 0 or starts[-1] > len(document.text) or any(a > b for a, b in pairwise(starts))):
            raise _damaged("pages or lines out of order")
    position = 0
    for start, end, _ in document.renditions:
        if start < position or end < start:
            raise _damaged(f"renditions out of order at character {start}")
        position = end
    if position > len(document.text):
        raise _damaged("renditions beyond its end")
    return Parsed(document, reply.secrets)


def _check_children(blocks: Sequence[Block], end: int, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ParseError("too-deep", "its parts lie inside each other deeper than they can be followed")
    for block in blocks:
        position = block.char_start
        for child in block.children:
            if child.char_start < position or child.char_end < child.char_start:
                raise _damaged(f"parts out of order at character {child.char_start}")
            position = child.char_end
        if position > block.char_end or block.char_end > end or not 0 <= block.level <= 6:
            raise _damaged(f"parts that are none at character {block.char_start}")
        _check_children(block.children, block.char_end, depth + 1)


def _damaged(what: str) -> ParseError:
    return ParseError("damaged", f"its parser returned {what}: report it")
