"""The elements of a page: their children, the text in their attributes, and how much of them was left out."""

from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.dropped import DroppedCounter
from knowligo_index.types import DroppedKind

Attributes = Mapping[str, str | None]


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


SCRIPTS = names(
    "script style template noscript head title iframe noframes noembed object canvas audio video annotation "
    "annotation-xml metadata desc defs"
)
"""Elements for programs, or shown only by browsers without support for another element."""

# Text fields and buttons show their value; the value of other kinds of input is not text.
_FIELDS = frozenset(("", "text", "email", "url", "tel", "number", "search", "date", "time", "datetime-local", "month"))
_BUTTONS = frozenset(("submit", "reset", "button"))


def attribute_text(tag: str, attributes: Attributes) -> str:
    """The text that an element shows from its attributes: the alternative text of an image, the value of a form
    field, the label of a group of options."""
    if tag == "img" or (tag == "input" and _type(attributes) == "image"):
        return attributes.get("alt") or ""
    if tag == "input" and _type(attributes) in _FIELDS | _BUTTONS:
        return attributes.get("value") or ""
    return attributes.get("label") or "" if tag == "optgroup" else ""


def is_button(tag: str, attributes: Attributes, *, in_form: bool) -> bool:
    """Whether an element submits or resets a form. Other buttons show a hidden part of the page and contain its
    title."""
    if tag == "input":
        return _type(attributes) in _BUTTONS | {"image"}
    return tag == "button" and in_form and _type(attributes) in ("", "submit", "reset")


def _type(attributes: Attributes) -> str:
    return (attributes.get("type") or "").strip().lower()


def _children(node: LexborNode) -> Iterator[LexborNode]:
    if node.tag == "template":
        # The content of a template is not in the tree.
        for fragment in node.template_fragments():
            yield from _children(fragment)
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


class DroppedElements(DroppedCounter):
    """Counts what is left out of a page; `title` is the page's title element, which is not counted."""

    def __init__(self, title: LexborNode | None) -> None:
        super().__init__()
        self._title = title.mem_id if title else None

    def add_element(self, kind: DroppedKind, top: LexborNode) -> None:
        """Count an element with its whole content: comments and scripts by their own kind, the rest as one place of the
        given kind. The page's title is not counted, since it becomes the document's title."""
        characters: dict[DroppedKind, int] = {kind: 0}
        stack = [(top, kind)]
        while stack:
            node, node_kind = stack.pop()
            tag = node.tag or ""
            if node.is_comment_node:
                self.add_text("comment", node.comment_content or "")
            elif node.is_text_node:
                characters[node_kind] = characters.get(node_kind, 0) + sum(map(len, (node.text_content or "").split()))
            elif node.is_element_node and node.mem_id != self._title:
                if tag in _WITH_ATTRIBUTE_TEXT:
                    characters[node_kind] += sum(map(len, attribute_text(tag, node.attributes).split()))
                node_kind = "script" if tag in SCRIPTS else node_kind
                characters.setdefault(node_kind, 0)
                stack.extend((child, node_kind) for child in reversed(list(_children(node))))
        for node_kind, count in characters.items():
            self.add(node_kind, count)


_WITH_ATTRIBUTE_TEXT = frozenset(("img", "input", "optgroup"))
