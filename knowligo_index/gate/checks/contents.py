"""Checks of what the documents gave: those that failed, secrets, table rows that were split, and how much is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.gate.options import GateOptions
from knowligo_index.gate.refusal import RefusalCode, examples, refuse
from knowligo_index.sources.ledger import LedgerEntry, of_sources
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
    documents = _documents(ledger)
    failed = [entry for entry in documents if entry.status == "quarantined"]
    if len(failed) <= options.max_failed * len(documents):
        return []
    names = examples([f"{entry.source} ({entry.reason})" for entry in failed])
    allowed = int(options.max_failed * len(documents))
    return [
        refuse(
            RefusalCode.DOCUMENTS_FAILED,
            f"{len(failed)} of {len(documents)} documents could not be read, and --max-failed {options.max_failed:g} "
            f"allows {allowed}: mend or remove them, or allow more ({names}).",
        )
    ]


def check_secrets(ledger: Sequence[LedgerEntry], options: GateOptions) -> list[Refusal]:
    """Refuse documents that hold private keys or access tokens."""
    places = [
        f"{entry.source}, {secret.place}: {secret.kind}"
        for entry in _documents(ledger)
        if forbids_publication(entry.secrets, options)
        for secret in entry.secrets
    ]
    if not places:
        return []
    count = "a secret" if len(places) == 1 else f"{len(places)} secrets"
    return [
        refuse(
            RefusalCode.SECRETS_FOUND,
            f"{count} in the documents: remove and replace it, or allow it with --allow-secrets ({examples(places)}).",
        )
    ]


def check_table_rows(split_rows: Sequence[SplitRows]) -> list[Refusal]:
    """Refuse chunks that end inside a row of a table: a defect of the chunker."""
    return [
        refuse(
            RefusalCode.TABLE_ROW_SPLIT,
            f"{split.source} is cut inside a row of a table, at character {split.offsets[0]}"
            f"{f' and at {len(split.offsets) - 1} others' if len(split.offsets) > 1 else ''}: please report this.",
        )
        for split in split_rows
    ]


def check_size(baseline: Manifest, draft: Manifest, options: GateOptions) -> list[Refusal]:
    """Refuse a version that is suddenly much smaller than the one before it."""
    if options.allow_shrink:
        return []
    counts = (
        ("documents", baseline.documents.indexed, draft.documents.indexed),
        ("passages", baseline.chunks, draft.chunks),
    )
    return [
        refuse(
            RefusalCode.INDEX_SHRUNK,
            f"only {now:,} of the {before:,} {unit} of version {baseline.version} remain, a greater loss than "
            f"--max-shrink {options.max_shrink:g} allows: restore them, or pass --allow-shrink if they were removed on "
            "purpose.",
        )
        for unit, before, now in counts
        if now < (1 - options.max_shrink) * before
    ]


def _documents(ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    # A source without a format is no document: nothing in it could have been read.
    return [entry for entry in of_sources(ledger) if entry.format is not None]
