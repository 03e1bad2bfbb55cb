"""The documents of a build, one after the other: read, cut into chunks, written to the chunk store, and given to the
encoder."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from knowligo_index.build.cached_chunking import cut_document
from knowligo_index.build.job import Job
from knowligo_index.build.passage_vectors import PassageVectors
from knowligo_index.chunking.borders import bad_borders
from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.encoders.protocol import CountedText, TokenCounter
from knowligo_index.gate.checks.documents import SplitRows, forbids_publication
from knowligo_index.gate.sample import Sample, SampledChunk
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.document_reading import ParsedSource, ReadingOptions, read_documents
from knowligo_index.sources.ledger import LedgerEntry, indexed
from knowligo_index.sources.secret_names import with_secrets_of_names, without_secrets_in_names
from knowligo_index.store.chunks_writer import ChunkStoreWriter


@dataclass(slots=True)
class Contents:
    """What is known of a version's documents and chunks when all of them have gone through."""

    ledger: list[LedgerEntry]
    token_counts: list[int] = field(default_factory=list)
    """of every chunk's encoder input"""
    is_forbidden: bool = False
    """whether a document keeps the version from being published, so that the others need not be cut and encoded"""
    split_rows: list[SplitRows] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    """documents by language"""
    sample: Sample = field(default_factory=Sample)

    def add(self, item: ParsedSource, chunked: ChunkedDocument) -> None:
        """Count a document and its chunks."""
        document, chunks = item.document, chunked.chunks
        self.ledger += indexed(item.source, document, chunks, item.secrets)
        for row, chunk in enumerate(chunks, len(self.token_counts)):
            self.sample.offer(SampledChunk(row, chunk, document.language))
        self.token_counts += [chunk.tokens for chunk in chunks]
        if document.language:
            self.languages[document.language] += 1
        offsets = bad_borders(document, chunks)
        if offsets:
            self.split_rows.append(SplitRows(document.source, offsets))


@dataclass(frozen=True, slots=True)
class DocumentStage:
    """Takes every document of a build through, in the order of the inventory."""

    job: Job
    cache: DocumentCache
    tokenizer: TokenCounter
    processes: int
    """that parse documents side by side"""

    def run(self, store: ChunkStoreWriter, vectors: PassageVectors, advance: Callable[[int], object]) -> Contents:
        """Write all chunks into `store` and give their texts to `vectors`. `advance` is called with the number of
        sources that were just done."""
        settings, inventory = self.job.settings, self.job.inputs.inventory
        contents = Contents(list(inventory.ledger_entries))
        reading = ReadingOptions(
            settings.sources, settings.sandbox, settings.duplicates, keep_secrets=settings.gate.allow_secrets
        )
        with closing(read_documents(inventory, reading, self.processes, self.cache)) as documents:
            for item in self.job.clock.each("parse", documents):
                advance(1)
                if isinstance(item, LedgerEntry):
                    contents.ledger.append(item)
                elif contents.is_forbidden or forbids_publication(item.secrets, settings.gate):
                    contents.is_forbidden = True
                    contents.ledger += indexed(item.source, item.document, (), item.secrets)
                else:
                    self._index(item, contents, store, vectors)
        contents.ledger = with_secrets_of_names(contents.ledger)
        contents.is_forbidden |= any(forbids_publication(entry.secrets, settings.gate) for entry in contents.ledger)
        if contents.is_forbidden:
            # What is printed about the build must not repeat a secret.
            contents.ledger = without_secrets_in_names(contents.ledger)
        contents.ledger.sort(key=lambda entry: (entry.source, entry.page or 0))
        return contents

    def _index(self, item: ParsedSource, contents: Contents, store: ChunkStoreWriter, vectors: PassageVectors) -> None:
        with self.job.clock("chunk"):
            chunked = cut_document(item, self.job.settings.chunking, self.tokenizer, self.cache)
        contents.add(item, chunked)
        with self.job.clock("write"):
            store.add(chunked)
        with self.job.clock("encode"):
            vectors.add([CountedText(chunk.encoder_input, chunk.tokens) for chunk in chunked.chunks])
