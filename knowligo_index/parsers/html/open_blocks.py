"""Elements of a page that contain blocks, while they are open: lists, items, tables, cells and quotes."""

from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.grid import Grid
from knowligo_index.parsers.html.tree import Attributes
from knowligo_index.parsers.markers import ListMarkers, whole_number
from knowligo_index.parsers.nodes import Node, item, items, quote

LISTS = frozenset(("ul", "ol", "menu", "dir"))
_CELLS = frozenset(("td", "th", "caption"))


@dataclass(slots=True)
class OpenBlock:
    """An open element, and the nodes in it so far."""

    tag: str
    nodes: list[Node] = field(default_factory=list)
    markers: ListMarkers | None = None
    """of a numbered list"""
    grid: Grid | None = None
    """of a table"""
    attributes: Attributes = field(default_factory=dict)
    entries: list[list[Node]] = field(default_factory=list)
    """of a definition list: the terms of each entry and their definitions"""
    ends_with_term: bool = False
    """of a definition list: whether the last element in it was a term"""

    def close_into(self, outer: "OpenBlock") -> None:
        """Add the nodes that this element becomes to the element around it."""
        marker = "-"
        if self.tag == "li" and outer.markers is not None:
            marker = outer.markers.next_marker(whole_number(self.attributes.get("value")))
        if self.tag in ("td", "th") and outer.grid is not None:
            spans = (whole_number(self.attributes.get(name)) for name in ("colspan", "rowspan"))
            outer.grid.add_cell(self.nodes, *spans)
        elif self.grid is not None:
            outer.nodes += [*self.nodes, *self.grid.nodes()]
        elif not self.nodes and not self.entries:
            pass
        elif self.tag in LISTS:
            outer.nodes.append(items([node if node.kind == "item" else item("-", [node]) for node in self.nodes]))
        elif self.tag == "li":
            list_item = item(marker, self.nodes)
            # An item outside of a list becomes a list of one item.
            outer.nodes.append(list_item if outer.tag in LISTS else items([list_item]))
        elif self.tag in ("dt", "dd") and outer.tag == "dl":
            self._define_in(outer)
        elif self.tag == "dl":
            outer.nodes.append(items([item("-", entry) for entry in (*self.entries, self.nodes) if entry]))
        elif self.tag == "blockquote":
            outer.nodes.append(quote(self.nodes))
        else:
            outer.nodes += self.nodes

    def _define_in(self, definitions: "OpenBlock") -> None:
        """Add this term, or definition of a term, to a definition list. An entry is one or more terms and the
        definitions after them."""
        if definitions.nodes:
            # Content between the terms and definitions that is neither.
            definitions.entries.append(definitions.nodes)
            definitions.nodes = []
        is_term = self.tag == "dt"
        if not definitions.entries or (is_term and not definitions.ends_with_term):
            definitions.entries.append([])
        definitions.entries[-1] += self.nodes
        definitions.ends_with_term = is_term


def opened_block(node: LexborNode, tag: str, attributes: Attributes, *, in_table: bool) -> OpenBlock | None:
    """The element that begins, if it is one of these; None for any other element."""
    if tag in LISTS:
        return OpenBlock(tag, markers=_markers(node, attributes) if tag == "ol" else None)
    if tag == "table":
        return OpenBlock(tag, grid=_grid(attributes))
    if tag in ("li", "dl", "dt", "dd", "blockquote") or (tag in _CELLS and in_table):
        return OpenBlock(tag, attributes=attributes)
    return None


def _grid(attributes: Attributes) -> Grid:
    grid = Grid()
    grid.is_layout = (attributes.get("role") or "").strip().lower() in ("presentation", "none")
    return grid


def _markers(node: LexborNode, attributes: Attributes) -> ListMarkers:
    step = -1 if "reversed" in attributes else 1
    first = whole_number(attributes.get("start"))
    if first is None:
        first = sum(child.tag == "li" for child in node.iter()) if step < 0 else 1
    return ListMarkers(first, step, (attributes.get("type") or "1").strip())
