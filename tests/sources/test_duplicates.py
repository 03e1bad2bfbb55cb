from contextlib import closing
from random import Random

import pytest
from support.random_words import WORDS, random_words

from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.sources.duplicates.finder import Duplicate, DuplicateFinder, Signer


def find(*texts: str, threshold: float = 0.95) -> dict[int, Duplicate]:
    """The duplicates among these texts, by their place."""
    with closing(DuplicateFinder(DuplicateOptions(near_duplicates=threshold))) as finder:
        found = {place: finder.find_or_add(place, Signer().sign(text)) for place, text in enumerate(texts)}
    return {place: duplicate for place, duplicate in found.items() if duplicate is not None}


def test_the_same_text_is_found_whatever_its_white_space() -> None:
    assert find("Uno dos", "Tres", "Uno\r\n  dos\n", "uno dos") == {2: Duplicate(0, 1.0)}


@pytest.mark.parametrize("threshold", [0.7, 0.9, 0.95, 1])
def test_the_similarity_is_the_share_of_common_runs_of_five_words(threshold: float) -> None:
    words = random_words(1)
    changed = [*words[:200], "otra", *words[201:]]
    runs = [{tuple(text[place : place + 5]) for place in range(len(text) - 4)} for text in (words, changed)]
    similarity = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
    expected = {1: Duplicate(0, similarity)} if similarity >= threshold and threshold < 1 else {}
    assert 0.95 < similarity < 1
    assert find(" ".join(words), " ".join(changed).upper(), threshold=threshold) == expected


def test_every_pair_that_is_similar_enough_is_found() -> None:
    random = Random(7)
    base = random_words(2)
    texts = [" ".join(base)]
    for _ in range(40):
        changed = list(base)
        for place in random.sample(range(len(base)), random.randrange(1, 30)):
            changed[place] = random.choice(WORDS)
        texts.append(" ".join(changed))
    runs = [{tuple(text.split()[place : place + 5]) for place in range(396)} for text in texts]
    expected: dict[int, int] = {}
    for place in range(len(texts)):
        similar = (
            other
            for other in range(place)
            if other not in expected and len(runs[place] & runs[other]) / len(runs[place] | runs[other]) >= 0.8
        )
        first = next(similar, None)
        if first is not None:
            expected[place] = first
    found = find(*texts, threshold=0.8)
    assert {place: duplicate.original for place, duplicate in found.items()} == expected
    assert 5 < len(expected) < 40


def test_documents_that_differ_in_a_number_are_both_kept() -> None:
    words = random_words(3)
    assert find(" ".join([*words, "E-4012"]), " ".join([*words, "E-4013"])) == {}
    assert list(find(" ".join([*words, "E-4012"]), " ".join(["E-4012", *words]))) == [1]


def test_a_short_text_is_a_near_duplicate_of_nothing() -> None:
    words = random_words(4, words=50)
    assert find(" ".join(words), " ".join([*words, "fin"]), threshold=0.5) == {}


def test_a_duplicate_of_a_duplicate_is_one_of_the_first() -> None:
    words = random_words(5)
    near = [*words, "fin"]
    assert {
        place: found.original for place, found in find(*(" ".join(each) for each in (words, near, near))).items()
    } == {
        1: 0,
        2: 0,
    }
