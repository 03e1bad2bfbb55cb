"""A retrieval set in the layout of BEIR: corpus.jsonl, queries.jsonl, qrels/test.tsv."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowligo_index.system.arrays import FloatMatrix

DEPTH = 10


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Documents, questions, and which documents answer which question."""

    documents: dict[str, str]
    questions: dict[str, str]
    relevant: dict[str, set[str]]
    """ids of documents, by id of the question"""


def read_retrieval_set(folder: Path) -> RetrievalSet:
    """Read the three files. A document's title, where it has one, is put before its text."""
    documents = {
        record["_id"]: " ".join(filter(None, (record.get("title"), record["text"])))
        for record in _records(folder / "corpus.jsonl")
    }
    relevant: dict[str, set[str]] = {}
    with (folder / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant.setdefault(row["query-id"], set()).add(row["corpus-id"])
    questions = {record["_id"]: record["text"] for record in _records(folder / "queries.jsonl")}
    return RetrievalSet(documents, {key: text for key, text in questions.items() if key in relevant}, relevant)


def ndcg(ranked: list[str], relevant: set[str], depth: int = DEPTH) -> float:
    """nDCG at `depth` with binary relevance (Järvelin and Kekäläinen, 2002): gain 1 / log2(rank + 1), divided by that
    of the best order there could be."""
    gain = sum(1 / np.log2(rank + 1) for rank, key in enumerate(ranked[:depth], start=1) if key in relevant)
    best = sum(1 / np.log2(rank + 1) for rank in range(1, min(len(relevant), depth) + 1))
    return float(gain / best)


def mean_ndcg(data: RetrievalSet, documents: FloatMatrix, questions: FloatMatrix) -> float:
    """Mean nDCG@10 of an exhaustive search by inner product; row i of the two float32 matrices belongs to the i-th
    document and question."""
    keys = list(data.documents)
    order = np.argsort(-(questions @ documents.T), axis=1, kind="stable")[:, :DEPTH]
    found = [
        ndcg([keys[row] for row in rows], data.relevant[key]) for key, rows in zip(data.questions, order, strict=True)
    ]
    return float(np.mean(found))


def _records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
