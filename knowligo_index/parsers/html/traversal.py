"""Walk a page in the order of its source: tell a visitor of its content, count the rest."""

from typing import Protocol

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.html.pruning import Place, Pruning
from knowligo_index.parsers.html.tree import Attributes, Tally, own_text


class Visitor(Protocol):
    """What is told of the content of a page."""

    def enter(self, node: LexborNode, tag: str, attributes: Attributes) -> None:
        """An element begins."""
        ...

    def leave(self, tag: str) -> None:
        """The element that began last, and has not ended, ends."""
        ...

    def skipped(self, tag: str) -> None:
        """Here stood an element that is left out."""
        ...

    def text(self, text: str) -> None:
        """A text of the innermost element."""
        ...


def walk(root: LexborNode, pruning: Pruning, visitor: Visitor, tally: Tally) -> None:
    """Tell the visitor of every element and text of the content, in order, and count all else. Without recursion: how
    deep a page goes is the page's decision."""
    first = root
    while first.prev is not None:
        # Comments may stand before the page's only element, and after it.
        first = first.prev
    left: list[tuple[LexborNode | None, str, Place]] = [(first, "", pruning.start)]
    while left:
        node, ended, place = left.pop()
        if node is None:
            visitor.leave(ended)
            continue
        if node.next is not None:
            left.append((node.next, "", place))
        if node.is_comment_node:
            tally.drop("comment", node.comment_content or "")
        elif node.is_text_node:
            _tell(node.text_content or "", place, visitor, tally)
        elif node.is_element_node:
            tag, attributes = node.tag or "", node.attributes
            why = pruning.why_dropped(node, tag, attributes, place)
            if why is not None:
                tally.drop_all(why, node)
                visitor.skipped(tag)
                continue
            inside = pruning.within(node, tag, attributes, place)
            if not inside.outside:
                visitor.enter(node, tag, attributes)
                left.append((None, tag, inside))
                _tell(own_text(tag, attributes), inside, visitor, tally)
            if node.first_child is not None:
                left.append((node.first_child, "", inside))


def _tell(text: str, place: Place, visitor: Visitor, tally: Tally) -> None:
    if place.outside:
        tally.drop("boilerplate", text)
    elif place.hiding:
        tally.drop("hidden-text", text)
    else:
        visitor.text(text)
