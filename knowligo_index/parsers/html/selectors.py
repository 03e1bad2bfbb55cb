"""Find the elements that the selectors of a style sheet match, in time that does not depend on how they are written.

Lexbor's engine tries every way in which `div div div p` could match: with elements that lie deep that takes longer than
anybody waits. So it is asked only for the parts of a selector between spaces, `>`, `+` and `~`, and how their elements
lie to each other is found here, looking at each once.
"""

from collections.abc import Callable, Sequence

from selectolax.lexbor import LexborNode, SelectolaxError
from tinycss2 import serialize
from tinycss2.ast import Node

Selector = Sequence[Node]
Part = tuple[str, list[Node]]
"""a combinator, and what stands between it and the next"""

# Elements that Lexbor may look at, all selectors taken together. A step takes about ten nanoseconds.
_MOST_STEPS = 150_000_000
_MOST_FOUND = 300_000
_LONGEST = 1000

# Lexbor looks at so many characters of an attribute in the time of a step.
_CHARACTERS = 20

# A step in Python takes as long as so many of Lexbor's.
_SLOWER = 20


class TooMuchError(Exception):
    """A selector takes, or finds, more than a page may."""


class Matcher:
    """Finds elements of one page, which has so many characters."""

    def __init__(self, root: LexborNode, characters: int) -> None:
        self._root = root
        self._elements = len(root.css("*"))
        self._attributes = characters // _CHARACTERS
        self._steps = _MOST_STEPS
        self._found = _MOST_FOUND
        self._known: dict[str, list[LexborNode]] = {}

    def matches(self, selector: Selector) -> list[LexborNode]:
        """The elements that a selector without commas matches; none where it is not valid, or not known to Lexbor.
        Raises TooMuchError."""
        parts = _parts(selector)
        if not parts or parts[0][0]:
            return []
        nodes = self._of_part(parts[0][1])
        for combinator, part in parts[1:]:
            if not nodes:
                break
            nodes = self._related(self._of_part(part), combinator, nodes)
        return nodes

    def _of_part(self, part: Selector) -> list[LexborNode]:
        text = serialize(part)
        if text not in self._known:
            if len(text) > _LONGEST:
                raise TooMuchError
            # What goes through the elements again for each of them multiplies.
            self._spend((self._elements ** (1 + _loops(part)) + self._attributes) * _conditions(part))
            found = self._asked(text)
            if len(found) > self._found:
                raise TooMuchError
            self._found -= len(found)
            self._known[text] = found
        return self._known[text]

    def _asked(self, text: str) -> list[LexborNode]:
        try:
            found = self._root.css(text)
        except (SelectolaxError, UnicodeEncodeError):
            return []
        self._steps -= _SLOWER * len(found)
        # An element that several selectors in `:is` match is found several times.
        return list({node.mem_id: node for node in found}.values())

    def _related(self, nodes: list[LexborNode], combinator: str, others: list[LexborNode]) -> list[LexborNode]:
        """Those of the nodes that lie to one of the others as the combinator says."""
        self._spend(_SLOWER * (len(nodes) + len(others)))
        before = {node.mem_id for node in others}
        step = _above if combinator in (" ", ">") else _beside
        if combinator in (">", "+"):
            return [node for node in nodes if (near := step(node)) is not None and near.mem_id in before]
        known: dict[int, bool] = {}
        kept = [node for node in nodes if _reaches(node, step, before, known)]
        self._steps -= _SLOWER * len(known)
        return kept

    def _spend(self, steps: int) -> None:
        # What is refused costs nothing: after a selector that takes too long the others are still looked at.
        if steps > self._steps:
            raise TooMuchError
        self._steps -= steps


def separate(prelude: Selector) -> list[list[Node]]:
    """The selectors between the commas."""
    found: list[list[Node]] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        elif token.type != "comment":
            found[-1].append(token)
    return found


def specificity(selector: Selector) -> tuple[int, int, int]:
    """How many identifiers, classes or attributes, and names of elements a selector has: the rule with more wins."""
    found = [0, 0, 0]
    before = ""
    for token in selector:
        if token.type == "function" and token.lower_name in ("is", "not", "has"):
            inner = max(specificity(each) for each in separate(token.arguments))
            found = [mine + theirs for mine, theirs in zip(found, inner, strict=True)]
        elif token.type == "hash":
            found[0] += 1
        elif token.type == "[] block" or (token.type == "function" and token.lower_name != "where"):
            found[1] += 1
        elif token.type == "ident":
            found[1 if before in (".", ":") else 2] += 1
        before = token.value if token.type == "literal" else ""
    return (found[0], found[1], found[2])


def _parts(selector: Selector) -> list[Part]:
    """The parts, each with the combinator before it ("" before the first); none where two combinators meet."""
    found: list[Part] = []
    combinator = ""
    fresh = True
    for token in selector:
        if token.type == "whitespace":
            fresh = True
        elif token.type == "literal" and token.value in (">", "+", "~"):
            if combinator:
                return []
            combinator, fresh = token.value, True
        else:
            if fresh:
                found.append((combinator or (" " if found else ""), []))
                combinator, fresh = "", False
            found[-1][1].append(token)
    return [] if combinator else found


def _loops(part: Selector) -> int:
    """How often Lexbor goes through a page's elements again for each of them."""
    count = 0
    for token in part:
        if token.type == "function":
            name = token.lower_name
            if name.startswith("nth-"):
                # `nth-child(2 of selector)` has a selector inside.
                count += 1 + 2 * any(each.type == "ident" and each.lower_value == "of" for each in token.arguments)
            else:
                inner = [_parts(selector) for selector in separate(token.arguments)]
                count += name == "has"
                count += sum(_loops(part) + (combinator != "") for parts in inner for combinator, part in parts)
    return count


def _conditions(part: Selector) -> int:
    """How many names, classes and the like an element is compared with."""
    found = 0
    for token in part:
        if token.type == "function":
            found += 1 + _conditions(token.arguments)
        elif token.type not in ("whitespace", "literal"):
            found += 1
    return max(1, found)


def _above(node: LexborNode) -> LexborNode | None:
    return node.parent


def _beside(node: LexborNode) -> LexborNode | None:
    near = node.prev
    while near is not None and not near.is_element_node:
        near = near.prev
    return near


def _reaches(
    node: LexborNode, step: Callable[[LexborNode], LexborNode | None], goal: set[int], known: dict[int, bool]
) -> bool:
    """Whether steps from a node lead to a node of the goal. What is found is kept in `known`, so that all nodes
    together take no more steps than there are nodes."""
    path: list[int] = []
    near = step(node)
    while near is not None and near.mem_id not in known:
        path.append(near.mem_id)
        if near.mem_id in goal:
            break
        near = step(near)
    found = near is not None and (near.mem_id in goal or known[near.mem_id])
    known.update(dict.fromkeys(path, found))
    return found
