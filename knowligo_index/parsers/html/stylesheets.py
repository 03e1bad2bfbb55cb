"""The declarations in a page's style sheets that can hide elements, by element.

Rules take precedence as in browsers: `!important` first, then by specificity, then by order; the style attribute of an
element comes before the sheets. Each selector of a list counts alone, even if a browser would ignore the whole list
because it does not support one of them. Sheets in files of their own are not read, nor rules in at-rules other than
`@media` for all screens. Limits keep a page from taking long; `StyleSheets.cut_short` tells that one was reached.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.html.hiding import PADDINGS, SIZES, concealed, declarations, hides
from knowligo_index.parsers.html.matching import Matcher, SelectorLimitError
from knowligo_index.parsers.html.rules import Rule, RuleReader
from knowligo_index.parsers.html.selectors import specificity
from knowligo_index.parsers.html.tree import Attributes

_MAX_HIDING_RULES = 200
_MAX_MATCHES = 100_000

# Declarations without which some others do not hide an element; they may stand in another rule.
_COMPLEMENTS = {"overflow": "hidden", "position": "absolute"}


@dataclass(frozen=True, slots=True)
class StyleSheets:
    """What the style sheets of a page declare for its elements."""

    declared: Mapping[int, list[str]]
    """the declarations for an element, by its `mem_id`, in ascending order of precedence"""
    cut_short: bool = False
    """whether a limit was reached, so that some rules were not applied"""

    def of(self, node: LexborNode, attributes: Attributes) -> str:
        """All declarations for an element, in the syntax of its `style` attribute."""
        own_style = (attributes["style"] or "") if "style" in attributes else ""
        declarations_of_sheets = self.declared.get(node.mem_id) if self.declared else None
        return ";".join([*declarations_of_sheets, own_style]) if declarations_of_sheets else own_style


def read_style_sheets(root: LexborNode, characters: int) -> StyleSheets:
    """The style sheets in a page of so many characters."""
    sheets = root.css("style")
    if not sheets:
        return StyleSheets({})
    reader = RuleReader()
    rules, all_read = _first_rules(list(reader.read(sheets)))
    names = _deciding(rules)
    if not names:
        return StyleSheets({}, reader.cut_short)
    declared, all_matched = _matched(rules, names, Matcher(root, characters))
    return StyleSheets(declared, reader.cut_short or not all_read or not all_matched)


def _first_rules(rules: list[Rule]) -> tuple[list[Rule], bool]:
    """The rules up to the limit of those that can hide elements, and whether these are all rules."""
    hiding = 0
    for index, rule in enumerate(rules):
        hiding += _can_hide(rule)
        if hiding > _MAX_HIDING_RULES:
            return rules[:index], False
    return rules, True


def _deciding(rules: list[Rule]) -> frozenset[str]:
    """The properties that decide what the rules hide, including those by which other rules can undo or complete it;
    empty if the rules hide nothing."""
    names = {name for rule in rules if _can_hide(rule) for name in rule.style}
    if names:
        names |= _COMPLEMENTS.keys()
    return frozenset(names | PADDINGS if names & SIZES else names)


def _can_hide(rule: Rule) -> bool:
    style = declarations(rule.text(rule.style))
    return hides({}, style) or hides({}, style | _COMPLEMENTS) or bool(concealed(style, frozenset()))


def _matched(rules: list[Rule], names: frozenset[str], matcher: Matcher) -> tuple[dict[int, list[str]], bool]:
    """The declarations of these properties, by the `mem_id` of an element, and whether all selectors were applied."""
    declarations_by_selector = [
        (selector, text) for rule in rules if (text := rule.text(names)) for selector in rule.selectors
    ]
    declarations_by_selector.sort(key=lambda pair: specificity(pair[0]))
    declared: dict[int, list[str]] = {}
    all_applied, remaining_matches = True, _MAX_MATCHES
    for selector, text in declarations_by_selector:
        try:
            nodes = matcher.matches(selector)
        except SelectorLimitError:
            all_applied = False
            continue
        if len(nodes) > remaining_matches:
            all_applied = False
            continue
        remaining_matches -= len(nodes)
        for node in nodes:
            declared.setdefault(node.mem_id, []).append(text)
    return declared, all_applied
