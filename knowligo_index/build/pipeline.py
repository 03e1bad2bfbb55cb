"""The composer: sources -> documents -> chunks -> vectors -> staged version -> gate -> published version.

Documents go through one by one, and each is let go of when its chunks are written: what is in memory does not depend on
how many there are, but for the vectors that FAISS holds. The processes that parse are ahead of the main thread, which
cuts and writes, and the thread that encodes is behind it. Only the main thread changes the index.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace

from knowligo_index.build.cost import StageClock, peak_rss_bytes
from knowligo_index.build.cutting import cut_document
from knowligo_index.build.digest import (
    content_digest,
    content_libraries,
    content_settings,
    document_basis,
    encoder_libraries,
)
from knowligo_index.build.encoder_export import export_encoder
from knowligo_index.build.passage_vectors import PassageVectors
from knowligo_index.build.plan import Plan
from knowligo_index.build.progress import Progress
from knowligo_index.build.result import BuildResult, Status
from knowligo_index.chunking.borders import bad_borders
from knowligo_index.encoders.exported import EXPORT_ENGINE, ExportedEncoder
from knowligo_index.encoders.protocol import CountedText, TokenCounter
from knowligo_index.encoders.thread import EncoderThread
from knowligo_index.encoders.tokens import ModelTokenizer
from knowligo_index.encoders.vector_cache import VectorCache
from knowligo_index.errors import KnowledgeError
from knowligo_index.gate.judge import Answers, Trial, ask_encoders
from knowligo_index.gate.rules import forbids, refusals
from knowligo_index.gate.sample import Sample, SampledChunk
from knowligo_index.search.fusion import ANSWERED, DENSE_WEIGHT
from knowligo_index.search.open_version import check_opens
from knowligo_index.settings import Settings
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.documents import ReadingOptions, passing_failures, read_documents
from knowligo_index.sources.ledger import encode_ledger, indexed, of_sources
from knowligo_index.store.chunks_writer import ChunkedDocument, ChunkStoreWriter
from knowligo_index.store.manifest import (
    CHUNKS_FILE,
    LEDGER_FILE,
    VECTORS_FILE,
    Fusion,
    Manifest,
    count_documents,
    token_histogram,
)
from knowligo_index.store.staging import Staging
from knowligo_index.store.vectors import VectorIndexBuilder
from knowligo_index.store.version import Version
from knowligo_index.store.writer import Writer
from knowligo_index.system.blob_cache import CACHE_FILE, BlobCache
from knowligo_index.system.release import __version__
from knowligo_index.system.threads import ThreadPlan, plan_threads
from knowligo_index.types import Document, LedgerEntry


def build_version(
    writer: Writer,
    plan: Plan,
    live: Manifest | None,
    before: Manifest | None,
    settings: Settings,
    clock: StageClock,
    progress: Progress,
) -> BuildResult:
    """Make the version of the plan and publish it, unless it is the live one already or the gate, which compares it
    with the one `before`, refuses it. Raises a KnowligoError."""
    threads = plan_threads(settings.threads, settings.sandbox.parse_mib, plan.model.description.engine)
    with BlobCache(writer.store.root / CACHE_FILE) as cache:
        return _Build(writer, plan, live, before, settings, clock, progress, cache, threads).run()


@dataclass(slots=True)
class _Made:
    """What is known of a version when all of its documents have gone through."""

    ledger: list[LedgerEntry]
    tokens: list[int] = field(default_factory=list)
    """of every chunk"""
    forbidden: bool = False
    """whether a document keeps it from being published, so that cutting and encoding the others is of no use"""
    refused: list[str] = field(default_factory=list)
    """why it is not to be published"""
    embedded: int = 0
    """chunks that were encoded"""
    languages: Counter[str] = field(default_factory=Counter)
    """documents by language"""
    sample: Sample = field(default_factory=Sample)
    answers: Answers = field(default_factory=Answers)
    unrelated_cosine: float = 0.0
    """of the encoder"""


@dataclass(frozen=True, slots=True)
class _Build:
    writer: Writer
    plan: Plan
    live: Manifest | None
    before: Manifest | None
    settings: Settings
    clock: StageClock
    progress: Progress
    cache: BlobCache
    threads: ThreadPlan

    def run(self) -> BuildResult:
        dimension = self.plan.model.description.dimension
        with self.writer.staging() as staged, closing(VectorIndexBuilder(dimension, staged.folder)) as index:
            made = self._make(staged, index)
            digest = self._digest(made)
            if self.live is not None and self.live.digest == digest:
                return self._result("unchanged", self.live, [], 0)
            if made.forbidden:
                return self._result("refused", None, made.ledger, 0, made.refused)
            with self.clock("inspect"):
                with staged.file(VECTORS_FILE) as append:
                    index.write(append)
                staged.write(LEDGER_FILE, encode_ledger(made.ledger))
                draft = Version(staged.folder, replace(self._manifest(made, digest), files=staged.flush()), "")
                trial = Trial(
                    self.before,
                    self.live is not None,
                    self.writer.store.root,
                    self.settings.gate,
                    self.threads.encoder_threads,
                )
                manifest = trial.outcome(draft, made.answers, made.refused)
            with self.clock("publish"):
                sealed = self.writer.seal(staged, manifest)
                check_opens(sealed)
                if manifest.refusals or self.settings.gate.no_publish:
                    kept = self.writer.add(sealed).manifest
                    status: Status = "refused" if kept.refusals else "staged"
                    return self._result(status, kept, made.ledger, made.embedded, kept.refusals)
                manifest = self.writer.publish(sealed).manifest
            return self._result("published", manifest, made.ledger, made.embedded)

    def _make(self, staged: Staging, index: VectorIndexBuilder) -> _Made:
        """Take every document through. The encoder is gone when this ends: the index needs the memory."""
        with self._encoder() as (encoder, exported, tokenizer):
            known = VectorCache(self.cache, self.plan.model.description, encoder_libraries())
            vectors = PassageVectors(encoder, known, index)
            made = self._take_documents(staged, vectors, tokenizer)
            made.refused += refusals(made.ledger, self.settings.gate)
            if made.forbidden:
                return made
            if not made.tokens:
                raise KnowledgeError(_nothing_to_index(made.ledger, self.settings))
            with self.clock("encode"), self.progress.bar("encoding", encoder.waiting, "chunk") as advance:
                vectors.finish(advance)
                made.embedded = vectors.embedded
            with self.clock("inspect"):
                last = encoder.encoder()
                # The export of the encoder may be what the passages were encoded with.
                is_exported = last.description.engine == EXPORT_ENGINE
                query_encoder = last if is_exported else exported.load(self.threads.encoder_threads, tokenizer)
                made.answers = ask_encoders(last, query_encoder, made.sample.chunks(), self.plan.questions)
                made.unrelated_cosine = exported.unrelated_cosine
        return made

    @contextmanager
    def _encoder(self) -> Iterator[tuple[EncoderThread, ExportedEncoder, ModelTokenizer]]:
        """The encoder, which is loaded while the first documents are read, its export and its tokenizer."""
        writer, model = self.writer, self.plan.model
        # A build that finds the export there has no such phase.
        there = (writer.store.encoders / model.description.fingerprint).is_dir()
        with nullcontext() if there else self.clock("export encoder"):
            exported = export_encoder(writer, model)
        tokenizer = exported.tokenizer()
        with EncoderThread(lambda: model.load(exported, self.threads.encoder_threads, tokenizer)) as encoder:
            yield encoder, exported, tokenizer

    def _take_documents(self, staged: Staging, vectors: PassageVectors, tokenizer: TokenCounter) -> _Made:
        """Read, cut and write every document, and give its chunks to the encoder."""
        settings, model, inventory = self.settings, self.plan.model, self.plan.inventory
        cache = DocumentCache(self.cache, *document_basis(settings, model))
        reading = ReadingOptions(
            settings.sources, settings.sandbox, settings.duplicates, keep_secrets=settings.gate.allow_secrets
        )
        made = _Made(list(inventory.others))
        with (
            self.progress.bar("reading", len(inventory.sources), "file") as advance,
            ChunkStoreWriter(staged.folder / CHUNKS_FILE) as store,
            closing(read_documents(inventory, reading, self.threads.parser_processes, cache)) as documents,
        ):
            for item in self.clock.each("parse", documents):
                advance(1)
                if isinstance(item, LedgerEntry):
                    made.ledger.append(item)
                    continue
                if made.forbidden or forbids(item.secrets, settings.gate):
                    made.forbidden = True
                    made.ledger += indexed(item.source, item.document, (), item.secrets)
                    continue
                with self.clock("chunk"):
                    chunked = cut_document(item, settings.chunking, tokenizer, cache)
                made.ledger += indexed(item.source, item.document, chunked.chunks, item.secrets)
                self._look_at(made, item.document, chunked)
                self._write(store, vectors, chunked)
        made.ledger.sort(key=lambda entry: (entry.source, entry.page or 0))
        return made

    def _look_at(self, made: _Made, document: Document, chunked: ChunkedDocument) -> None:
        """Count its chunks, and see that they end where chunks may."""
        for row, chunk in enumerate(chunked.chunks, len(made.tokens)):
            made.sample.offer(SampledChunk(row, chunk, document.language))
        made.tokens += [chunk.tokens for chunk in chunked.chunks]
        if document.language:
            made.languages[document.language] += 1
        borders = bad_borders(document, chunked.chunks)
        if borders:
            made.refused.append(
                f"{document.source} is cut inside a row of a table, at character {borders[0]}"
                f"{f' and at {len(borders) - 1} others' if len(borders) > 1 else ''}: please report this."
            )

    def _write(self, store: ChunkStoreWriter, vectors: PassageVectors, chunked: ChunkedDocument) -> None:
        with self.clock("write"):
            store.add(chunked)
        with self.clock("encode"):
            vectors.add([CountedText(chunk.encoder_input, chunk.tokens) for chunk in chunked.chunks])

    def _digest(self, made: _Made) -> str:
        failures = passing_failures(made.ledger)
        if not failures:
            return self.plan.digest
        return content_digest(self.plan.inventory, self.settings, self.plan.model, self.plan.questions, failures)

    def _manifest(self, made: _Made, digest: str) -> Manifest:
        number, model = self.writer.next_counter(), self.plan.model
        return Manifest(
            version=f"{number}-{digest}",
            counter=number,
            digest=digest,
            created_at=self.plan.created_at,
            created_by=f"knowligo-index {__version__}",
            settings=content_settings(self.settings, model),
            encoder=model.description,
            probes=made.answers.probes,
            documents=count_documents(made.ledger),
            chunks=len(made.tokens),
            tokens=sum(made.tokens),
            truncated=sum(count > model.description.max_tokens for count in made.tokens),
            token_histogram=token_histogram(made.tokens),
            libraries=content_libraries(),
            fusion=Fusion(DENSE_WEIGHT, made.unrelated_cosine, ANSWERED),
            unread_languages=made.answers.unread_languages,
            languages=dict(sorted(made.languages.items(), key=lambda item: (-item[1], item[0]))),
            plan=self.threads,
        )

    def _result(
        self,
        status: Status,
        manifest: Manifest | None,
        ledger: list[LedgerEntry],
        embedded: int,
        refused: Sequence[str] = (),
    ) -> BuildResult:
        return BuildResult(status, manifest, ledger, embedded, self.clock.seconds, peak_rss_bytes(), list(refused))


def _nothing_to_index(ledger: list[LedgerEntry], settings: Settings) -> str:
    documents = [entry for entry in of_sources(ledger) if entry.format is not None]
    first = documents[0]
    return (
        f"none of the {len(documents)} documents in {settings.knowledge} gave any text (first: "
        f"{first.source}, {first.reason}: {first.detail}): mend them or name another folder."
    )
