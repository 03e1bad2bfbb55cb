"""Lists: which number or bullet Word prints before a paragraph."""

import re
from dataclasses import dataclass, field

from lxml.etree import _Element

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.word.names import child, number, switch, value, w
from knowligo_index.parsers.word.number_formats import written
from knowligo_index.parsers.word.styles import Style, Styles

LEVELS = 9

_PLACE = re.compile(r"%([1-9])")

# A definition may refer to a style that refers to another definition.
_MOST_LINKS = 5

# Nobody's numbers are longer, and each of a hundred thousand items could say a megabyte.
_MOST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Marker:
    """What stands before a paragraph."""

    text: str
    """a number as it is printed, or "" for a bullet"""
    level: int
    """from 0"""
    series: str
    """identifies what it counts on from"""


@dataclass(frozen=True, slots=True)
class _Level:
    """How the items of a level are numbered."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    restarts_after: int | None = None
    """0: never; n: only after an item of the first n levels"""
    all_decimal: bool = False
    paragraph_style: str = ""


@dataclass(slots=True)
class _Definition:
    """Levels, and how far they have been counted."""

    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a file; `root` is its part of them, None where it has none. Counts as it is asked, so that it must
    be asked in the order of the text."""

    def __init__(self, root: _Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstract: dict[str, _Element] = {}
        self._instances: dict[str, _Element] = {}
        self._definitions: dict[str, _Definition] = {}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._started: set[tuple[str, int]] = set()
        for element in root if root is not None else ():
            if element.tag == w("abstractNum"):
                self._abstract.setdefault(element.get(w("abstractNumId")) or "", element)
            elif element.tag == w("num"):
                self._instances.setdefault(element.get(w("numId")) or "", element)

    def marker(self, properties: _Element | None, style: Style) -> Marker | None:
        """Count a paragraph with these properties; None if it is no item of a list."""
        listed = child(properties, "numPr")
        series = value(listed, "numId") or style.numbering or "0"
        instance = self._instances.get(series)
        if series == "0" or instance is None:
            return None
        definition = self._definition(series)
        levels = self._levels_of(series, definition)
        level = self._level(value(listed, "ilvl"), style, levels)
        if level not in levels:
            return None
        self._count(series, definition, levels, level)
        kind = levels[level]
        if kind.style == "bullet":
            return Marker("", level, "")
        text = _printed(levels, definition.counts, level)
        return Marker(text, level, series) if text else None

    def _level(self, own: str | None, style: Style, levels: dict[int, _Level]) -> int:
        level = number(own)
        if level is None:
            level = style.list_level
        if level is None:
            level = next((place for place, each in levels.items() if each.paragraph_style in style.names), 0)
        return min(max(level, 0), LEVELS - 1)

    def _definition(self, series: str) -> _Definition:
        """What the list counts by; several lists may share one and then count on."""
        name, links = "", 0
        abstract: _Element | None = None
        while links < _MOST_LINKS:
            name = value(self._instances.get(series), "abstractNumId") or ""
            abstract = self._abstract.get(name)
            linked = self._styles.find(value(abstract, "numStyleLink") or "").numbering
            if not linked or linked not in self._instances:
                break
            series, links = linked, links + 1
        if name not in self._definitions:
            found = abstract.findall(w("lvl")) if abstract is not None else []
            self._definitions[name] = _Definition({_place(each): _read(each) for each in reversed(found)})
        return self._definitions[name]

    def _levels_of(self, series: str, definition: _Definition) -> dict[int, _Level]:
        """The definition's levels, with what the list itself says otherwise."""
        if series not in self._levels:
            levels = dict(definition.levels)
            for override in self._instances[series].findall(w("lvlOverride")):
                replaced = override.find(w("lvl"))
                if replaced is not None:
                    levels[_place(override)] = _read(replaced)
            self._levels[series] = levels
        return self._levels[series]

    def _count(self, series: str, definition: _Definition, levels: dict[int, _Level], level: int) -> None:
        counts = definition.counts
        if (series, level) not in self._started:
            self._started.add((series, level))
            start = self._own_start(series, level)
            if start is not None:
                counts[level] = start - 1
        if level not in counts:
            counts[level] = levels[level].start - 1
        counts[level] += 1
        for outer in range(level):
            # Word prints "1.1" for an item that has none above it, and then goes on with 2.
            counts.setdefault(outer, levels[outer].start if outer in levels else 1)
        for deeper in range(level + 1, LEVELS):
            limit = levels[deeper].restarts_after if deeper in levels else None
            if limit is None or level < limit:
                counts.pop(deeper, None)

    def _own_start(self, series: str, level: int) -> int | None:
        """Where the list starts anew at that level."""
        for override in self._instances[series].findall(w("lvlOverride")):
            if _place(override) == level:
                return number(value(override, "startOverride"))
        return None


def _place(element: _Element) -> int:
    return min(max(number(element.get(w("ilvl"))) or 0, 0), LEVELS - 1)


def _read(element: _Element) -> _Level:
    start = number(value(element, "start"))
    return _Level(
        start=1 if start is None else start,
        style=value(element, "numFmt") or "decimal",
        text=without_hidden(value(element, "lvlText") or "")[0][:_MOST_TEXT],
        restarts_after=number(value(element, "lvlRestart")),
        all_decimal=bool(switch(element, "isLgl")),
        paragraph_style=value(element, "pStyle") or "",
    )


def _printed(levels: dict[int, _Level], counts: dict[int, int], level: int) -> str:
    """The number of an item of `level`, such as 2.1."""

    def of_place(match: re.Match[str]) -> str:
        place = int(match[1]) - 1
        each = levels.get(place, _Level())
        style = "decimal" if levels[level].all_decimal else each.style
        return written(counts.get(place, each.start), style)

    return " ".join(_PLACE.sub(of_place, levels[level].text).split())
