"""The blocks of a Word file's text: headings, paragraphs, lists, tables, code and quotes, in their order."""

from collections.abc import Iterable, Iterator

from lxml.etree import _Element

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.markers import whole_number
from knowligo_index.parsers.nodes import Node, heading, paragraph
from knowligo_index.parsers.word.assembly import Assembly, flattened
from knowligo_index.parsers.word.dropped_content import DroppedContent
from knowligo_index.parsers.word.inline import InlineReader
from knowligo_index.parsers.word.names import child, mc, value, w
from knowligo_index.parsers.word.notes import Notes
from knowligo_index.parsers.word.numbering import Numbering
from knowligo_index.parsers.word.paragraph_text import ParagraphText
from knowligo_index.parsers.word.styles import Style, Styles
from knowligo_index.parsers.word.tables import is_layout, rows_of, table_nodes
from knowligo_index.parsers.word.texts import chosen

# A longer paragraph in the style of a heading is not a heading, since its text would precede every passage under it.
_MAX_HEADING_CHARACTERS = 400

_TRANSPARENT = frozenset(
    w(name)
    for name in ("body", "sdt", "sdtContent", "customXml", "ins", "moveTo", "txbxContent", "tc", "footnote", "endnote")
)


class BodyReader:
    """Reads the parts of a document, each once and in order, because reading counts list items and notes."""

    def __init__(self, styles: Styles, numbering: Numbering, notes: Notes, dropped: DroppedContent) -> None:
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._dropped = dropped
        self._inline = InlineReader(styles, notes, dropped)
        self.title = ""
        """text of the first paragraph in the style of a title"""

    def blocks(self, elements: Iterable[_Element], *, with_notes: bool) -> list[Node]:
        """The nodes of these elements. With `with_notes`, notes follow the paragraph or table that refers to them.

        It is recursive for tables and text boxes: the XML parser limits the depth of elements to 256.
        """
        assembly = Assembly()
        stack: list[Iterator[_Element]] = [iter(elements)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
            elif element.tag in _TRANSPARENT:
                stack.append(iter(element))
            elif element.tag == mc("AlternateContent"):
                stack.append(iter([part for choice in chosen(element) for part in choice]))
            elif element.tag == w("tbl"):
                self._table(element, assembly, with_notes)
            elif element.tag == w("p") or len(element) or element.text or element.tag == w("altChunk"):
                self._paragraph(element, assembly, with_notes)
        return assembly.nodes()

    def _table(self, element: _Element, assembly: Assembly, with_notes: bool) -> None:
        rows = rows_of(element, self._dropped)
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
        paragraph_text = self._inline.read(element, style)
        text = self._cleaned(paragraph_text.text())
        following = self._boxes(paragraph_text, with_notes)
        if with_notes:
            following[:0] = self._taken_notes()
        marker = self._numbering.marker(properties, style) if _is_counted(element, text) else None
        plain_text = "\n".join(filter(None, (line.strip() for line in text.split("\n"))))
        level = _heading_level(properties, style)
        if style.is_title and not self.title:
            self.title = " ".join(plain_text.split())
        if not plain_text:
            if style.is_code or self._styles.is_monospaced(style, _mark(properties)):
                assembly.add_blank_code()
        elif level and len(plain_text) <= _MAX_HEADING_CHARACTERS:
            assembly.add(heading(level, f"{marker.text} {plain_text}" if marker else plain_text))
        elif marker:
            assembly.add_item(marker, [paragraph(plain_text), *following])
            return
        elif style.is_code or paragraph_text.is_monospaced:
            assembly.add_code("\n".join(line.rstrip() for line in text.strip("\n").split("\n")))
        elif style.is_quote:
            assembly.add_quoted([paragraph(plain_text)])
        else:
            assembly.add(paragraph(plain_text))
        for node in following:
            assembly.add(node)

    def _boxes(self, paragraph_text: ParagraphText, with_notes: bool) -> list[Node]:
        """The nodes of what is anchored in a paragraph, which follow it."""
        nodes: list[Node] = []
        for box in paragraph_text.boxes:
            if isinstance(box, str):
                nodes.append(paragraph(self._cleaned(box)))
            else:
                nodes += self.blocks([box], with_notes=with_notes)
        return nodes

    def _taken_notes(self) -> list[Node]:
        nodes: list[Node] = []
        # A note may refer to another one; none is taken twice.
        while notes := self._notes.take():
            nodes += [paragraph(f"[{number}] {self._flat(note)}") for number, note in notes]
        return nodes

    def _cleaned(self, text: str) -> str:
        text, hidden = without_hidden(text)
        if hidden:
            self._dropped.add("hidden-characters", hidden)
        return text


def _heading_level(properties: _Element | None, style: Style) -> int:
    outline_level = whole_number(value(properties, "outlineLvl"))
    if outline_level is None:
        return style.heading_level
    return outline_level + 1 if 0 <= outline_level < 9 else 0


def _is_counted(element: _Element, text: str) -> bool:
    """Whether Word counts the paragraph as an item: it does if it has no text, but not if its text is hidden or
    deleted."""
    return element.tag == w("p") and (bool(text.strip()) or next(element.iter(w("t"), w("delText")), None) is None)


def _mark(properties: _Element | None) -> _Element | None:
    """The run properties of the paragraph mark, which decide the font of a paragraph without text."""
    return child(properties, "rPr")
