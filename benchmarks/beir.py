"""Read a retrieval set in the layout of BEIR (corpus.jsonl, queries.jsonl, qrels/test.tsv), and compute its nDCG@10."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.evaluation.measures import measure_rankings
from knowligo_index.system.arrays import FloatMatrix

DEPTH = 10
"""number of documents in a ranking"""


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """The documents by id, and the questions, whose `source` and `also` are ids of documents."""

    documents: dict[str, str]
    questions: list[GoldenQuestion]

    @property
    def question_texts(self) -> list[str]:
        return [question.question for question in self.questions]


def read_retrieval_set(folder: Path) -> RetrievalSet:
    """Read the three files. If a document has a title, its text begins with the title."""
    with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    documents = {record["_id"]: " ".join(filter(None, (record.get("title"), record["text"]))) for record in records}
    return RetrievalSet(documents, read_golden_questions(folder))


def mean_ndcg(data: RetrievalSet, documents: FloatMatrix, questions: FloatMatrix) -> float:
    """Mean nDCG@10 of an exhaustive search by inner product. Row i of `documents` and of `questions`, float32
    (n, dimension), is the vector of the i-th document or question of `data`."""
    ids = list(data.documents)
    order = np.argsort(-(questions @ documents.T), axis=1, kind="stable")[:, :DEPTH]
    relevant = [[question.source or "", *question.also] for question in data.questions]
    values = measure_rankings(relevant, [[ids[row] for row in rows] for rows in order])
    return float(np.mean(values["ndcg@10"]))
