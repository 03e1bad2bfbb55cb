"""Assembles nodes from consecutive paragraphs: items become lists, lines of code one block, quotes one quote."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from knowligo_index.parsers.nodes import Node, code, item, items, quote
from knowligo_index.parsers.word.numbering import Marker

BULLET = "-"


@dataclass(slots=True)
class _OpenList:
    """A list that may get further items, and its last item."""

    level: int
    series: str
    items: list[Node] = field(default_factory=list)
    marker: str = BULLET
    children: list[Node] = field(default_factory=list)

    def begin(self, marker: str, children: Sequence[Node]) -> None:
        self.end()
        self.marker, self.children = marker, list(children)

    def end(self) -> None:
        if self.children:
            self.items.append(item(self.marker, self.children))
            self.children = []


class Assembly:
    """Collects the parts of a document in order."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._lists: list[_OpenList] = []
        self._code: list[str] = []
        self._quoted: list[Node] = []

    def add(self, node: Node) -> None:
        """Add a node that is not part of a list, code or quote."""
        self._end_all()
        self._nodes.append(node)

    def add_item(self, marker: Marker, children: Sequence[Node]) -> None:
        """Add an item of a list; an item of a deeper level is put into the item before it."""
        self._end_code()
        self._end_quote()
        while self._lists and self._lists[-1].level > marker.level:
            self._close_list()
        if self._lists and self._lists[-1].level == marker.level and self._lists[-1].series != marker.series:
            self._close_list()
        if not self._lists or self._lists[-1].level < marker.level:
            self._lists.append(_OpenList(marker.level, marker.series))
        self._lists[-1].begin(marker.text or BULLET, children)

    def add_code(self, text: str) -> None:
        """Add lines of code."""
        if not self._code:
            self._end_all()
        self._code.append(text)

    def add_blank_code(self) -> None:
        """Add a blank line of code, if it follows code."""
        if self._code:
            self._code.append("")

    def add_quoted(self, nodes: Sequence[Node]) -> None:
        """Add a part of a quote."""
        self._end_code()
        self._close_lists()
        self._quoted.extend(nodes)

    def nodes(self) -> list[Node]:
        """All nodes; afterwards none can be added."""
        self._end_all()
        return self._nodes

    def _end_all(self) -> None:
        self._end_code()
        self._end_quote()
        self._close_lists()

    def _end_code(self) -> None:
        if self._code:
            self._nodes.append(code("\n".join(self._code).rstrip("\n")))
            self._code = []

    def _end_quote(self) -> None:
        if self._quoted:
            self._nodes.append(quote(self._quoted))
            self._quoted = []

    def _close_lists(self) -> None:
        while self._lists:
            self._close_list()

    def _close_list(self) -> None:
        closed = self._lists.pop()
        closed.end()
        target = self._lists[-1].children if self._lists else self._nodes
        target.append(items(closed.items))


def flattened(nodes: Sequence[Node]) -> str:
    """The texts of nodes, one on each line, for a cell of a table."""
    lines: list[str] = []
    prefix = ""
    stack: list[Node] = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node.kind == "item":
            prefix += f"{node.marker} "
        text = node.text or " ".join(filter(None, node.cells))
        if text:
            lines.append(prefix + text)
            prefix = ""
        stack.extend(reversed(node.children))
    return "\n".join(lines)
