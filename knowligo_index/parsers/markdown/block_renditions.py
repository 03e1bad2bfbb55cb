"""The renditions of the blocks of Markdown, which say what a person sees of them.

Each block is aligned with the lines that it comes from. If the two do not match, for example because markdown-it turned
tabs into spaces, the block is read as it is written.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it.token import Token

from knowligo_index.parsers.markdown.alignment import MarkdownLines
from knowligo_index.parsers.markdown.cells import cells_of
from knowligo_index.parsers.markdown.tags import html_renditions
from knowligo_index.parsers.markdown.tracing import Trace
from knowligo_index.parsers.renditions import column_names, in_order, rendered, row_renditions
from knowligo_index.types import Rendition

# `## Title { #anchor .class }`: attributes for the site generator, which are not part of the title.
ATTRIBUTES = re.compile(r"(?<!\s)\s*+\{:?\s*+[#.][^{}]*+\}\s*$")

# The marks in a margin that a person does not see. Numbers of items are seen.
_MARK = re.compile(r">|(?:(?<=[\s>])|^)[-+*](?=\s|$)")
_HASHES = re.compile(r"#{1,6}")
_CONTAINERS = ("blockquote_open", "list_item_open", "admonition_open")


def renditions_of(
    text: str, starts: Sequence[int], tokens: Sequence[Token], trace: Trace, environment: Mapping[str, Any]
) -> tuple[tuple[Rendition, ...], frozenset[int]]:
    """The renditions of the document, and the first lines of the tables whose rows are read with their column names.
    `environment` has the link definitions that markdown-it collected."""
    reader = _BlockReader(MarkdownLines(text, starts, trace.columns), trace)
    reader.read_margins(tokens)
    reader.read_blocks(tokens)
    for definition in [*environment.get("references", {}).values(), *environment.get("duplicate_refs", ())]:
        reader.renditions += [reader.lines.hidden_line(line) for line in range(*definition["map"])]
    return in_order(
        rendition for rendition in reader.renditions if rendition.text or rendition.char_start < rendition.char_end
    ), frozenset(reader.tables_with_names)


class _BlockReader:
    def __init__(self, lines: MarkdownLines, trace: Trace) -> None:
        self.lines = lines
        self.text = lines.text
        self.renditions: list[Rendition] = []
        self.tables_with_names: set[int] = set()
        self._inlines = iter(trace.inlines)
        self._names: list[str] = []

    def read_margins(self, tokens: Sequence[Token]) -> None:
        """Hide quote marks and bullets, also on lines without a text."""
        lines = {line for token in tokens if token.type in _CONTAINERS and token.map for line in range(*token.map)}
        for line in lines:
            start, end = self.lines.margin(line)
            margin = self.text[start:end]
            if margin and not margin.isspace():
                marks = (match.span() for match in _MARK.finditer(margin))
                self.renditions += [
                    Rendition(start + mark_start, start + mark_end, "") for mark_start, mark_end in marks
                ]

    def read_blocks(self, tokens: Sequence[Token]) -> None:
        """Hide or replace all other markup."""
        row_cells: list[tuple[str, list[Rendition]]] = []
        table_line = row_line = 0
        for number, token in enumerate(tokens):
            kind = token.type
            first_line, next_line = token.map or (0, 0)
            if kind == "inline":
                opening, inline_renditions = tokens[number - 1], next(self._inlines)
                if opening.type in ("td_open", "th_open"):
                    row_cells.append((token.content, inline_renditions))
                elif opening.type == "admonition_title_open":
                    self._title(first_line, token.content, inline_renditions)
                elif opening.type == "heading_open" and opening.markup.startswith("#"):
                    self._heading(first_line, token.content, inline_renditions)
                else:
                    self._lines_of(
                        first_line, token.content, inline_renditions, is_heading=opening.type == "heading_open"
                    )
            elif kind == "table_open":
                table_line = first_line
            elif kind == "tr_open":
                row_cells, row_line = [], first_line
            elif kind == "tr_close":
                self._row(row_line, row_cells, table_line)
            elif kind == "heading_open" and not token.markup.startswith("#"):
                self.renditions.append(self.lines.hidden_line(next_line - 1))
            elif kind == "hr":
                self.renditions.append(self.lines.hidden_line(first_line))
            elif kind == "fence":
                self._fence(token, first_line, next_line)
            elif kind == "html_block":
                self._lines_of(
                    first_line, token.content.rstrip("\n"), list(html_renditions(token.content.rstrip("\n")))
                )
            elif kind == "admonition_open" and tokens[number + 1].type != "admonition_title_open":
                self.renditions.append(self.lines.hidden_line(first_line))

    def _lines_of(
        self, first_line: int, content: str, inline_renditions: list[Rendition], is_heading: bool = False
    ) -> None:
        alignment = self.lines.aligned(first_line, content) if inline_renditions or is_heading else None
        if alignment is None:
            return
        self.renditions += alignment.placed(inline_renditions)
        if is_heading:
            self._attributes(alignment.text_offset(0), alignment.text_offset(len(content)))

    def _heading(self, line: int, content: str, inline_renditions: list[Rendition]) -> None:
        start, end = self.lines.begins(line), self.lines.ends(line)
        hashes = _HASHES.match(self.text, start, end)
        content_start = self.lines.after_blanks(hashes.end(), end) if hashes else start
        if not content:
            self.renditions.append(Rendition(start, end, ""))
        elif self.text.startswith(content, content_start):
            content_end = content_start + len(content)
            self.renditions += [Rendition(start, content_start, ""), Rendition(content_end, end, "")]
            self.renditions += [
                Rendition(content_start + rendition_start, content_start + rendition_end, text)
                for rendition_start, rendition_end, text in inline_renditions
            ]
            self._attributes(content_start, content_end)

    def _attributes(self, start: int, end: int) -> None:
        match = ATTRIBUTES.search(self.text[start:end]) if self.text[end - 1] == "}" else None
        if match:
            self.renditions.append(Rendition(start + match.start(), end, ""))

    def _title(self, line: int, content: str, inline_renditions: list[Rendition]) -> None:
        """Add the title of an admonition. Without a title of its own, its kind is seen: "Note"."""
        start, end = self.lines.begins(line), self.lines.ends(line)
        content_start = self.text.rfind(content, start, end)
        if content_start < 0:
            self.renditions.append(
                Rendition(start, end, rendered(content, 0, len(content), in_order(inline_renditions)))
            )
            return
        self.renditions += [Rendition(start, content_start, ""), Rendition(content_start + len(content), end, "")]
        self.renditions += [
            Rendition(content_start + rendition_start, content_start + rendition_end, text)
            for rendition_start, rendition_end, text in inline_renditions
        ]

    def _fence(self, token: Token, first_line: int, next_line: int) -> None:
        self.renditions.append(self.lines.hidden_line(first_line))
        closing = self.text[self.lines.begins(next_line - 1) : self.lines.ends(next_line - 1)].rstrip()
        if next_line - 1 > first_line and closing.startswith(token.markup) and not closing.strip(token.markup[0]):
            self.renditions.append(self.lines.hidden_line(next_line - 1))

    def _row(self, line: int, row_cells: Sequence[tuple[str, list[Rendition]]], table_line: int) -> None:
        start, end = self.lines.begins(line), self.lines.ends(line)
        cells = cells_of(self.text, start, end)
        visible_texts = [
            rendered(content, 0, len(content), in_order(inline_renditions)) for content, inline_renditions in row_cells
        ]
        is_header = line == table_line
        if is_header:
            self._names = column_names(visible_texts)
            if self._names:
                self.tables_with_names.add(table_line)
        cell_contents = [cell.content(self.text) for cell in cells]
        token_contents = [content for content, _ in row_cells]
        if cell_contents[: len(token_contents)] != token_contents[: len(cell_contents)] or any(
            token_contents[len(cell_contents) :]
        ):
            return
        for cell, (_, inline_renditions) in zip(cells, row_cells, strict=False):
            self.renditions += cell.placed(inline_renditions)
        spans = [(cell.start, cell.end) for cell in cells]
        # Cells beyond the last column are not shown by a browser, but the author may have meant them to be read.
        visible_texts = visible_texts[: len(cells)] + cell_contents[len(visible_texts) :]
        # The delimiter row below the header is not seen.
        row_end = self.lines.ends(line + 1) if is_header else end
        names = () if is_header else self._names
        self.renditions += row_renditions(start, row_end, list(zip(spans, visible_texts, strict=True)), names)
