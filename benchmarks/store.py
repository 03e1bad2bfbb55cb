"""How long the store takes to verify, to go back, and to let a reader move to another version.

    python -m benchmarks.store [--chunks 100000]

Publishes three versions with random vectors of 384 dimensions and made-up text into a temporary folder, then prints
the rate of `verify` on files that are in memory already, the rate of SHA-256 alone on them, how long `rollback` takes
from the start of the process to its end, and how long searches take while another thread moves the reader from one
version to the other: once for a small index, once for this one.
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
CHUNKS_A_DOCUMENT = 100
TEXT = "La impresora de la oficina no imprime: reinicie la cola, revise el cable de red y llame al soporte. " * 6
ENCODER = EncoderDescription("none", "f" * 64, "a" * 64, "b" * 64, DIMENSION, 256, "mean", "", "", "none", "float32")
REPEATS = 5


def publish(writer: Writer, number: int, chunks: int) -> None:
    """Publish a version with so many chunks, random but for its number."""
    documents = [_document(number, which) for which in range(chunks // CHUNKS_A_DOCUMENT)]
    count = len(documents) * CHUNKS_A_DOCUMENT
    vectors = np.random.default_rng(number).standard_normal((count, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    digest = f"{number:012x}"
    with writer.staging() as staged:
        staged.write(VECTORS_FILE, faiss_index.to_bytes(vectors))
        write_chunk_store(staged.folder / CHUNKS_FILE, documents)
        staged.write(LEDGER_FILE, encode_ledger(LedgerEntry(item.document.source, "indexed") for item in documents))
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


def _document(number: int, which: int) -> ChunkedDocument:
    lines = [f"{number} {which} {part} {TEXT}" for part in range(CHUNKS_A_DOCUMENT)]
    chunks: list[Chunk] = []
    start = 0
    for line in lines:
        chunks.append(Chunk(line, start, start + len(line), (), "", 1, 1, None, None, tokens=1))
        start += len(line) + 1
    source = f"{which:06}.txt"
    return ChunkedDocument(Document(source, "text", source, "\n".join(lines), ()), "0" * 64, tuple(chunks))


def seconds_of(call: Callable[[], object]) -> float:
    """Median over some calls, after one that is not counted."""
    call()
    times: list[float] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def rollback_seconds(root: Path) -> float:
    """The command, to and fro."""
    ids = Store(root).version_ids()[-2:]
    command = [sys.executable, "-m", "knowligo_index", "rollback", "--index", str(root)]
    targets = iter(ids * REPEATS)
    return seconds_of(lambda: subprocess.run([*command, next(targets)], check=True, capture_output=True))


def search_seconds(root: Path) -> tuple[list[float], list[float], list[float]]:
    """Seconds of each search while nothing moves, of each while versions are swapped, and of each swap."""
    ids = Store(root).version_ids()[-2:]
    swaps: list[float] = []
    done = threading.Event()
    with IndexReader(root) as reader, writing(Store(root), "benchmark") as writer:

        def search() -> float:
            begun = time.perf_counter()
            reader.search("impresora cola 17", k=5, mode="lexical")
            return time.perf_counter() - begun

        def swap() -> None:
            for target in ids * REPEATS:
                writer.rollback(target)
                begun = time.perf_counter()
                if reader.refresh():
                    swaps.append(time.perf_counter() - begun)
            done.set()

        search()
        quiet = [search() for _ in range(20)]
        swapping: list[float] = []
        thread = threading.Thread(target=swap)
        thread.start()
        while not done.is_set():
            swapping.append(search())
        thread.join()
    return quiet, swapping, swaps


def report(name: str, root: Path) -> None:
    """Print the figures of one index."""
    version = Store(root).open()
    megabytes = version.manifest.size / 1e6
    verify = seconds_of(version.check)
    plain = seconds_of(lambda: [hash_file(version.folder / file) for file in version.manifest.files])
    quiet, swapping, swaps = search_seconds(root)
    print(f"{name}: {version.manifest.chunks:,} chunks, {megabytes:,.0f} MB")
    print(
        f"  verify    {verify:.3f} s, {megabytes / verify:,.0f} MB/s (one SHA-256 alone {megabytes / plain:,.0f} MB/s)"
    )
    print(f"  rollback  {rollback_seconds(root):.2f} s from process start to exit, every file verified")
    print(f"  search    {statistics.median(quiet):.4f} s, longest {max(quiet):.4f}")
    print(
        f"    during swaps {statistics.median(swapping):.4f} s, longest {max(swapping):.4f}, {len(swapping)} searches"
    )
    print(f"  swap      {statistics.median(swaps):.3f} s, {len(swaps)} swaps")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--chunks", type=int, default=100_000, help="of the large index")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, chunks in (("small", 5_000), ("large", options.chunks)):
            root = Path(folder) / name
            with writing(Store(root), "benchmark", make=True) as writer:
                for number in (1, 2, 3):
                    publish(writer, number, chunks)
            report(name, root)


if __name__ == "__main__":
    main()
