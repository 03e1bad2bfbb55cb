"""The styles of a Word file: which of them are headings, titles, code, quotes, lists, or hidden."""

import re
import unicodedata
from dataclasses import dataclass

from lxml.etree import _Element

from knowligo_index.parsers.markers import whole_number
from knowligo_index.parsers.word.names import child, is_on, switch, value, w

# Maximum length of a chain of styles that are based on each other; that of Word is eleven.
_MAX_CHAIN = 20

# Names and identifiers of styles in the languages of Word that are likely; identifiers lack accented letters.
_HEADING = re.compile(r"(?:heading|titulo|ttulo|encabezado|titre|titolo|uberschrift|cabecalho)([1-9])(?:char)?")
_TITLES = frozenset(("title", "titulo", "ttulo", "puesto", "titre", "titel", "titolo"))
_CODE = re.compile(r"\b(?:html)?code|code\b|codigo|preformat|source ?text|verbatim|macro ?text")
_QUOTE = re.compile(r"\b(?:intense)?quot|\bcita\b|\bcita ?destacada|block ?text|zitat|citation")
_MONOSPACE = re.compile(
    r"courier|consolas|\bmono\b|monospace|lucida console|menlo|monaco|source code|fira code|inconsolata|typewriter"
)


@dataclass(frozen=True, slots=True)
class Style:
    """A style, with the properties that it inherits from the styles on which it is based."""

    names: tuple[str, ...] = ()
    """identifiers of the style and of the styles on which it is based, in this order"""
    heading_level: int = 0
    """0: not a heading"""
    is_title: bool = False
    is_code: bool = False
    is_quote: bool = False
    numbering: str | None = None
    """identifier of its list"""
    list_level: int | None = None
    is_hidden: bool | None = None
    font: str | None = None


class Styles:
    """The styles of a file; `root` is its styles part, None if it has none."""

    def __init__(self, root: _Element | None) -> None:
        self._elements: dict[str, _Element] = {}
        self._resolved: dict[str, Style] = {}
        self._default = ""
        for element in root.iter(w("style")) if root is not None else ():
            name = element.get(w("styleId")) or ""
            self._elements.setdefault(name, element)
            if element.get(w("type")) == "paragraph" and is_on(element.get(w("default"), "0")):
                self._default = name
        defaults = root.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}") if root is not None else None
        self.language = value(defaults, "lang") or ""
        self._normal_font = self.find(self._default).font or font_of(defaults) or ""
        self._normally_hidden = bool(switch(defaults, "vanish"))

    def of_paragraph(self, properties: _Element | None) -> Style:
        """The style of a paragraph."""
        return self.find(value(properties, "pStyle") or self._default)

    def find(self, name: str) -> Style:
        """The style with this identifier; if the file does not define it, its meaning is taken from the identifier."""
        if name not in self._resolved:
            self._resolved[name] = self._resolve(self._chain(name))
        return self._resolved[name]

    def is_hidden(self, style: Style, properties: _Element | None) -> bool:
        """Whether a run is hidden, by its own `properties` or its style, in a paragraph of `style`."""
        hidden = switch(properties, "vanish")
        if hidden is None and properties is not None:
            hidden = self.find(value(properties, "rStyle") or "").is_hidden
        if hidden is None:
            hidden = style.is_hidden
        return self._normally_hidden if hidden is None else hidden

    def is_monospaced(self, style: Style, properties: _Element | None) -> bool:
        """Whether the font of a run is monospaced, and that of normal text is not."""
        if _MONOSPACE.search(self._normal_font):
            return False
        font = font_of(properties)
        if font is None and properties is not None:
            run_style = self.find(value(properties, "rStyle") or "")
            if run_style.is_code:
                return True
            font = run_style.font
        return bool(_MONOSPACE.search(font or style.font or ""))

    def _chain(self, name: str) -> tuple[str, ...]:
        names: list[str] = []
        while name and name not in names and len(names) < _MAX_CHAIN:
            names.append(name)
            name = value(self._elements.get(name), "basedOn") or ""
        return tuple(names)

    def _resolve(self, chain: tuple[str, ...]) -> Style:
        labels = [_plain(value(self._elements.get(name), "name") or name) for name in chain]
        level, is_title = self._outline(chain, labels)
        numbering, list_level, is_hidden, font = None, None, None, None
        for name in chain:
            element = self._elements.get(name)
            paragraph, run = child(element, "pPr"), child(element, "rPr")
            list_properties = child(paragraph, "numPr")
            numbering = value(list_properties, "numId") if numbering is None else numbering
            list_level = whole_number(value(list_properties, "ilvl")) if list_level is None else list_level
            is_hidden = switch(run, "vanish") if is_hidden is None else is_hidden
            font = font_of(run) if font is None else font
        return Style(
            names=chain,
            heading_level=level,
            is_title=is_title,
            is_code=any(_CODE.search(label) for label in labels),
            is_quote=any(_QUOTE.search(label) for label in labels),
            numbering=numbering,
            list_level=list_level,
            is_hidden=is_hidden,
            font=font,
        )

    def _outline(self, chain: tuple[str, ...], labels: list[str]) -> tuple[int, bool]:
        """The level of the heading (0: not a heading), and whether it is the document's title."""
        for name, label in zip(chain, labels, strict=True):
            squeezed = label.replace(" ", "")
            if squeezed in _TITLES:
                return 1, True
            match = _HEADING.fullmatch(squeezed)
            if match:
                return int(match[1]), False
            level = whole_number(value(child(self._elements.get(name), "pPr"), "outlineLvl"))
            if level is not None:
                # The levels are counted from 0. Level 9 is body text, as for the title of a table of contents.
                return (level + 1 if 0 <= level < 9 else 0), False
        return 0, False


def font_of(properties: _Element | None) -> str | None:
    """The font in the properties of a run, in lower case; None if they name none."""
    font = value(properties, "rFonts", "ascii")
    return font.lower() if font else None


def _plain(label: str) -> str:
    """A style's name in lower case without accents and aliases."""
    decomposed = unicodedata.normalize("NFD", label.partition(",")[0][:100].lower())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
