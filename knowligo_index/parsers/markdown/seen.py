"""What a person sees of Markdown: the renditions of its blocks.

Each block is laid beside the lines that it comes from. Where the two do not match, as with tabs that markdown-it has
turned to spaces, the block stays as it is written.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it.token import Token

from knowligo_index.parsers.markdown.cells import cells_of
from knowligo_index.parsers.markdown.placing import Lines
from knowligo_index.parsers.markdown.tags import html_renditions
from knowligo_index.parsers.markdown.traced import Traced
from knowligo_index.parsers.renditions import column_names, in_order, rendered, row_renditions
from knowligo_index.types import Rendition

# `## Title { #anchor .class }`: attributes for the site generator, not words of the title.
ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.][^{}]*\}\s*$")

# What stands in a margin and is not seen. Numbers of items are.
_MARK = re.compile(r">|(?:(?<=[\s>])|^)[-+*](?=\s|$)")
_HASHES = re.compile(r"#{1,6}")
_CONTAINERS = ("blockquote_open", "list_item_open", "admonition_open")


def renditions_of(
    text: str, starts: Sequence[int], tokens: Sequence[Token], found: Traced, definitions: Mapping[str, Any]
) -> tuple[tuple[Rendition, ...], frozenset[int]]:
    """How the document is read, and the first lines of the tables whose rows are read with the names of their
    columns. `definitions` is what markdown-it gathered of link definitions."""
    reading = _Reading(Lines(text, starts, found.columns), found)
    reading.margins(tokens)
    reading.blocks(tokens)
    for definition in [*definitions.get("references", {}).values(), *definitions.get("duplicate_refs", ())]:
        reading.found += [reading.lines.whole(line) for line in range(*definition["map"])]
    return in_order(each for each in reading.found if each.text or each.char_start < each.char_end), frozenset(
        reading.named
    )


class _Reading:
    def __init__(self, lines: Lines, found: Traced) -> None:
        self.lines = lines
        self.text = lines.text
        self.found: list[Rendition] = []
        self.named: set[int] = set()
        self._inlines = iter(found.inlines)
        self._names: list[str] = []

    def margins(self, tokens: Sequence[Token]) -> None:
        """Quote marks and bullets, of lines with nothing else, too."""
        inside = {line for token in tokens if token.type in _CONTAINERS and token.map for line in range(*token.map)}
        for line in inside:
            start, end = self.lines.margin(line)
            margin = self.text[start:end]
            if margin and not margin.isspace():
                marks = (match.span() for match in _MARK.finditer(margin))
                self.found += [Rendition(start + first, start + last, "") for first, last in marks]

    def blocks(self, tokens: Sequence[Token]) -> None:
        """All other markup."""
        row: list[tuple[str, list[Rendition]]] = []
        table = line = 0
        for number, token in enumerate(tokens):
            kind = token.type
            first, last = token.map or (0, 0)
            if kind == "inline":
                opening, inside = tokens[number - 1], next(self._inlines)
                if opening.type in ("td_open", "th_open"):
                    row.append((token.content, inside))
                elif opening.type == "admonition_title_open":
                    self._title(first, token.content, inside)
                elif opening.type == "heading_open" and opening.markup.startswith("#"):
                    self._heading(first, token.content, inside)
                else:
                    self._lines_of(first, token.content, inside, is_heading=opening.type == "heading_open")
            elif kind == "table_open":
                table = first
            elif kind == "tr_open":
                row, line = [], first
            elif kind == "tr_close":
                self._row(line, row, table)
            elif kind == "heading_open" and not token.markup.startswith("#"):
                self.found.append(self.lines.whole(last - 1))
            elif kind == "hr":
                self.found.append(self.lines.whole(first))
            elif kind == "fence":
                self._fence(token, first, last)
            elif kind == "html_block":
                self._lines_of(first, token.content.rstrip("\n"), list(html_renditions(token.content.rstrip("\n"))))
            elif kind == "admonition_open" and tokens[number + 1].type != "admonition_title_open":
                self.found.append(self.lines.whole(first))

    def _lines_of(self, first: int, content: str, inside: list[Rendition], is_heading: bool = False) -> None:
        aligned = self.lines.aligned(first, content) if inside or is_heading else None
        if aligned is None:
            return
        self.found += aligned.placed(inside)
        if is_heading:
            self._attributes(aligned.at(0), aligned.at(len(content)))

    def _heading(self, line: int, content: str, inside: list[Rendition]) -> None:
        start, end = self.lines.begins(line), self.lines.ends(line)
        hashes = _HASHES.match(self.text, start, end)
        place = self.lines.skipped(hashes.end(), end) if hashes else start
        if not content:
            self.found.append(Rendition(start, end, ""))
        elif self.text.startswith(content, place):
            stop = place + len(content)
            self.found += [Rendition(start, place, ""), Rendition(stop, end, "")]
            self.found += [Rendition(place + first, place + last, seen) for first, last, seen in inside]
            self._attributes(place, stop)

    def _attributes(self, start: int, end: int) -> None:
        found = ATTRIBUTES.search(self.text[start:end]) if self.text[end - 1] == "}" else None
        if found:
            self.found.append(Rendition(start + found.start(), end, ""))

    def _title(self, line: int, content: str, inside: list[Rendition]) -> None:
        """Of an admonition. Where it has none of its own its kind is seen: "Note"."""
        start, end = self.lines.begins(line), self.lines.ends(line)
        place = self.text.rfind(content, start, end)
        if place < 0:
            self.found.append(Rendition(start, end, rendered(content, 0, len(content), in_order(inside))))
            return
        self.found += [Rendition(start, place, ""), Rendition(place + len(content), end, "")]
        self.found += [Rendition(place + first, place + last, seen) for first, last, seen in inside]

    def _fence(self, token: Token, first: int, last: int) -> None:
        self.found.append(self.lines.whole(first))
        closing = self.text[self.lines.begins(last - 1) : self.lines.ends(last - 1)].rstrip()
        if last - 1 > first and closing.startswith(token.markup) and not closing.strip(token.markup[0]):
            self.found.append(self.lines.whole(last - 1))

    def _row(self, line: int, row: Sequence[tuple[str, list[Rendition]]], table: int) -> None:
        start, end = self.lines.begins(line), self.lines.ends(line)
        cells = cells_of(self.text, start, end)
        seen = [rendered(content, 0, len(content), in_order(inside)) for content, inside in row]
        is_header = line == table
        if is_header:
            self._names = column_names(seen)
            if self._names:
                self.named.add(table)
        written = [cell.content(self.text) for cell in cells]
        known = [content for content, _ in row]
        if written[: len(known)] != known[: len(written)] or any(known[len(written) :]):
            return
        for cell, (_, inside) in zip(cells, row, strict=False):
            self.found += cell.placed(inside)
        spans = [(cell.start, cell.end) for cell in cells]
        # Cells beyond the last column are not shown, but they may have been meant to be.
        seen = seen[: len(cells)] + written[len(seen) :]
        # The row of dashes below the header is not seen.
        stop = self.lines.ends(line + 1) if is_header else end
        names = () if is_header else self._names
        self.found += row_renditions(start, stop, list(zip(spans, seen, strict=True)), names)
