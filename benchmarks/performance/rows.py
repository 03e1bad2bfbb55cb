"""The rows of the table: each measures one thing, ours beside a peer's or beside another of ours."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.beir import mean_ndcg, read_retrieval_set
from benchmarks.performance import material
from benchmarks.performance.machine import gemm_peak
from benchmarks.performance.measure import Figure, build_command, built, clear, in_turns, run
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoding import Encoder

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    ours: str
    beside: str
    result: str
    floor: str
    reached: bool | None
    """whether the floor was; None where there is none"""
    aim: str = ""


@dataclass
class Bench:
    """What the rows share: folders, how often, and the two interpreters."""

    folder: Path
    repeats: int
    threads: int
    peers_python: Path
    exports: dict[str, Path] = field(default_factory=dict)

    @property
    def model_folder(self) -> Path:
        return find_encoder(EncoderOptions()).folder

    def fresh(self, name: str) -> Path:
        """A folder that isn't there."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def peer(self, script: str, knowledge: Path) -> Callable[[], float]:
        target = self.folder / f"peer-{script}"

        def measure() -> float:
            shutil.rmtree(target, ignore_errors=True)
            return run([self.peers_python, PEERS / f"{script}.py", knowledge, target, self.model_folder]).seconds

        return measure

    def cold_build(self, knowledge: Path, index: Path, *more: str) -> Callable[[], float]:
        """A full build: nothing but the encoder's export is there."""

        def measure() -> float:
            clear(index)
            return run(build_command(knowledge, index, *more)).seconds

        return measure

    def encoder(self, precision: str) -> Encoder:
        model = find_encoder(EncoderOptions(engine="openvino", precision=precision))  # type: ignore[arg-type]
        if precision not in self.exports:
            self.exports[precision] = self.fresh(f"export-{precision}")
            self.exports[precision].mkdir(parents=True)
            model.export(self.exports[precision])
        return model.load(self.exports[precision], self.threads)


def full_build(bench: Bench) -> list[Row]:
    """Three peers and us, from process start to exit."""
    pages = material.sixty_pages(bench.fresh("sixty"))
    index = bench.fresh("sixty-index")
    first = built(run(build_command(pages, index)))
    ours, *peers = in_turns(
        bench.repeats,
        bench.cold_build(pages, index),
        *(bench.peer(script, pages) for script in ("plain", "langchain_build", "llama_index_build")),
    )
    names = ("plain", "LangChain", "LlamaIndex")
    fastest = min(peers, key=lambda figure: figure.median)
    ratio = fastest.median / ours.median
    tokens = first["tokens"]
    stages = first["seconds"]
    assert isinstance(stages, dict)
    return [
        Row(
            f"full build of 60 pages ({tokens:,} tokens), the encoder exported, no cache",
            seconds(ours),
            ", ".join(f"{name} {seconds(figure)}" for name, figure in zip(names, peers, strict=True)),
            f"{ratio:.1f}x faster",
            "5x",
            ratio >= 5,
            "7x",
        ),
        Row("exporting the encoder, once", f"{stages['export encoder']:.1f} s", "", "", "", None),
    ]


