"""Finds streams that unpack to an excessive size, before PDFium or pypdf unpacks them."""

import re
import zlib
from contextlib import suppress

from knowligo_index.errors import ParseError

MAX_UNPACKED_BYTES = 128 * 1024 * 1024
"""far more than any page of text has; the libraries keep a whole stream in memory"""

# The largest ratio by which Deflate can compress.
_DEFLATE_RATIO = 1032
# The word boundary is checked by a look-behind: a pattern that begins with a literal is searched ten times as fast.
_STREAM = re.compile(rb"stream(?<=\bstream)\r?\n")
_END = b"endstream"
_HEAD = 600  # bytes before a stream that contain its dictionary
_PIECE = 1 << 20


def check_expansion(data: bytes) -> None:
    """Raises ParseError if a stream unpacks to more than MAX_UNPACKED_BYTES. Images are not checked, since they are not
    unpacked to read the text."""
    position = 0
    total = 0
    while (match := _STREAM.search(data, position)) is not None:
        end = data.find(_END, match.end())
        end = len(data) if end < 0 else end
        dictionary = data[max(match.start() - _HEAD, position) : match.start()]
        dictionary = dictionary[dictionary.rfind(b" obj") + 1 :]
        position = end
        layers = dictionary.count(b"/FlateDecode") + dictionary.count(b"/Fl ")
        if layers and b"/Image" not in dictionary and (end - match.end()) * _DEFLATE_RATIO**layers > MAX_UNPACKED_BYTES:
            total = max(total, _unpacked(data[match.end() : end], min(layers, 4)))
        if total > MAX_UNPACKED_BYTES:
            raise ParseError(
                "expands-too-much",
                f"a stream in it unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB: leave the file out",
            )


def _unpacked(packed: bytes, layers: int) -> int:
    """The largest number of bytes that a layer unpacks to, as far as it was unpacked before the limit was reached."""
    unpackers = [zlib.decompressobj() for _ in range(layers)]
    counts = [0] * layers

    def feed(layer: int, piece: bytes) -> None:
        unpacker = unpackers[layer]
        while piece and max(counts) <= MAX_UNPACKED_BYTES and not unpacker.eof:
            output = unpacker.decompress(piece, _PIECE)
            piece = unpacker.unconsumed_tail
            counts[layer] += len(output)
            if layer + 1 < layers:
                feed(layer + 1, output)

    # The stream is encrypted or compressed in another way too: then only the limits of the process apply.
    with suppress(zlib.error):
        feed(0, packed)
    return max(counts)
