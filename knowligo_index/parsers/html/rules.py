"""The rules of the style sheets in a page, including those inside `@media` and inside other rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode
from tinycss2 import parse_blocks_contents, parse_rule_list, parse_stylesheet, serialize
from tinycss2.ast import LiteralToken, Node, WhitespaceToken

from knowligo_index.parsers.html.hiding import PROPERTIES
from knowligo_index.parsers.html.selectors import Selector, separate

_MAX_CHARACTERS = 200_000
_MAX_SELECTORS = 20_000
_MAX_SELECTOR_TOKENS = 200

# No value that can hide an element is longer, and in no sheet that a person wrote are brackets nested deeper.
_MAX_VALUE_CHARACTERS = 100
_MAX_BRACKET_DEPTH = 20

_SCREENS = frozenset(("", "all", "screen", "only all", "only screen"))
_IMPORTANT = "!important"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that declares properties that can hide an element."""

    selectors: Sequence[Selector]
    style: dict[str, str]
    """the values of these properties, with `!important`"""

    def text(self, names: Iterable[str]) -> str:
        """The rule's declarations of the named properties, in the syntax of a `style` attribute."""
        return ";".join(f"{name}:{self.style[name]}" for name in sorted(self.style.keys() & set(names)))


class RuleReader:
    """Reads the rules that apply to screens, in their order, up to the limits above; `cut_short` tells that one was
    reached."""

    def __init__(self) -> None:
        self.cut_short = False
        self._remaining_selectors = _MAX_SELECTORS

    def read(self, sheets: Iterable[LexborNode]) -> Iterator[Rule]:
        """The rules of these `style` elements. A rule inside another one comes after it."""
        remaining = _MAX_CHARACTERS
        for sheet in sheets:
            text = _text(sheet)
            self.cut_short |= len(text) > remaining
            yield from self._rules(text[:remaining])
            remaining -= min(remaining, len(text))

    def _rules(self, text: str) -> Iterator[Rule]:
        nodes = parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        # Without recursion: the page decides how deep rules are nested.
        stack: list[tuple[Node, Sequence[Selector]]] = [(node, ()) for node in reversed(nodes)]
        while stack:
            node, outer_selectors = stack.pop()
            if node.type not in ("qualified-rule", "at-rule") or node.content is None or self._is_deep(node.prelude):
                continue
            if node.type == "at-rule":
                if node.lower_at_keyword != "media" or not _is_for_screens(serialize(node.prelude)):
                    continue
                selectors = outer_selectors
            else:
                selectors = self._selectors_of(node, outer_selectors)
                if not selectors:
                    continue
            parse = parse_blocks_contents if selectors else parse_rule_list
            inner_nodes = parse(node.content, skip_comments=True, skip_whitespace=True)
            style = self._style(inner_nodes)
            if style:
                yield Rule(selectors, style)
            stack.extend((inner_node, selectors) for inner_node in reversed(inner_nodes))

    def _selectors_of(self, rule: Node, outer_selectors: Sequence[Selector]) -> list[Selector]:
        selectors: list[Selector] = []
        for selector in separate(rule.prelude):
            for outer in outer_selectors or (None,):
                if self._remaining_selectors == 0 or len(selector) + len(outer or ()) > _MAX_SELECTOR_TOKENS:
                    self.cut_short = True
                    continue
                self._remaining_selectors -= 1
                selectors.append(_nested(selector, outer))
        return selectors

    def _style(self, nodes: Iterable[Node]) -> dict[str, str]:
        style: dict[str, str] = {}
        for node in nodes:
            if node.type != "declaration" or node.lower_name not in PROPERTIES or self._is_deep(node.value):
                continue
            value = serialize(node.value).strip().lower()
            # Quotes and comments could include the text after them. No value that can hide an element has any.
            if not value or len(value) > _MAX_VALUE_CHARACTERS or set(value) & set("\"'\\;/{}!"):
                continue
            if node.important or not style.get(node.lower_name, "").endswith(_IMPORTANT):
                style[node.lower_name] = value + (_IMPORTANT if node.important else "")
        return style

    def _is_deep(self, tokens: Sequence[Node]) -> bool:
        """Whether brackets are nested deeper than the limit."""
        for _ in range(_MAX_BRACKET_DEPTH):
            tokens = [inner for token in tokens for inner in _inside(token)]
            if not tokens:
                return False
        self.cut_short = True
        return True


def _text(sheet: LexborNode) -> str:
    attributes = sheet.attributes
    kind = (attributes.get("type") or "").strip().lower()
    if kind not in ("", "text/css") or not _is_for_screens(attributes.get("media") or ""):
        return ""
    text = sheet.text(deep=True)
    # Pages in XML have their sheets in CDATA sections.
    return text.replace("<![CDATA[", "").replace("]]>", "") if text.lstrip().startswith("<![CDATA[") else text


def _is_for_screens(queries: str) -> bool:
    return any(" ".join(query.lower().split()) in _SCREENS for query in queries.split(","))


def _inside(token: Node) -> Sequence[Node]:
    if token.type == "function":
        return token.arguments  # type: ignore[no-any-return]
    return token.content if token.type in ("() block", "[] block", "{} block") else ()


def _nested(selector: Selector, outer: Selector | None) -> Selector:
    """The selector of a rule inside another one: `&` stands for the outer selector, which is else put before it."""
    if outer is None:
        return selector
    if not any(_is_outer(token) for token in selector):
        return [*outer, WhitespaceToken(0, 0, " "), *selector]
    return [part for token in selector for part in (outer if _is_outer(token) else (token,))]


def _is_outer(token: Node) -> bool:
    return isinstance(token, LiteralToken) and token.value == "&"
