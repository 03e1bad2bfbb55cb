"""Search the chunks of one splitter, and read the hits up to a number of tokens."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chunkers.answers import Answer
from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.encoders.exported import ExportedEncoder
from knowligo_index.encoders.protocol import Encoder, TokenCounter
from knowligo_index.search.cosine_baseline import CosineBaseline
from knowligo_index.search.fusion import ANSWERED, DENSE_WEIGHT
from knowligo_index.search.hybrid import HybridSearch
from knowligo_index.search.lexical import LexicalSearch
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.store.manifest import Fusion
from knowligo_index.store.passage import Passage
from knowligo_index.store.vectors import VectorIndex

TOKEN_BUDGET = 1000
"""number of tokens that are read"""
HITS = 30
"""number of hits of a question: more than the token budget has room for"""


@dataclass(frozen=True, slots=True)
class Reading:
    """Recall and precision, in characters, of what was read for one question."""

    recall: float
    precision: float


def search_and_read(
    chunked: Sequence[ChunkedDocument],
    answers: Sequence[Answer],
    encoder: Encoder,
    export: ExportedEncoder,
    folder: Path,
) -> list[Reading]:
    """Build an index of the chunks in `folder`, search it for the questions, and read the hits of each."""
    counter = export.tokenizer()
    chunks = [chunk for document in chunked for chunk in document.chunks]
    path = folder / "chunks.sqlite"
    path.unlink(missing_ok=True)
    write_chunk_store(path, chunked)
    vectors = VectorIndex.of(encoder.encode_passages([chunk.encoder_input for chunk in chunks]))
    texts = [answer.question for answer in answers]
    readings: list[Reading] = []
    with closing(ChunkStore(path)) as store:
        baseline = CosineBaseline(vectors.rows, store.languages())
        hybrid = HybridSearch(vectors, LexicalSearch(store, len(chunks)), baseline)
        fusion = Fusion(DENSE_WEIGHT, export.unrelated_cosine, ANSWERED)
        for answer, vector in zip(answers, encoder.encode_queries(texts), strict=True):
            ranked = hybrid.candidates(answer.question, vector, HITS).fused(fusion)
            hits = store.passages([chunk_id for chunk_id, _ in ranked[:HITS]])
            readings.append(read_hits(hits, answer, counter))
    return readings


def read_hits(hits: Iterable[Passage], answer: Answer, counter: TokenCounter) -> Reading:
    """Read the hits, best first, until the token budget is used up; the last one as far as the budget allows."""
    covered: set[int] = set()
    characters = tokens = 0
    for hit in hits:
        token_starts = counter.token_starts(hit.text)
        remaining = TOKEN_BUDGET - tokens
        is_whole = len(token_starts) <= remaining
        char_end = hit.char_end if is_whole else hit.char_start + int(token_starts[remaining])
        tokens += min(len(token_starts), remaining)
        characters += char_end - hit.char_start
        if hit.source == answer.source:
            covered.update(range(max(hit.char_start, answer.char_start), min(char_end, answer.char_end)))
        if tokens >= TOKEN_BUDGET:
            break
    size = answer.char_end - answer.char_start
    return Reading(len(covered) / size, len(covered) / max(characters, 1))
