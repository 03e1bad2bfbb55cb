"""From the inventory to documents: each source read, parsed in a sandbox and searched for secrets; each text once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from knowligo_index.chunk_store import ChunkedDocument
from knowligo_index.document_cache import DocumentCache
from knowligo_index.duplicates import DuplicateOptions
from knowligo_index.duplicates.finding import find_duplicates
from knowligo_index.errors import ParseError, Reason
from knowligo_index.ledger import indexed, not_indexed
from knowligo_index.sandbox.messages import Parsed
from knowligo_index.sandbox.pool import Outcome, parse_all
from knowligo_index.settings import Settings
from knowligo_index.sources import Inventory, reread
from knowligo_index.types import Document, LedgerEntry, Secret, Source

# What may turn out otherwise the next time, though nothing changed: a build that met one is never the last word.
_PASSING: tuple[Reason, ...] = ("changed-while-read", "timed-out", "out-of-memory", "crashed")


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """A source that gave a document."""

    source: Source
    document: Document
    secrets: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of every source before anything is cut into chunks."""

    parsed: tuple[ParsedSource, ...]
    """what is to be indexed, in the order of the inventory"""
    others: tuple[LedgerEntry, ...]
    """what is not"""

    @property
    def passing_failures(self) -> list[tuple[str, str]]:
        """Source and reason of every failure that another build may not have."""
        return [(entry.source, entry.reason) for entry in self.others if entry.reason in _PASSING]

    def entries(self, chunked: Sequence[ChunkedDocument] = ()) -> list[LedgerEntry]:
        """The ledger; `chunked` are the documents with their chunks, in the order of `parsed`, once there are any."""
        chunks = [item.chunks for item in chunked] or [()] * len(self.parsed)
        entries = list(self.others)
        for item, its_chunks in zip(self.parsed, chunks, strict=True):
            entries += indexed(item.source, item.document, its_chunks, item.secrets)
        return sorted(entries, key=lambda entry: (entry.source, entry.page or 0))


def read_documents(
    inventory: Inventory, settings: Settings, threads: int, cache: DocumentCache, advance: Callable[[int], object]
) -> Intake:
    """Read and parse every source that is not in the cache; `advance` is called with 1 after each. Raises SandboxError
    where nothing can be parsed on this machine."""
    parsed: list[ParsedSource] = []
    others = list(inventory.others)
    known = cache.documents(inventory.sources)
    new = [source for source in inventory.sources if source.name not in known]
    read = partial(reread, options=settings.sources)
    with closing(parse_all(new, read, settings.sandbox, max(1, min(threads, len(new))))) as outcomes:
        for source in inventory.sources:
            outcome: Outcome | None = known.pop(source.name, None)
            if outcome is None:
                _, outcome = next(outcomes)
                if isinstance(outcome, Parsed):
                    cache.keep_document(source, outcome)
            if isinstance(outcome, ParseError):
                others.append(not_indexed(source, outcome))
            else:
                parsed.append(ParsedSource(source, outcome.document, outcome.secrets))
            advance(1)
    duplicates = dict(_duplicates(parsed, settings.duplicates))
    kept = tuple(item for place, item in enumerate(parsed) if place not in duplicates)
    return Intake(kept, (*others, *duplicates.values()))


def _duplicates(parsed: Sequence[ParsedSource], options: DuplicateOptions) -> Iterator[tuple[int, LedgerEntry]]:
    found = find_duplicates([item.document for item in parsed], options)
    for place, duplicate in found.items():
        source, document = parsed[place].source, parsed[place].document
        original = parsed[duplicate.original].source.name
        exact = duplicate.similarity == 1
        yield (
            place,
            LedgerEntry(
                source=source.name,
                status="skipped",
                reason="duplicate" if exact else "near-duplicate",
                detail=f"{'the same text as' if exact else f'{duplicate.similarity:.1%} the same as'} {original}",
                format=source.format,
                size=source.size,
                sha256=source.sha256,
                characters=len(document.text),
                duplicate_of=original,
                # It is not published, but the folder it lies in may be.
                secrets=list(parsed[place].secrets),
            ),
        )
