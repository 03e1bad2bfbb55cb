"""Measure the speed of the store: verification, rollback, and searches while a reader moves to another version.

    python -m benchmarks.store [--chunks 100000]

Publishes three versions with random vectors of 384 dimensions and generated text into a temporary folder, and prints,
for an index of 5,000 passages and for one of as many as --chunks says: the rate of `verify` on files that are already
in memory, and that of SHA-256 alone, one file after the other; the time of `rollback` from process start to exit; the
time of a search; that of a search while another thread moves the reader back and forth between two versions; and the
time of such a move.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.search.reader import IndexReader
from knowligo_index.sources.ledger import LedgerEntry, encode_ledger
from knowligo_index.store import Store
from knowligo_index.store import vectors as faiss_index
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.store.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE, DocumentCounts, Fusion, Manifest
from knowligo_index.store.publishing import Writer, writing
from knowligo_index.system.hashing import hash_file
from knowligo_index.types import Chunk, Document

DIMENSION = 384
SMALL_INDEX_CHUNKS = 5_000
CHUNKS_PER_DOCUMENT = 100
TEXT = "La impresora de la oficina no imprime: reinicie la cola, revise el cable de red y llame al soporte. " * 6
ENCODER = EncoderDescription("none", "f" * 64, "a" * 64, "b" * 64, DIMENSION, 256, "mean", "", "", "none", "float32")
REPEATS = 5
IDLE_SEARCHES = 20


def publish(writer: Writer, number: int, chunks: int) -> None:
    """Publish a version with this number of chunks, rounded down to whole documents; `number` is the random seed, and
    is part of every text."""
    documents = [_document(number, position) for position in range(chunks // CHUNKS_PER_DOCUMENT)]
    count = len(documents) * CHUNKS_PER_DOCUMENT
    vectors = np.random.default_rng(number).standard_normal((count, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    digest = f"{number:012x}"
    with writer.staging() as staged:
        staged.write(VECTORS_FILE, faiss_index.to_bytes(vectors))
        write_chunk_store(staged.folder / CHUNKS_FILE, documents)
        staged.write(LEDGER_FILE, encode_ledger(LedgerEntry(entry.document.source, "indexed") for entry in documents))
        counter = writer.next_counter()
        counts = DocumentCounts(len(documents), 0, 0)
        made_at = "1970-01-01T00:00:00Z"
        manifest = Manifest(
            f"{counter}-{digest}",
            counter,
            digest,
            made_at,
            "benchmark",
            {},
            ENCODER,
            [],
            counts,
            count,
            count,
            0,
            {},
            {},
            Fusion(0.4, 0.0, 0.3),
        )
        writer.publish(writer.seal(staged, manifest))


def _document(number: int, position: int) -> ChunkedDocument:
    lines = [f"{number} {position} {part} {TEXT}" for part in range(CHUNKS_PER_DOCUMENT)]
    chunks: list[Chunk] = []
    start = 0
    for line in lines:
        chunks.append(Chunk(line, start, start + len(line), (), "", 1, 1, None, None, tokens=1))
        start += len(line) + 1
    source = f"{position:06}.txt"
    return ChunkedDocument(Document(source, "text", source, "\n".join(lines), ()), "0" * 64, tuple(chunks))


def seconds_of(call: Callable[[], object]) -> float:
    """Median of the seconds of `REPEATS` calls, after one call that is not counted."""
    call()
    seconds: list[float] = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def rollback_seconds(root: Path) -> float:
    """Median of the seconds of the command `rollback`, back and forth between the last two versions."""
    ids = Store(root).version_ids()[-2:]
    command = [sys.executable, "-m", "knowligo_index", "rollback", "--index", str(root)]
    targets = iter(ids * REPEATS)
    return seconds_of(lambda: subprocess.run([*command, next(targets)], check=True, capture_output=True))


def search_seconds(root: Path) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each search on one version, of each search while the reader moves between two versions, and of each
    move."""
    ids = Store(root).version_ids()[-2:]
    moves: list[float] = []
    finished = threading.Event()
    with IndexReader(root) as reader, writing(Store(root), "benchmark") as writer:

        def search() -> float:
            start = time.perf_counter()
            reader.search("impresora cola 17", k=5, mode="lexical")
            return time.perf_counter() - start

        def move_back_and_forth() -> None:
            for target in ids * REPEATS:
                writer.rollback(target)
                start = time.perf_counter()
                if reader.refresh():
                    moves.append(time.perf_counter() - start)
            finished.set()

        search()
        idle_searches = [search() for _ in range(IDLE_SEARCHES)]
        searches_during_moves: list[float] = []
        thread = threading.Thread(target=move_back_and_forth)
        thread.start()
        while not finished.is_set():
            searches_during_moves.append(search())
        thread.join()
    return idle_searches, searches_during_moves, moves


def report(name: str, root: Path) -> None:
    """Measure one index, and print the figures."""
    version = Store(root).open()
    megabytes = version.manifest.size / 1e6
    verify = seconds_of(version.check)
    hashing = seconds_of(lambda: [hash_file(version.folder / file) for file in version.manifest.files])
    print(f"{name} index: {version.manifest.chunks:,} passages, {megabytes:,.0f} MB")
    print(f"  verify               {verify:.3f} s, {megabytes / verify:,.0f} MB/s")
    print(f"  SHA-256 alone        {hashing:.3f} s, {megabytes / hashing:,.0f} MB/s")
    for label, seconds in zip(("search", "search during moves", "move"), search_seconds(root), strict=True):
        median, longest = statistics.median(seconds), max(seconds)
        print(f"  {label:<19}  median {median:.4f} s, longest {longest:.4f} s, of {len(seconds)}")
    print(f"  rollback             {rollback_seconds(root):.2f} s from process start to exit, every file verified")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--chunks", type=int, default=100_000, help="number of passages of the large index")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, chunks in (("small", SMALL_INDEX_CHUNKS), ("large", options.chunks)):
            root = Path(folder) / name
            with writing(Store(root), "benchmark", make=True) as writer:
                for number in (1, 2, 3):
                    publish(writer, number, chunks)
            report(name, root)


if __name__ == "__main__":
    main()
