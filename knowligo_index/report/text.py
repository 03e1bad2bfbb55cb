"""Results as text for a terminal."""

from collections.abc import Mapping, Sequence

from knowligo_index.chunk_store import DocumentSummary
from knowligo_index.manifest import Manifest, VersionSummary
from knowligo_index.types import Hit, LedgerEntry

# How much of a passage a list of hits shows; --json has all of it.
_TEXT_LINES = 8
_LINE_WIDTH = 160


def counts_text(manifest: Manifest) -> str:
    """Two lines: the documents and the chunks of a version."""
    documents = manifest.documents
    return (
        f"  documents  {documents.indexed} indexed, {documents.skipped} skipped, {documents.quarantined} quarantined\n"
        f"  chunks     {manifest.chunks:,} of {manifest.tokens:,} tokens in all, {manifest.truncated} truncated"
    )


def effort_text(seconds: Mapping[str, float], peak_rss_bytes: int) -> str:
    """One line: what a build cost."""
    stages = ", ".join(f"{stage} {spent:.1f}" for stage, spent in seconds.items())
    return f"  time       {sum(seconds.values()):.1f} s ({stages}); {peak_rss_bytes / 1e6:,.0f} MB at the peak"


def ledger_lines(ledger: Sequence[LedgerEntry], *, verbose: bool) -> list[str]:
    """What is not in the index and why, losses first; `verbose` adds the warnings of what is."""
    lines: list[str] = []
    for status in ("quarantined", "skipped"):
        for entry in ledger:
            if entry.status == status:
                detail = f": {entry.detail}" if entry.detail else ""
                lines.append(f"{status:<11} {entry.source} ({entry.reason}{detail})")
    for entry in ledger:
        if entry.pages_without_text:
            numbers = ", ".join(map(str, entry.pages_without_text))
            lines.append(f"{'no text':<11} {entry.source}, page {numbers}")
        if verbose:
            lines += [f"{'warning':<11} {entry.source}: {warning}" for warning in entry.warnings]
    return lines


def manifest_text(manifest: Manifest) -> str:
    """What a version is, and how it was made."""
    encoder = manifest.encoder
    settings = ", ".join(f"{name} {value}" for name, value in manifest.settings.items())
    size = f"{manifest.size / 1e6:,.1f} MB"
    model = f"{encoder.id}: {encoder.precision} on {encoder.engine}, {encoder.dimension} dimensions"
    lines = [
        f"Version {manifest.version}, built {manifest.created_at} by {manifest.created_by}, {size}",
        counts_text(manifest),
        f"  encoder    {model}, reads {encoder.max_tokens} tokens, fingerprint {encoder.fingerprint[:12]}",
        f"  settings   {settings}",
    ]
    return "\n".join(lines)


def document_line(document: DocumentSummary) -> str:
    """A line of `show`."""
    return f"  {document.source}  {document.title!r}: {document.chunks} chunks, {document.tokens:,} tokens"


def version_line(version: VersionSummary) -> str:
    """A line of `list`."""
    mark = "*" if version.current else " "
    if version.problem is not None:
        return f"{mark} {version.version}  {version.problem}"
    return (
        f"{mark} {version.version}  {version.created_at}  {version.documents} documents  {version.chunks:,} chunks  "
        f"{(version.bytes or 0) / 1e6:,.1f} MB"
    )


def hit_text(hit: Hit) -> str:
    """A hit as a line that says where, and the first lines of its text."""
    place = hit.source
    for name, first, last in (("line", hit.line_start, hit.line_end), ("page", hit.page_start, hit.page_end)):
        if first is not None:
            place += f", {name} {first}" if first == last else f", {name}s {first}-{last}"
    path = f"  {' > '.join(hit.headings)}" if hit.headings else ""
    lines = [line for line in hit.text.splitlines() if line.strip()]
    shown = [f"   {line[:_LINE_WIDTH]}{'...' if len(line) > _LINE_WIDTH else ''}" for line in lines[:_TEXT_LINES]]
    if len(lines) > _TEXT_LINES:
        shown.append("   ...")
    return "\n".join([f"{hit.rank}. {hit.score:.3f}  {place}{path}", *shown])
