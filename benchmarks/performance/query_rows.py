"""Rows of the table on queries: the time of one, and the time from process start to the first answer."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.performance import corpus
from benchmarks.performance.bench import PEERS, Bench, Row, format_seconds
from benchmarks.performance.measure import build_command, build_result, in_turns, run

# Reads questions from standard input, as JSON, and prints the seconds of each search. Arguments: index folder and mode.
_SEARCH = """
import json, sys, time
from knowligo_index import open_index
questions = json.load(sys.stdin)
seconds = []
with open_index(sys.argv[1]) as index:
    for question in questions:
        start = time.perf_counter()
        index.search(question, k=5, mode=sys.argv[2])
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds), flush=True)
"""


def queries(bench: Bench) -> list[Row]:
    """One question at a time, on one thread, in an index of some 10,000 passages. `full_build` must have run before."""
    pages = corpus.generated_pages(bench.unused_path("generated"), 9.0)
    index = bench.unused_path("generated-index")
    shutil.copytree(bench.folder / "sixty-index" / "encoders", index / "encoders")
    chunks = build_result(run(build_command(pages, index)))["chunks"]
    peer_script = PEERS / "sentence_transformers_faiss.py"
    peer_index = bench.unused_path("generated-peer-index")
    # The index of the peer has as many vectors, repeated from those of sixty pages: encoding all generated pages would
    # take torch half an hour, and the time of a search does not depend on the values.
    sixty_pages = bench.folder / "sixty"
    run([bench.peers_python, peer_script, sixty_pages, peer_index, bench.model_folder, str(chunks)])
    questions = json.dumps(corpus.questions(300))
    one_question = json.dumps(corpus.questions(1))
    commands: dict[str, list[str | Path]] = {
        "hybrid": [sys.executable, "-c", _SEARCH, index, "hybrid"],
        "dense": [sys.executable, "-c", _SEARCH, index, "dense"],
        "peer": [bench.peers_python, peer_script, "--ask", peer_index, bench.model_folder],
    }

    # The first search of a process is not counted: it is a row of its own.
    def median_milliseconds(name: str) -> Callable[[], float]:
        return lambda: statistics.median(_search_seconds(commands[name], questions)[1:]) * 1e3

    def p99_milliseconds(name: str) -> Callable[[], float]:
        return lambda: float(np.percentile(np.array(_search_seconds(commands[name], questions)[1:]), 99)) * 1e3

    def start_seconds(name: str) -> Callable[[], float]:
        return lambda: _seconds_to_first_answer(commands[name], one_question)

    p50, p99, start = (
        dict(zip(commands, in_turns(bench.repeats, *(measure(name) for name in commands)), strict=True))
        for measure in (median_milliseconds, p99_milliseconds, start_seconds)
    )
    return [
        Row(
            f"a query ({mode}), index of {chunks:,} passages, one thread: p50, p99",
            f"{p50[mode].median:.1f} ms, {p99[mode].median:.1f} ms",
            f"sentence-transformers + FAISS {p50['peer'].median:.1f} ms, {p99['peer'].median:.1f} ms",
            f"{p50['peer'].median / p50[mode].median:.1f}x faster",
            "9 ms, 18 ms",
            p50[mode].median <= 9 and p99[mode].median <= 18,
            "6 ms",
        )
        for mode in ("hybrid", "dense")
    ] + [
        Row(
            "process start to first answer (hybrid)",
            format_seconds(start["hybrid"]),
            f"sentence-transformers + FAISS {format_seconds(start['peer'])}",
            f"{start['peer'].median / start['hybrid'].median:.1f}x faster",
            "0.9 s",
            start["hybrid"].median <= 0.9,
            "0.5 s",
        )
    ]


def _search_seconds(command: list[str | Path], questions: str) -> list[float]:
    """Seconds of the search for each question. Raises CalledProcessError if the command fails."""
    words = [str(word) for word in command]
    process = subprocess.run(words, input=questions, stdout=subprocess.PIPE, text=True, check=True, env=_one_thread())
    seconds: list[float] = json.loads(process.stdout)
    return seconds


def _seconds_to_first_answer(command: list[str | Path], question: str) -> float:
    """Seconds from the start of the process to its line of output. Raises CalledProcessError if it fails."""
    start = time.perf_counter()
    words = [str(word) for word in command]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_one_thread()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(question)
        process.stdin.close()
        assert process.stdout.readline()
        elapsed = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return elapsed


def _one_thread() -> dict[str, str]:
    """The environment of a process that computes on one thread."""
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
