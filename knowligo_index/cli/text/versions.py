"""Versions of an index as text, and what `verify` and `gc` did with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowligo_index.cli.text.printable import printable

if TYPE_CHECKING:
    # Imported for type checking only: `--help` must not load them.
    from knowligo_index.store.chunks import DocumentSummary
    from knowligo_index.store.garbage import Garbage
    from knowligo_index.store.manifest import DocumentCounts, Fusion, Manifest
    from knowligo_index.store.verification import Verdict
    from knowligo_index.store.version_summary import VersionSummary
    from knowligo_index.system.threads import ThreadPlan


def manifest_text(manifest: Manifest) -> str:
    """What a version contains, and how it was built."""
    encoder = manifest.encoder
    settings = ", ".join(f"{name} {value}" for name, value in manifest.settings.items())
    size = f"{manifest.size / 1e6:,.1f} MB"
    model = f"{encoder.id}: {encoder.precision} on {encoder.engine}, {encoder.dimension} dimensions"
    lines = [
        f"Version {manifest.version}, built {manifest.created_at} by {manifest.created_by}, {size}",
        *counts_text(manifest).split("\n"),
        f"  encoder    {model}, reads {encoder.max_tokens} tokens, fingerprint {encoder.fingerprint[:12]}",
        f"  settings   {settings}",
        f"  languages  {', '.join(f'{name} {count}' for name, count in manifest.languages.items()) or 'none detected'}",
        _fusion_line(manifest.fusion),
        *(f"  refused    {refusal.sentence} [{refusal.code}]" for refusal in manifest.refusals),
        *([plan_line(manifest.plan)] if manifest.plan else []),
    ]
    return "\n".join(map(printable, lines))


def counts_text(manifest: Manifest) -> str:
    """Two lines: the documents and the passages of a version."""
    return (
        f"{documents_text(manifest.documents)}\n"
        f"  passages   {manifest.chunks:,} of {manifest.tokens:,} tokens in total, {manifest.truncated} truncated"
    )


def documents_text(documents: DocumentCounts) -> str:
    """One line: how many documents are in the index, and how many are not."""
    return f"  documents  {documents.indexed} indexed, {documents.skipped} skipped, {documents.quarantined} quarantined"


def _fusion_line(fusion: Fusion) -> str:
    """The weights of the two searches, and the threshold of an answer."""
    return (
        f"  weights    {fusion.dense_weight:g} dense above a cosine of {fusion.unrelated_cosine:.3g}, "
        f"{1 - fusion.dense_weight:g} lexical; a score of {fusion.answered:g} or more counts as an answer"
    )


def plan_line(plan: ThreadPlan) -> str:
    """One line: the threads and processes of a build."""
    return f"  built with {plan}"


def document_line(document: DocumentSummary) -> str:
    """A line of `show`."""
    source = printable(document.source)
    return f"  {source}  {document.title!r}: {document.chunks} passages, {document.tokens:,} tokens"


def version_line(version: VersionSummary) -> str:
    """A line of `list`."""
    mark = _mark(current=version.current)
    if version.problem is not None:
        return f"{mark} {version.version}  {printable(version.problem)}"
    return printable(
        f"{mark} {version.version}  {version.created_at}  {version.documents} documents  {version.chunks:,} passages  "
        f"{(version.bytes or 0) / 1e6:,.1f} MB{'  refused' if version.refused else ''}"
    )


def verdict_text(verdict: Verdict) -> str:
    """The result of `verify` for a version: one line, or a line for each problem."""
    mark = _mark(current=verdict.current)
    if verdict.ok:
        state = "intact and signed" if verdict.signed else "intact"
        return f"{mark} {verdict.version}  {state}: {verdict.files} files, {verdict.bytes / 1e6:,.1f} MB"
    if verdict.signed is False and len(verdict.problems) == 1:
        label = "NOT SIGNED"
    else:
        label = "DAMAGED" if verdict.readable else "not verified"
    return "\n".join(f"{mark} {verdict.version}  {label}: {printable(problem)}" for problem in verdict.problems)


def _mark(*, current: bool) -> str:
    return "*" if current else " "


def garbage_text(garbage: Garbage, *, dry_run: bool) -> str:
    """What `gc` removed and kept, or would remove and keep."""
    verb = "Would remove" if dry_run else "Removed"
    size = f"{garbage.bytes / 1e6:,.1f} MB"
    lines = [f"{verb} {printable(name)}" for name in garbage.removed]
    lines += [f"In use, kept: {printable(name)}" for name in garbage.in_use]
    lines.append(f"{verb} {len(garbage.removed)} in total, {size}; kept {', '.join(garbage.kept)}")
    if garbage.cache_bytes:
        lines.append(f"{verb} {garbage.cache_bytes / 1e6:,.1f} MB of cached results")
    return "\n".join(lines)
