"""From the inventory to documents: each source read, parsed in a sandbox and searched for secrets; each text once."""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from knowligo_index.errors import ParseError, Reason
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.sources.duplicates.finding import Duplicate, DuplicateFinder, Signer
from knowligo_index.sources.inventory import Inventory, SourceOptions, reread
from knowligo_index.sources.language import language_of
from knowligo_index.sources.ledger import not_indexed, of_sources
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.pool import Outcome, parse_all
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
class ReadingOptions:
    """How sources are read."""

    sources: SourceOptions = field(default_factory=SourceOptions)
    sandbox: SandboxOptions = field(default_factory=SandboxOptions)
    duplicates: DuplicateOptions = field(default_factory=DuplicateOptions)
    keep_secrets: bool = False
    """whether a document with secrets may stay in the cache"""


def read_documents(
    inventory: Inventory, options: ReadingOptions, processes: int, cache: DocumentCache
) -> Generator[ParsedSource | LedgerEntry, None, None]:
    """What became of each source, in the order of the inventory: a document that is to be indexed, or the entry of one
    that is not. Sources that are not in the cache are parsed in so many processes, ahead of what is taken. Close it,
    unless it was read to its end.

    Raises SandboxError where nothing can be parsed on this machine."""
    known = cache.known_documents(inventory.sources)
    new = [source for source in inventory.sources if source.name not in known]
    read = partial(reread, options=options.sources)
    with (
        closing(parse_all(new, read, options.sandbox, max(1, min(processes, len(new))))) as outcomes,
        closing(DuplicateFinder(options.duplicates)) as finder,
    ):
        signer = Signer()
        for place, source in enumerate(inventory.sources):
            outcome: Outcome | None = cache.document(source) if source.name in known else None
            if outcome is None:
                outcome = _parse_again(source, read, options.sandbox) if source.name in known else next(outcomes)[1]
                if isinstance(outcome, Parsed):
                    document = replace(outcome.document, language=language_of(outcome.document.text))
                    outcome = Parsed(document, outcome.secrets)
                # What must not be published does not stay in the index folder either.
                if isinstance(outcome, Parsed) and (options.keep_secrets or not outcome.secrets):
                    cache.keep_document(source, outcome)
            if isinstance(outcome, ParseError):
                yield not_indexed(source, outcome)
                continue
            signature = cache.signature(source)
            if signature is None:
                signature = signer.sign(outcome.document.text)
                cache.keep_signature(source, signature)
            duplicate = finder.find_or_add(place, signature)
            if duplicate is None:
                yield ParsedSource(source, outcome.document, outcome.secrets)
            else:
                yield _entry_of_duplicate(source, outcome, duplicate, inventory.sources[duplicate.original].name)


def _parse_again(source: Source, read: Callable[[Source], bytes], options: SandboxOptions) -> Outcome:
    """Of a source whose record in the cache is damaged."""
    with closing(parse_all([source], read, options, 1)) as outcomes:
        return next(outcomes)[1]


def _entry_of_duplicate(source: Source, parsed: Parsed, duplicate: Duplicate, original: str) -> LedgerEntry:
    exact = duplicate.similarity == 1
    return LedgerEntry(
        source=source.name,
        status="skipped",
        reason="duplicate" if exact else "near-duplicate",
        detail=f"{'the same text as' if exact else f'{duplicate.similarity:.1%} the same as'} {original}",
        format=source.format,
        size=source.size,
        sha256=source.sha256,
        characters=len(parsed.document.text),
        duplicate_of=original,
        # It is not published, but the folder it lies in may be.
        secrets=list(parsed.secrets),
    )


def passing_failures(ledger: Iterable[LedgerEntry]) -> list[tuple[str, str]]:
    """Source and reason of every failure that another build may not have."""
    return [(entry.source, entry.reason) for entry in of_sources(ledger) if entry.reason in _PASSING]
