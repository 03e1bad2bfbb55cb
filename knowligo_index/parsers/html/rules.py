"""The rules of the style sheets in a page, those inside `@media` and inside other rules among them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode
from tinycss2 import parse_blocks_contents, parse_rule_list, parse_stylesheet, serialize
from tinycss2.ast import LiteralToken, Node, WhitespaceToken

from knowligo_index.parsers.html.hiding import PROPERTIES
from knowligo_index.parsers.html.selectors import Selector, separate

_MOST_CHARACTERS = 200_000
_MOST_SELECTORS = 20_000
_LONGEST_SELECTOR = 200  # tokens

# No value that can hide is longer, and no brackets lie deeper in a sheet that a person wrote.
_LONGEST_VALUE = 100
_DEEPEST = 20

_SCREENS = frozenset(("", "all", "screen", "only all", "only screen"))
_URGENT = "!important"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that says something of what can hide."""

    selectors: Sequence[Selector]
    style: dict[str, str]
    """the values of those properties, with `!important`"""

    def text(self, names: Iterable[str]) -> str:
        """The declarations of these properties, as they could stand in an element."""
        return ";".join(f"{name}:{self.style[name]}" for name in sorted(self.style.keys() & set(names)))


class RuleReader:
    """Reads the rules that hold on a screen, in their order, until a bound is met."""

    def __init__(self) -> None:
        self.cut_short = False
        self._selectors = _MOST_SELECTORS

    def read(self, sheets: Iterable[LexborNode]) -> Iterator[Rule]:
        """The rules of these elements. A rule inside another comes after it."""
        left = _MOST_CHARACTERS
        for sheet in sheets:
            text = _text(sheet)
            self.cut_short |= len(text) > left
            yield from self._rules(text[:left])
            left -= min(left, len(text))

    def _rules(self, text: str) -> Iterator[Rule]:
        nodes = parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        # Without recursion: how deep rules lie in rules is the page's decision.
        waiting: list[tuple[Node, Sequence[Selector]]] = [(node, ()) for node in reversed(nodes)]
        while waiting:
            node, around = waiting.pop()
            if node.type not in ("qualified-rule", "at-rule") or node.content is None or self._is_deep(node.prelude):
                continue
            if node.type == "at-rule":
                if node.lower_at_keyword != "media" or not _is_for_screens(serialize(node.prelude)):
                    continue
                selectors = around
            else:
                selectors = self._selectors_of(node, around)
                if not selectors:
                    continue
            parse = parse_blocks_contents if selectors else parse_rule_list
            inside = parse(node.content, skip_comments=True, skip_whitespace=True)
            style = self._style(inside)
            if style:
                yield Rule(selectors, style)
            waiting.extend((each, selectors) for each in reversed(inside))

    def _selectors_of(self, rule: Node, around: Sequence[Selector]) -> list[Selector]:
        found: list[Selector] = []
        for selector in separate(rule.prelude):
            for outer in around or (None,):
                if self._selectors == 0 or len(selector) + len(outer or ()) > _LONGEST_SELECTOR:
                    self.cut_short = True
                    continue
                self._selectors -= 1
                found.append(_nested(selector, outer))
        return found

    def _style(self, nodes: Iterable[Node]) -> dict[str, str]:
        style: dict[str, str] = {}
        for node in nodes:
            if node.type != "declaration" or node.lower_name not in PROPERTIES or self._is_deep(node.value):
                continue
            value = serialize(node.value).strip().lower()
            # Quotes and comments could swallow what stands after them; no value that can hide has any.
            if not value or len(value) > _LONGEST_VALUE or set(value) & set("\"'\\;/{}!"):
                continue
            if node.important or not style.get(node.lower_name, "").endswith(_URGENT):
                style[node.lower_name] = value + (_URGENT if node.important else "")
        return style

    def _is_deep(self, tokens: Sequence[Node]) -> bool:
        """Whether brackets lie deeper in each other than is read."""
        for _ in range(_DEEPEST):
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
    # Pages that are XML have their sheets in such a section.
    return text.replace("<![CDATA[", "").replace("]]>", "") if text.lstrip().startswith("<![CDATA[") else text


def _is_for_screens(queries: str) -> bool:
    return any(" ".join(query.lower().split()) in _SCREENS for query in queries.split(","))


def _inside(token: Node) -> Sequence[Node]:
    if token.type == "function":
        return token.arguments  # type: ignore[no-any-return]
    return token.content if token.type in ("() block", "[] block", "{} block") else ()


def _nested(selector: Selector, around: Selector | None) -> Selector:
    """The selector of a rule inside another: `&` stands for the outer one, which else is before the whole."""
    if around is None:
        return selector
    if not any(_is_outer(token) for token in selector):
        return [*around, WhitespaceToken(0, 0, " "), *selector]
    return [part for token in selector for part in (around if _is_outer(token) else (token,))]


def _is_outer(token: Node) -> bool:
    return isinstance(token, LiteralToken) and token.value == "&"
