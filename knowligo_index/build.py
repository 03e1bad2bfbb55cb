"""The composer: sources -> documents -> gate -> chunks -> vectors -> staged version -> published version."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from knowligo_index import faiss_index, parsers
from knowligo_index.build_result import BuildResult
from knowligo_index.chunk_store import ChunkedDocument, write_chunk_store
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.content import PROBE_TEXTS, content_digest, content_libraries, content_settings
from knowligo_index.cpu import default_threads
from knowligo_index.encoder_export import export_encoder
from knowligo_index.encoders import EncoderModel, find_encoder
from knowligo_index.errors import (
    ChunkingError,
    DamagedIndexError,
    IndexNotFoundError,
    KnowledgeError,
    SettingError,
)
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
from knowligo_index.reader import check_opens
from knowligo_index.release import __version__
from knowligo_index.report.cost import StageClock, peak_rss_bytes
from knowligo_index.report.progress import Progress
from knowligo_index.settings import Settings
from knowligo_index.sources import Inventory, take_inventory
from knowligo_index.store import Store
from knowligo_index.store.writer import Writer, writing
from knowligo_index.types import Encoder, TokenCounter

_log = logging.getLogger(__name__)


def build(settings: Settings, progress: Progress | None = None) -> BuildResult:
    """Build a version from the knowledge folder and make it the live one, unless the live one is the same already or
    the gate refuses it.

    Raises a KnowligoError where that cannot be done; the index is then as it was.
    """
    progress = progress or Progress(enabled=False)
    clock = StageClock()
    with clock("scan"):
        plan = _plan(settings)
    with writing(Store(settings.index), "build", make=True) as writer:
        with clock("scan"):
            live = _intact_live_version(writer.store)
        if live is not None and live.digest == plan.digest:
            with clock("export encoder"):
                export_encoder(writer, plan.model)
            return _unchanged(live, clock)
        return _build_version(writer, plan, live, settings, clock, progress)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be built: known before anything is written, and before anybody else is kept from building."""

    inventory: Inventory
    model: EncoderModel
    digest: str
    created_at: str


def _plan(settings: Settings) -> _Plan:
    created_at = _now()
    _check_folders(settings)
    inventory = take_inventory(settings.knowledge, parsers.suffixes(), settings.golden_questions, settings.sources)
    model = find_encoder(settings.encoder)
    _check_budget(settings, model)
    return _Plan(inventory, model, content_digest(inventory, settings, model), created_at)


def _build_version(
    writer: Writer, plan: _Plan, live: Manifest | None, settings: Settings, clock: StageClock, progress: Progress
) -> BuildResult:
    threads = settings.threads or default_threads()
    with clock("parse"), progress.bar("reading", len(plan.inventory.sources), "file") as advance:
        intake = read_documents(plan.inventory, settings, threads, advance)
    if intake.passing_failures:
        plan = replace(plan, digest=content_digest(plan.inventory, settings, plan.model, intake.passing_failures))
    if live is not None and live.digest == plan.digest:
        return _unchanged(live, clock)
    refused = refusals(intake.entries(), settings.gate)
    if refused:
        return BuildResult("refused", None, intake.entries(), 0, clock.seconds, peak_rss_bytes(), refused)
    if not intake.parsed:
        raise KnowledgeError(_nothing_to_index(intake, settings))
    counter = plan.model.tokenizer()
    with clock("chunk"), progress.bar("chunking", len(intake.parsed), "document") as advance:
        documents = _chunk(intake, settings, counter, advance)
    ledger = intake.entries(documents)
    inputs = [chunk.encoder_input for item in documents for chunk in item.chunks]
    tokens = _count_tokens(documents, inputs, counter)
    with clock("export encoder"):
        exported = export_encoder(writer, plan.model)
    with clock("load encoder"):
        encoder = plan.model.load(exported, threads)
    with clock("encode"), progress.bar("encoding", len(inputs), "chunk") as advance:
        vectors = encoder.encode_passages(inputs, advance)
    with clock("write and publish"), writer.staging() as staged:
        staged.write(VECTORS_FILE, faiss_index.to_bytes(vectors))
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
            chunks=len(inputs),
            tokens=sum(tokens),
            truncated=sum(count > counter.max_tokens for count in tokens),
            token_histogram=token_histogram(tokens),
            libraries=content_libraries(),
        )
        sealed = writer.seal(staged, manifest)
        check_opens(sealed)
        manifest = writer.publish(sealed).manifest
    return BuildResult("published", manifest, ledger, len(inputs), clock.seconds, peak_rss_bytes())