def throughput(bench: Bench) -> list[Row]:
    """Tokens a second of each precision and of sentence-transformers' `encode` with its defaults, and the shares of
    what the arithmetic allows."""
    from sentence_transformers import SentenceTransformer

    data = read_retrieval_set(material.DATA / "xquad" / "en")
    texts = list(data.documents.values())
    tokenizer = find_encoder(EncoderOptions()).tokenizer()
    lengths = [min(count, 256) for count in tokenizer.count_inputs(texts)]
    model = SentenceTransformer(str(bench.model_folder), device="cpu")
    model.max_seq_length = 256
    encoders = {precision: bench.encoder(precision) for precision in ("float32", "bfloat16", "int8")}
    reference = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    quality = {"": mean_ndcg(data, reference, model.encode(list(data.questions.values()), normalize_embeddings=True))}
    cosine = {}
    for precision, encoder in encoders.items():
        vectors = encoder.encode_passages(texts)
        cosine[precision] = float(np.mean(np.sum(vectors * reference, axis=1)))
        quality[precision] = mean_ndcg(data, vectors, encoder.encode_queries(list(data.questions.values())))

    def rate(encode: Callable[[list[str]], object]) -> Callable[[], float]:
        def measure() -> float:
            start = time.perf_counter()
            encode(texts)
            return sum(lengths) / (time.perf_counter() - start)

        return measure

    plain, *found = in_turns(
        bench.repeats,
        rate(lambda some: model.encode(some, show_progress_bar=False)),
        *(rate(encoder.encode_passages) for encoder in encoders.values()),
    )
    rates = dict(zip(encoders, found, strict=True))
    rows = []
    for precision, floor, aim in (("int8", 4.8, 7), ("bfloat16", 3.2, 4), ("float32", None, None)):
        ratio = rates[precision].median / plain.median
        loss = quality[""] - quality[precision]
        holds = loss <= 0.005 if precision == "int8" else cosine[precision] >= 0.9999
        rows.append(
            Row(
                f"encoding in {precision}: mean cosine {cosine[precision]:.5f}, nDCG@10 {quality[precision]:.4f} "
                f"(sentence-transformers: {quality['']:.4f})",
                per_second(rates[precision]),
                f"sentence-transformers {per_second(plain)}",
                f"{ratio:.1f}x faster",
                f"{floor}x" if floor else "",
                ratio >= floor and holds if floor else None,
                f"{aim}x" if aim else "",
            )
        )
    shares: list[tuple[str, float | None, str]]
    shares = [("bfloat16", 0.65, "80 %"), ("int8", 0.45, "65 %"), ("float32", None, "")]
    for precision, least, share_aim in shares:
        peak = gemm_peak(precision, bench.threads)
        # All-MiniLM-L6-v2: six layers of 4 x 384^2 + 2 x 384 x 1536 weights, and two products of length x 384 for
        # attention, two operations a multiply-add.
        work = sum(length * (2 * 6 * (4 * 384**2 + 2 * 384 * 1536) + 6 * 4 * length * 384) for length in lengths)
        share = rates[precision].median * work / sum(lengths) / peak
        rows.append(
            Row(
                f"share of the arithmetic ceiling, {precision}",
                f"{rates[precision].median * work / sum(lengths) / 1e9:,.0f} G/s",
                f"matrix product of 2048^3: {peak / 1e9:,.0f} G/s",
                f"{share:.0%}",
                f"{least:.0%}" if least else "",
                share >= least if least else None,
                share_aim,
            )
        )
    return rows


def incremental(bench: Bench) -> list[Row]:
    """280 pages: all, none and one of them changed."""
    pages = material.all_pages(bench.fresh("pages"))
    index = bench.fresh("pages-index")
    run(build_command(pages, index))
    page = pages / "en" / "docs" / "index.md"
    turn = iter(range(1_000))

    def unchanged() -> float:
        found = run(build_command(pages, index))
        assert built(found)["status"] == "unchanged"
        return found.seconds

    def one_changed() -> float:
        page.write_text(page.read_text(encoding="utf-8") + f"\nOne more line, number {next(turn)}.\n", encoding="utf-8")
        found = run(build_command(pages, index))
        assert built(found)["status"] == "published"
        return found.seconds

    def full() -> float:
        return bench.cold_build(pages, index)()

    # The full build leaves the cache that the others find.
    whole, nothing, one = in_turns(bench.repeats, full, unchanged, one_changed)
    fresh = bench.fresh("pages-again")
    shutil.copytree(index / "encoders", fresh / "encoders")
    run(build_command(pages, fresh))
    same = _content(index) == _content(fresh)
    times, fold = whole.median / nothing.median, whole.median / one.median
    return [
        Row(
            "nothing changed (280 pages)",
            seconds(nothing),
            f"full build {seconds(whole)}",
            f"{times:.0f}x less",
            "0.4 s and 100x",
            nothing.median <= 0.4 and times >= 100,
            "0.2 s",
        ),
        Row(
            f"one page of 280 changed, {'the same bytes as' if same else 'OTHER BYTES THAN'} a full build's",
            seconds(one),
            f"full build {seconds(whole)}",
            f"{fold:.0f}x less",
            "20x",
            fold >= 20 and same,
            "30x",
        ),
    ]


def memory(bench: Bench) -> list[Row]:
    """Ten times as much Markdown; once each, since it takes minutes."""
    small = material.heap(bench.fresh("small"), 3.3)
    large = material.heap(bench.fresh("large"), 33)
    peaks = []
    for pages in (small, large):
        index = bench.fresh(f"{pages.name}-index")
        shutil.copytree(bench.folder / "sixty-index" / "encoders", index / "encoders")
        peaks.append(run(build_command(pages, index)).peak_bytes)
    ratio = peaks[1] / peaks[0]
    return [
        Row(
            "peak memory, 33 MB of Markdown, with all its processes",
            f"{peaks[1] / 1e6:,.0f} MB",
            f"3.3 MB: {peaks[0] / 1e6:,.0f} MB",
            f"{ratio:.2f}x",
            "1.3x and 1.2 GB",
            ratio < 1.3 and peaks[1] < 1.2e9,
            "0.8 GB",
        )
    ]


