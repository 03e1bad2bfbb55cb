"""Rows of the table on questions: how long one takes, and the first."""

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

from benchmarks.performance import material
from benchmarks.performance.bench import PEERS, Bench, Row, seconds
from benchmarks.performance.measure import build_command, built, in_turns, run

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
    print(json.dumps(seconds), flush=True)
"""


def queries(bench: Bench) -> list[Row]:
    """10,000 chunks, one thread, one question at a time."""
    pages = material.heap(bench.fresh("heap"), 9.0)
    index = bench.fresh("heap-index")
    shutil.copytree(bench.folder / "sixty-index" / "encoders", index / "encoders")
    chunks = built(run(build_command(pages, index)))["chunks"]
    plain = bench.fresh("heap-plain")
    # To encode all of the heap takes torch half an hour, and a search the same time whatever the vectors are.
    some = bench.folder / "sixty"
    run([bench.peers_python, PEERS / "plain.py", some, plain, bench.model_folder, str(chunks)])
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
        return lambda: _seconds_to_answer(commands[name], json.dumps(material.questions(1)))

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
            "9 ms, 18 ms",
            p50[mode].median <= 9 and p99[mode].median <= 18,
            "6 ms",
        )
        for mode in ("hybrid", "dense")
    ] + [
        Row(
            "process start to first answer (hybrid)",
            seconds(start["hybrid"]),
            f"sentence-transformers + FAISS {seconds(start['plain'])}",
            f"{start['plain'].median / start['hybrid'].median:.1f}x faster",
            "0.9 s",
            start["hybrid"].median <= 0.9,
            "0.5 s",
        )
    ]


def _answers(command: list[str | Path], asked: str) -> list[float]:
    words = [str(word) for word in command]
    found = subprocess.run(words, input=asked, stdout=subprocess.PIPE, text=True, check=True, env=_one_thread())
    answers: list[float] = json.loads(found.stdout)
    return answers


def _seconds_to_answer(command: list[str | Path], asked: str) -> float:
    """From the start of the process to its line. Raises CalledProcessError where it fails, as `_answers` does."""
    start = time.perf_counter()
    words = [str(word) for word in command]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_one_thread()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(asked)
        process.stdin.close()
        assert process.stdout.readline()
        elapsed = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return elapsed


def _one_thread() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
