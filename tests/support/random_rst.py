"""reStructuredText at random, with the words that a reader of the page sees, and those that nobody sees."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

# A part of a document writes itself with words from a stock, on lines without indentation.
Part = Callable[["Stock"], list[str]]


@dataclass
class Stock:
    """Gives out words, none twice."""

    shown: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def word(self, *, shown: bool = True) -> str:
        word = f"palabra{next(self._numbers)}x"
        (self.shown if shown else self.hidden).append(word)
        return word


_INLINE = (
    *("{}", "*{}*", "**{}**", "``{}``", "`{}`", ":ref:`{} <a-b>`", ":doc:`{}`", "`{} <https://x.test>`_", "{}_"),
    *("_`{}`", ":sub:`{}`", ":class:`~{}`", "*{}", "``{}", "|{}|", "`{}", "({})", "[{}]_", "{}:", ":math:`{}`"),
    ":code:`{}`",
)


def _paragraph(forms: list[str]) -> Part:
    return lambda stock: [" ".join(form.format(stock.word()) for form in forms)]


def _indented(lines: list[str], first: str, rest: str) -> list[str]:
    return [(rest if number else first) + line if line else "" for number, line in enumerate(lines)]


def _listed(first: str, inner: list[Part]) -> Part:
    """Parts in an item, a directive or the like, which begins with `first`."""

    def write(stock: Stock) -> list[str]:
        *above, last = _filled(first, stock).split("\n")
        body = _indented(_body(inner, stock), last, " " * len(last))
        return [*above, *(body or [last])]

    return write


def _filled(form: str, stock: Stock, *, shown: bool = True) -> str:
    while "{}" in form:
        form = form.replace("{}", stock.word(shown=shown), 1)
    return form


def _body(parts: list[Part], stock: Stock) -> list[str]:
    lines: list[str] = []
    for part in parts:
        # An empty comment keeps a list or a quote from what follows it.
        lines += [*part(stock), "", "..", ""]
    return lines[:-3]


_BESIDE = ("* ", "3. ", "(a) ", "iv. ")
_BELOW = (
    *(".. [1]\n   ", ".. [#]\n   ", ":{}:\n   ", "{}\n\n   "),
    *(".. note::\n\n   ", ".. admonition:: {}\n\n   ", ".. toctree-x::\n   :maxdepth: 2\n\n   ", "{}\n    "),
    *(".. versionadded:: 3.2 {}\n\n   ", ".. tab-item:: {}\n\n   ", ".. container:: x\n\n   ", "..\n\n    "),
    *(".. figure:: a.png\n   :alt: {}\n   :zoom: 3\n\n   {}\n\n   ", "-a, --b={}  x\n\n    "),
    *(".. list-table::\n\n   * - {}\n     - ", ".. py:function:: {}(a)\n   :caption: x\n\n   "),
)


def _words(form: str, *, shown: bool = True) -> Part:
    return lambda stock: _filled(form, stock, shown=shown).split("\n")


_WHOLE = (
    *("::\n\n   {}\n     {}", ".. code-block:: python\n   :emphasize-lines: 2\n\n   {}", ">>> {}\n{}"),
    *("| {}\n|   {}\n| {}", ".. image:: a.png\n   :alt: {}", ".. rubric:: {}", ".. math:: {}"),
    *(".. raw:: html\n\n   <b>{}</b>", ".. csv-table:: {}\n   :header: {}, {}\n\n   {}, {}", ".. include:: {}.txt"),
    *(".. toctree::\n\n   {}\n   {} <x>", ".. seealso:: {}", ".. prompt:: bash\n\n   {} \\", ".. nosuch::"),
    *(".. class:: {}.Clase(a)", "{}\n  : {}"),
)
_UNSEEN = (".. {} {}\n   {}", ".. |x| replace:: {}\n   {}", ".. meta::\n   :x: y", ".. _x:")


def _table(rows: int, *, simple: bool) -> Part:
    def write(stock: Stock) -> list[str]:
        rule = "=" * 14 + " " + "=" * 14 if simple else "+" + "-" * 16 + "+" + "-" * 16 + "+"
        lines = [rule]
        for number in range(rows):
            cells = ["" if simple and number == 0 else stock.word(), stock.word()]
            row = f"{cells[0]:<14} {cells[1]}" if simple else f"| {cells[0]:<14} | {cells[1]:<14} |"
            lines += [row, rule] if number in (0, rows - 1) or not simple else [row]
        return lines

    return write


def _parts() -> st.SearchStrategy[Part]:
    leaves = st.one_of(
        st.lists(st.sampled_from(_INLINE), min_size=1, max_size=5).map(_paragraph),
        st.sampled_from(_WHOLE).map(_words),
        st.sampled_from(_UNSEEN).map(lambda form: _words(form, shown=False)),
        st.builds(lambda rows, simple: _table(rows, simple=simple), st.integers(2, 4), st.booleans()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.builds(_listed, st.sampled_from(_BESIDE + _BELOW), st.lists(inner, min_size=1, max_size=3)),
        max_leaves=15,
    )


@dataclass(frozen=True)
class Written:
    """A document, and its words in order."""

    text: str
    shown: tuple[str, ...]
    hidden: tuple[str, ...]


def _written(sections: list[tuple[int, list[Part]]]) -> Written:
    stock = Stock()
    lines: list[str] = []
    deepest = 0
    for level, parts in sections:
        # A section may be one level below the last one at most.
        deepest = min(level, deepest + 1)
        title = stock.word()
        lines += [title, "=-~"[deepest - 1] * len(title), "", *_body(parts, stock), ""]
    return Written("\n".join(lines), tuple(stock.shown), tuple(stock.hidden))


def documents() -> st.SearchStrategy[Written]:
    """Documents of sections with lists, tables, directives and the like in each other."""
    sections = st.tuples(st.integers(1, 3), st.lists(_parts(), max_size=4))
    return st.lists(sections, min_size=1, max_size=3).map(_written)
