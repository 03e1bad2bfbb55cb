"""The blocks of a Word file's text: headings, paragraphs, lists, tables, code and quotes, in their order."""

from collections.abc import Iterable, Iterator

from lxml.etree import _Element

from knowligo_index.parsers.canonical import Node, heading, paragraph
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.word.assembly import Assembly, flattened
from knowligo_index.parsers.word.inline import InlineReader, Line
from knowligo_index.parsers.word.names import child, mc, number, value, w
from knowligo_index.parsers.word.notes import Notes
from knowligo_index.parsers.word.numbering import Numbering
from knowligo_index.parsers.word.styles import Style, Styles
from knowligo_index.parsers.word.tables import is_layout, rows_of, table_nodes
from knowligo_index.parsers.word.tally import Tally, chosen

# What is longer has the style of a heading by mistake, and every passage under it would begin with it.
_LONGEST_HEADING = 400

_TRANSPARENT = frozenset(
    w(name)
    for name in ("body", "sdt", "sdtContent", "customXml", "ins", "moveTo", "txbxContent", "tc", "footnote", "endnote")
)


class BodyReader:
    """Reads the parts of a document, each once and in their order, since lists and notes are counted."""

    def __init__(self, styles: Styles, numbering: Numbering, notes: Notes, tally: Tally) -> None:
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._tally = tally
        self._inline = InlineReader(styles, notes, tally)
        self.title = ""
        """of the first paragraph in the style of a title"""

    def blocks(self, elements: Iterable[_Element], *, with_notes: bool) -> list[Node]:
        """The nodes of these elements; notes follow what refers to them, unless they are left to the caller.
        Recursive, for tables and boxes: the parser of the XML lets elements lie 256 deep and no deeper."""
        assembly = Assembly()
        left: list[Iterator[_Element]] = [iter(elements)]
        while left:
            each = next(left[-1], None)
            if each is None:
                left.pop()
            elif each.tag in _TRANSPARENT:
                left.append(iter(each))
            elif each.tag == mc("AlternateContent"):
                left.append(iter([part for way in chosen(each) for part in way]))
            elif each.tag == w("tbl"):
                self._table(each, assembly, with_notes)
            elif each.tag == w("p") or len(each) or each.text or each.tag == w("altChunk"):
                self._paragraph(each, assembly, with_notes)
        return assembly.nodes()

    def _table(self, element: _Element, assembly: Assembly, with_notes: bool) -> None:
        rows = rows_of(element, self._tally)
        if is_layout(rows):
            for node in self.blocks([cell for row in rows for cell in row.cells], with_notes=with_notes):
                assembly.add(node)
            return
        for node in table_nodes(rows, self._flat):
            assembly.add(node)
        for node in self._taken_notes() if with_notes else ():
            assembly.add(node)

    def _flat(self, element: _Element) -> str:
        return flattened(self.blocks([element], with_notes=False))

    def _paragraph(self, element: _Element, assembly: Assembly, with_notes: bool) -> None:
        properties = child(element, "pPr")
        style = self._styles.of_paragraph(properties)
        line = self._inline.read(element, style)
        text = self._cleaned(line.text())
        behind = self._boxes(line, with_notes)
        if with_notes:
            behind[:0] = self._taken_notes()
        marker = self._numbering.marker(properties, style) if _is_counted(element, text) else None
        plain = "\n".join(filter(None, (each.strip() for each in text.split("\n"))))
        level = _heading_level(properties, style)
        if style.is_title and not self.title:
            self.title = " ".join(plain.split())
        if not plain:
            if style.is_code or self._styles.is_monospaced(style, _mark(properties)):
                assembly.add_blank_code()
        elif level and len(plain) <= _LONGEST_HEADING:
            assembly.add(heading(level, f"{marker.text} {plain}" if marker else plain))
        elif marker:
            assembly.add_item(marker, [paragraph(plain), *behind])
            return
        elif style.is_code or line.is_monospaced:
            assembly.add_code("\n".join(each.rstrip() for each in text.strip("\n").split("\n")))
        elif style.is_quote:
            assembly.add_quoted([paragraph(plain)])
        else:
            assembly.add(paragraph(plain))
        for node in behind:
            assembly.add(node)

    def _boxes(self, line: Line, with_notes: bool) -> list[Node]:
        """What is anchored in a paragraph: it is put behind it."""
        nodes: list[Node] = []
        for box in line.boxes:
            if isinstance(box, str):
                nodes.append(paragraph(self._cleaned(box)))
            else:
                nodes += self.blocks([box], with_notes=with_notes)
        return nodes

    def _taken_notes(self) -> list[Node]:
        nodes: list[Node] = []
        # A note may refer to another one, and none is taken twice.
        while taken := self._notes.take():
            nodes += [paragraph(f"[{place}] {self._flat(note)}") for place, note in taken]
        return nodes

    def _cleaned(self, text: str) -> str:
        text, hidden = without_hidden(text)
        if hidden:
            self._tally.count("hidden-characters", hidden)
        return text


def _heading_level(properties: _Element | None, style: Style) -> int:
    own = number(value(properties, "outlineLvl"))
    if own is None:
        return style.heading_level
    return own + 1 if 0 <= own < 9 else 0


def _is_counted(element: _Element, text: str) -> bool:
    """Word counts an item without text, but not one whose text is hidden or deleted."""
    return element.tag == w("p") and (bool(text.strip()) or next(element.iter(w("t"), w("delText")), None) is None)


def _mark(properties: _Element | None) -> _Element | None:
    """The look of the end of a paragraph, which is all there is to see of one without text."""
    return child(properties, "rPr")
