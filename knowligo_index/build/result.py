"""What a build did."""

from dataclasses import dataclass, field
from typing import Literal

from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.store.manifest import DocumentCounts, Manifest, count_documents

Status = Literal["published", "unchanged", "staged", "refused"]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did."""

    status: Status
    """staged: made, and not to be published; refused: made, and kept from being published by the gate"""
    made: Manifest | None
    """of the version that was made, or is live unchanged; None where a document forbids to make one"""
    ledger: list[LedgerEntry]
    """one entry a source, and one a page; empty where nothing had changed"""
    embedded: int
    """chunks that were encoded"""
    seconds: dict[str, float]
    """by stage"""
    peak_rss_bytes: int
    refusals: list[str] = field(default_factory=list)
    """why the gate refused, a sentence each"""

    @property
    def manifest(self) -> Manifest:
        """Of the version that was made, or is live unchanged. Raises ValueError where there is none."""
        if self.made is None:
            raise ValueError(f"no version was made: {' '.join(self.refusals)}")
        return self.made

    @property
    def documents(self) -> DocumentCounts:
        return self.made.documents if self.made else count_documents(self.ledger)

    def as_json(self) -> dict[str, object]:
        """The document that `build --json` prints."""
        manifest = self.made
        chunks = manifest.chunks if manifest else 0
        return {
            "version": manifest.version if manifest else None,
            "status": self.status,
            "documents": self.documents,
            "chunks": chunks,
            "embedded": self.embedded,
            "reused": chunks - self.embedded,
            "tokens": manifest.tokens if manifest else 0,
            "truncated": manifest.truncated if manifest else 0,
            "seconds": self.seconds,
            "peak_rss_bytes": self.peak_rss_bytes,
            **({"refusals": self.refusals} if self.refusals else {}),
        }
