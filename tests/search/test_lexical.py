"""Questions put to a real full-text index."""

import contextlib
from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.search.lexical import LexicalSearch, distinctive_phrases, maximum_score
from knowligo_index.search.lexical_query import any_of, lexical_query
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.types import Chunk, Document

PASSAGES = (
    "La impresora no tiene papel.",
    "E-4012: la sesión venció y hay que ingresar otra vez.",
    "E-4013: cable de red. Si la sesión venció, la sesión de red se cierra: ingresá y la sesión vuelve.",
    "El plan básico cuesta $ 18.500 al mes.",
    "El equipo de 500 GB cuesta 18 cuotas.",
    "Configuración de la VPN en Windows.",
    "Los configuradores abren el portal con configuraciones propias.",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChunkStore]:
    opened = store_of(PASSAGES, tmp_path_factory.mktemp("store") / "chunks.sqlite")
    yield opened
    opened.close()


def store_of(passages: Sequence[str], path: Path) -> ChunkStore:
    """A store of one document with these passages, a line each."""
    chunks: list[Chunk] = []
    start = 0
    for passage in passages:
        chunks.append(Chunk(passage, start, start + len(passage), (), "", None, None, None, None, tokens=9))
        start += len(passage) + 1
    text = "\n".join(passages)
    write_chunk_store(path, [ChunkedDocument(Document("a.md", "text", "A", text, ()), "0" * 64, tuple(chunks))])
    return ChunkStore(path)


def found(store: ChunkStore, question: str) -> list[int]:
    return [chunk_id for chunk_id, _ in store.lexical_search(any_of(lexical_query(question)), len(PASSAGES))]


def test_another_form_of_the_word_is_found(store: ChunkStore) -> None:
    assert found(store, "imprimir") == [0]
    assert found(store, "impresiones") == [0]
    assert found(store, "papelera") == [0]


@pytest.mark.parametrize("question", ["básico", "basico", "BÁSICO", "ba\u0301sico", "Básicos"])
def test_accents_and_case_do_not_matter(store: ChunkStore, question: str) -> None:
    assert found(store, question) == [3]


def test_the_closer_form_comes_first(store: ChunkStore) -> None:
    assert found(store, "configuraciones") == [6, 5]
    # It has the plural, and another word that begins alike; the other passage has the word itself alone.
    assert found(store, "configuración") == [6, 5]


def test_a_plural_is_as_good_as_the_word(tmp_path: Path) -> None:
    passages = (
        "Las impresiones salen cortadas en esta",
        "Las impresoras salen apagadas en esta",
        "La red de aquella oficina",
    )
    with contextlib.closing(store_of(passages, tmp_path / "chunks.sqlite")) as store:
        (first, best), (second, other) = store.lexical_search(any_of(lexical_query("impresora")), 3)
        whole = store.lexical_search(any_of(lexical_query("impresoras")), 3)
    assert (first, second) == (1, 0)
    assert best > other
    assert whole == [(1, best), (0, other)]


def test_a_code_alone_finds_nothing_but_itself(store: ChunkStore) -> None:
    assert found(store, "E-4012") == [1]
    assert found(store, "¿E-4013?") == [2]
    assert found(store, "E-4014") == []


def test_the_passage_with_the_code_comes_before_those_with_the_other_words(store: ChunkStore) -> None:
    assert found(store, "sesión venció red")[0] == 2
    assert found(store, "sesión venció red E-4012") == [1, 2]


def test_a_price_is_found_as_it_is_written(store: ChunkStore) -> None:
    assert found(store, "18.500") == [3]
    assert found(store, "¿$18.500?") == [3]
    assert found(store, "18500") == []


TRICKY = st.sampled_from(
    [
        *('"', '""', "'", "*", "^", "-", "+", ":", "(", ")", "{", "}", ",", "AND", "OR", "NOT", "NEAR", "NEAR(a b)"),
        *("text", "breadcrumb", "rowid", "x" * 200, "____", "____a", "é", "\u0301", "१२", "ＶＰＮ", "ﬁ", "\0", "😀"),
    ]
)


