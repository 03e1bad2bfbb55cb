"""The composer: sources -> documents -> gate -> chunks -> vectors -> staged version -> published version."""

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Self

from knowligo_index import faiss_index
from knowligo_index.blob_cache import CACHE_FILE, BlobCache
from knowligo_index.build_result import BuildResult
from knowligo_index.chunk_store import write_chunk_store
from knowligo_index.content import (
    PROBE_TEXTS,
    content_digest,
    content_libraries,
    content_settings,
    document_basis,
    encoder_libraries,
)
from knowligo_index.cpu import default_threads
from knowligo_index.cutting import cut_documents
from knowligo_index.document_cache import DocumentCache
from knowligo_index.encoder_export import export_encoder
from knowligo_index.encoding import Encoder
from knowligo_index.errors import DamagedIndexError, KnowledgeError
from knowligo_index.gate import refusals
from knowligo_index.intake import Intake, read_documents
from knowligo_index.ledger import encode_ledger, of_sources
from knowligo_index.manifest import (
    CHUNKS_FILE,
    LEDGER_FILE,
    VECTORS_FILE,
    Manifest,
    Probe,
    count_documents,
    token_histogram,
)
from knowligo_index.planning import Plan
from knowligo_index.reader import check_opens
from knowligo_index.release import __version__
from knowligo_index.report.cost import StageClock, peak_rss_bytes
from knowligo_index.report.progress import Progress
from knowligo_index.settings import Settings
from knowligo_index.store.writer import Writer
from knowligo_index.vector_cache import VectorCache


def build_version(
    writer: Writer, plan: Plan, live: Manifest | None, settings: Settings, clock: StageClock, progress: Progress
) -> BuildResult:
    """Make the version of the plan and publish it, unless the gate refuses it. Raises a KnowligoError."""
    threads = settings.threads or default_threads()
    with BlobCache(writer.store.root / CACHE_FILE) as cache, _EncoderAhead(writer, plan, threads) as encoder:
        return _build_version(writer, plan, live, settings, clock, progress, cache, encoder, threads)


class _EncoderAhead:
    """The encoder, whose export, where there is one, is loaded while documents are read."""

    def __init__(self, writer: Writer, plan: Plan, threads: int) -> None:
        self._writer = writer
        self._model = plan.model
        self._threads = threads
        self._pool = ThreadPoolExecutor(1, "load encoder")
        self._loading: Future[Encoder] | None = None

    def __enter__(self) -> Self:
        folder = self._writer.store.encoders / self._model.description.fingerprint
        if folder.is_dir():
            self._loading = self._pool.submit(self._model.load, folder, self._threads)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def get(self, clock: StageClock) -> Encoder:
        """Wait for it, or export and load it now. Raises EncoderError, MissingExtraError or StorageError."""
        if self._loading is not None:
            # A damaged export is made again below.
            with contextlib.suppress(DamagedIndexError), clock("load encoder"):
                return self._loading.result()
        with clock("export encoder"):
            exported = export_encoder(self._writer, self._model)
        with clock("load encoder"):
            return self._model.load(exported, self._threads)


def _build_version(
    writer: Writer,
    plan: Plan,
    live: Manifest | None,
    settings: Settings,
    clock: StageClock,
    progress: Progress,
    cache: BlobCache,
    ahead: _EncoderAhead,
    threads: int,
) -> BuildResult:
    known = DocumentCache(cache, *document_basis(settings, plan.model))
    with clock("parse"), progress.bar("reading", len(plan.inventory.sources), "file") as advance:
        intake = read_documents(plan.inventory, settings, threads, known, advance)
    if intake.passing_failures:
        plan = replace(plan, digest=content_digest(plan.inventory, settings, plan.model, intake.passing_failures))
    if live is not None and live.digest == plan.digest:
        return BuildResult("unchanged", live, [], 0, clock.seconds, peak_rss_bytes())
    refused = refusals(intake.entries(), settings.gate)
    if refused:
        return BuildResult("refused", None, intake.entries(), 0, clock.seconds, peak_rss_bytes(), refused)
    if not intake.parsed:
        raise KnowledgeError(_nothing_to_index(intake, settings))
    tokenizer = plan.model.tokenizer()
    with clock("chunk"), progress.bar("chunking", len(intake.parsed), "document") as advance:
        documents = cut_documents(intake.parsed, settings.chunking, tokenizer, known, advance)
    ledger = intake.entries(documents)
    chunks = [chunk for item in documents for chunk in item.chunks]
    tokens = [chunk.tokens for chunk in chunks]
    encoder = ahead.get(clock)
    with clock("encode"), progress.bar("encoding", len(chunks), "chunk") as advance:
        vectors = VectorCache(cache, plan.model.description.fingerprint, encoder_libraries())
        encoded = vectors.encode(encoder, [chunk.encoder_input for chunk in chunks], advance)
    with clock("write and publish"), writer.staging() as staged:
        staged.write(VECTORS_FILE, faiss_index.to_bytes(encoded.vectors))
        write_chunk_store(staged.folder / CHUNKS_FILE, documents)
        staged.write(LEDGER_FILE, encode_ledger(ledger))
        number = writer.next_counter()
        manifest = Manifest(
            version=f"{number}-{plan.digest}",
            counter=number,
            digest=plan.digest,
            created_at=plan.created_at,
            created_by=f"knowligo-index {__version__}",
            settings=content_settings(settings, plan.model),
            encoder=encoder.description,
            probes=_probes(encoder),
            documents=count_documents(ledger),
            chunks=len(chunks),
            tokens=sum(tokens),
            truncated=sum(count > tokenizer.max_tokens for count in tokens),
            token_histogram=token_histogram(tokens),
            libraries=content_libraries(),
        )
        sealed = writer.seal(staged, manifest)
        check_opens(sealed)
        manifest = writer.publish(sealed).manifest
    return BuildResult("published", manifest, ledger, encoded.embedded, clock.seconds, peak_rss_bytes())


def _nothing_to_index(intake: Intake, settings: Settings) -> str:
    documents = [entry for entry in of_sources(intake.entries()) if entry.format is not None]
    first = documents[0]
    return (
        f"none of the {len(documents)} documents in {settings.knowledge} gave any text (first: "
        f"{first.source}, {first.reason}: {first.detail}): mend them or name another folder."
    )


def _probes(encoder: Encoder) -> list[Probe]:
    vectors = encoder.encode_passages(PROBE_TEXTS)
    return [Probe(text, vector.tolist()) for text, vector in zip(PROBE_TEXTS, vectors, strict=True)]
