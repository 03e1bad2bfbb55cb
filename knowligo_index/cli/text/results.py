"""Results as text for a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from knowligo_index.cli.text.printable import printable

if TYPE_CHECKING:
    # `--help` must not wait for what these import.
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from knowligo_index.build.result import BuildResult
    from knowligo_index.search.hit import Hit
    from knowligo_index.sources.ledger import LedgerEntry
    from knowligo_index.store.chunks import DocumentSummary
    from knowligo_index.store.garbage import Garbage
    from knowligo_index.store.manifest import DocumentCounts, Fusion, Manifest, VersionSummary
    from knowligo_index.store.verification import Verdict
    from knowligo_index.system.threads import ThreadPlan

# How much of a passage a list of hits shows; --json has all of it.
_TEXT_LINES = 8
_LINE_WIDTH = 160

# How many sources of a kind the summary of a build names.
_ENTRIES = 10
_HINT = "see --verbose, or `knowligo-index show`"


def build_text(result: BuildResult, index: Path, *, verbose: bool) -> str:
    """What a build did and what became of the documents."""
    manifest = result.made
    lines = [
        f"{result.status.capitalize()}: {f'version {manifest.version} in {index}' if manifest else 'no new version'}",
        counts_text(manifest) if manifest else _documents_text(result.documents),
        effort_text(result.seconds, result.peak_rss_bytes),
        *(_language_lines(manifest) if manifest else []),
    ]
    if verbose and manifest and manifest.plan and result.status == "published":
        lines.append(_plan_line(manifest.plan))
    # What was refused is nowhere to be shown later.
    hint = _HINT if manifest else "see --verbose"
    return "\n".join([*lines, *(f"  {line}" for line in ledger_lines(result.ledger, verbose=verbose, hint=hint))])


def counts_text(manifest: Manifest) -> str:
    """Two lines: the documents and the chunks of a version."""
    return (
        f"{_documents_text(manifest.documents)}\n"
        f"  chunks     {manifest.chunks:,} of {manifest.tokens:,} tokens in all, {manifest.truncated} truncated"
    )


def _language_lines(manifest: Manifest) -> list[str]:
    """What to do where the encoder does not read the script of documents."""
    unread = manifest.unread_languages
    if not unread:
        return []
    named = ", ".join(f"{language} ({manifest.languages.get(language, 0)} documents)" for language in unread)
    line = (
        f"  language   encoder {manifest.encoder.id} does not read the script of {named}: they are found by words "
        "alone; for questions in other words name a folder with a model that reads it with --encoder"
    )
    return [line]


def _fusion_line(fusion: Fusion) -> str:
    """How the two searches are weighed."""
    return (
        f"  weights    {fusion.dense_weight:g} dense above a cosine of {fusion.unrelated_cosine:.3g}, "
        f"{1 - fusion.dense_weight:g} lexical; answered from a score of {fusion.answered:g}"
    )


def _documents_text(documents: DocumentCounts) -> str:
    return f"  documents  {documents.indexed} indexed, {documents.skipped} skipped, {documents.quarantined} quarantined"


def effort_text(seconds: Mapping[str, float], peak_rss_bytes: int) -> str:
    """One line: what a build cost."""
    stages = ", ".join(f"{stage} {spent:.1f}" for stage, spent in seconds.items())
    return f"  time       {sum(seconds.values()):.1f} s ({stages}); {peak_rss_bytes / 1e6:,.0f} MB at the peak"


def ledger_lines(ledger: Sequence[LedgerEntry], *, verbose: bool, hint: str = _HINT) -> list[str]:
    """What is not in the index and why, losses first: totals by reason, then the sources, then pages and secrets.
    `verbose` has all of them, and the warnings of what is in the index."""
    sources = [entry for entry in ledger if entry.page is None]
    lines: list[str] = []
    for status in ("quarantined", "skipped"):
        found = [entry for entry in sources if entry.status == status]
        if len(found) > _ENTRIES:
            totals = Counter(entry.reason for entry in found).most_common()
            lines.append(f"{status:<11} {', '.join(f'{count} {reason}' for reason, count in totals)}")
        lines += _some([_entry_line(entry) for entry in found], hint, verbose=verbose)
    pages = [entry for entry in ledger if entry.page is not None and entry.status == "quarantined"]
    lines += _some([_entry_line(entry) for entry in pages], hint, verbose=verbose)
    secrets = [(entry.source, secret) for entry in sources for secret in entry.secrets]
    lines += [f"{'secret':<11} {printable(source)}, {secret.place}: {secret.kind}" for source, secret in secrets]
    warnings = [(entry.source, warning) for entry in sources for warning in entry.warnings]
    if verbose:
        lines += [f"{'warning':<11} {printable(source)}: {printable(warning)}" for source, warning in warnings]
    elif warnings:
        lines.append(f"{'warnings':<11} {len(warnings)}: {hint}")
    return lines


def _entry_line(entry: LedgerEntry) -> str:
    where = printable(entry.source) if entry.page is None else f"{printable(entry.source)}, page {entry.page}"
    detail = f": {printable(entry.detail)}" if entry.detail else ""
    return f"{entry.status:<11} {where} ({entry.reason}{detail})"


def _some(lines: list[str], hint: str, *, verbose: bool) -> list[str]:
    more = len(lines) - _ENTRIES
    if verbose or more <= 0:
        return lines
    return [*lines[:_ENTRIES], f"{'':<11} and {more} more: {hint}"]


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
        f"  languages  {', '.join(f'{name} {count}' for name, count in manifest.languages.items()) or 'none told'}",
        _fusion_line(manifest.fusion),
        *(f"  refused    {refusal.sentence} [{refusal.code}]" for refusal in manifest.refusals),
        *([_plan_line(manifest.plan)] if manifest.plan else []),
    ]
    return "\n".join(lines)


def _plan_line(plan: ThreadPlan) -> str:
    return f"  built with {plan}"


def document_line(document: DocumentSummary) -> str:
    """A line of `show`."""
    source = printable(document.source)
    return f"  {source}  {document.title!r}: {document.chunks} chunks, {document.tokens:,} tokens"


def version_line(version: VersionSummary) -> str:
    """A line of `list`."""
    mark = "*" if version.current else " "
    if version.problem is not None:
        return f"{mark} {version.version}  {version.problem}"
    return (
        f"{mark} {version.version}  {version.created_at}  {version.documents} documents  {version.chunks:,} chunks  "
        f"{(version.bytes or 0) / 1e6:,.1f} MB{'  refused' if version.refused else ''}"
    )


def verdict_text(verdict: Verdict) -> str:
    """What `verify` says of a version: one line, or one for each problem."""
    mark = "*" if verdict.current else " "
    if verdict.ok:
        return f"{mark} {verdict.version}  whole: {verdict.files} files, {verdict.bytes / 1e6:,.1f} MB"
    what = "DAMAGED" if verdict.readable else "not verified"
    return "\n".join(f"{mark} {verdict.version}  {what}: {problem}" for problem in verdict.problems)


def garbage_text(garbage: Garbage, *, dry_run: bool) -> str:
    """What `gc` did, or would do."""
    verb = "Would remove" if dry_run else "Removed"
    lines = [f"{verb} {name}" for name in garbage.removed]
    lines += [f"In use, kept: {name}" for name in garbage.in_use]
    lines.append(f"{verb} {len(garbage.removed)} in all, {garbage.bytes / 1e6:,.1f} MB; kept {', '.join(garbage.kept)}")
    if garbage.cache_bytes:
        lines.append(f"{verb} {garbage.cache_bytes / 1e6:,.1f} MB of cached results")
    return "\n".join(lines)


def hit_text(hit: Hit) -> str:
    """A hit as a line that says where, and the first lines of its text."""
    place = printable(hit.source)
    for name, first, last in (("line", hit.line_start, hit.line_end), ("page", hit.page_start, hit.page_end)):
        if first is not None:
            place += f", {name} {first}" if first == last else f", {name}s {first}-{last}"
    path = f"  {printable(' > '.join(hit.headings))}" if hit.headings else ""
    # After title and headings the breadcrumb has the header of a table that the passage begins in the middle of.
    header = hit.breadcrumb.partition("\n")[2]
    lines = [printable(line) for line in f"{header}\n{hit.text}".splitlines() if line.strip()]
    shown = [f"   {line[:_LINE_WIDTH]}{'...' if len(line) > _LINE_WIDTH else ''}" for line in lines[:_TEXT_LINES]]
    if len(lines) > _TEXT_LINES:
        shown.append("   ...")
    return "\n".join([f"{hit.rank}. {hit.score:.3f}  {place}{path}", *shown])
