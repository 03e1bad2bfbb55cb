"""The tree of a page: what is below an element, what text an element has of its own, and how much was left out."""

from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from knowligo_index.types import Dropped, DroppedKind

Attributes = Mapping[str, str | None]


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


SCRIPTS = names(
    "script style template noscript head title iframe noframes noembed object canvas audio video annotation "
    "annotation-xml metadata desc defs"
)
"""Elements that are for programs, or shown only by what cannot do better."""

# Text fields show their value; of the other kinds of input only buttons have one that is text.
_FIELDS = frozenset(("", "text", "email", "url", "tel", "number", "search", "date", "time", "datetime-local", "month"))
_BUTTONS = frozenset(("submit", "reset", "button"))


def own_text(tag: str, attributes: Attributes) -> str:
    """The text that an element shows and that is in none of its children: an image's alternative text, the value of a
    field of a form."""
    if tag == "img" or (tag == "input" and _type(attributes) == "image"):
        return attributes.get("alt") or ""
    if tag == "input" and _type(attributes) in _FIELDS | _BUTTONS:
        return attributes.get("value") or ""
    return attributes.get("label") or "" if tag == "optgroup" else ""


def is_button(tag: str, attributes: Attributes, *, in_form: bool) -> bool:
    """Whether an element sends a form off. Other buttons unfold what is below them, and say what that is."""
    if tag == "input":
        return _type(attributes) in _BUTTONS | {"image"}
    return tag == "button" and in_form and _type(attributes) in ("", "submit", "reset")


def _type(attributes: Attributes) -> str:
    return (attributes.get("type") or "").strip().lower()


def _children(node: LexborNode) -> Iterator[LexborNode]:
    if node.tag == "template":
        # What is in a template is not in the tree.
        for fragment in node.template_fragments():
            yield from _children(fragment)
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


class Tally:
    """Counts what is left out of a page."""

    def __init__(self, title: LexborNode | None) -> None:
        self._counts: dict[DroppedKind, Dropped] = {}
        self._title = title.mem_id if title else None

    def characters(self, kind: DroppedKind) -> int:
        """How many of a kind were left out."""
        return self._counts[kind].characters if kind in self._counts else 0

    def drop(self, kind: DroppedKind, text: str) -> None:
        """Count a text."""
        self.add(kind, sum(map(len, text.split())))

    def add(self, kind: DroppedKind, characters: int) -> None:
        """Count so many characters in one place."""
        if characters:
            before = self._counts.get(kind, Dropped(kind, 0, 0))
            self._counts[kind] = Dropped(kind, before.times + 1, before.characters + characters)

    def drop_all(self, kind: DroppedKind, top: LexborNode) -> None:
        """Count an element with all that is in it: comments and scripts as what they are, the rest as one place of
        this kind. The page's title is the document's, and not left out."""
        characters: dict[DroppedKind, int] = {kind: 0}
        left = [(top, kind)]
        while left:
            node, why = left.pop()
            tag = node.tag or ""
            if node.is_comment_node:
                self.drop("comment", node.comment_content or "")
            elif node.is_text_node:
                characters[why] = characters.get(why, 0) + sum(map(len, (node.text_content or "").split()))
            elif node.is_element_node and node.mem_id != self._title:
                if tag in _WITH_OWN_TEXT:
                    characters[why] += sum(map(len, own_text(tag, node.attributes).split()))
                why = "script" if tag in SCRIPTS else why
                characters.setdefault(why, 0)
                left.extend((child, why) for child in reversed(list(_children(node))))
        for why, count in characters.items():
            self.add(why, count)

    def dropped(self) -> tuple[Dropped, ...]:
        """All that was counted, by kind."""
        return tuple(self._counts[kind] for kind in sorted(self._counts))


_WITH_OWN_TEXT = frozenset(("img", "input", "optgroup"))
