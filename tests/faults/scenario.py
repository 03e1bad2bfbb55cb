"""Small versions made of real parts (FAISS, SQLite, manifest, store) without an encoder: their vectors are random.

Every text of version n has the word "versionN" in it, so that a mix of two versions shows. `command` publishes one, as
commands do; fault tests run it under strace, and kill it.
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.cli.options import common_options
from knowligo_index.encoders.exported import (
    MODEL_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    ExportedEncoder,
    open_exported,
    read_exported,
    seal_exported,
)
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.search.open_version import check_opens
from knowligo_index.search.reader import IndexReader, open_index
from knowligo_index.sources.ledger import LedgerEntry, encode_ledger
from knowligo_index.store import Store
from knowligo_index.store import vectors as faiss_index
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.store.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE, DocumentCounts, Fusion, Manifest
from knowligo_index.store.publishing import Writer, writing
from knowligo_index.store.version import Version
from knowligo_index.types import Chunk, Document

DIMENSION = 8
DOCUMENTS = 3
CHUNKS_A_DOCUMENT = 2
CHUNKS = DOCUMENTS * CHUNKS_A_DOCUMENT

ENCODER = EncoderDescription("none", "f" * 64, "a" * 64, "b" * 64, DIMENSION, 256, "mean", "", "", "none", "float32")


def digest_of(number: int) -> str:
    return hashlib.sha256(f"version {number}".encode()).hexdigest()[:12]


def publish_version(writer: Writer, number: int, count: int = DOCUMENTS) -> Version:
    """Publish the version whose texts say `number`, as the build does it: staged, sealed, opened, published."""
    if not (writer.store.encoders / ENCODER.fingerprint).is_dir():
        writer.add_encoder(ENCODER.fingerprint, _write_encoder)
    documents = [_document(number, which) for which in range(count)]
    chunks = CHUNKS_A_DOCUMENT * count
    vectors = np.random.default_rng(number).standard_normal((chunks, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with writer.staging() as staged:
        staged.write(VECTORS_FILE, faiss_index.to_bytes(vectors))
        write_chunk_store(staged.folder / CHUNKS_FILE, documents)
        ledger = [LedgerEntry(item.document.source, "indexed", size=number) for item in documents]
        staged.write(LEDGER_FILE, encode_ledger(ledger))
        record = read_exported(writer.store.encoders / ENCODER.fingerprint).record
        manifest = replace(manifest_of(writer.next_counter(), number, count), encoder_record=record)
        sealed = writer.seal(staged, manifest)
        check_opens(sealed)
        return writer.publish(sealed)


def publish(root: Path, number: int, count: int = DOCUMENTS) -> Version:
    """`publish_version` under the writer's lock."""
    with writing(Store(root), "scenario", make=True) as writer:
        return publish_version(writer, number, count)


def number_of_live_version(root: Path) -> int | None:
    """Open the index as a reader does and return the number that all its texts say; None where there is no index.

    Raises AssertionError where it is a mix, KnowligoError where it does not open.
    """
    if Store(root).pointer() is None:
        return None
    open_exported(Store(root).encoders / ENCODER.fingerprint)
    with open_index(root) as index:
        numbers = {int(found) for text in _texts(index) for found in re.findall(r"version(\d+)", text)}
        assert len(numbers) == 1, f"texts of several versions: {numbers}"
        number = numbers.pop()
        assert index.manifest.digest == digest_of(number), "the manifest is another version's"
        assert len(index.documents()) == len(index.ledger()) == DOCUMENTS
        return number


def _texts(index: IndexReader) -> list[str]:
    hits = index.search("gato", k=CHUNKS, mode="lexical")
    assert len(hits) == CHUNKS, f"{len(hits)} passages instead of {CHUNKS}"
    return [hit.text for hit in hits]


def _write_encoder(folder: Path) -> None:
    for name in (MODEL_FILE, WEIGHTS_FILE, TOKENIZER_FILE):
        (folder / name).write_bytes(name.encode())
    seal_exported(ExportedEncoder(folder, ENCODER, padding_id=0))


def _document(number: int, which: int) -> ChunkedDocument:
    lines = [f"gato version{number} documento {which} parte {part}" for part in range(CHUNKS_A_DOCUMENT)]
    text = "\n".join(lines)
    chunks: list[Chunk] = []
    for line in lines:
        start = text.index(line)
        chunks.append(Chunk(line, start, start + len(line), (), "", 1, 1, None, None, tokens=7))
    source = f"{which}.md"
    return ChunkedDocument(Document(source, "text", source, text, ()), "ab" * 32, tuple(chunks))


def manifest_of(counter: int, number: int, count: int = DOCUMENTS) -> Manifest:
    """The manifest of such a version; sealing it adds the files."""
    chunks = CHUNKS_A_DOCUMENT * count
    return Manifest(
        version=f"{counter}-{digest_of(number)}",
        counter=counter,
        digest=digest_of(number),
        created_at="1970-01-01T00:00:00Z",
        created_by="tests",
        settings={},
        encoder=ENCODER,
        probes=[],
        documents=DocumentCounts(count, 0, 0),
        chunks=chunks,
        tokens=7 * chunks,
        truncated=0,
        token_histogram={"0-31": chunks},
        libraries={},
        fusion=Fusion(0.4, 0.0, 0.3),
    )


@click.command()
@click.argument("number", type=int)
@common_options
def command(number: int, index: str, **_: object) -> None:
    """Publish version NUMBER."""
    click.echo(publish(Path(index), number).id)