def _unchanged(live: Manifest, clock: StageClock) -> BuildResult:
    return BuildResult("unchanged", live, [], 0, clock.seconds, peak_rss_bytes())


def _intact_live_version(store: Store) -> Manifest | None:
    """The manifest of the live version; None where there is none, or it is damaged: then a build is the remedy.
    Raises NewerSchemaError where a newer release made it."""
    try:
        version = store.open()
        version.check()
    except IndexNotFoundError:
        return None
    except DamagedIndexError as error:
        _log.warning("The live version is not used: %s", error)
        return None
    return version.manifest


def _chunk(
    intake: Intake, settings: Settings, counter: TokenCounter, advance: Callable[[int], object]
) -> list[ChunkedDocument]:
    documents: list[ChunkedDocument] = []
    for item in intake.parsed:
        chunks = chunk_document(item.document, settings.chunking, counter)
        documents.append(ChunkedDocument(item.document, item.source.sha256, tuple(chunks)))
        advance(1)
    return documents


def _nothing_to_index(intake: Intake, settings: Settings) -> str:
    documents = [entry for entry in of_sources(intake.entries()) if entry.format is not None]
    first = documents[0]
    return (
        f"none of the {len(documents)} documents in {settings.knowledge} gave any text (first: "
        f"{first.source}, {first.reason}: {first.detail}): mend them or name another folder."
    )


def _count_tokens(documents: Sequence[ChunkedDocument], inputs: Sequence[str], counter: TokenCounter) -> list[int]:
    """Tokens of every encoder input. Raises ChunkingError where the encoder would cut one: the chunker sees to it
    that none is, and this is where that is counted rather than believed."""
    tokens = counter.count_inputs(inputs)
    spans = [(item.document.source, chunk) for item in documents for chunk in item.chunks]
    for (source, chunk), count in zip(spans, tokens, strict=True):
        if count > counter.max_tokens:
            raise ChunkingError(
                f"{source}, characters {chunk.char_start} to {chunk.char_end}, has {count} tokens and the encoder "
                f"reads {counter.max_tokens}: lower --chunk-tokens, and please report this."
            )
    return tokens


def _check_folders(settings: Settings) -> None:
    knowledge, index = settings.knowledge.resolve(), settings.index.resolve()
    if index.exists() and not index.is_dir():
        raise SettingError(f"--index {settings.index} is a file: name a folder.")
    if index.is_relative_to(knowledge):
        raise SettingError(
            f"--index {settings.index} lies inside the knowledge folder {settings.knowledge}, which would index it: "
            "name a folder elsewhere."
        )


def _check_budget(settings: Settings, model: EncoderModel) -> None:
    options = settings.chunking
    limit = model.description.max_tokens
    budget = options.budget(limit)
    if budget > limit:
        raise SettingError(
            f"--chunk-tokens {budget} is more than encoder {model.description.id} reads: set it to {limit} or less."
        )
    if options.overlap_tokens > budget // 2:
        raise SettingError(
            f"--overlap-tokens {options.overlap_tokens} is more than half of --chunk-tokens {budget}: "
            f"set it to {budget // 2} or less."
        )


def _probes(encoder: Encoder) -> list[Probe]:
    vectors = encoder.encode_passages(PROBE_TEXTS)
    return [Probe(text, vector.tolist()) for text, vector in zip(PROBE_TEXTS, vectors, strict=True)]


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        seconds = int(epoch) if epoch is not None else int(time.time())
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError) as error:
        raise SettingError(f"SOURCE_DATE_EPOCH is {epoch!r}: set it to seconds since 1970, or unset it.") from error
