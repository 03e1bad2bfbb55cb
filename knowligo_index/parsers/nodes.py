"""The parts of a document as a tree of nodes, from which `canonical` writes the canonical text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowligo_index.types import BlockKind


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document.

    heading: `level` and `text`. paragraph, code: `text`, which may have several lines. list: the children are items.
    item: `marker` ("-", "3.") and children. quote: children. table: the children are rows, the first one the header.
    row: `cells`.
    """

    kind: BlockKind
    text: str = ""
    children: tuple["Node", ...] = ()
    level: int = 0
    marker: str = "-"
    cells: tuple[str, ...] = ()
    language: str = ""
    """of code, if the document names it"""


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
    """A table whose header is the first row. Line ends in a cell become spaces, and short rows are filled up."""
    width = max((len(row) for row in rows), default=0)
    return Node(
        "table",
        children=tuple(
            Node("row", cells=tuple(_one_line(cell) for cell in (*row, *[""] * (width - len(row))))) for row in rows
        ),
    )


def node_texts(top: Node) -> Iterator[str]:
    """The texts of a node and of all nodes below it, in order. Without recursion: the document decides the depth."""
    stack = [top]
    while stack:
        node = stack.pop()
        yield node.text
        yield from node.cells
        stack.extend(reversed(node.children))


def _one_line(text: str) -> str:
    return " ".join(text.split())
