"""The numbers and bullets that Word prints before the paragraphs of lists."""

import re
from dataclasses import dataclass, field

from lxml.etree import _Element

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.markers import whole_number
from knowligo_index.parsers.word.names import child, switch, value, w
from knowligo_index.parsers.word.number_formats import printed_number
from knowligo_index.parsers.word.styles import Style, Styles

_LEVELS = 9

_PLACE = re.compile(r"%([1-9])")

# Maximum number of links from a definition to a style that refers to another definition.
_MAX_LINKS = 5

# Characters of the text of a number. Without a limit, each of many items could have a text of a megabyte.
_MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class Marker:
    """The marker of an item of a list."""

    text: str
    """the number as it is printed; "" for a bullet"""
    level: int
    """from 0"""
    series: str
    """identifies the list whose numbers it continues"""


@dataclass(frozen=True, slots=True)
class _Level:
    """How the items of a level are numbered."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    restarts_after: int | None = None
    """None: after any item of an outer level; 0: never; n: only after an item of the first n levels"""
    all_decimal: bool = False
    paragraph_style: str = ""


@dataclass(slots=True)
class _Definition:
    """The levels of a list, and the current number of each."""

    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a file; `root` is its numbering part, None if it has none. Every call of `marker` counts an item, so
    the calls must be in the order of the text."""

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
        """Count a paragraph with these properties, and return its marker; None if it is not an item of a list."""
        list_properties = child(properties, "numPr")
        series = value(list_properties, "numId") or style.numbering or "0"
        instance = self._instances.get(series)
        if series == "0" or instance is None:
            return None
        definition = self._definition(series)
        levels = self._levels_of(series, definition)
        level = self._level(value(list_properties, "ilvl"), style, levels)
        if level not in levels:
            return None
        self._count(series, definition, levels, level)
        level_format = levels[level]
        if level_format.style == "bullet":
            return Marker("", level, "")
        text = _printed(levels, definition.counts, level)
        return Marker(text, level, series) if text else None

    def _level(self, level_property: str | None, style: Style, levels: dict[int, _Level]) -> int:
        level = whole_number(level_property)
        if level is None:
            level = style.list_level
        if level is None:
            level = next((index for index, item in levels.items() if item.paragraph_style in style.names), 0)
        return min(max(level, 0), _LEVELS - 1)

    def _definition(self, series: str) -> _Definition:
        """The definition of a list. Several lists may share one, and then continue each other's numbers."""
        name, link_count = "", 0
        abstract: _Element | None = None
        while link_count < _MAX_LINKS:
            name = value(self._instances.get(series), "abstractNumId") or ""
            abstract = self._abstract.get(name)
            linked = self._styles.find(value(abstract, "numStyleLink") or "").numbering
            if not linked or linked not in self._instances:
                break
            series, link_count = linked, link_count + 1
        if name not in self._definitions:
            level_elements = abstract.findall(w("lvl")) if abstract is not None else []
            self._definitions[name] = _Definition(
                {_level_index(element): _read(element) for element in reversed(level_elements)}
            )
        return self._definitions[name]

    def _levels_of(self, series: str, definition: _Definition) -> dict[int, _Level]:
        """The levels of the definition, with the changes that the list itself makes."""
        if series not in self._levels:
            levels = dict(definition.levels)
            for override in self._instances[series].findall(w("lvlOverride")):
                level = override.find(w("lvl"))
                if level is not None:
                    levels[_level_index(override)] = _read(level)
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
            # Word prints "1.1" for an item without one of the outer level above it, and the next outer item is 2.
            counts.setdefault(outer, levels[outer].start if outer in levels else 1)
        for deeper in range(level + 1, _LEVELS):
            limit = levels[deeper].restarts_after if deeper in levels else None
            if limit is None or level < limit:
                counts.pop(deeper, None)

    def _own_start(self, series: str, level: int) -> int | None:
        """The number at which the list itself starts that level; None if it does not say."""
        for override in self._instances[series].findall(w("lvlOverride")):
            if _level_index(override) == level:
                return whole_number(value(override, "startOverride"))
        return None


def _level_index(element: _Element) -> int:
    return min(max(whole_number(element.get(w("ilvl"))) or 0, 0), _LEVELS - 1)


def _read(element: _Element) -> _Level:
    start = whole_number(value(element, "start"))
    return _Level(
        start=1 if start is None else start,
        style=value(element, "numFmt") or "decimal",
        text=without_hidden(value(element, "lvlText") or "")[0][:_MAX_TEXT],
        restarts_after=whole_number(value(element, "lvlRestart")),
        all_decimal=bool(switch(element, "isLgl")),
        paragraph_style=value(element, "pStyle") or "",
    )


def _printed(levels: dict[int, _Level], counts: dict[int, int], level: int) -> str:
    """The printed number of an item of `level`, such as 2.1."""

    def number_of_level(match: re.Match[str]) -> str:
        index = int(match[1]) - 1
        outer_level = levels.get(index, _Level())
        style = "decimal" if levels[level].all_decimal else outer_level.style
        return printed_number(counts.get(index, outer_level.start), style)

    return " ".join(_PLACE.sub(number_of_level, levels[level].text).split())
