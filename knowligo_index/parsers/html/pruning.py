"""Decides which elements of a page are its content.

If a page marks its content (`main`, or a single `article` with most of its text), everything else is boilerplate. Else
menus, banners and footers are left out, recognized by their elements and their ARIA roles. In case of doubt an element
is kept: headers, footers and asides inside the content, and a banner with the page's only `h1`.
"""

from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.html.hiding import concealed, declarations, hides
from knowligo_index.parsers.html.stylesheets import StyleSheets
from knowligo_index.parsers.html.tree import SCRIPTS, Attributes, is_button, names
from knowligo_index.types import DroppedKind

_ROLES = names("navigation banner contentinfo complementary search menu menubar doc-toc doc-pagelist doc-index")
# Inside content these are part of it (HTML Accessibility API Mappings): the header of an article, a note beside it.
_PARTS_OF_CONTENT = frozenset(("header", "footer", "aside"))
_BOILERPLATE = _PARTS_OF_CONTENT | {"nav"}
_CONTENT = frozenset(("main", "article", "section", "dialog"))

_PERMALINKS = frozenset(("¶", "§", "#", "🔗", "\uf0c1", "\N{LINK SYMBOL}", "\N{LINK SYMBOL}\ufe0f"))

# A page that marks more elements as its content is treated as if it marked none.
_MAX_MAINS = 20

# An article with a smaller share of the page's text is not taken for its content.
_MIN_ARTICLE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about the content of an element from its ancestors."""

    outside: bool = False
    """whether it is outside of the elements that the page marks as its content"""
    content: bool = False
    """whether headers and footers in it are content"""
    form: bool = False
    hiding: frozenset[str] = frozenset()
    """the style properties that hide its texts"""


class Pruning:
    """Decides which elements of a page are content. With `keep_all`, menus and banners are content too."""

    def __init__(self, root: LexborNode, sheets: StyleSheets, *, keep_all: bool) -> None:
        self._keep_all = keep_all
        self._sheets = sheets
        contents = [] if keep_all else _contents(root, sheets)
        self._contents = frozenset(node.mem_id for node in contents)
        self._content_ancestors = frozenset(ancestor.mem_id for node in contents for ancestor in _ancestors(node))
        self._banner = None if keep_all or contents else _titled_banner(root)
        self.start = Context(outside=bool(contents))

    def why_dropped(self, node: LexborNode, tag: str, attributes: Attributes, context: Context) -> DroppedKind | None:
        """The reason why an element is left out with its whole content; None if it is kept."""
        if tag in SCRIPTS:
            return "script"
        if _is_hidden(node, attributes, self._sheets):
            return "hidden-text"
        if self._keep_all:
            return None
        if context.outside and node.mem_id not in self._contents:
            return None if node.mem_id in self._content_ancestors else "boilerplate"
        return "boilerplate" if self._is_boilerplate(node, tag, attributes, context) else None

    def _is_boilerplate(self, node: LexborNode, tag: str, attributes: Attributes, context: Context) -> bool:
        role = _role(attributes)
        if role in _ROLES or is_button(tag, attributes, in_form=context.form) or _is_permalink(node, tag, attributes):
            return True
        if tag not in _BOILERPLATE or (context.content and tag in _PARTS_OF_CONTENT) or node.mem_id == self._banner:
            return False
        # Another role replaces the meaning of the element's name.
        return role in ("", "generic") or tag != "aside"

    def context_inside(self, node: LexborNode, tag: str, attributes: Attributes, context: Context) -> Context:
        """The context of the content of an element that is kept."""
        if context.outside and node.mem_id in self._contents:
            context = replace(context, outside=False, content=True)
        if not context.content and (tag in _CONTENT or _role(attributes) in ("main", "article")):
            context = replace(context, content=True)
        if tag == "form" and not context.form:
            context = replace(context, form=True)
        if self._sheets.declared or "style" in attributes:
            style = declarations(self._sheets.of(node, attributes))
            context = replace(context, hiding=concealed(style, context.hiding)) if style else context
        return context


def _is_permalink(node: LexborNode, tag: str, attributes: Attributes) -> bool:
    """Whether an element is the sign beside a heading that links to the heading itself."""
    text = node.first_child
    if tag != "a" or text is None or text.next is not None or not (attributes.get("href") or "").startswith("#"):
        return False
    return text.is_text_node and (text.text_content or "").strip() in _PERMALINKS


def _role(attributes: Attributes) -> str:
    return (attributes["role"] or "").strip().lower() if "role" in attributes else ""


def _contents(root: LexborNode, sheets: StyleSheets) -> list[LexborNode]:
    """The elements that a page marks as its content, none inside another; empty if it marks none."""
    mains = root.css("main, [role=main]")
    mains = [node for node in mains if _is_shown(node, sheets)] if len(mains) <= _MAX_MAINS else []
    if mains:
        ids = {node.mem_id for node in mains}
        outermost = [node for node in mains if not any(ancestor.mem_id in ids for ancestor in _ancestors(node))]
        return outermost if any(_characters(node) for node in outermost) else []
    articles = root.css("article")
    if len(articles) == 1 and _is_shown(articles[0], sheets):
        return articles if _characters(articles[0]) > _MIN_ARTICLE_SHARE * _characters(root) else []
    return []


def _titled_banner(root: LexborNode) -> int | None:
    """The `mem_id` of the header that contains the page's only h1; None if there is no such header."""
    titles = root.css("h1")
    if len(titles) != 1:
        return None
    return next((node.mem_id for node in _ancestors(titles[0]) if node.tag == "header"), None)


def _is_shown(node: LexborNode, sheets: StyleSheets) -> bool:
    elements = (node, *_ancestors(node))
    return not any(element.tag in SCRIPTS or _is_hidden(element, element.attributes, sheets) for element in elements)


def _is_hidden(node: LexborNode, attributes: Attributes, sheets: StyleSheets) -> bool:
    if sheets.declared or "style" in attributes:
        return hides(attributes, declarations(sheets.of(node, attributes)))
    return "hidden" in attributes


def _ancestors(node: LexborNode) -> list[LexborNode]:
    ancestors: list[LexborNode] = []
    parent = node.parent
    while parent is not None and parent.is_element_node:
        ancestors.append(parent)
        parent = parent.parent
    return ancestors


def _characters(top: LexborNode) -> int:
    """About how much text an element has, without menus and scripts."""
    stack, characters = [top], 0
    while stack:
        node = stack.pop()
        if node.is_text_node:
            characters += sum(map(len, (node.text_content or "").split()))
        elif node is top or not (node.tag in SCRIPTS or node.tag in _BOILERPLATE):
            stack.extend(child for child in node.iter(include_text=True))
    return characters
