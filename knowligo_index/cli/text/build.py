"""The result of a build as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowligo_index.cli.text.ledger import ledger_lines
from knowligo_index.cli.text.printable import printable
from knowligo_index.cli.text.versions import counts_text, documents_text, plan_line

if TYPE_CHECKING:
    # Imported for type checking only: `--help` must not load them.
    from collections.abc import Mapping
    from pathlib import Path

    from knowligo_index.build.result import BuildResult
    from knowligo_index.store.manifest import Manifest


def build_text(result: BuildResult, index: Path, *, verbose: bool) -> str:
    """What a build did, what it cost, and which sources are not indexed."""
    manifest = result.made
    lines = [
        f"{result.status.capitalize()}: {f'version {manifest.version} in {index}' if manifest else 'no new version'}",
        counts_text(manifest) if manifest else documents_text(result.documents),
        _cost_text(result.seconds, result.peak_rss_bytes),
        *(_language_lines(manifest) if manifest else []),
    ]
    if verbose and manifest and manifest.plan and result.status == "published":
        lines.append(plan_line(manifest.plan))
    # Without a version there is no ledger that `show` could print.
    hint = "see --verbose, or `knowligo-index show`" if manifest else "see --verbose"
    return "\n".join([*lines, *(f"  {line}" for line in ledger_lines(result.ledger, verbose=verbose, hint=hint))])


def _cost_text(seconds: Mapping[str, float], peak_rss_bytes: int) -> str:
    """One line: the time that each stage took, and the memory."""
    stages = ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items())
    return f"  time       {sum(seconds.values()):.1f} s ({stages}); {peak_rss_bytes / 1e6:,.0f} MB at the peak"


def _language_lines(manifest: Manifest) -> list[str]:
    """A line if the encoder does not read the script of some documents: what follows from it, and what to do."""
    languages = manifest.unread_languages
    if not languages:
        return []
    counts = ", ".join(f"{language} ({manifest.languages.get(language, 0)} documents)" for language in languages)
    line = (
        f"  language   encoder {printable(manifest.encoder.id)} does not read the script of {counts}: they are found "
        "by words alone; to find them by meaning, name a model that reads it with --encoder"
    )
    return [line]
