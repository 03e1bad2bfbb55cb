"""The search of a help desk written without KnowLigo Index, with sentence-transformers, FAISS, rank-bm25 and FastAPI.

Runs in the image of Dockerfile.stack, and reads the passages and vectors of an index of this project.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

import faiss
import groq
import httpx
import numpy as np
import pydantic_settings
import requests
import uvicorn
from fastapi import FastAPI
from rank_bm25 import BM25Okapi
from sentence_transformers import SentenceTransformer

# Such a service also imports these packages, for its settings and its answers, so they count in its start time and
# memory.
IMPORTED_ONLY = (groq, httpx, pydantic_settings, requests)

DENSE_WEIGHT = 0.5
DEFAULT_HITS = 5


def main() -> None:
    (version,) = Path("/versions").iterdir()
    with sqlite3.connect(f"file:{version / 'chunks.sqlite'}?immutable=1", uri=True) as database:
        passages = database.execute("SELECT source, text FROM passages ORDER BY id").fetchall()
    vectors = faiss.read_index(str(version / "vectors.faiss"))
    bm25 = BM25Okapi([text.lower().split() for _, text in passages])
    encoder = SentenceTransformer("/model", device="cpu")
    app = FastAPI()

    @app.get("/search")
    def search(q: str, k: int = DEFAULT_HITS) -> dict[str, Any]:
        query_vectors = encoder.encode_query([q], normalize_embeddings=True, show_progress_bar=False)
        cosines, rows = vectors.search(np.asarray(query_vectors, dtype=np.float32), len(passages))
        scores = np.asarray(bm25.get_scores(q.lower().split()))
        scores = (1 - DENSE_WEIGHT) * scores / max(float(scores.max()), 1e-9)
        scores[rows[0]] += DENSE_WEIGHT * cosines[0]
        best_rows = np.argsort(-scores)[:k]
        return {"hits": [{"source": passages[row][0], "text": passages[row][1]} for row in best_rows]}

    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")


if __name__ == "__main__":
    main()
