"""Hits of a search as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowligo_index.cli.text.printable import printable

if TYPE_CHECKING:
    # Imported for type checking only: `--help` must not load it.
    from knowligo_index.search.hit import Hit

# How much of a passage is printed; `--json` prints all of it.
_MAX_LINES = 8
_MAX_LINE_WIDTH = 160


def hit_text(hit: Hit) -> str:
    """A line with the rank, the score and the place, and the first lines of the passage."""
    place = printable(hit.source)
    for name, first, last in (("line", hit.line_start, hit.line_end), ("page", hit.page_start, hit.page_end)):
        if first is not None:
            place += f", {name} {first}" if first == last else f", {name}s {first}-{last}"
    path = f"  {printable(' > '.join(hit.headings))}" if hit.headings else ""
    # If a passage begins within a table, its breadcrumb has the header of the table after the title and headings.
    table_header = hit.breadcrumb.partition("\n")[2]
    lines = [printable(line) for line in f"{table_header}\n{hit.text}".splitlines() if line.strip()]
    excerpt = [
        f"   {line[:_MAX_LINE_WIDTH]}{'...' if len(line) > _MAX_LINE_WIDTH else ''}" for line in lines[:_MAX_LINES]
    ]
    if len(lines) > _MAX_LINES:
        excerpt.append("   ...")
    return "\n".join([f"{hit.rank}. {hit.score:.3f}  {place}{path}", *excerpt])
