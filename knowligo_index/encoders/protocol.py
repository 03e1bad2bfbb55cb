"""What the pipeline asks of an encoder, whatever runs it: to describe itself, to count tokens, to give vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from knowligo_index.system.arrays import FloatMatrix, IntVector


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


class CountedText(NamedTuple):
    """What the encoder reads of a chunk, apart from the prompt, and how many tokens it was cut to have, with special
    tokens and prompt."""

    text: str
    tokens: int


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

    def stream_passages(self, groups: Iterable[Sequence[CountedText]]) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        """`encode_passages` of texts that come in groups, as it is done and in an order of its own: numbers of some
        texts, counted from 0 through all groups, and their unit vectors, float32 (len(numbers), dimension). An empty
        group says that the next one may be long in coming: the vectors of all texts before it are given first.

        Raises ChunkingError where a text has another number of tokens than it is said to have, or more than are read:
        that nothing is cut off is counted where it is fed, rather than believed."""
        ...

    def encode_probes(self, inputs: Sequence[str]) -> FloatMatrix:
        """`encode_passages`, computed as queries are, whose kernels an encoder for questions prepares anyway. The
        vectors are the same but for rounding."""
        ...

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        """float32 (len(queries), dimension); row i belongs to queries[i]: a unit vector, or zeros for a query that is
        not read."""
        ...

    def reads(self, texts: Sequence[str]) -> list[bool]:
        """Whether the encoder reads the script of each text."""
        ...
