"""Small files in the format of the embedded encoder, written as `e5_file` describes it."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HIDDEN, HEADS, INTERMEDIATE, POSITIONS = 32, 2, 64, 16
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def q4_0(scale: float, weights: Sequence[int]) -> bytes:
    """A block: 32 whole numbers from -8 to 7, times `scale`."""
    nibbles = [weight + 8 for weight in weights]
    return struct.pack("<e", scale) + bytes(
        low | high << 4 for low, high in zip(nibbles[:16], nibbles[16:], strict=True)
    )


def tensors_of(rows: int, seed: int = 0) -> dict[str, tuple[int, int, bytes]]:
    """Kind, values and bytes of every tensor of a model of one layer, by name."""
    random = np.random.default_rng(seed)

    def plain(*shape: int, about: float = 0.0) -> tuple[int, int, bytes]:
        values = (about + random.standard_normal(shape) / 50).astype("<f4")
        return 0, values.size, values.tobytes()

    def blocks(outputs: int, inputs: int, scale: float) -> tuple[int, int, bytes]:
        count = outputs * inputs // 32
        drawn: NDArray[np.int64] = random.integers(-8, 8, (count, 32))
        return 1, outputs * inputs, b"".join(q4_0(scale, row.tolist()) for row in drawn)

    layer = {
        **{f"l0.{name}.w": blocks(HIDDEN, HIDDEN, 0.01) for name in ("q", "k", "v", "ao")},
        **{f"l0.{name}.b": plain(HIDDEN) for name in ("q", "k", "v", "ao", "aln", "fo", "oln")},
        **{f"l0.{name}.w": plain(HIDDEN, about=1) for name in ("aln", "oln")},
        "l0.fi.w": blocks(INTERMEDIATE, HIDDEN, 0.01),
        "l0.fi.b": plain(INTERMEDIATE),
        "l0.fo.w": blocks(HIDDEN, INTERMEDIATE, 0.01),
    }
    return {
        "emb.word": blocks(rows, HIDDEN, 0.25),
        "emb.pos": plain(POSITIONS, HIDDEN),
        "emb.type": plain(2, HIDDEN),
        "emb.ln.w": plain(HIDDEN, about=1),
        "emb.ln.b": plain(HIDDEN),
        **layer,
    }


def write_e5_file(
    path: Path,
    pieces: Sequence[str],
    scores: Sequence[float],
    *,
    rows: int | None = None,
    tensors: Mapping[str, tuple[int, int, bytes]] | None = None,
    begin: bytes = b"E5S1\x01\0\0\0",
    block: int = 32,
    hidden: int = HIDDEN,
) -> Path:
    """Write a file with these pieces after the four special ones; the table has one row more than there are."""
    words = [*SPECIAL, *pieces]
    rows = rows or len(words) + 1
    tensors = tensors_of(rows) if tensors is None else tensors
    encoded = [word.encode() for word in words]
    starts = np.cumsum([0, *map(len, encoded)], dtype="<u4")
    head = begin + struct.pack("<7ifi", hidden, 1, HEADS, INTERMEDIATE, rows, POSITIONS, 2, 1e-5, block)
    head += struct.pack("<5iQ", len(words), 0, 2, 1, 3, int(starts[-1])) + starts.tobytes()
    head += np.array([0.0] * len(SPECIAL) + list(scores), dtype="<f4").tobytes() + b"".join(encoded)
    head += struct.pack("<iI", 1, 3) + b"abc" + struct.pack("<i", len(tensors))
    offset = len(head) + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in tensors)
    for name, (kind, values, data) in tensors.items():
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, values, offset, len(data))
        offset += len(data)
    path.write_bytes(head + b"".join(data for _, _, data in tensors.values()))
    return path