@given(
    st.lists(TRICKY | st.text(st.characters(exclude_categories=["Cs"]))).map(" ".join) | st.lists(TRICKY).map("".join)
)
def test_no_question_is_a_syntax_error(store: ChunkStore, question: str) -> None:
    assert set(found(store, question)) <= set(range(len(PASSAGES)))


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: '"' not in text))
def test_signs_around_a_word_do_not_hide_it(store: ChunkStore, signs: str) -> None:
    assert 0 in found(store, f"{signs} papel {signs}")


def test_a_page_of_text_is_a_question_too(store: ChunkStore) -> None:
    assert found(store, "cosa rara " * 3000 + "papel") == [0]


# Every passage of the heap has "el", three of four "para", 180 of 400 "plan"; the others are rare, and "impresora" and
# "papelera" in the same nine.
RARE = {"zafiro": 50, "ambar": 33, "rubi": 25, "impresora papelera": 45}
HEAP = [
    " ".join(
        ["el"]
        + ["para"] * (number % 4 > 0)
        + ["plan"] * (number % 20 < 9)
        + [words for words, step in RARE.items() if number % step == step // 2]
        + ["x"] * (number % 7)
    )
    for number in range(400)
]


@pytest.fixture(scope="module")
def heap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChunkStore]:
    opened = store_of(HEAP, tmp_path_factory.mktemp("heap") / "chunks.sqlite")
    yield opened
    opened.close()


WORDS = ("el", "para", "plan", "zafiro", "ambar", "rubi", "impresora", "papel", "EL", "x", "nada")


def whole_ranking(heap: ChunkStore, question: str) -> list[tuple[int, float]]:
    """What SQLite gives for all of the question's phrases, as shares of the most that it could give."""
    phrases = lexical_query(question)
    most = maximum_score(phrases, {phrase: heap.count_matches(phrase) for phrase in phrases}, len(HEAP))
    return [(chunk_id, score / most) for chunk_id, score in heap.lexical_search(any_of(phrases), len(HEAP))]


def test_what_few_passages_have_is_ranked_whole(heap: ChunkStore) -> None:
    search = LexicalSearch(heap, len(HEAP))
    for question in ("zafiro", "rubi ambar zafiro", "impresora", "nada"):
        assert search.search(question, 10) == whole_ranking(heap, question)[:10]


def test_the_common_words_are_not_what_passages_are_chosen_by() -> None:
    counts = {"zafiro": 8, "ambar": 12, "rubi": 16, "plan": 180}
    assert distinctive_phrases(["plan", "rubi", "zafiro", "ambar"], counts, 400, k=5) == ["zafiro", "ambar", "rubi"]
    # In too few passages without it, and of too much weight.
    assert distinctive_phrases(["plan", "rubi", "zafiro", "ambar"], counts, 400, k=10) == [
        "zafiro",
        "ambar",
        "rubi",
        "plan",
    ]
    assert distinctive_phrases(["plan"] * 5 + ["rubi", "ambar"], counts, 400, k=5) == ["ambar", "rubi", "plan"]
    # In too many with it.
    assert distinctive_phrases(["plan", "rubi", "ambar"], counts | {"rubi": 90}, 400, k=5) == ["ambar", "rubi"]
    assert distinctive_phrases([], {}, 400, k=5) == []


def test_the_best_are_those_of_the_whole_ranking(heap: ChunkStore) -> None:
    question = "el plan para rubi ambar zafiro"
    best = whole_ranking(heap, question)[:5]
    assert [HEAP[chunk_id] for chunk_id, _ in best[:2]] == ["el para zafiro", "el plan ambar"]
    found = LexicalSearch(heap, len(HEAP)).search(question, 5)
    assert [chunk_id for chunk_id, _ in found] == [chunk_id for chunk_id, _ in best]
    assert [score for _, score in found] == pytest.approx([score for _, score in best], abs=1e-5)


