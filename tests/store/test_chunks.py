import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.search.lexical_query import any_of, lexical_query
from knowligo_index.store.chunks import ChunkStore, DocumentSummary
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.store.passage import Passage
from knowligo_index.types import Chunk, Document

# Outside the basic plane, a letter with a combining accent, a form feed, CRLF.
ASTRAL = "🔑 La clave\n𝒳 cafe\u0301 año\r\n\ffin"


def chunked(source: str, *texts: str, text: str | None = None, breadcrumb: str = "") -> ChunkedDocument:
    """A document that is its chunks, one a line; with `text`, a document in which they are found."""
    whole = "\n".join(texts) if text is None else text
    chunks: list[Chunk] = []
    for part in texts:
        start = whole.index(part, chunks[-1].char_end if chunks else 0)
        chunks.append(Chunk(part, start, start + len(part), ("Guía",), breadcrumb, 1, 2, None, None, tokens=7))
    document = Document(source, "text", source.upper(), whole, (), encoding="utf-8", metadata={"tags": ["año", "b"]})
    return ChunkedDocument(document, "ab" * 32, tuple(chunks))


DOCUMENTS = [
    chunked("a.md", "🔑 La", "cafe\u0301 año", "\r\n\ffin", text=ASTRAL, breadcrumb="Guía > Llaves"),
    chunked("b.md", "El error E-4012: la sesión venció.", "El error E-4013 y 4012.", "gato", "gato"),
    chunked("c.md"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_chunk_store(tmp_path / "chunks.sqlite", DOCUMENTS)
    return tmp_path / "chunks.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[ChunkStore]:
    opened = ChunkStore(path)
    yield opened
    opened.close()


def ids(store: ChunkStore, query: str, k: int = 10) -> list[int]:
    return [chunk_id for chunk_id, _ in store.lexical_search(any_of(lexical_query(query)), k)]


def test_the_same_documents_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_chunk_store(tmp_path / "again.sqlite", DOCUMENTS)
    assert (tmp_path / "again.sqlite").read_bytes() == path.read_bytes()
    write_chunk_store(tmp_path / "other.sqlite", DOCUMENTS[::-1])
    assert (tmp_path / "other.sqlite").read_bytes() != path.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["again.sqlite", "chunks.sqlite", "other.sqlite"]


def test_passages_are_cut_out_exactly(store: ChunkStore) -> None:
    chunks = [chunk for item in DOCUMENTS for chunk in item.chunks]
    found = store.passages(range(len(chunks)))
    assert [passage.text for passage in found] == [chunk.text for chunk in chunks]
    assert found[1] == Passage(
        id=1,
        source="a.md",
        title="A.MD",
        text="cafe\u0301 año",
        char_start=13,
        char_end=22,
        headings=("Guía",),
        breadcrumb="Guía > Llaves",
        line_start=1,
        line_end=2,
        page_start=None,
        page_end=None,
        tokens=7,
    )


def test_passages_come_in_the_order_asked_for(store: ChunkStore) -> None:
    assert [passage.id for passage in store.passages([4, 0, 2])] == [4, 0, 2]
    assert store.passages([]) == []
    with pytest.raises(KeyError):
        store.passages([0, 99])


def test_documents_are_summed_up_in_their_order(store: ChunkStore) -> None:
    tags: dict[str, str | list[str]] = {"tags": ["año", "b"]}
    assert store.documents() == [
        DocumentSummary("a.md", "A.MD", "text", "ab" * 32, len(ASTRAL), chunks=3, tokens=21, metadata=tags),
        DocumentSummary("b.md", "B.MD", "text", "ab" * 32, 68, chunks=4, tokens=28, metadata=tags),
        DocumentSummary("c.md", "C.MD", "text", "ab" * 32, 0, chunks=0, tokens=0, metadata=tags),
    ]


@pytest.mark.parametrize("query", ["sesion", "SESIÓN", "sesio\u0301n", "¿sesión?", "sesión inexistente"])
def test_words_are_found_without_regard_to_accents_case_and_punctuation(store: ChunkStore, query: str) -> None:
    assert ids(store, query) == [3]


def test_a_combining_accent_in_the_text_is_folded_too(store: ChunkStore) -> None:
    assert ids(store, "café") == [1]


def test_a_code_is_found_as_a_phrase(store: ChunkStore) -> None:
    assert ids(store, "E-4012") == [3]
    assert set(ids(store, "E 4012")) == {3, 4}


def test_a_passage_is_found_by_its_breadcrumb(store: ChunkStore) -> None:
    assert set(ids(store, "llaves")) == {0, 1, 2}


def test_equal_scores_come_in_the_order_of_the_ids(store: ChunkStore) -> None:
    (first, score), (second, equal) = store.lexical_search(any_of(lexical_query("gato")), 10)
    assert (first, second, equal) == (5, 6, score)
    assert ids(store, "gato", k=1) == [5]


def test_the_score_grows_with_the_words_found(store: ChunkStore) -> None:
    (best, high), (other, low) = store.lexical_search(any_of(lexical_query("error sesión")), 10)
    assert (best, other) == (3, 4)
    assert high > low > 0


def test_passages_that_match_are_counted(store: ChunkStore) -> None:
    assert [store.count_matches(phrase) for phrase in ('"gato"', '"error"', '"erro"*', '"E-4012"', '"perro"')] == [
        2,
        2,
        2,
        1,
        0,
    ]


def test_a_search_among_some_passages_gives_them_the_scores_they_have_among_all(store: ChunkStore) -> None:
    everything = dict(store.lexical_search('"error" OR "gato" OR "llaves"', 10))
    assert set(everything) == {0, 1, 2, 3, 4, 5, 6}
    some = store.lexical_search('"error" OR "gato" OR "llaves"', 10, among='"sesion" OR "gato"')
    assert some == [(chunk_id, everything[chunk_id]) for chunk_id in (5, 6, 3)]
    assert store.lexical_search('"error" OR "gato"', 1, among='"sesion"') == [(3, everything[3])]
    assert store.lexical_search('"error"', 10, among='"gato"') == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '""',
        "'",
        "*",
        "a*",
        "NEAR(",
        "AND OR NOT",
        "text:x",
        "{",
        "^",
        "-",
        "?!",
        "\0",
        "🔑",
        "(" * 300,
        "x " * 2000,
    ],
)
def test_no_query_is_taken_for_syntax(store: ChunkStore, query: str) -> None:
    assert ids(store, query) == []


@pytest.mark.parametrize("query", ["", " \t\n"])
def test_a_blank_query_finds_nothing(store: ChunkStore, query: str) -> None:
    assert ids(store, query) == []


@pytest.mark.parametrize(
    "query", ['"gato"', "gato*", "?! gato", "gato \0", "🔑 gato", "NOT gato", "x " * 2000 + "gato"]
)
def test_signs_beside_a_word_do_not_hide_it(store: ChunkStore, query: str) -> None:
    assert ids(store, query) == [5, 6]


def test_the_file_is_read_and_never_written(path: Path, store: ChunkStore) -> None:
    before = path.read_bytes()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store._connection.execute("DELETE FROM chunks")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["chunks.sqlite"]


def test_a_path_with_signs_that_mean_something_in_a_uri_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "50 % año?mode=rwc#1.sqlite"
    write_chunk_store(path, DOCUMENTS)
    store = ChunkStore(path)
    assert [passage.text for passage in store.passages([5])] == ["gato"]
    store.close()
