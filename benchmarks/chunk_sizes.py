"""Measure chunk sizes and overlaps on questions whose answering paragraph is known.

    python benchmarks/chunk_sizes.py XQUAD_FOLDER [--languages en es] [--sizes 128 200] [--overlaps 0 32]

XQUAD_FOLDER holds a folder in BEIR layout for each language (corpus.jsonl with "article", queries.jsonl,
qrels/test.tsv). The paragraphs of an article become one Markdown file, so that chunk borders and paragraph borders
differ; the whole pipeline runs, from files to hits. Reported, per configuration and search mode:

    recall     share of the answering paragraph's characters among the first 1,000 tokens retrieved
    precision  share of the characters in those 1,000 tokens that are the answering paragraph's
    MRR        mean reciprocal rank (first 20) of the first hit that overlaps the answering paragraph
"""

import argparse
import json
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from knowligo_index.build import build
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader
from knowligo_index.settings import Settings

TOKEN_BUDGET = 1000
MODES: tuple[SearchMode, ...] = ("dense", "lexical", "hybrid")


@dataclass(frozen=True, slots=True)
class Paragraph:
    source: str
    char_start: int
    char_end: int


def write_articles(corpus: Path, folder: Path) -> dict[str, Paragraph]:
    """One Markdown file an article; returns where each paragraph stands, by its id."""
    articles: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in corpus.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        articles[row["article"]].append((row["_id"], row["text"].strip("\ufeff \n")))
    places: dict[str, Paragraph] = {}
    for article, paragraphs in articles.items():
        source = f"{article}.md".replace("/", "_")
        text = f"# {article.replace('_', ' ')}\n"
        for paragraph_id, paragraph in paragraphs:
            text += "\n"
            places[paragraph_id] = Paragraph(source, len(text), len(text) + len(paragraph))
            text += f"{paragraph}\n"
        (folder / source).write_text(text, encoding="utf-8", newline="")
    return places


def overlap(hit: Hit, gold: Paragraph) -> int:
    """Characters of the hit that are the paragraph's."""
    if hit.source != gold.source:
        return 0
    return max(0, min(hit.char_end, gold.char_end) - max(hit.char_start, gold.char_start))


def score(hits: list[Hit], gold: Paragraph, counter: TokenCounter) -> tuple[float, float, float]:
    """Recall and precision within the token budget, and the reciprocal rank."""
    first = next((hit.rank for hit in hits if overlap(hit, gold)), None)
    covered: set[int] = set()
    read = tokens = 0
    for hit, count in zip(hits, counter.count_inputs([hit.text for hit in hits]), strict=True):
        tokens += count
        if tokens > TOKEN_BUDGET:
            break
        read += len(hit.text)
        if hit.source == gold.source:
            covered.update(range(max(hit.char_start, gold.char_start), min(hit.char_end, gold.char_end)))
    size = gold.char_end - gold.char_start
    return len(covered) / size, len(covered) / max(read, 1), 1 / first if first else 0.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("xquad", type=Path)
    arguments.add_argument("--languages", nargs="+", default=["en", "es"])
    arguments.add_argument("--sizes", nargs="+", type=int, default=[96, 128, 160, 200, 256])
    arguments.add_argument("--overlaps", nargs="+", type=int, default=[0, 32])
    options = arguments.parse_args()
    counter = find_encoder(EncoderOptions()).tokenizer()
    print(f"{'set':<4} {'size':>5} {'overlap':>7} {'chunks':>6}  {'mode':<8} {'recall':>7} {'precision':>9} {'MRR':>6}")
    for language in options.languages:
        beir = options.xquad / language
        questions = read_golden_questions(beir)
        with tempfile.TemporaryDirectory() as folder:
            knowledge = Path(folder) / "knowledge"
            knowledge.mkdir()
            places = write_articles(beir / "corpus.jsonl", knowledge)
            golds = [places[question.source or ""] for question in questions]
            for size in options.sizes:
                for overlap_tokens in options.overlaps:
                    index = Path(folder) / f"index-{size}-{overlap_tokens}"
                    chunking = ChunkingOptions(chunk_tokens=size, overlap_tokens=overlap_tokens)
                    result = build(Settings(knowledge=knowledge, index=index, chunking=chunking))
                    with IndexReader(index, threads=2) as reader:
                        for mode in MODES:
                            found = reader.search_batch([question.question for question in questions], k=20, mode=mode)
                            scores = [score(hits, gold, counter) for hits, gold in zip(found, golds, strict=True)]
                            recall, precision, rank = (mean(column) for column in zip(*scores, strict=True))
                            print(
                                f"{language:<4} {size:>5} {overlap_tokens:>7} {result.manifest.chunks:>6}  {mode:<8} "
                                f"{recall:>7.3f} {precision:>9.3f} {rank:>6.3f}",
                                flush=True,
                            )


if __name__ == "__main__":
    main()
