"""What a build must pass before the live version gives way to what it made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from knowligo_index.sources.ledger import LedgerEntry, of_sources
from knowligo_index.store.manifest import Manifest
from knowligo_index.types import Secret

# How many a sentence names; the ledger has all of them.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What keeps a version from being published."""

    max_failed: Annotated[
        Annotated[float, Meta(ge=0, le=1)],
        Meta(
            description="Share of the documents (0 to 1) that may be quarantined; above it nothing is published.",
            extra={"metavar": "RATIO"},
        ),
    ] = 0.1
    min_recall: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(
            description="Share of the golden questions (0 to 1) that one of the first 5 passages must answer; default: "
            "any, but not significantly fewer than the live version answers.",
            extra={"metavar": "RATIO"},
        ),
    ] = None
    max_shrink: Annotated[
        Annotated[float, Meta(ge=0, le=1)],
        Meta(
            description="Share of the live version's documents, or of its passages, that may be missing; above it "
            "nothing is published.",
            extra={"metavar": "RATIO"},
        ),
    ] = 0.3
    allow_shrink: Annotated[bool, Meta(description="Publish a version however much smaller than the live one.")] = False
    no_publish: Annotated[bool, Meta(description="Make the version, and leave the live one.")] = False
    allow_secrets: Annotated[bool, Meta(description="Publish documents that hold private keys or access tokens.")] = (
        False
    )


def forbids(secrets: Sequence[Secret], options: GateOptions) -> bool:
    """Whether a document with these secrets keeps everything from being published, whatever becomes of the others."""
    return bool(secrets) and not options.allow_secrets


def refusals(ledger: Sequence[LedgerEntry], options: GateOptions) -> list[str]:
    """Why nothing is to be published, a sentence each; empty where nothing is against it."""
    # Without a format it is no document: there is nothing that could have been read.
    documents = [entry for entry in of_sources(ledger) if entry.format is not None]
    return [*_too_many_failed(documents, options), *_secrets(documents, options)]


def shrinkage(live: Manifest, made: Manifest, options: GateOptions) -> list[str]:
    """Refuse a version that is suddenly much smaller than the live one."""
    if options.allow_shrink:
        return []
    counts = (
        ("documents", live.documents.indexed, made.documents.indexed),
        ("passages", live.chunks, made.chunks),
    )
    return [
        f"only {now:,} of the {before:,} {what} of {live.version} are left, and --max-shrink {options.max_shrink:g} "
        "allows no such loss: see where they went, or say with --allow-shrink that it is meant."
        for what, before, now in counts
        if now < (1 - options.max_shrink) * before
    ]


def _too_many_failed(documents: Sequence[LedgerEntry], options: GateOptions) -> list[str]:
    failed = [entry for entry in documents if entry.status == "quarantined"]
    if len(failed) <= options.max_failed * len(documents):
        return []
    named = _some([f"{entry.source} ({entry.reason})" for entry in failed])
    allowed = int(options.max_failed * len(documents))
    sentence = (
        f"{len(failed)} of {len(documents)} documents could not be read, and --max-failed {options.max_failed:g} "
        f"allows {allowed}: mend or remove them, or allow more ({named})."
    )
    return [sentence]


def _secrets(documents: Sequence[LedgerEntry], options: GateOptions) -> list[str]:
    forbidding = [entry for entry in documents if forbids(entry.secrets, options)]
    found = [f"{entry.source}, {secret.place}: {secret.kind}" for entry in forbidding for secret in entry.secrets]
    if not found:
        return []
    what = "a secret" if len(found) == 1 else f"{len(found)} secrets"
    return [f"{what} in the documents: remove and replace it, or allow it with --allow-secrets ({_some(found)})."]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return "; ".join(names[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
