"""Read the file of the embedded encoder: intfloat/multilingual-e5-small in 4 bits, with its vocabulary.

Little-endian, in this order:

    "E5S1", version              4 bytes, uint32
    sizes                        int32: hidden, layers, heads, intermediate, rows of the table of embeddings, positions,
                                 token types;
                                 float32: epsilon of the layer norms; int32: weights per block (32)
    vocabulary                   int32: number of pieces, then the ids of <s>, </s>, <pad>, <unk>; uint64: bytes of all
                                 pieces; uint32 (pieces + 1,): offsets of the pieces; float32 (pieces,): scores;
                                 the pieces in UTF-8
    normalization                int32, uint32: entries, bytes; not read, since it is NFKC
    directory                    int32: number of tensors; for each: uint16 and its name, uint8 (0: float32, 1: Q4_0),
                                 uint32: number of values, uint64, uint64: offset in the file, and number of bytes

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
"""weights in a block of Q4_0"""
BLOCK_BYTES = 18
"""a float16 scale, and half a byte for each weight"""

_MAGIC = b"E5S1"
_FLOAT32, _Q4_0 = 0, 1


@dataclass(frozen=True, slots=True)
class _Tensor:
    """An entry of the directory."""

    kind: int
    values: int
    """number of values"""
    offset: int
    bytes: int
    """number of bytes"""


@dataclass(frozen=True, slots=True)
class E5File:
    """The file, mapped: a tensor is read when it is used."""

    path: Path
    hidden: int
    layers: int
    heads: int
    intermediate: int
    rows: int
    """rows of the table of token embeddings: at least as many as there are pieces"""
    positions: int
    token_types: int
    epsilon: float
    pieces: tuple[str, ...]
    """by vocabulary id, in the order of Hugging Face: <s>, <pad>, </s>, <unk>, then the others"""
    scores: FloatVector
    """float32 (len(pieces),), log probabilities"""
    _tensors: dict[str, _Tensor]
    _data: NDArray[np.uint8]

    def array(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A tensor of float32 in this shape. Raises EncoderError where there is none of this name and size."""
        return self._bytes(name, _FLOAT32, math.prod(shape)).view("<f4").astype(np.float32).reshape(shape)

    def blocks(self, name: str, rows: int, columns: int) -> NDArray[np.uint8]:
        """A matrix of Q4_0 as it is in the file, uint8 (rows, columns // 32, 18). Raises EncoderError where there is
        none of this name and size."""
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
    """Read sizes, vocabulary and directory. The caller checks the hash of the file. Raises EncoderError where the file
    cannot be read or is not in this format."""
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
        return _parse(path, data)
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error


def from_q4_0(blocks: NDArray[np.uint8]) -> FloatMatrix:
    """Blocks of Q4_0, uint8 (rows, blocks, 18), as float32 (rows, 32 * blocks)."""
    rows, count, _ = blocks.shape
    scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2").astype(np.float32)
    weights = np.empty((rows, count, 2, BLOCK_WEIGHTS // 2), dtype=np.float32)
    weights[:, :, 0] = blocks[:, :, 2:] & 15
    weights[:, :, 1] = blocks[:, :, 2:] >> 4
    weights -= 8
    weights *= scales[:, :, :, np.newaxis]
    return weights.reshape(rows, count * BLOCK_WEIGHTS)


def _unreadable(path: Path, reason: str) -> EncoderError:
    return EncoderError(f"{path} cannot be read as the embedded encoder ({reason}): reinstall knowligo-index[build].")


class _Cursor:
    """Reads one value after the other."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._offset = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self._offset + count > len(self._data):
            raise ValueError("it is truncated")
        self._offset += count
        return self._data[self._offset - count : self._offset].tobytes()

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(f"<{layout}", self.take(struct.calcsize(f"<{layout}")))


def _parse(path: Path, data: NDArray[np.uint8]) -> E5File:
    cursor = _Cursor(data)
    if cursor.take(4) != _MAGIC or cursor.unpack("I") != (1,):
        raise ValueError("it does not begin with the signature of version 1")
    hidden, layers, heads, intermediate, rows, positions, token_types = cursor.unpack("7i")
    epsilon, block = struct.unpack("<fi", cursor.take(8))
    if block != BLOCK_WEIGHTS:
        raise ValueError(f"its blocks have {block} weights instead of {BLOCK_WEIGHTS}")
    count, *_, size = cursor.unpack("5iQ")
    if min(hidden, layers, heads, intermediate, positions, token_types) < 1 or not 0 < count <= rows:
        raise ValueError("its sizes are inconsistent")
    if hidden % BLOCK_WEIGHTS or intermediate % BLOCK_WEIGHTS:
        raise ValueError("its sizes are inconsistent")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), "<f4")
    text = cursor.take(size)
    pieces = tuple(text[start:end].decode() for start, end in pairwise(offsets))
    _, size = cursor.unpack("iI")
    cursor.take(size)
    tensors = _parse_directory(cursor, len(data))
    return E5File(
        path, hidden, layers, heads, intermediate, rows, positions, token_types, epsilon, pieces, scores, tensors, data
    )


def _parse_directory(cursor: _Cursor, file_bytes: int) -> dict[str, _Tensor]:
    tensors: dict[str, _Tensor] = {}
    for _ in range(*cursor.unpack("i")):
        name = cursor.take(*cursor.unpack("H")).decode()
        tensor = tensors[name] = _Tensor(*cursor.unpack("BIQQ"))
        if tensor.bytes != _bytes_of(tensor) or tensor.offset + tensor.bytes > file_bytes:
            raise ValueError(f"its tensor {name} is incomplete or of an unknown type")
    return tensors


def _bytes_of(tensor: _Tensor) -> int:
    """The number of bytes that its values take; -1 for an unknown type."""
    if tensor.kind == _FLOAT32:
        return 4 * tensor.values
    return tensor.values // BLOCK_WEIGHTS * BLOCK_BYTES if tensor.kind == _Q4_0 else -1
