"""Walks a page in the order of its source: passes the content to a visitor and counts the rest."""

from typing import Protocol

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.html.pruning import Context, Pruning
from knowligo_index.parsers.html.tree import Attributes, DroppedElements, attribute_text


class Visitor(Protocol):
    """Receives the elements and texts of the content of a page, in order."""

    def enter(self, node: LexborNode, tag: str, attributes: Attributes) -> None:
        """An element begins."""
        ...

    def leave(self, tag: str) -> None:
        """The innermost open element ends."""
        ...

    def skipped(self, tag: str) -> None:
        """An element was left out at this position."""
        ...

    def text(self, text: str) -> None:
        """A text of the innermost open element."""
        ...


def walk(root: LexborNode, pruning: Pruning, visitor: Visitor, dropped: DroppedElements) -> None:
    """Pass every element and text of the content to the visitor, and count everything else. Without recursion: the page
    decides how deep its elements are nested."""
    first_node = root
    while first_node.prev is not None:
        # Comments may stand before and after the page's only element.
        first_node = first_node.prev
    stack: list[tuple[LexborNode | None, str, Context]] = [(first_node, "", pruning.start)]
    while stack:
        node, ended_tag, context = stack.pop()
        if node is None:
            visitor.leave(ended_tag)
            continue
        if node.next is not None:
            stack.append((node.next, "", context))
        if node.is_comment_node:
            dropped.add_text("comment", node.comment_content or "")
        elif node.is_text_node:
            _visit_text(node.text_content or "", context, visitor, dropped)
        elif node.is_element_node:
            tag, attributes = node.tag or "", node.attributes
            reason = pruning.why_dropped(node, tag, attributes, context)
            if reason is not None:
                dropped.add_element(reason, node)
                visitor.skipped(tag)
                continue
            inner_context = pruning.context_inside(node, tag, attributes, context)
            if not inner_context.outside:
                visitor.enter(node, tag, attributes)
                stack.append((None, tag, inner_context))
                _visit_text(attribute_text(tag, attributes), inner_context, visitor, dropped)
            if node.first_child is not None:
                stack.append((node.first_child, "", inner_context))


def _visit_text(text: str, context: Context, visitor: Visitor, dropped: DroppedElements) -> None:
    if context.outside:
        dropped.add_text("boilerplate", text)
    elif context.hiding:
        dropped.add_text("hidden-text", text)
    else:
        visitor.text(text)
