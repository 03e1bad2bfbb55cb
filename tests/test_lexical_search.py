"""Questions put to a real full-text index."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.chunk_store import ChunkedDocument, ChunkStore, write_chunk_store
from knowligo_index.lexical_query import lexical_query
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
    text = "\n".join(PASSAGES)
    chunks = []
    for passage in PASSAGES:
        start = text.index(passage)
        chunks.append(Chunk(passage, start, start + len(passage), (), "", None, None, None, None, tokens=9))
    path = tmp_path_factory.mktemp("store") / "chunks.sqlite"
    write_chunk_store(path, [ChunkedDocument(Document("a.md", "text", "A", text, ()), "0" * 64, tuple(chunks))])
    opened = ChunkStore(path)
    yield opened
    opened.close()


def found(store: ChunkStore, question: str) -> list[int]:
    return [chunk_id for chunk_id, _ in store.lexical_search(lexical_query(question), len(PASSAGES))]


def test_another_form_of_the_word_is_found(store: ChunkStore) -> None:
    assert found(store, "imprimir") == [0]
    assert found(store, "impresiones") == [0]
    assert found(store, "papelera") == [0]


@pytest.mark.parametrize("question", ["básico", "basico", "BÁSICO", "ba\u0301sico", "Básicos"])
def test_accents_and_case_do_not_matter(store: ChunkStore, question: str) -> None:
    assert found(store, question) == [3]


def test_the_closer_form_comes_first(store: ChunkStore) -> None:
    assert found(store, "configuración") == [5, 6]
    assert found(store, "configuraciones") == [6, 5]


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
