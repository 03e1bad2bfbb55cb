"""What of a page is its content.

Where a page says so itself (`main`, or `article` where most of its text is in the only one), that is the content, and
the rest boilerplate. Else menus, banners and footers are left out, by their elements and their ARIA roles. This errs
on the side of keeping: inside the content, headers, footers and asides stay, and so does a banner with the page's only
`h1`.
"""

from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.html.hiding import concealed, declarations, hides
from knowligo_index.parsers.html.stylesheets import Styles
from knowligo_index.parsers.html.tree import SCRIPTS, Attributes, is_button, names
from knowligo_index.types import DroppedKind

_ROLES = names("navigation banner contentinfo complementary search menu menubar doc-toc doc-pagelist doc-index")
# Inside content these are a part of it (HTML Accessibility API Mappings): the head of an article, a note at its side.
_OF_CONTENT = frozenset(("header", "footer", "aside"))
_BOILERPLATE = _OF_CONTENT | {"nav"}
_CONTENT = frozenset(("main", "article", "section", "dialog"))

_PERMALINKS = frozenset(("¶", "§", "#", "🔗", "\uf0c1", "\N{LINK SYMBOL}", "\N{LINK SYMBOL}\ufe0f"))

# With more of them a page says nothing.
_MOST_MAINS = 20

# An article with less of a page's text than this is one among other things.
_ARTICLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """What holds where a text stands."""

    outside: bool = False
    """of what the page says is its content"""
    content: bool = False
    """in an element whose headers and footers are content"""
    form: bool = False
    hiding: frozenset[str] = frozenset()
    """styles that hide it"""


class Pruning:
    """Decides which elements of a page are content. With `keep_all`, menus and banners are."""

    def __init__(self, root: LexborNode, styles: Styles, *, keep_all: bool) -> None:
        self._keep_all = keep_all
        self._styles = styles
        contents = [] if keep_all else _contents(root, styles)
        self._contents = frozenset(node.mem_id for node in contents)
        self._around = frozenset(each.mem_id for node in contents for each in _ancestors(node))
        self._banner = None if keep_all or contents else _titled_banner(root)
        self.start = Place(outside=bool(contents))

    def why_dropped(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> DroppedKind | None:
        """Why an element is left out with all that is in it; None where it is not."""
        if tag in SCRIPTS:
            return "script"
        if _is_hidden(node, attributes, self._styles):
            return "hidden-text"
        if self._keep_all:
            return None
        if place.outside and node.mem_id not in self._contents:
            return None if node.mem_id in self._around else "boilerplate"
        return "boilerplate" if self._is_boilerplate(node, tag, attributes, place) else None

    def _is_boilerplate(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> bool:
        role = _role(attributes)
        if role in _ROLES or is_button(tag, attributes, in_form=place.form) or _is_permalink(node, tag, attributes):
            return True
        if tag not in _BOILERPLATE or (place.content and tag in _OF_CONTENT) or node.mem_id == self._banner:
            return False
        # Another role takes the element's own meaning away.
        return role in ("", "generic") or tag != "aside"

    def within(self, node: LexborNode, tag: str, attributes: Attributes, place: Place) -> Place:
        """What holds inside an element that is not left out."""
        if place.outside and node.mem_id in self._contents:
            place = replace(place, outside=False, content=True)
        if not place.content and (tag in _CONTENT or _role(attributes) in ("main", "article")):
            place = replace(place, content=True)
        if tag == "form" and not place.form:
            place = replace(place, form=True)
        if self._styles.declared or "style" in attributes:
            style = declarations(self._styles.of(node, attributes))
            place = replace(place, hiding=concealed(style, place.hiding)) if style else place
        return place


def _is_permalink(node: LexborNode, tag: str, attributes: Attributes) -> bool:
    """Whether an element is a sign beside a heading that links to the heading itself."""
    text = node.first_child
    if tag != "a" or text is None or text.next is not None or not (attributes.get("href") or "").startswith("#"):
        return False
    return text.is_text_node and (text.text_content or "").strip() in _PERMALINKS


def _role(attributes: Attributes) -> str:
    return (attributes["role"] or "").strip().lower() if "role" in attributes else ""


def _contents(root: LexborNode, styles: Styles) -> list[LexborNode]:
    """The elements that a page says are its content, none inside another; empty where it does not say."""
    mains = root.css("main, [role=main]")
    mains = [node for node in mains if _is_shown(node, styles)] if len(mains) <= _MOST_MAINS else []
    if mains:
        ids = {node.mem_id for node in mains}
        outermost = [node for node in mains if not any(each.mem_id in ids for each in _ancestors(node))]
        return outermost if any(_characters(node) for node in outermost) else []
    articles = root.css("article")
    if len(articles) == 1 and _is_shown(articles[0], styles):
        return articles if _characters(articles[0]) > _ARTICLE_SHARE * _characters(root) else []
    return []


def _titled_banner(root: LexborNode) -> int | None:
    """The header that the page's only h1 is in."""
    titles = root.css("h1")
    if len(titles) != 1:
        return None
    return next((node.mem_id for node in _ancestors(titles[0]) if node.tag == "header"), None)


def _is_shown(node: LexborNode, styles: Styles) -> bool:
    around = (node, *_ancestors(node))
    return not any(each.tag in SCRIPTS or _is_hidden(each, each.attributes, styles) for each in around)


def _is_hidden(node: LexborNode, attributes: Attributes, styles: Styles) -> bool:
    if styles.declared or "style" in attributes:
        return hides(attributes, declarations(styles.of(node, attributes)))
    return "hidden" in attributes


def _ancestors(node: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    above = node.parent
    while above is not None and above.is_element_node:
        found.append(above)
        above = above.parent
    return found


def _characters(top: LexborNode) -> int:
    """About how much text is in an element, menus and scripts left out."""
    left, characters = [top], 0
    while left:
        node = left.pop()
        if node.is_text_node:
            characters += sum(map(len, (node.text_content or "").split()))
        elif node is top or not (node.tag in SCRIPTS or node.tag in _BOILERPLATE):
            left.extend(child for child in node.iter(include_text=True))
    return characters
