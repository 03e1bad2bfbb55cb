"""Read the file that carries the embedded encoder: intfloat/multilingual-e5-small in 4 bits, with its vocabulary.

Little-endian, in this order:

    "E5S1", version              4 bytes, uint32
    sizes                        int32: hidden, layers, heads, intermediate, rows of the table of embeddings, positions,
                                 token types;
                                 float32: epsilon of the layer norms; int32: weights of a block (32)
    vocabulary                   int32: pieces, then the numbers of <s>, </s>, <pad>, <unk>; uint64: bytes of them all;
                                 uint32 (pieces + 1,): where each piece begins; float32 (pieces,): scores; the pieces
    normalisation                int32, uint32: entries, bytes; not read, since it is NFKC
    directory                    int32: tensors; each: uint16 and its name, uint8 (0: float32, 1: Q4_0), uint32: values,
                                 uint64, uint64: where they begin in the file, and how many bytes they take

Q4_0 is the block of GGML: 32 weights as a float16 scale and 16 bytes; byte j has weight j in its low four bits and
weight j + 16 in its high four, each plus 8.
"""

import math
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowligo_index.errors import EncoderError
from knowligo_index.system.arrays import FloatMatrix, FloatVector

BLOCK_WEIGHTS = 32
BLOCK_BYTES = 18
"""a float16 scale, and half a byte for each weight"""

_MAGIC = b"E5S1"
_FLOAT32, _Q4_0 = 0, 1


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: int
    values: int
    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class E5File:
    """The file, mapped: only what is asked for is read."""

    path: Path
    hidden: int
    layers: int
    heads: int
    intermediate: int
    rows: int
    """of the table of token embeddings: at least as many as there are pieces"""
    positions: int
    token_types: int
    epsilon: float
    pieces: tuple[str, ...]
    """in the order of their numbers, which is Hugging Face's: <s>, <pad>, </s>, <unk>, then the others"""
    scores: FloatVector
    """float32 (len(pieces),), log probabilities"""
    _tensors: dict[str, _Tensor]
    _data: NDArray[np.uint8]

    def array(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A tensor of float32 in this shape. Raises EncoderError where there is none of this name and shape."""
        return self._bytes(name, _FLOAT32, math.prod(shape)).view("<f4").astype(np.float32).reshape(shape)

    def blocks(self, name: str, rows: int, columns: int) -> NDArray[np.uint8]:
        """A matrix of Q4_0, (rows, columns // 32, 18) bytes, as it is in the file. Raises EncoderError where there is
        none of this name and shape."""
        return self._bytes(name, _Q4_0, rows * columns).reshape(rows, columns // BLOCK_WEIGHTS, BLOCK_BYTES)

    def matrix(self, name: str, rows: int, columns: int) -> FloatMatrix:
        """A matrix of Q4_0 as float32 (rows, columns). Raises EncoderError."""
        return from_q4_0(self.blocks(name, rows, columns))

    def _bytes(self, name: str, kind: int, values: int) -> NDArray[np.uint8]:
        tensor = self._tensors.get(name)
        if tensor is None or (tensor.kind, tensor.values) != (kind, values):
            raise _unreadable(self.path, f"it has no tensor {name} of {values} values")
        return self._data[tensor.offset : tensor.offset + tensor.bytes]


def read_e5_file(path: Path) -> E5File:
    """Read sizes, vocabulary and directory. Its hash is the caller's business. Raises EncoderError where the file
    cannot be read or is not of this format."""
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
        return _parse(path, data)
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error


def from_q4_0(blocks: NDArray[np.uint8]) -> FloatMatrix:
    """Blocks, uint8 (rows, blocks, 18), as float32 (rows, 32 * blocks)."""
    rows, count, _ = blocks.shape
    scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2").astype(np.float32)
    weights = np.empty((rows, count, 2, BLOCK_WEIGHTS // 2), dtype=np.float32)
    weights[:, :, 0] = blocks[:, :, 2:] & 15
    weights[:, :, 1] = blocks[:, :, 2:] >> 4
    weights -= 8
    weights *= scales[:, :, :, np.newaxis]
    return weights.reshape(rows, count * BLOCK_WEIGHTS)


def _unreadable(path: Path, what: str) -> EncoderError:
    return EncoderError(f"{path} cannot be read as the embedded encoder ({what}): reinstall knowligo-index[build].")


class _Cursor:
    """Reads one value after the other."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self._at + count > len(self._data):
            raise ValueError("it ends too early")
        self._at += count
        return self._data[self._at - count : self._at].tobytes()

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(f"<{layout}", self.take(struct.calcsize(f"<{layout}")))


def _parse(path: Path, data: NDArray[np.uint8]) -> E5File:
    cursor = _Cursor(data)
    if cursor.take(4) != _MAGIC or cursor.unpack("I") != (1,):
        raise ValueError("it does not begin as one of version 1 does")
    hidden, layers, heads, intermediate, rows, positions, token_types = cursor.unpack("7i")
    epsilon, block = struct.unpack("<fi", cursor.take(8))
    if block != BLOCK_WEIGHTS:
        raise ValueError(f"its blocks have {block} weights")
    count, *_, size = cursor.unpack("5iQ")
    if min(hidden, layers, heads, intermediate, positions, token_types) < 1 or not 0 < count <= rows:
        raise ValueError("its sizes do not go together")
    if hidden % BLOCK_WEIGHTS or intermediate % BLOCK_WEIGHTS:
        raise ValueError("its sizes do not go together")
    starts = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), "<f4")
    text = cursor.take(size)
    pieces = tuple(text[start:end].decode() for start, end in pairwise(starts))
    _, size = cursor.unpack("iI")
    cursor.take(size)
    tensors: dict[str, _Tensor] = {}
    for _ in range(*cursor.unpack("i")):
        name = cursor.take(*cursor.unpack("H")).decode()
        tensor = tensors[name] = _Tensor(*cursor.unpack("BIQQ"))
        if tensor.bytes != _bytes_of(tensor) or tensor.offset + tensor.bytes > len(data):
            raise ValueError(f"its tensor {name} is not whole")
    return E5File(
        path, hidden, layers, heads, intermediate, rows, positions, token_types, epsilon, pieces, scores, tensors, data
    )


def _bytes_of(tensor: _Tensor) -> int:
    """How many bytes as many values take; -1 of a kind that is not known."""
    if tensor.kind == _FLOAT32:
        return 4 * tensor.values
    return tensor.values // BLOCK_WEIGHTS * BLOCK_BYTES if tensor.kind == _Q4_0 else -1
