"""Ask a sample of the corpus the questions that it asks itself, as a reader would ask the index."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.arrays import FloatMatrix
from knowligo_index.calibration import AskedQuestion, ask
from knowligo_index.chunk_store import ChunkStore
from knowligo_index.chunk_store_writer import ChunkedDocument, write_chunk_store
from knowligo_index.encoding import Encoder
from knowligo_index.faiss_index import VectorIndex
from knowligo_index.hybrid_search import Candidates, HybridSearch
from knowligo_index.lexical_search import LexicalSearch
from knowligo_index.pseudo_questions import SampledChunk, pseudo_questions
from knowligo_index.types import Chunk, Document
from knowligo_index.vector_cache import VectorCache
from knowligo_index.vocabulary import knows


@dataclass(frozen=True, slots=True)
class CachedEncoder:
    """An encoder that encodes nothing twice."""

    encoder: Encoder
    passages: VectorCache
    questions: VectorCache

    def of_passages(self, inputs: Sequence[str]) -> FloatMatrix:
        """float32 (n, dim), unit rows."""
        return self.passages.all_of(inputs, self.encoder.encode_passages)

    def of_questions(self, questions: Sequence[str]) -> FloatMatrix:
        """float32 (n, dim), unit rows."""
        return self.questions.all_of(questions, self.encoder.encode_queries)


def rehearse(sample: Sequence[SampledChunk], encoder: CachedEncoder) -> list[AskedQuestion]:
    """What became of each pseudo-question."""
    questions = pseudo_questions(sample)
    if not questions:
        return []
    held_out = {question.row: question.passage for question in questions}
    pool = [held_out.get(sampled.row, sampled.chunk) for sampled in sample]
    places = {sampled.row: place for place, sampled in enumerate(sample)}
    texts = [question.question for question in questions]
    index = VectorIndex.of(encoder.of_passages([chunk.encoder_input for chunk in pool]))
    # Not in the index folder: nothing has to be flushed, and nothing is left there by a build that is killed.
    with tempfile.TemporaryDirectory(prefix="knowligo-") as folder:
        path = Path(folder) / "rehearsal.sqlite"
        write_chunk_store(path, map(_document, range(len(pool)), pool))
        with closing(ChunkStore(path)) as store:
            both = HybridSearch(index, LexicalSearch(store, len(pool)))
            return [
                _ask(places[question.row], known, both.candidates(question.question, vector, 1))
                for question, vector, known in zip(
                    questions, encoder.of_questions(texts), knows(texts, encoder.encoder.count_pieces), strict=True
                )
            ]


def _ask(place: int, known: bool, candidates: Candidates) -> AskedQuestion:
    return ask(
        known,
        candidates,
        # Each passage stands for itself here: there is no document to crowd out others.
        lambda ranked, k: ranked[:k],
        lambda ids: {chunk_id: chunk_id == place for chunk_id in ids},
        golden=False,
    )


def _document(number: int, chunk: Chunk) -> ChunkedDocument:
    """A document that is nothing but this passage."""
    before, read = chunk.read_parts
    document = Document(str(number), "text", str(number), read, ())
    whole = Chunk(read, 0, len(read), (), before, None, None, None, None, chunk.tokens)
    return ChunkedDocument(document, "", (whole,))
