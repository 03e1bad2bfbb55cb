"""Compare sizes and overlaps of passages, with questions whose answering paragraph is known.

    python -m benchmarks.chunk_sizes XQUAD_FOLDER [--languages en es] [--sizes 128 200] [--overlaps 0 32]

XQUAD_FOLDER holds a folder in the layout of BEIR for each language (corpus.jsonl with "article", queries.jsonl,
qrels/test.tsv). The paragraphs of an article become one Markdown file, so that the borders of passages differ from
those of paragraphs. The whole pipeline runs, from files to hits. Each question has 20 hits, which are read, best first,
as long as they have at most 1,000 tokens together. Printed for each size, overlap and search mode, as means over the
questions:

    recall     share of the characters of the answering paragraph that are read
    precision  share of the characters read that belong to the answering paragraph
    MRR        mean reciprocal rank of the first of the 20 hits that overlaps the answering paragraph
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

HITS = 20
TOKEN_BUDGET = 1000
MODES: tuple[SearchMode, ...] = ("dense", "lexical", "hybrid")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The place of a paragraph: the file, and the span of its characters."""

    source: str
    char_start: int
    char_end: int


def write_articles(corpus: Path, folder: Path) -> dict[str, Paragraph]:
    """Write one Markdown file for each article, and return the place of each paragraph by its id."""
    articles: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in corpus.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        articles[row["article"]].append((row["_id"], row["text"].strip("\ufeff \n")))
    paragraphs_by_id: dict[str, Paragraph] = {}
    for article, paragraphs in articles.items():
        source = f"{article}.md".replace("/", "_")
        text = f"# {article.replace('_', ' ')}\n"
        for paragraph_id, paragraph in paragraphs:
            text += "\n"
            paragraphs_by_id[paragraph_id] = Paragraph(source, len(text), len(text) + len(paragraph))
            text += f"{paragraph}\n"
        (folder / source).write_text(text, encoding="utf-8", newline="")
    return paragraphs_by_id


def overlap(hit: Hit, gold: Paragraph) -> int:
    """The number of characters that the hit and the paragraph have in common."""
    if hit.source != gold.source:
        return 0
    return max(0, min(hit.char_end, gold.char_end) - max(hit.char_start, gold.char_start))


def score(hits: list[Hit], gold: Paragraph, counter: TokenCounter) -> tuple[float, float, float]:
    """Recall and precision within the token budget, and the reciprocal rank, which is 0 without an overlapping hit."""
    first_rank = next((hit.rank for hit in hits if overlap(hit, gold)), None)
    covered: set[int] = set()
    characters = tokens = 0
    for hit, count in zip(hits, counter.count_inputs([hit.text for hit in hits]), strict=True):
        tokens += count
        if tokens > TOKEN_BUDGET:
            break
        characters += len(hit.text)
        if hit.source == gold.source:
            covered.update(range(max(hit.char_start, gold.char_start), min(hit.char_end, gold.char_end)))
    size = gold.char_end - gold.char_start
    return len(covered) / size, len(covered) / max(characters, 1), 1 / first_rank if first_rank else 0.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("xquad", type=Path, help="folder with one folder for each language")
    arguments.add_argument("--languages", nargs="+", default=["en", "es"], help="names of these folders")
    arguments.add_argument(
        "--sizes",
        nargs="+",
        type=int,
        default=[96, 128, 160, 200, 256],
        help="maximum numbers of tokens of a passage",
    )
    arguments.add_argument(
        "--overlaps",
        nargs="+",
        type=int,
        default=[0, 32],
        help="numbers of tokens that a passage repeats of the one before",
    )
    options = arguments.parse_args()
    counter = find_encoder(EncoderOptions()).tokenizer()
    print(
        f"{'set':<4} {'size':>5} {'overlap':>7} {'passages':>8}  {'mode':<8} {'recall':>7} {'precision':>9} {'MRR':>6}"
    )
    for language in options.languages:
        beir = options.xquad / language
        questions = read_golden_questions(beir)
        with tempfile.TemporaryDirectory() as folder:
            knowledge = Path(folder) / "knowledge"
            knowledge.mkdir()
            paragraphs = write_articles(beir / "corpus.jsonl", knowledge)
            golds = [paragraphs[question.source or ""] for question in questions]
            texts = [question.question for question in questions]
            for size in options.sizes:
                for overlap_tokens in options.overlaps:
                    index = Path(folder) / f"index-{size}-{overlap_tokens}"
                    chunking = ChunkingOptions(chunk_tokens=size, overlap_tokens=overlap_tokens)
                    result = build(Settings(knowledge=knowledge, index=index, chunking=chunking))
                    with IndexReader(index, threads=2) as reader:
                        for mode in MODES:
                            hit_lists = reader.search_batch(texts, k=HITS, mode=mode)
                            scores = [score(hits, gold, counter) for hits, gold in zip(hit_lists, golds, strict=True)]
                            recall, precision, rank = (mean(column) for column in zip(*scores, strict=True))
                            print(
                                f"{language:<4} {size:>5} {overlap_tokens:>7} {result.manifest.chunks:>8}  {mode:<8} "
                                f"{recall:>7.3f} {precision:>9.3f} {rank:>6.3f}",
                                flush=True,
                            )


if __name__ == "__main__":
    main()