def killed(bench: Bench) -> list[Row]:
    """kill -9 when half of a full build's time has passed, and again."""
    pages = material.all_pages(bench.fresh("pages"))
    index = bench.fresh("pages-index")
    run(build_command(pages, index))
    full = bench.cold_build(pages, index)

    def again() -> float:
        whole = full()
        clear(index)
        process = subprocess.Popen([str(word) for word in build_command(pages, index)], stdout=subprocess.DEVNULL)
        time.sleep(whole / 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return run(build_command(pages, index)).seconds / whole

    (share,) = in_turns(bench.repeats, again)
    return [
        Row(
            "killed at half of a full build, and run again",
            f"{share.median:.0%} ± {share.spread:.0%}",
            "full build 100 %",
            "",
            "60 %",
            share.median <= 0.6,
            "52 %",
        )
    ]


_ASK = """
import json, sys, time
from knowligo_index import open_index
questions = json.load(sys.stdin)
seconds = []
with open_index(sys.argv[1]) as index:
    for question in questions:
        start = time.perf_counter()
        index.search(question, k=5, mode=sys.argv[2])
        seconds.append(time.perf_counter() - start)
print(json.dumps(seconds))
"""


def queries(bench: Bench) -> list[Row]:
    """10,000 chunks, one thread, one question at a time."""
    pages = material.heap(bench.fresh("heap"), 5.6)
    index = bench.fresh("heap-index")
    shutil.copytree(bench.folder / "sixty-index" / "encoders", index / "encoders")
    chunks = built(run(build_command(pages, index)))["chunks"]
    plain = bench.fresh("heap-plain")
    run([bench.peers_python, PEERS / "plain.py", pages, plain, bench.model_folder])
    asked = json.dumps(material.questions(300))
    commands: dict[str, list[str | Path]] = {
        "hybrid": [sys.executable, "-c", _ASK, index, "hybrid"],
        "dense": [sys.executable, "-c", _ASK, index, "dense"],
        "plain": [bench.peers_python, PEERS / "plain.py", "--ask", plain, bench.model_folder],
    }

    def ask(name: str) -> Callable[[], float]:
        return lambda: statistics.median(_answers(commands[name], asked)[1:]) * 1e3

    def late(name: str) -> Callable[[], float]:
        return lambda: float(np.percentile(np.array(_answers(commands[name], asked)[1:]), 99)) * 1e3

    def first(name: str) -> Callable[[], float]:
        def measure() -> float:
            start = time.perf_counter()
            _answers(commands[name], json.dumps(material.questions(1)))
            return time.perf_counter() - start

        return measure

    middles = in_turns(bench.repeats, *(ask(name) for name in commands))
    lates = in_turns(bench.repeats, *(late(name) for name in commands))
    starts = in_turns(bench.repeats, *(first(name) for name in commands))
    p50, p99 = (dict(zip(commands, found, strict=True)) for found in (middles, lates))
    start = dict(zip(commands, starts, strict=True))
    return [
        Row(
            f"a query ({mode}), index of {chunks:,} chunks, one thread: p50, p99",
            f"{p50[mode].median:.1f} ms, {p99[mode].median:.1f} ms",
            f"sentence-transformers + FAISS {p50['plain'].median:.1f} ms, {p99['plain'].median:.1f} ms",
            f"{p50['plain'].median / p50[mode].median:.1f}x faster",
            "6 ms, 15 ms",
            p50[mode].median <= 6 and p99[mode].median <= 15,
            "3 ms",
        )
        for mode in ("hybrid", "dense")
    ] + [
        Row(
            "process start to first answer (hybrid)",
            seconds(start["hybrid"]),
            f"sentence-transformers + FAISS {seconds(start['plain'])}",
            f"{start['plain'].median / start['hybrid'].median:.1f}x faster",
            "0.8 s",
            start["hybrid"].median <= 0.8,
            "0.4 s",
        )
    ]


ROWS = (full_build, throughput, incremental, killed, queries, memory)


def seconds(figure: Figure) -> str:
    return f"{figure.median:.2f} s ± {figure.spread:.0%}"


def per_second(figure: Figure) -> str:
    return f"{figure.median:,.0f} tokens/s ± {figure.spread:.0%}"


def _answers(command: list[str | Path], asked: str) -> list[float]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    words = [str(word) for word in command]
    found = subprocess.run(words, input=asked, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    answers: list[float] = json.loads(found.stdout)
    return answers


def _content(index: Path) -> dict[str, bytes]:
    """The files of the live version that depend on what is in it alone."""
    folder = index / "versions" / (index / "CURRENT").read_text().split()[0]
    return {name: (folder / name).read_bytes() for name in ("vectors.faiss", "chunks.sqlite", "ledger.jsonl")}
