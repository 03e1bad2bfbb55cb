"""A build: every stage from the sources to the published version."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace

from knowligo_index.build.contents import Contents, DocumentStage
from knowligo_index.build.digest import document_basis, encoder_libraries
from knowligo_index.build.encoder_export import export_encoder
from knowligo_index.build.job import Job
from knowligo_index.build.new_manifest import digest_of, new_manifest
from knowligo_index.build.passage_vectors import PassageVectors
from knowligo_index.build.resource_use import peak_rss_bytes
from knowligo_index.build.result import BuildResult, BuildStatus
from knowligo_index.encoders.encoder_thread import EncoderThread
from knowligo_index.encoders.exported import EXPORT_ENGINE, ExportedEncoder
from knowligo_index.encoders.tokenizer import ModelTokenizer
from knowligo_index.encoders.vector_cache import VectorCache
from knowligo_index.errors import KnowledgeError
from knowligo_index.gate.baseline import Baseline, measure_baseline
from knowligo_index.gate.evidence import EncoderEvidence, gather_evidence
from knowligo_index.gate.judge import Draft, judge, judge_contents
from knowligo_index.search.open_version import OpenVersion, check_opens
from knowligo_index.settings import Settings
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.ledger import LedgerEntry, encode_ledger, of_documents
from knowligo_index.store.chunks_writer import ChunkStoreWriter
from knowligo_index.store.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE, Manifest, Refusal
from knowligo_index.store.staging import Staging
from knowligo_index.store.vectors import VectorIndexBuilder
from knowligo_index.system.blob_cache import CACHE_FILE, BlobCache
from knowligo_index.system.hashing import FileEntry
from knowligo_index.system.threads import ThreadPlan, plan_threads


def build_version(job: Job) -> BuildResult:
    """Make a version from the inputs and publish it, unless it is the live one already or the gate refuses it. Raises
    a KnowligoError."""
    threads = plan_threads(job.settings.threads, job.settings.sandbox.parse_mib, job.inputs.model.description.engine)
    with BlobCache(job.writer.store.root / CACHE_FILE) as cache:
        return _Pipeline(job, threads, cache).run()


@dataclass(frozen=True, slots=True)
class _Encoded:
    """What the encoders leave when they are released."""

    embedded: int
    """chunks that were encoded, not taken from the cache"""
    evidence: EncoderEvidence
    unrelated_cosine: float
    record: FileEntry
    """encoder.json of the export"""


@dataclass(frozen=True, slots=True)
class _Pipeline:
    job: Job
    threads: ThreadPlan
    cache: BlobCache

    def run(self) -> BuildResult:
        job, gate = self.job, self.job.settings.gate
        dimension = job.inputs.model.description.dimension
        with job.writer.staging() as staged, closing(VectorIndexBuilder(dimension, staged.folder)) as index:
            contents, encoded = self._fill(staged, index)
            digest = digest_of(job, contents)
            if job.previous is not None and job.previous.is_live_with(digest, encoded.record if encoded else None):
                return self._result("unchanged", job.previous.manifest, [])
            if encoded is None:
                refusals = judge_contents(contents.ledger, contents.split_rows, gate)
                return self._result("refused", None, contents.ledger, refusals=refusals)
            with job.clock("inspect"):
                with staged.file(VECTORS_FILE) as append:
                    index.write(append)
                staged.write(LEDGER_FILE, encode_ledger(contents.ledger))
                manifest = new_manifest(job, contents, encoded.evidence, encoded.unrelated_cosine, digest, self.threads)
                manifest = replace(manifest, encoder_record=encoded.record)
                with OpenVersion(staged.draft(manifest)) as opened:
                    draft = Draft(opened, contents.ledger, contents.split_rows, encoded.evidence)
                    refusals = judge(draft, self._baseline(), gate)
            with job.clock("publish"):
                sealed = job.writer.seal(staged, replace(manifest, refusals=refusals))
                check_opens(sealed)
                status: BuildStatus = "refused" if refusals else "staged" if gate.no_publish else "published"
                version = job.writer.publish(sealed) if status == "published" else job.writer.add(sealed)
            return self._result(status, version.manifest, contents.ledger, encoded.embedded, refusals)

    def _fill(self, staged: Staging, index: VectorIndexBuilder) -> tuple[Contents, _Encoded | None]:
        """Take every document through: chunks into the staged folder, vectors into `index`. The encoders are released
        at the end: the index needs the memory. The second is None where a document forbids publication."""
        job, model = self.job, self.job.inputs.model
        with self._encoder() as (encoder, exported, tokenizer):
            vectors = PassageVectors(encoder, VectorCache(self.cache, model.description, encoder_libraries()), index)
            known_documents = DocumentCache(self.cache, *document_basis(job.settings, model))
            stage = DocumentStage(job, known_documents, tokenizer, self.threads.parser_processes)
            with (
                job.progress.bar("reading", len(job.inputs.inventory.sources), "file") as advance,
                ChunkStoreWriter(staged.folder / CHUNKS_FILE) as store,
            ):
                contents = stage.run(store, vectors, advance)
            if contents.is_forbidden:
                return contents, None
            if not contents.token_counts:
                raise KnowledgeError(_nothing_to_index(contents.ledger, job.settings))
            with job.clock("encode"), job.progress.bar("encoding", encoder.waiting, "passage") as advance:
                vectors.finish(advance)
            with job.clock("inspect"):
                passage_encoder = encoder.encoder()
                query_encoder = passage_encoder
                # The export of the encoder may be what the passages were encoded with.
                if passage_encoder.description.engine != EXPORT_ENGINE:
                    query_encoder = exported.load(self.threads.encoder_threads, tokenizer)
                sample = contents.sample.chunks()
                evidence = gather_evidence(passage_encoder, query_encoder, sample, job.inputs.questions)
            assert exported.record is not None
            return contents, _Encoded(vectors.embedded, evidence, exported.unrelated_cosine, exported.record)

    @contextmanager
    def _encoder(self) -> Iterator[tuple[EncoderThread, ExportedEncoder, ModelTokenizer]]:
        """The encoder, which is loaded while the first documents are read, its export and its tokenizer."""
        writer, model = self.job.writer, self.job.inputs.model
        is_exported = (writer.store.encoders / model.description.fingerprint).is_dir()
        # A build that finds the export has no such stage.
        with nullcontext() if is_exported else self.job.clock("export encoder"):
            previous = self.job.previous
            exported = self.job.exported or export_encoder(writer, model, previous.manifest if previous else None)
        tokenizer = exported.tokenizer()
        with EncoderThread(lambda: model.load(exported, self.threads.encoder_threads, tokenizer)) as encoder:
            yield encoder, exported, tokenizer

    def _baseline(self) -> Baseline | None:
        previous, job = self.job.previous, self.job
        if previous is None:
            return None
        return measure_baseline(
            previous.manifest,
            job.writer.store.root,
            job.inputs.questions,
            self.threads.encoder_threads,
            is_intact=previous.is_live,
        )

    def _result(
        self,
        status: BuildStatus,
        manifest: Manifest | None,
        ledger: list[LedgerEntry],
        embedded: int = 0,
        refusals: Sequence[Refusal] = (),
    ) -> BuildResult:
        clock = self.job.clock
        return BuildResult(status, manifest, ledger, embedded, clock.seconds, peak_rss_bytes(), list(refusals))


def _nothing_to_index(ledger: list[LedgerEntry], settings: Settings) -> str:
    documents = of_documents(ledger)
    first = documents[0]
    return (
        f"none of the {len(documents)} documents in {settings.knowledge} gave any text (first: "
        f"{first.source}, {first.reason}: {first.detail}): mend them or name another folder."
    )
