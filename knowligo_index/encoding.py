"""What the pipeline asks of an encoder, whatever runs it: to describe itself, to count tokens, to give vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from knowligo_index.arrays import FloatMatrix, IntVector


@dataclass(frozen=True, slots=True)
class EncoderDescription:
    """Everything that decides what vector a text gets. `fingerprint` hashes all of the rest but `id`."""

    id: str
    """the name or path it was asked for by"""
    fingerprint: str
    """64 hexadecimal digits"""
    weights_sha256: str
    tokenizer_sha256: str
    """of the tokenizer's canonical form, truncation and padding left out"""
    dimension: int
    max_tokens: int
    """the longest input, special tokens included, that the model reads whole"""
    pooling: str
    query_prompt: str
    passage_prompt: str
    engine: str
    precision: str


class TokenCounter(Protocol):
    """Counts as the encoder will: with its tokenizer, its special tokens and its passage prompt."""

    @property
    def max_tokens(self) -> int: ...

    def count_inputs(self, inputs: Sequence[str]) -> list[int]:
        """Tokens of each encoder input, special tokens and passage prompt included."""
        ...

    def token_starts(self, text: str) -> IntVector:
        """Ascending offsets (code points) at which the tokens of `text` start; no special tokens, no prompt."""
        ...


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def description(self) -> EncoderDescription: ...

    def encode_passages(self, inputs: Sequence[str]) -> FloatMatrix:
        """float32 (len(inputs), dimension), unit rows; row i belongs to inputs[i]."""
        ...

    def stream_passages(self, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        """`encode_passages` as it comes, in an order of its own: numbers of some inputs, and their unit vectors,
        float32 (len(numbers), dimension)."""
        ...

    def encode_probes(self, inputs: Sequence[str]) -> FloatMatrix:
        """`encode_passages`, computed as queries are, whose kernels an encoder for questions prepares anyway. The
        vectors are the same but for rounding."""
        ...

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        """float32 (len(queries), dimension), unit rows; row i belongs to queries[i]."""
        ...

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text alone, without special tokens and prompt."""
        ...
