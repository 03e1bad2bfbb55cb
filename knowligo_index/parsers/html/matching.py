"""Finds the elements that the selectors of a style sheet match, in time that does not depend on how they are written.

Lexbor's engine tries every way in which `div div div p` could match, which takes very long with deeply nested elements.
So it is only used for the parts of a selector between spaces, `>`, `+` and `~`. How the elements of these parts are
related is determined here, by visiting each element once.
"""

from collections.abc import Callable

from selectolax.lexbor import LexborNode, SelectolaxError
from tinycss2 import serialize

from knowligo_index.parsers.html.selectors import Selector, condition_count, loop_count, parts_of

# Elements that Lexbor may visit for all selectors together. A step takes about ten nanoseconds.
_MAX_STEPS = 150_000_000
_MAX_MATCHES = 300_000
_MAX_PART_CHARACTERS = 1000

# Characters of an attribute that Lexbor reads in the time of one step.
_CHARACTERS_PER_STEP = 20

# A step in Python takes as long as this number of Lexbor's steps.
_PYTHON_STEP = 20


class SelectorLimitError(Exception):
    """A selector takes more steps, or has more matches, than a page is allowed."""


class Matcher:
    """Finds the elements of one page, which has so many characters, and counts the steps that this takes."""

    def __init__(self, root: LexborNode, characters: int) -> None:
        self._root = root
        self._element_count = len(root.css("*"))
        self._attribute_steps = characters // _CHARACTERS_PER_STEP
        self._remaining_steps = _MAX_STEPS
        self._remaining_matches = _MAX_MATCHES
        self._nodes_by_part: dict[str, list[LexborNode]] = {}

    def matches(self, selector: Selector) -> list[LexborNode]:
        """The elements that a selector without commas matches; none if it is not valid or Lexbor does not support it.

        Raises SelectorLimitError.
        """
        parts = parts_of(selector)
        if not parts or parts[0][0]:
            return []
        nodes = self._matches_of_part(parts[0][1])
        for combinator, part in parts[1:]:
            if not nodes:
                break
            nodes = self._related(self._matches_of_part(part), combinator, nodes)
        return nodes

    def _matches_of_part(self, part: Selector) -> list[LexborNode]:
        text = serialize(part)
        if text not in self._nodes_by_part:
            if len(text) > _MAX_PART_CHARACTERS:
                raise SelectorLimitError
            # A part that visits all elements again for each element takes the square of their number.
            self._take_steps(
                (self._element_count ** (1 + loop_count(part)) + self._attribute_steps) * condition_count(part)
            )
            nodes = self._lexbor_matches(text)
            if len(nodes) > self._remaining_matches:
                raise SelectorLimitError
            self._remaining_matches -= len(nodes)
            self._nodes_by_part[text] = nodes
        return self._nodes_by_part[text]

    def _lexbor_matches(self, text: str) -> list[LexborNode]:
        try:
            nodes = self._root.css(text)
        except (SelectolaxError, UnicodeEncodeError):
            return []
        self._remaining_steps -= _PYTHON_STEP * len(nodes)
        # Lexbor gives an element several times if several selectors in `:is` match it.
        return list({node.mem_id: node for node in nodes}.values())

    def _related(self, nodes: list[LexborNode], combinator: str, relatives: list[LexborNode]) -> list[LexborNode]:
        """The nodes that the combinator relates to one of the relatives."""
        self._take_steps(_PYTHON_STEP * (len(nodes) + len(relatives)))
        goal = {node.mem_id for node in relatives}
        step = _parent if combinator in (" ", ">") else _previous_element
        if combinator in (">", "+"):
            return [node for node in nodes if (relative := step(node)) is not None and relative.mem_id in goal]
        reached: dict[int, bool] = {}
        related = [node for node in nodes if _reaches(node, step, goal, reached)]
        self._remaining_steps -= _PYTHON_STEP * len(reached)
        return related

    def _take_steps(self, steps: int) -> None:
        # A refused selector takes no steps, so that the selectors after it are still matched.
        if steps > self._remaining_steps:
            raise SelectorLimitError
        self._remaining_steps -= steps


def _parent(node: LexborNode) -> LexborNode | None:
    return node.parent


def _previous_element(node: LexborNode) -> LexborNode | None:
    sibling = node.prev
    while sibling is not None and not sibling.is_element_node:
        sibling = sibling.prev
    return sibling


def _reaches(
    node: LexborNode, step: Callable[[LexborNode], LexborNode | None], goal: set[int], reached: dict[int, bool]
) -> bool:
    """Whether steps from a node lead to a node of the goal. The result is stored in `reached` for every visited node,
    so that all calls together take no more steps than there are nodes."""
    path: list[int] = []
    relative = step(node)
    while relative is not None and relative.mem_id not in reached:
        path.append(relative.mem_id)
        if relative.mem_id in goal:
            break
        relative = step(relative)
    is_reached = relative is not None and (relative.mem_id in goal or reached[relative.mem_id])
    reached.update(dict.fromkeys(path, is_reached))
    return is_reached
