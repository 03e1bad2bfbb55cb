"""Ask a sample of the corpus the questions that it asks itself, as a reader would ask the index."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowligo_index.arrays import FloatMatrix
from knowligo_index.calibration import AskedQuestion, ask
from knowligo_index.chunk_store import ChunkStore
from knowligo_index.chunk_store_writer import ChunkedDocument, write_chunk_store
from knowligo_index.encoding import Encoder
from knowligo_index.faiss_index import VectorIndex
from knowligo_index.hybrid_search import Candidates, HybridSearch
from knowligo_index.lexical_search import LexicalSearch
from knowligo_index.pseudo_questions import PseudoQuestion, SampledChunk, pseudo_questions
from knowligo_index.types import Chunk, Document
from knowligo_index.vector_cache import VectorCache


def rehearse(sample: Sequence[SampledChunk], encoder: Encoder, cache: VectorCache, folder: Path) -> list[AskedQuestion]:
    """What became of each pseudo-question. `folder` has room for a small chunk store, which is gone afterwards."""
    questions = pseudo_questions(sample)
    if not questions:
        return []
    held_out = {question.row: question.passage for question in questions}
    pool = [held_out.get(sampled.row, sampled.chunk) for sampled in sample]
    places = {sampled.row: place for place, sampled in enumerate(sample)}
    texts = [question.question for question in questions]
    vectors = VectorIndex.of(_vectors(pool, encoder, cache))
    path = folder / "rehearsal.sqlite"
    write_chunk_store(path, map(_document, range(len(pool)), pool))
    try:
        with closing(ChunkStore(path)) as store:
            both = HybridSearch(vectors, LexicalSearch(store, len(pool)))
            return [
                _ask(question, places[question.row], pieces, both.candidates(question.question, vector, 1))
                for question, vector, pieces in zip(
                    questions, encoder.encode_queries(texts), encoder.count_pieces(texts), strict=True
                )
            ]
    finally:
        path.unlink()


def _ask(question: PseudoQuestion, place: int, pieces: int, candidates: Candidates) -> AskedQuestion:
    asked = ask(
        question.question,
        pieces,
        candidates,
        # Each passage stands for itself here: there is no document to crowd out others.
        lambda ranked, k: ranked[:k],
        lambda ids: {chunk_id: chunk_id == place for chunk_id in ids},
        golden=False,
    )
    return replace(asked, language=question.language)


def _vectors(pool: Sequence[Chunk], encoder: Encoder, cache: VectorCache) -> FloatMatrix:
    """float32 (n, dim), unit rows. Nearly all of them were encoded for the index."""
    inputs = [chunk.encoder_input for chunk in pool]
    known = cache.get(inputs)
    missing = list(dict.fromkeys(text for text in inputs if text not in known))
    if missing:
        fresh = dict(zip(missing, encoder.encode_passages(missing), strict=True))
        cache.put(fresh)
        known |= fresh
    return np.stack([known[text] for text in inputs])


def _document(number: int, chunk: Chunk) -> ChunkedDocument:
    """A document that is nothing but this passage."""
    document = Document(str(number), "text", str(number), chunk.text, ())
    whole = Chunk(chunk.text, 0, len(chunk.text), (), chunk.breadcrumb, None, None, None, None, chunk.tokens)
    return ChunkedDocument(document, "", (whole,))
