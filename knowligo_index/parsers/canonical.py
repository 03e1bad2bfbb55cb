"""The canonical text of formats that are not text: a tree of nodes, written as Markdown, with the span of each.

A parser of HTML, Word or the like says what a document is made of; how that looks as text, and where each part of it
then stands, is decided here once for all of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowligo_index.parsers.renditions import column_names, row_renditions
from knowligo_index.types import Block, BlockKind, Rendition

PAGE_BREAK = "\n\f"

# Lists and quotes deeper than this are written as text of the deepest level: no document that a person wrote has
# them, and walking the tree must not run out of stack.
MAX_DEPTH = 40

_FENCE = re.compile(r"`{3,}")
# What stands in a margin and is not seen: numbers of items are.
_MARK = re.compile(r"(?:(?<=\s)|^)[->] ")


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document.

    heading: `level` and `text`. paragraph, code: `text`, which may have several lines. list: children are items.
    item: `marker` ("-", "3.") and children. quote: children. table: children are rows, the first one the header.
    row: `cells`.
    """

    kind: BlockKind
    text: str = ""
    children: tuple["Node", ...] = ()
    level: int = 0
    marker: str = "-"
    cells: tuple[str, ...] = ()
    language: str = ""
    """of code, where the document names it"""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Text and the blocks in it, as `Document` holds them."""

    text: str
    blocks: tuple[Block, ...]
    page_starts: tuple[int, ...]
    renditions: tuple[Rendition, ...] = ()


def heading(level: int, text: str) -> Node:
    return Node("heading", _one_line(text), level=min(max(level, 1), 6))


def paragraph(text: str) -> Node:
    return Node("paragraph", text)


def code(text: str, language: str = "") -> Node:
    return Node("code", text, language=language)


def items(children: Sequence[Node]) -> Node:
    return Node("list", children=tuple(children))


def item(marker: str, children: Sequence[Node]) -> Node:
    return Node("item", marker=marker, children=tuple(children))


def quote(children: Sequence[Node]) -> Node:
    return Node("quote", children=tuple(children))


def table(rows: Sequence[Sequence[str]]) -> Node:
    """The first row is the header. Line ends inside a cell become spaces, and short rows are filled up."""
    width = max((len(row) for row in rows), default=0)
    return Node(
        "table",
        children=tuple(
            Node("row", cells=tuple(_one_line(cell) for cell in (*row, *[""] * (width - len(row))))) for row in rows
        ),
    )


def render(pages: Sequence[Sequence[Node]]) -> Rendered:
    """The text of these nodes, page after page; a document without pages is one of them. Nodes without any text
    leave no trace."""
    writer = _Writer()
    blocks: list[Block] = []
    starts: list[int] = []
    for number, nodes in enumerate(pages):
        if number:
            writer.write(PAGE_BREAK)
        starts.append(writer.position)
        blocks += writer.sequence(nodes, _TOP, "\n\n")
    return Rendered(writer.text(), tuple(blocks), tuple(starts), tuple(writer.renditions))


@dataclass(frozen=True, slots=True)
class _Margin:
    """What stands before the lines of a node: before its first one, and before the others."""

    first: str
    rest: str
    depth: int

    def inside(self, mark: str, indent: str) -> "_Margin":
        return _Margin(self.first + mark, self.rest + indent, self.depth + 1)

    def after(self) -> "_Margin":
        return _Margin(self.rest, self.rest, self.depth)


_TOP = _Margin("", "", 0)


class _Writer:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self.position = 0
        self.renditions: list[Rendition] = []

    def text(self) -> str:
        return "".join(self._parts)

    def write(self, text: str) -> None:
        self._parts.append(text)
        self.position += len(text)

    def sequence(self, nodes: Sequence[Node], margin: _Margin, between: str) -> list[Block]:
        blocks: list[Block] = []
        for node in nodes:
            if not _has_text(node):
                continue
            if blocks:
                self.write("\n" if node.kind == "list" and margin.depth else between)
            blocks.append(self._node(node, margin.after() if blocks else margin))
        return blocks

    def _node(self, node: Node, margin: _Margin) -> Block:
        start = self.position
        children: list[Block] = []
        if node.kind == "heading":
            self._line("#" * node.level + " " + node.text, margin.first, unseen=node.level + 1)
            return Block("heading", start, self.position, level=node.level, label=node.text)
        if node.kind == "table":
            children = self._rows(node, margin)
        elif node.kind == "code":
            fence = "`" * max(3, *(len(run) + 1 for run in _FENCE.findall(node.text)), 3)
            self._line(fence + node.language, margin.first, unseen=len(fence + node.language))
            self.write("\n")
            self._lines(_lines_of(node.text), margin.after())
            self.write("\n")
            self._line(fence, margin.rest, unseen=len(fence))
        elif node.kind in ("list", "item", "quote") and margin.depth >= MAX_DEPTH:
            self._lines([line for text in _texts(node) for line in text.split("\n") if line.strip()], margin)
        elif node.kind == "list":
            children = self.sequence(node.children, margin, "\n")
        elif node.kind == "item":
            children = self.sequence(
                node.children, margin.inside(f"{node.marker} ", " " * (len(node.marker) + 1)), "\n\n"
            )
        elif node.kind == "quote":
            children = self.sequence(node.children, margin.inside("> ", "> "), "\n\n")
        else:
            self._lines(_lines_of(node.text), margin)
        named = node.kind == "table" and bool(column_names(node.children[0].cells))
        return Block(node.kind, start, self.position, tuple(children), names_columns=named)

    def _rows(self, table: Node, margin: _Margin) -> list[Block]:
        blocks: list[Block] = []
        names = column_names(table.children[0].cells)
        for row in table.children:
            if blocks:
                self.write("\n")
            start = self.position
            self._row(row.cells, (margin.rest if blocks else margin.first), names if blocks else ())
            if not blocks:
                self.write("\n")
                rule = "|" + " --- |" * len(row.cells)
                self._line(rule, margin.rest, unseen=len(rule))
            blocks.append(Block("row", start, self.position))
        return blocks

    def _row(self, cells: Sequence[str], margin: str, names: Sequence[str]) -> None:
        line = "| " + " | ".join(cells) + " |"
        self._line(line, margin)
        start = self.position - len(line)
        spans: list[tuple[tuple[int, int], str]] = []
        position = start + len("| ")
        for cell in cells:
            spans.append(((position, position + len(cell)), cell))
            position += len(cell) + len(" | ")
        self.renditions += row_renditions(start, self.position, spans, names)

    def _lines(self, lines: Sequence[str], margin: _Margin) -> None:
        for number, line in enumerate(lines):
            if number:
                self.write("\n")
            self._line(line, margin.rest if number else margin.first)

    def _line(self, line: str, margin: str, unseen: int = 0) -> None:
        """Write a line, of which so many characters are not seen, after its margin. A line with nothing on it has none:
        it would be text that the document does not have."""
        if not line.strip():
            return
        if margin:
            marks = (match.span() for match in _MARK.finditer(margin))
            self.renditions += [Rendition(self.position + first, self.position + last, "") for first, last in marks]
        start = self.position + len(margin)
        self.write(margin + line)
        if unseen:
            self.renditions.append(Rendition(start, start + unseen, ""))


def _has_text(node: Node) -> bool:
    return any(text.strip() for text in _texts(node))


def _texts(node: Node) -> Iterator[str]:
    """The texts of a node and of all below it, in order; walks without recursion, since depth is the document's."""
    left = [node]
    while left:
        each = left.pop()
        yield each.text
        yield from each.cells
        left.extend(reversed(each.children))


def _lines_of(text: str) -> list[str]:
    lines = text.split("\n")
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    while len(lines) > 1 and not lines[0].strip():
        lines.pop(0)
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())
