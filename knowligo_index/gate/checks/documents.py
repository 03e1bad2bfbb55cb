"""Checks of what the documents gave: those that failed, secrets, table rows that were split, and how much is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.gate.options import GateOptions
from knowligo_index.gate.refusals import documents_failed, index_shrunk, secrets_found, table_row_split
from knowligo_index.sources.ledger import LedgerEntry, of_documents, of_sources
from knowligo_index.store.manifest import Manifest, Refusal
from knowligo_index.types import Secret


@dataclass(frozen=True, slots=True)
class SplitRows:
    """Where chunks of a document end inside table rows that they did not begin with."""

    source: str
    offsets: Sequence[int]
    """ascending, in characters of the document's canonical text; at least one"""


def forbids_publication(secrets: Sequence[Secret], options: GateOptions) -> bool:
    """Whether a document with these secrets keeps everything from being published, whatever the others hold."""
    return bool(secrets) and not options.allow_secrets


def check_failed_documents(ledger: Sequence[LedgerEntry], options: GateOptions) -> list[Refusal]:
    """Refuse where more than `max_failed` of the documents were quarantined."""
    documents = of_documents(ledger)
    failed = [f"{entry.source} ({entry.reason})" for entry in documents if entry.status == "quarantined"]
    if len(failed) <= options.max_failed * len(documents):
        return []
    return [documents_failed(failed, len(documents), options.max_failed)]


def check_secrets(ledger: Sequence[LedgerEntry], options: GateOptions) -> list[Refusal]:
    """Refuse documents, and names of files, that hold private keys or access tokens."""
    places = [
        f"{entry.source}, {secret.place}: {secret.kind}"
        for entry in of_sources(ledger)
        if forbids_publication(entry.secrets, options)
        for secret in entry.secrets
    ]
    return [secrets_found(places)] if places else []


def check_table_rows(split_rows: Sequence[SplitRows]) -> list[Refusal]:
    """Refuse chunks that end inside a row of a table: a defect of the chunker."""
    return [table_row_split(split.source, split.offsets) for split in split_rows]


def check_size(baseline: Manifest, draft: Manifest, options: GateOptions) -> list[Refusal]:
    """Refuse a version that is suddenly much smaller than the one before it."""
    if options.allow_shrink:
        return []
    counts = (
        ("documents", baseline.documents.indexed, draft.documents.indexed),
        ("passages", baseline.chunks, draft.chunks),
    )
    return [
        index_shrunk(now, before, unit, baseline.version, options.max_shrink)
        for unit, before, now in counts
        if now < (1 - options.max_shrink) * before
    ]
