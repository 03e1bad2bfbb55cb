"""The interface of an encoder, whatever runs it: it describes itself, counts tokens and computes vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from knowligo_index.system.arrays import FloatMatrix, IntVector


@dataclass(frozen=True, slots=True)
class EncoderDescription:
    """Everything that decides the vector of a text. `fingerprint` hashes all other fields but `id`."""

    id: str
    """the name or path in the settings"""
    fingerprint: str
    """64 hexadecimal digits"""
    weights_sha256: str
    tokenizer_sha256: str
    """of the tokenizer's definition in canonical form, without truncation and padding"""
    dimension: int
    max_tokens: int
    """maximum number of tokens of an input that the model reads whole, special tokens included"""
    pooling: str
    query_prompt: str
    passage_prompt: str
    engine: str
    precision: str


class CountedText(NamedTuple):
    """The encoder input of a chunk without the prompt, and its number of tokens as counted by the chunker, with special
    tokens and prompt."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Flush:
    """Stands between the items of a stream where the next item may be long in coming: the results of all items before
    it are to be computed and returned first."""


class TokenCounter(Protocol):
    """Counts tokens with the encoder's tokenizer, its special tokens and its passage prompt."""

    @property
    def max_tokens(self) -> int:
        """Maximum number of tokens of an encoder input."""
        ...

    def count_inputs(self, inputs: Sequence[str]) -> list[int]:
        """Number of tokens of each encoder input, special tokens and passage prompt included."""
        ...

    def token_starts(self, text: str) -> IntVector:
        """Ascending offsets (code points) at which the tokens of `text` start; no special tokens, no prompt."""
        ...


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def description(self) -> EncoderDescription: ...

    def encode_passages(self, inputs: Sequence[str]) -> FloatMatrix:
        """float32 (len(inputs), dimension), unit rows; row i belongs to inputs[i]. Longer inputs are truncated to
        `max_tokens`."""
        ...

    def stream_passages(
        self, groups: Iterable[Sequence[CountedText] | Flush]
    ) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        """`encode_passages` of texts that arrive in groups. Vectors are returned as they are computed, in any order: as
        the numbers of some texts, counted from 0 through all groups, and their unit vectors, float32 (len(numbers),
        dimension).

        Raises ChunkingError where the number of tokens of a text is not the counted one, or is more than `max_tokens`.
        So no text is truncated unnoticed: the tokens that the model is given are counted."""
        ...

    def encode_probes(self, inputs: Sequence[str]) -> FloatMatrix:
        """`encode_passages` in batches of the shape that questions have, for which an encoder of questions prepares its
        kernels anyway. The vectors are the same but for rounding."""
        ...

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        """float32 (len(queries), dimension); row i belongs to queries[i]: a unit vector, or zeros for a query in a
        script that the encoder does not read. Longer queries are truncated to `max_tokens`."""
        ...

    def reads(self, texts: Sequence[str]) -> list[bool]:
        """Whether the encoder reads the script of each text."""
        ...
