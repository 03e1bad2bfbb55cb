"""Equations (Office Math) as a line of text, such as "x^2 + sqrt(a/b)": no character of them is lost."""

import re
from collections.abc import Callable

from lxml.etree import _Element

from knowligo_index.errors import ParseError
from knowligo_index.parsers.word.names import child, m, w
from knowligo_index.parsers.word.tally import Tally, all_text, own_text

_ATOM = re.compile(r"[\w.,]*|\W")

# Each part in another one is some more calls on the stack, and its text is copied once more.
_MOST_NESTED = 60

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
    """Writes equations; what is deleted or hidden in them, the latter by the properties of a run, is counted."""

    def __init__(self, tally: Tally, is_hidden: Callable[[_Element | None], bool]) -> None:
        self._tally = tally
        self._is_hidden = is_hidden
        self._depth = 0
        # The parts that a structure is made of, and how it is written.
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
            "limLow": (("e", "lim"), lambda each: f"{self._part(each, 'e')}_{self._grouped(each, 'lim')}"),
            "limUpp": (("e", "lim"), lambda each: f"{self._part(each, 'e')}^{self._grouped(each, 'lim')}"),
            "m": (("mr",), lambda each: f"[{self._joined(each, 'mr', '; ')}]"),
            "mr": (("e",), lambda each: self._joined(each, "e", ", ")),
            "eqArr": (("e",), lambda each: self._joined(each, "e", "; ")),
            "acc": (("e",), self._accent),
            "bar": (("e",), self._bar),
            "oMathPara": (("oMath",), lambda each: self._joined(each, "oMath", "\n")),
        }
        self._writers = {m(name): writer for name, writer in writers.items()}

    def text(self, element: _Element) -> str:
        """The element and all in it. Raises ParseError where its parts lie inside each other too deep."""
        if element.tag in (m("t"), w("t")):
            return own_text(element)
        if element.tag in _DELETED:
            self._tally.drop("deleted", all_text(element))
            return ""
        if element.tag in (w("br"), w("tab")):
            return " "
        if element.tag in _RUNS and self._is_hidden(child(element, "rPr")):
            self._tally.drop("hidden-text", all_text(element))
            return ""
        if element.tag not in self._writers:
            return self._sequence(list(element))
        parts, write = self._writers[str(element.tag)]
        expected = {m(part) for part in parts}
        # What stands where nothing belongs, as in a broken file, is kept behind the rest.
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise ParseError("too-deep", f"an equation has more than {_MOST_NESTED} parts inside each other")
        text = write(element) + self._sequence([each for each in element if each.tag not in expected])
        self._depth -= 1
        return text

    def _sequence(self, elements: list[_Element]) -> str:
        """One after the other; a power, say, ends where a space parts it from the next letter."""
        written: list[str] = []
        last: _Element | None = None
        for element in elements:
            text = self.text(element)
            if not text:
                continue
            if last is not None and last.tag in self._writers and written[-1][-1].isalnum() and text[0].isalnum():
                written.append(" ")
            written.append(text)
            last = element
        return "".join(written)

    def _part(self, element: _Element, name: str) -> str:
        return self._sequence(element.findall(m(name)))

    def _grouped(self, element: _Element, name: str) -> str:
        text = self._part(element, name).strip()
        return text if _ATOM.fullmatch(text) or _is_bracketed(text) else f"({text})"

    def _joined(self, element: _Element, name: str, between: str) -> str:
        return between.join([self.text(each) for each in element.findall(m(name))])

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
        left, right = _property(element, "begChr"), _property(element, "endChr")
        between = _property(element, "sepChr")
        inner = self._joined(element, "e", "|" if between is None else between)
        return f"{'(' if left is None else left}{inner}{')' if right is None else right}"

    def _function(self, element: _Element) -> str:
        name, inner = self._part(element, "fName").strip(), self._part(element, "e").strip()
        return f"{name}{inner}" if inner.startswith("(") else f"{name}({inner})"

    def _accent(self, element: _Element) -> str:
        sign = _property(element, "chr") or "\u0302"
        return f"{_ACCENTS.get(sign, 'accent')}({self._part(element, 'e')})"

    def _bar(self, element: _Element) -> str:
        return f"{'overline' if _property(element, 'pos') == 'top' else 'underline'}({self._part(element, 'e')})"


def _is_bracketed(text: str) -> bool:
    """Whether a bracket opens at the beginning that closes at the end."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return match.end() == len(text)
    return False


def _property(element: _Element, name: str) -> str | None:
    """A property such as m:dPr/m:begChr: its value; "" where it is there without any."""
    found = element.find(f"{element.tag}Pr/{m(name)}")
    return None if found is None else (found.get(m("val")) or "")
