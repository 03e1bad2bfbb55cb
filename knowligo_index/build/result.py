"""The result of a build."""

from dataclasses import dataclass, field
from typing import Literal

from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.store.manifest import DocumentCounts, Manifest, Refusal, count_documents

BuildStatus = Literal["published", "unchanged", "staged", "refused"]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made, and what it cost."""

    status: BuildStatus
    """staged: made, and not to be published (`no_publish`); refused: kept from being published by the gate"""
    made: Manifest | None
    """of the version that was made, or that is live and unchanged; None where the gate refused before one was made"""
    ledger: list[LedgerEntry]
    """one entry for each source, and one for each page that was left out; empty where nothing had changed"""
    embedded: int
    """chunks that were encoded, not taken from the cache"""
    seconds: dict[str, float]
    """by stage"""
    peak_rss_bytes: int
    refusals: list[Refusal] = field(default_factory=list)
    """why the gate refused"""

    @property
    def manifest(self) -> Manifest:
        """The manifest of the version that was made, or that is live and unchanged. Raises ValueError where there is
        none."""
        if self.made is None:
            raise ValueError(f"no version was made: {' '.join(refusal.sentence for refusal in self.refusals)}")
        return self.made

    @property
    def documents(self) -> DocumentCounts:
        """The sources by what became of them."""
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