def test_where_all_words_are_common_all_passages_are_ranked(heap: ChunkStore) -> None:
    assert LexicalSearch(heap, len(HEAP)).search("el para", 5) == whole_ranking(heap, "el para")[:5]


def test_where_the_rare_words_are_in_too_few_passages_all_are_ranked(heap: ChunkStore) -> None:
    question = "impresora papelera plan"
    found = LexicalSearch(heap, len(HEAP)).search(question, 10)
    assert found == whole_ranking(heap, question)[:10]
    assert ["impresora" in HEAP[chunk_id] for chunk_id, _ in found] == [True] * 9 + [False]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1),
    st.integers(1, 30),
)
def test_there_are_as_many_as_in_the_whole_ranking_with_the_scores_they_have_there(
    heap: ChunkStore, words: list[str], k: int
) -> None:
    question = " ".join(words)
    scores = dict(whole_ranking(heap, question))
    found = LexicalSearch(heap, len(HEAP)).search(question, k)
    assert len(found) == min(k, len(scores))
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert [score for _, score in found] == pytest.approx([scores[chunk_id] for chunk_id, _ in found], abs=1e-4)


# "cat" is in one of four passages, "dog" in one, "bird" in none, "the" in all.
FEW = ("the cat", "the dog", "the one", "the two")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LexicalSearch]:
    opened = store_of(FEW, tmp_path_factory.mktemp("few") / "chunks.sqlite")
    yield LexicalSearch(opened, len(FEW))
    opened.close()


def test_evidence_is_the_share_of_the_most_that_the_question_could_score(few: LexicalSearch) -> None:
    # All passages are as long as the average: a phrase that is there once scores idf * (k1 + 1) / (1 + k1), so idf.
    held, missing = log(3.5 / 1.5), log(4.5 / 0.5)
    assert dict(few.search("cat", 5)) == pytest.approx({0: 1 / 2.2})
    assert dict(few.search("cat dog", 5)) == pytest.approx({0: 1 / 4.4, 1: 1 / 4.4})
    # "owl" has no beginning of four letters, "bird" and "birds" have one.
    assert dict(few.search("cat owl", 5)) == pytest.approx({0: held / (2.2 * (held + missing))})
    assert dict(few.search("cat bird", 5)) == pytest.approx({0: held / (2.2 * (held + 2 * missing))})
    assert dict(few.search("cat birds", 5)) == pytest.approx({0: held / (2.2 * (held + 2 * missing))})
    assert dict(few.search("CAT owl", 5)) == pytest.approx({0: 2 * held / (2.2 * (2 * held + missing))})
    assert few.search("bird", 5) == []
    assert few.search("¿?", 5) == []


def test_what_is_in_all_passages_weighs_nothing(few: LexicalSearch) -> None:
    assert dict(few.search("the cat", 5)) == pytest.approx({0: 1 / 2.2, 1: 0, 2: 0, 3: 0}, abs=1e-5)


def test_of_passages_beyond_the_best_the_evidence_is_the_same(heap: ChunkStore) -> None:
    search = LexicalSearch(heap, len(HEAP))
    question = "rubi ambar zafiro"
    every = search.evidence(question, len(HEAP))
    some = search.evidence(question, 3, [*every, 399])
    assert list(some)[:3] == list(every)[:3]
    assert some == every
    # 8, 12 and 16 passages have one of the words each.
    assert len(every) == 36


@given(st.lists(st.sampled_from(WORDS), min_size=1), st.integers(1, 30))
def test_evidence_is_never_beyond_0_and_1(heap: ChunkStore, words: list[str], k: int) -> None:
    found = LexicalSearch(heap, len(HEAP)).evidence(" ".join(words), k, range(0, len(HEAP), 7))
    assert all(0 <= evidence <= 1 for evidence in found.values())
