"""Texts whose vectors are recorded in a version, and the comparison of vectors by which another encoder is detected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowligo_index.system.arrays import FloatMatrix

PROBE_TEXTS = (
    "¿Cuánto tarda el soporte en responder un incidente crítico?",
    "How do I reset the password of my mailbox when I am locked out?",
    "Código: E-4012. Causa: la sesión venció",
    "sudo systemctl restart openvpn-client@oficina.service",
)
"""Texts of the kinds that an index holds. None has more than 32 tokens, the length of most questions: for a second
length the encoder would have to prepare its kernels whenever an index is opened."""

PROBE_COSINE_FLOORS = {"float32": 0.9999, "bfloat16": 0.999, "int8": 0.98}
"""By precision, the lowest cosine between the vectors that the same weights and tokenizer give a text on two CPUs. A
lower one comes from another encoder."""


def lowest_cosine(vectors: FloatMatrix, expected: FloatMatrix) -> float:
    """The lowest cosine between a row of `vectors` and the same row of `expected`, both float32 (n, dim) with unit
    rows, n at least 1; NaN where a vector has a NaN."""
    return float((vectors * expected).sum(axis=1).min())


def is_below(cosine: float, floor: float) -> bool:
    """Whether the cosine is below the floor. NaN, which a damaged model gives, is below every floor."""
    return not cosine >= floor
