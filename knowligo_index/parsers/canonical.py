"""The canonical text of formats that are not text: a tree of nodes, written as Markdown, with the span of each node.

A parser of HTML, Word or the like gives the nodes of a document. How they are written as text, and where each of them
stands in it, is decided here for all of these formats.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.parsers.line_writer import LineWriter, Margin
from knowligo_index.parsers.nodes import Node, node_texts
from knowligo_index.parsers.renditions import column_names, row_renditions
from knowligo_index.types import Block, Rendition

PAGE_BREAK = "\n\f"

# Lists and quotes nested deeper than this are written as text of the deepest level. No document that a person wrote
# has so many levels, and walking the tree must not exhaust the stack.
MAX_DEPTH = 40

_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text and its blocks, as `Document` has them."""

    text: str
    blocks: tuple[Block, ...]
    page_starts: tuple[int, ...]
    renditions: tuple[Rendition, ...] = ()


def render(pages: Sequence[Sequence[Node]]) -> Rendered:
    """The text of these nodes, page by page; a document without pages is given as one page. Nodes without text are
    left out."""
    writer = LineWriter()
    blocks: list[Block] = []
    page_starts: list[int] = []
    for number, nodes in enumerate(pages):
        if number:
            writer.write(PAGE_BREAK)
        page_starts.append(writer.position)
        blocks += _write_sequence(writer, nodes, Margin(), "\n\n")
    return Rendered(writer.text(), tuple(blocks), tuple(page_starts), tuple(writer.renditions))


def _write_sequence(writer: LineWriter, nodes: Sequence[Node], margin: Margin, separator: str) -> list[Block]:
    blocks: list[Block] = []
    for node in nodes:
        if not _has_text(node):
            continue
        if blocks:
            writer.write("\n" if node.kind == "list" and margin.depth else separator)
        blocks.append(_write_node(writer, node, margin.after_first_line() if blocks else margin))
    return blocks


def _write_node(writer: LineWriter, node: Node, margin: Margin) -> Block:
    start = writer.position
    children: list[Block] = []
    if node.kind == "heading":
        writer.write_line("#" * node.level + " " + node.text, margin.first, unseen=node.level + 1)
        return Block("heading", start, writer.position, level=node.level, label=node.text)
    if node.kind == "table":
        children = _write_rows(writer, node, margin)
    elif node.kind == "code":
        _write_code(writer, node, margin)
    elif node.kind in ("list", "item", "quote") and margin.depth >= MAX_DEPTH:
        writer.write_lines([line for text in node_texts(node) for line in text.split("\n") if line.strip()], margin)
    elif node.kind == "list":
        children = _write_sequence(writer, node.children, margin, "\n")
    elif node.kind == "item":
        inner_margin = margin.inside(f"{node.marker} ", " " * (len(node.marker) + 1))
        children = _write_sequence(writer, node.children, inner_margin, "\n\n")
    elif node.kind == "quote":
        children = _write_sequence(writer, node.children, margin.inside("> ", "> "), "\n\n")
    else:
        writer.write_lines(_lines_of(node.text), margin)
    names_columns = node.kind == "table" and bool(column_names(node.children[0].cells))
    return Block(node.kind, start, writer.position, tuple(children), names_columns=names_columns)


def _write_code(writer: LineWriter, node: Node, margin: Margin) -> None:
    fence = "`" * max(3, *(len(run) + 1 for run in _FENCE.findall(node.text)), 3)
    writer.write_line(fence + node.language, margin.first, unseen=len(fence + node.language))
    writer.write("\n")
    writer.write_lines(_lines_of(node.text), margin.after_first_line())
    writer.write("\n")
    writer.write_line(fence, margin.further, unseen=len(fence))


def _write_rows(writer: LineWriter, table: Node, margin: Margin) -> list[Block]:
    blocks: list[Block] = []
    names = column_names(table.children[0].cells)
    for row in table.children:
        if blocks:
            writer.write("\n")
        start = writer.position
        _write_row(writer, row.cells, margin.further if blocks else margin.first, names if blocks else ())
        if not blocks:
            writer.write("\n")
            rule = "|" + " --- |" * len(row.cells)
            writer.write_line(rule, margin.further, unseen=len(rule))
        blocks.append(Block("row", start, writer.position))
    return blocks


def _write_row(writer: LineWriter, cells: Sequence[str], margin: str, names: Sequence[str]) -> None:
    line = "| " + " | ".join(cells) + " |"
    writer.write_line(line, margin)
    start = writer.position - len(line)
    spans: list[tuple[tuple[int, int], str]] = []
    position = start + len("| ")
    for cell in cells:
        spans.append(((position, position + len(cell)), cell))
        position += len(cell) + len(" | ")
    writer.renditions += row_renditions(start, writer.position, spans, names)


def _has_text(node: Node) -> bool:
    return any(text.strip() for text in node_texts(node))


def _lines_of(text: str) -> list[str]:
    """The lines of a text, without blank ones at its beginning and its end."""
    lines = text.split("\n")
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    while len(lines) > 1 and not lines[0].strip():
        lines.pop(0)
    return lines
