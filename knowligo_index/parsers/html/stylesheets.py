"""What the style sheets in a page declare for its elements, as far as it can hide them.

Rules are weighed as browsers do: by specificity, then by their order, with `!important` before both; an element's own
style goes before the sheet. Of a list of selectors each counts for itself, also where a browser would throw the whole
list away for one that it does not know. Not read are sheets in files of their own, and rules in at-rules other than
`@media` for every screen. Bounds keep a page from taking long; `Styles.cut_short` says that one was met.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.html.hiding import PADDINGS, SIZES, concealed, declarations, hides
from knowligo_index.parsers.html.rules import Rule, RuleReader
from knowligo_index.parsers.html.selectors import Matcher, TooMuchError, specificity
from knowligo_index.parsers.html.tree import Attributes

_MOST_HIDING_RULES = 200
_MOST_MATCHES = 100_000

# What hides only together with another declaration, which may stand in another rule.
_TOGETHER = {"overflow": "hidden", "position": "absolute"}


@dataclass(frozen=True, slots=True)
class Styles:
    """What style sheets declare for the elements of a page."""

    declared: Mapping[int, list[str]]
    """declarations by an element's `mem_id`, the weightiest last"""
    cut_short: bool = False
    """the sheets were not read to their end"""

    def of(self, node: LexborNode, attributes: Attributes) -> str:
        """All that is declared for an element, as if it stood in the element's own style."""
        own = (attributes["style"] or "") if "style" in attributes else ""
        found = self.declared.get(node.mem_id) if self.declared else None
        return ";".join([*found, own]) if found else own


def read_styles(root: LexborNode, characters: int) -> Styles:
    """The styles of a page of so many characters."""
    sheets = root.css("style")
    if not sheets:
        return Styles({})
    reader = RuleReader()
    rules, all_read = _first_rules(list(reader.read(sheets)))
    names = _deciding(rules)
    if not names:
        return Styles({}, reader.cut_short)
    declared, all_matched = _matched(rules, names, Matcher(root, characters))
    return Styles(declared, reader.cut_short or not all_read or not all_matched)


def _first_rules(rules: list[Rule]) -> tuple[list[Rule], bool]:
    """The rules up to the bound of those that hide, and whether these are all."""
    hiding = 0
    for place, rule in enumerate(rules):
        hiding += _can_hide(rule)
        if hiding > _MOST_HIDING_RULES:
            return rules[:place], False
    return rules, True


def _deciding(rules: list[Rule]) -> frozenset[str]:
    """The properties that decide what the rules hide; empty where they hide nothing. Other rules can undo it by them,
    or do their part of it."""
    names = {name for rule in rules if _can_hide(rule) for name in rule.style}
    if names:
        names |= _TOGETHER.keys()
    return frozenset(names | PADDINGS if names & SIZES else names)


def _can_hide(rule: Rule) -> bool:
    style = declarations(rule.text(rule.style))
    return hides({}, style) or hides({}, style | _TOGETHER) or bool(concealed(style, frozenset()))


def _matched(rules: list[Rule], names: frozenset[str], matcher: Matcher) -> tuple[dict[int, list[str]], bool]:
    """What the rules declare of these properties, by element, and whether all selectors could be followed."""
    weighed = [(selector, text) for rule in rules if (text := rule.text(names)) for selector in rule.selectors]
    weighed.sort(key=lambda each: specificity(each[0]))
    declared: dict[int, list[str]] = {}
    complete, left = True, _MOST_MATCHES
    for selector, text in weighed:
        try:
            nodes = matcher.matches(selector)
        except TooMuchError:
            complete = False
            continue
        if len(nodes) > left:
            complete = False
            continue
        left -= len(nodes)
        for node in nodes:
            declared.setdefault(node.mem_id, []).append(text)
    return declared, complete
