"""Build and search an index with sentence-transformers and FAISS alone, as one would write it by hand.

FOLDER TARGET MODEL [COUNT]   builds an index; with COUNT, its passages are repeated or cut off to that number
--ask TARGET MODEL            reads questions from standard input, as JSON, and prints the seconds of each search
"""

import json
import sys
import time
from pathlib import Path

import faiss
import numpy as np
from sentence_transformers import SentenceTransformer


def split(text: str, tokenizer, max_tokens: int = 252) -> list[str]:
    """Passages of whole paragraphs, each with at most `max_tokens` tokens unless one paragraph has more."""
    passages, current, size = [], [], 0
    for paragraph in text.split("\n\n"):
        tokens = len(tokenizer(paragraph, add_special_tokens=False)["input_ids"])
        if current and size + tokens > max_tokens:
            passages.append("\n\n".join(current))
            current, size = [], 0
        current.append(paragraph)
        size += tokens
    return [*passages, "\n\n".join(current)]


def build(folder: Path, target: Path, model_folder: str, count: int | None) -> None:
    model = SentenceTransformer(model_folder, device="cpu")
    texts = []
    for path in sorted(folder.rglob("*.md")):
        texts += split(path.read_text(encoding="utf-8"), model.tokenizer)
    vectors = model.encode_document(texts, normalize_embeddings=True, show_progress_bar=False)
    if count:
        vectors = np.resize(vectors, (count, vectors.shape[1]))
        texts = [texts[number % len(texts)] for number in range(count)]
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    target.mkdir(parents=True, exist_ok=True)
    faiss.write_index(index, str(target / "vectors.faiss"))
    (target / "texts.json").write_text(json.dumps(texts), encoding="utf-8")


def ask(target: Path, model_folder: str) -> None:
    questions = json.load(sys.stdin)
    import torch

    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    model = SentenceTransformer(model_folder, device="cpu")
    index = faiss.read_index(str(target / "vectors.faiss"))
    texts = json.loads((target / "texts.json").read_text(encoding="utf-8"))
    seconds = []
    for question in questions:
        start = time.perf_counter()
        vectors = model.encode_query([question], normalize_embeddings=True, show_progress_bar=False)
        _, rows = index.search(vectors, 5)
        [texts[row] for row in rows[0]]
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--ask":
        ask(Path(sys.argv[2]), sys.argv[3])
    else:
        build(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else None)
