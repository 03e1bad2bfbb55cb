"""Texts of words drawn at random."""

from random import Random

WORDS = [f"{first}{second}" for first in ("la", "ve", "si", "to", "mu") for second in ("ra", "no", "ta", "be", "lu")]


def random_words(seed: int, words: int = 400) -> list[str]:
    random = Random(seed)
    return random.choices(WORDS, k=words)
