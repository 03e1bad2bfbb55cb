"""Writes equations (Office Math) as a line of text, such as "x^2 + sqrt(a/b)", without losing a character."""

import re
from collections.abc import Callable

from lxml.etree import _Element

from knowligo_index.errors import ParseError
from knowligo_index.parsers.word.dropped_content import DroppedContent
from knowligo_index.parsers.word.names import child, m, w
from knowligo_index.parsers.word.texts import all_text, direct_text

_ATOM = re.compile(r"[\w.,]*|\W")

# Each level takes several calls on the stack, and copies its text once more.
_MAX_NESTED = 60

_BRACKET = re.compile("[()]")

_OPERATORS = {"∑": "sum", "∏": "prod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint", "⋃": "union", "⋂": "inter"}
_ACCENTS = {
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0305": "bar",
    "\u20d7": "vec",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u030c": "check",
}

_DELETED = frozenset((w("del"), w("moveFrom")))
_RUNS = frozenset((m("r"), w("r")))


class Equations:
    """Writes equations. Deleted text, and text that is hidden by the properties of its run, is counted as dropped."""

    def __init__(self, dropped: DroppedContent, is_hidden: Callable[[_Element | None], bool]) -> None:
        self._dropped = dropped
        self._is_hidden = is_hidden
        self._depth = 0
        # For each structure: the names of its parts, and the function that writes it.
        writers: dict[str, tuple[tuple[str, ...], Callable[[_Element], str]]] = {
            "f": (("num", "den"), self._fraction),
            "sSup": (("e", "sup"), self._scripts),
            "sSub": (("e", "sub"), self._scripts),
            "sSubSup": (("e", "sub", "sup"), self._scripts),
            "sPre": (("e", "sub", "sup"), self._scripts_before),
            "rad": (("deg", "e"), self._root),
            "nary": (("sub", "sup", "e"), self._operator),
            "d": (("e",), self._brackets),
            "func": (("fName", "e"), self._function),
            "limLow": (("e", "lim"), lambda node: f"{self._part(node, 'e')}_{self._grouped(node, 'lim')}"),
            "limUpp": (("e", "lim"), lambda node: f"{self._part(node, 'e')}^{self._grouped(node, 'lim')}"),
            "m": (("mr",), lambda node: f"[{self._joined(node, 'mr', '; ')}]"),
            "mr": (("e",), lambda node: self._joined(node, "e", ", ")),
            "eqArr": (("e",), lambda node: self._joined(node, "e", "; ")),
            "acc": (("e",), self._accent),
            "bar": (("e",), self._bar),
            "oMathPara": (("oMath",), lambda node: self._joined(node, "oMath", "\n")),
        }
        self._writers = {m(name): writer for name, writer in writers.items()}

    def text(self, element: _Element) -> str:
        """The text of the element with its whole content. Raises ParseError if it is nested too deep."""
        if element.tag in (m("t"), w("t")):
            return direct_text(element)
        if element.tag in _DELETED:
            self._dropped.add_text("deleted", all_text(element))
            return ""
        if element.tag in (w("br"), w("tab")):
            return " "
        if element.tag in _RUNS and self._is_hidden(child(element, "rPr")):
            self._dropped.add_text("hidden-text", all_text(element))
            return ""
        if element.tag not in self._writers:
            return self._sequence(list(element))
        parts, write = self._writers[str(element.tag)]
        expected = {m(part) for part in parts}
        # Elements in a place where none belongs, as in a damaged file, are written after the rest.
        self._depth += 1
        if self._depth > _MAX_NESTED:
            raise ParseError("too-deep", f"an equation is nested more than {_MAX_NESTED} levels deep")
        text = write(element) + self._sequence([node for node in element if node.tag not in expected])
        self._depth -= 1
        return text

    def _sequence(self, elements: list[_Element]) -> str:
        """The texts of the elements, with a space where two would else merge, as an exponent and the next letter."""
        texts: list[str] = []
        previous: _Element | None = None
        for element in elements:
            text = self.text(element)
            if not text:
                continue
            if previous is not None and previous.tag in self._writers and texts[-1][-1].isalnum() and text[0].isalnum():
                texts.append(" ")
            texts.append(text)
            previous = element
        return "".join(texts)

    def _part(self, element: _Element, name: str) -> str:
        return self._sequence(element.findall(m(name)))

    def _grouped(self, element: _Element, name: str) -> str:
        text = self._part(element, name).strip()
        return text if _ATOM.fullmatch(text) or _is_bracketed(text) else f"({text})"

    def _joined(self, element: _Element, name: str, separator: str) -> str:
        return separator.join([self.text(node) for node in element.findall(m(name))])

    def _fraction(self, element: _Element) -> str:
        above, below = self._grouped(element, "num"), self._grouped(element, "den")
        return f"binom({above}, {below})" if _property(element, "type") == "noBar" else f"{above}/{below}"

    def _scripts(self, element: _Element) -> str:
        return self._grouped(element, "e") + self._limits(element)

    def _scripts_before(self, element: _Element) -> str:
        return f"{self._limits(element)} {self._part(element, 'e')}"

    def _limits(self, element: _Element) -> str:
        below, above = self._grouped(element, "sub"), self._grouped(element, "sup")
        return (f"_{below}" if below else "") + (f"^{above}" if above else "")

    def _root(self, element: _Element) -> str:
        degree, inner = self._part(element, "deg").strip(), self._part(element, "e")
        return f"root({degree}, {inner})" if degree else f"sqrt({inner})"

    def _operator(self, element: _Element) -> str:
        sign = _property(element, "chr") or "∫"
        return f"{_OPERATORS.get(sign, sign)}{self._limits(element)} {self._part(element, 'e')}"

    def _brackets(self, element: _Element) -> str:
        opening, closing = _property(element, "begChr"), _property(element, "endChr")
        separator = _property(element, "sepChr")
        inner = self._joined(element, "e", "|" if separator is None else separator)
        return f"{'(' if opening is None else opening}{inner}{')' if closing is None else closing}"

    def _function(self, element: _Element) -> str:
        name, inner = self._part(element, "fName").strip(), self._part(element, "e").strip()
        return f"{name}{inner}" if inner.startswith("(") else f"{name}({inner})"

    def _accent(self, element: _Element) -> str:
        sign = _property(element, "chr") or "\u0302"
        return f"{_ACCENTS.get(sign, 'accent')}({self._part(element, 'e')})"

    def _bar(self, element: _Element) -> str:
        return f"{'overline' if _property(element, 'pos') == 'top' else 'underline'}({self._part(element, 'e')})"


def _is_bracketed(text: str) -> bool:
    """Whether the first character is a bracket that is closed by the last character."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return match.end() == len(text)
    return False


def _property(element: _Element, name: str) -> str | None:
    """The value of a property such as m:dPr/m:begChr; "" if it has no value, None if it is missing."""
    element_of_property = element.find(f"{element.tag}Pr/{m(name)}")
    return None if element_of_property is None else (element_of_property.get(m("val")) or "")
