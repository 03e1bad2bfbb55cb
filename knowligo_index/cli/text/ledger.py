"""The ledger as text: which sources are not in the index, and why."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from knowligo_index.cli.text.printable import printable

if TYPE_CHECKING:
    # Imported for type checking only: `--help` must not load them.
    from collections.abc import Sequence

    from knowligo_index.sources.ledger import LedgerEntry

# How many sources of a status the summary of a build lists.
_MAX_ENTRIES = 10


def ledger_lines(ledger: Sequence[LedgerEntry], *, verbose: bool, hint: str = "see --verbose") -> list[str]:
    """Quarantined sources, skipped sources, quarantined pages, secrets, and the number of warnings.

    Long lists are cut, with a count of each reason and `hint`, which says where the rest is. With `verbose` they are
    whole, and every warning is listed.
    """
    sources = [entry for entry in ledger if entry.page is None]
    lines: list[str] = []
    for status in ("quarantined", "skipped"):
        entries = [entry for entry in sources if entry.status == status]
        if len(entries) > _MAX_ENTRIES:
            totals = Counter(entry.reason for entry in entries).most_common()
            lines.append(f"{status:<11} {', '.join(f'{count} {reason}' for reason, count in totals)}")
        lines += _cut([_entry_line(entry) for entry in entries], hint, verbose=verbose)
    pages = [entry for entry in ledger if entry.page is not None and entry.status == "quarantined"]
    lines += _cut([_entry_line(entry) for entry in pages], hint, verbose=verbose)
    secrets = [(entry.source, secret) for entry in sources for secret in entry.secrets]
    lines += [f"{'secret':<11} {printable(f'{source}, {secret.place}')}: {secret.kind}" for source, secret in secrets]
    warnings = [(entry.source, warning) for entry in sources for warning in entry.warnings]
    if verbose:
        lines += [f"{'warning':<11} {printable(source)}: {printable(warning)}" for source, warning in warnings]
    elif warnings:
        lines.append(f"{'warnings':<11} {len(warnings)}: {hint}")
    return lines


def _entry_line(entry: LedgerEntry) -> str:
    place = printable(entry.source) if entry.page is None else f"{printable(entry.source)}, page {entry.page}"
    detail = f": {printable(entry.detail)}" if entry.detail else ""
    return f"{entry.status:<11} {place} ({entry.reason}{detail})"


def _cut(lines: list[str], hint: str, *, verbose: bool) -> list[str]:
    omitted = len(lines) - _MAX_ENTRIES
    if verbose or omitted <= 0:
        return lines
    return [*lines[:_MAX_ENTRIES], f"{'':<11} and {omitted} more: {hint}"]
