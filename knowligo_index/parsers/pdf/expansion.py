"""Streams that grow beyond reason when they are unpacked, found before any reader unpacks them."""

import re
import zlib
from contextlib import suppress

from knowligo_index.errors import ParseError

MOST_UNPACKED = 128 * 1024 * 1024
"""bytes; no page of text comes near it, and readers hold a stream in memory as a whole"""

# Deflate makes nothing smaller than a 1032nd of what it was.
_DEFLATE_RATIO = 1032
# What has to stand before it comes after it: with a word in front a pattern is searched for ten times as fast.
_STREAM = re.compile(rb"stream(?<=\bstream)\r?\n")
_END = b"endstream"
_HEAD = 600  # bytes before a stream that hold its dictionary
_PIECE = 1 << 20


def check_expansion(data: bytes) -> None:
    """Raises ParseError where a stream unpacks to more than MOST_UNPACKED bytes. Images are left out: nobody unpacks
    them for the text."""
    position = 0
    total = 0
    while (found := _STREAM.search(data, position)) is not None:
        end = data.find(_END, found.end())
        end = len(data) if end < 0 else end
        head = data[max(found.start() - _HEAD, position) : found.start()]
        head = head[head.rfind(b" obj") + 1 :]
        position = end
        layers = head.count(b"/FlateDecode") + head.count(b"/Fl ")
        if layers and b"/Image" not in head and (end - found.end()) * _DEFLATE_RATIO**layers > MOST_UNPACKED:
            total = max(total, _unpacked(data[found.end() : end], min(layers, 4)))
        if total > MOST_UNPACKED:
            raise ParseError(
                "expands-too-much", f"a part of it unpacks to more than {MOST_UNPACKED >> 20} MiB: leave it out"
            )


def _unpacked(packed: bytes, layers: int) -> int:
    """How many bytes come out of the outermost layer that gives too many, or of the last one."""
    unpackers = [zlib.decompressobj() for _ in range(layers)]
    counts = [0] * layers

    def feed(layer: int, piece: bytes) -> None:
        unpacker = unpackers[layer]
        while piece and max(counts) <= MOST_UNPACKED and not unpacker.eof:
            out = unpacker.decompress(piece, _PIECE)
            piece = unpacker.unconsumed_tail
            counts[layer] += len(out)
            if layer + 1 < layers:
                feed(layer + 1, out)

    # Encrypted, or packed in another way first: then the limits of the process are what is left.
    with suppress(zlib.error):
        feed(0, packed)
    return max(counts)
