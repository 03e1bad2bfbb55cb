"""A line of `list`: what a person looks for in a version first."""

from dataclasses import dataclass
from typing import Self

from knowligo_index.store.manifest import Manifest


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """A line of `list`. The fields from `created_at` to `bytes` are None if the manifest cannot be read."""

    version: str
    current: bool
    """whether CURRENT names it"""
    created_at: str | None = None
    documents: int | None = None
    chunks: int | None = None
    bytes: int | None = None
    """`size` of the manifest"""
    refused: bool = False
    """whether the gate kept it from being published"""
    problem: str | None = None
    """why the manifest cannot be read"""

    @classmethod
    def of(cls, manifest: Manifest, *, current: bool) -> Self:
        return cls(
            version=manifest.version,
            current=current,
            created_at=manifest.created_at,
            documents=manifest.documents.indexed,
            chunks=manifest.chunks,
            bytes=manifest.size,
            refused=bool(manifest.refusals),
        )
