"""From the inventory to documents: read each source, parse it in a sandbox, scan it for secrets and skip duplicates."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Self

from knowligo_index.errors import ParseError
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.sources.duplicates.finder import DuplicateFinder, Signer
from knowligo_index.sources.inventory import Inventory
from knowligo_index.sources.language import language_of
from knowligo_index.sources.ledger import LedgerEntry, duplicate, not_indexed
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.pool import Outcome, ParserPool
from knowligo_index.sources.source_files import reread
from knowligo_index.types import Document, Secret, Source


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """A source and the document in it, which is to be indexed."""

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
    """whether a document with secrets may be kept in the cache"""


def read_documents(
    inventory: Inventory, options: ReadingOptions, processes: int, cache: DocumentCache
) -> Generator[ParsedSource | LedgerEntry, None, None]:
    """For each source, in the order of the inventory, the document that is to be indexed, or the ledger entry that says
    why there is none. Sources that are not in the cache are parsed ahead of the caller, in at most `processes`
    processes, which start with the first item and end with the generator: close it unless it was read to its end.

    Raises SandboxError where nothing can be parsed on this machine."""
    with (
        _CachedParser(inventory.sources, options, processes, cache) as outcomes,
        closing(DuplicateFinder(options.duplicates)) as finder,
    ):
        signer = Signer()
        for position, (source, outcome) in enumerate(outcomes):
            if isinstance(outcome, ParseError):
                yield not_indexed(source, outcome)
                continue
            signature = cache.signature(source)
            if signature is None:
                signature = signer.sign(outcome.document.text)
                cache.keep_signature(source, signature)
            match = finder.find_or_add(position, signature)
            if match is None:
                yield ParsedSource(source, outcome.document, outcome.secrets)
            else:
                original = inventory.sources[match.original].name
                yield duplicate(source, outcome.document, outcome.secrets, original, match.similarity)


class _CachedParser:
    """Parses sources, in order, except those whose documents are in the cache. A context manager: entering it begins
    to parse the first sources, leaving it ends the parser processes. Iterate over it once."""

    def __init__(
        self, sources: tuple[Source, ...], options: ReadingOptions, processes: int, cache: DocumentCache
    ) -> None:
        self._sources = sources
        self._options = options
        self._cache = cache
        self._cached_names = cache.cached_names(sources)
        new_sources = [source for source in sources if source.name not in self._cached_names]
        self._pool = self._parser_pool(new_sources, max(1, min(processes, len(new_sources))))

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, traceback)

    def __iter__(self) -> Iterator[tuple[Source, Outcome]]:
        for source in self._sources:
            if source.name in self._cached_names:
                yield source, self._cached(source)
            else:
                # The pool gives the sources that are not in the cache in the same order.
                yield source, self._keep(*self._pool.take())

    def _cached(self, source: Source) -> Outcome:
        parsed = self._cache.document(source)
        if parsed is not None:
            return parsed
        # The record is damaged.
        with self._parser_pool([source], 1) as pool:
            return self._keep(*pool.take())

    def _parser_pool(self, sources: list[Source], processes: int) -> ParserPool:
        return ParserPool(sources, partial(reread, options=self._options.sources), self._options.sandbox, processes)

    def _keep(self, source: Source, outcome: Outcome) -> Outcome:
        """Add the language to a document, and put it into the cache."""
        if isinstance(outcome, ParseError):
            return outcome
        document = replace(outcome.document, language=language_of(outcome.document.text))
        parsed = Parsed(document, outcome.secrets)
        # A secret that must not be published must not remain in the index folder either.
        if self._options.keep_secrets or not parsed.secrets:
            self._cache.keep_document(source, parsed)
        return parsed
