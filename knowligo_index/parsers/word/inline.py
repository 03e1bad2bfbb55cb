"""The text of one paragraph: runs, fields, symbols, equations, references to notes, and anchored objects."""

import re
from collections.abc import Callable

from lxml.etree import _Element

from knowligo_index.parsers.word.dropped_content import DroppedContent
from knowligo_index.parsers.word.equations import Equations
from knowligo_index.parsers.word.fields import form_field_text, in_instructions
from knowligo_index.parsers.word.names import a, child, is_on, m, mc, ole, vml, w, w14, wp
from knowligo_index.parsers.word.notes import Notes
from knowligo_index.parsers.word.paragraph_text import ParagraphText
from knowligo_index.parsers.word.styles import Style, Styles, font_of
from knowligo_index.parsers.word.symbols import symbol
from knowligo_index.parsers.word.texts import all_text, chosen, direct_text

# Parts of the URI that identifies the kind of a drawing.
_CHART, _DIAGRAM = "/chart", "/diagram"

# The code points at which fonts of symbols have their characters.
_PRIVATE = re.compile("[\uf000-\uf0ff]")
_CODE = re.compile("[0-9a-fA-F]{1,6}")

# Descriptions that programs write for pictures end in one of these.
_NO_DESCRIPTION = ("descripción generada automáticamente", "description automatically generated")
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".tif", ".tiff", ".svg", ".webp")


class InlineReader:
    """Reads paragraphs."""

    def __init__(self, styles: Styles, notes: Notes, dropped: DroppedContent) -> None:
        self._styles = styles
        self._notes = notes
        self._dropped = dropped
        self._equations = Equations(dropped, lambda properties: styles.is_hidden(self._style, properties))
        self._style = Style()
        self._paragraph = ParagraphText()
        self._instructions: frozenset[_Element] = frozenset()
        self._stack: list[_Element | str] = []
        self._readers: dict[str, Callable[[_Element], None]] = {
            w("r"): self._run,
            w("t"): self._text,
            a("t"): self._text,
            m("t"): self._text,
            w("delText"): self._deleted,
            w("del"): self._deleted,
            w("moveFrom"): self._deleted,
            w("sym"): self._symbol,
            w("ruby"): self._ruby,
            w("fldChar"): self._field,
            w("sdt"): self._control,
            w("footnoteReference"): self._note,
            w("endnoteReference"): self._note,
            w("txbxContent"): self._box,
            a("p"): self._box,
            vml("textpath"): self._word_art,
            wp("docPr"): self._description,
            mc("AlternateContent"): lambda alternatives: self._push(chosen(alternatives)),
            m("oMath"): self._equation,
            m("oMathPara"): self._equation,
            a("graphicData"): self._graphic,
            ole("OLEObject"): lambda _: self._dropped.add_unread("embedded objects"),
            w("altChunk"): lambda _: self._dropped.add_unread("embedded documents"),
            w("subDoc"): lambda _: self._dropped.add_unread("embedded documents"),
        }
        for name in ("tab", "ptab"):
            self._readers[w(name)] = lambda _: self._write("\t")
        for name in (w("br"), w("cr"), w("p"), w("tbl"), w("tc"), a("br")):
            self._readers[name] = self._line_end
        self._readers[w("noBreakHyphen")] = lambda _: self._write("-")
        for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "trPr", "tcPr"):
            self._readers[w(name)] = lambda _: None

    def read(self, paragraph: _Element, style: Style) -> ParagraphText:
        """The text of a paragraph that has this style."""
        self._paragraph, self._style = ParagraphText(), style
        self._instructions = in_instructions(paragraph)
        self._push(list(paragraph) if paragraph.tag in (w("p"), a("p")) else [paragraph])
        while self._stack:
            node = self._stack.pop()
            if isinstance(node, str):
                self._write(node)
            elif node.tag in self._readers:
                self._readers[str(node.tag)](node)
            else:
                self._push(list(node))
        return self._paragraph

    def _push(self, elements: list[_Element] | list[_Element | str]) -> None:
        self._stack.extend(reversed(elements))

    def _write(self, text: str) -> None:
        self._paragraph.parts.append(text)

    def _run(self, run: _Element) -> None:
        properties = child(run, "rPr")
        if self._styles.is_hidden(self._style, properties):
            self._dropped.add_text("hidden-text", all_text(run))
            return
        children = list(run)
        if self._paragraph.is_monospaced is not False and any(
            node.tag == w("t") and (node.text or "").strip() for node in children
        ):
            self._paragraph.is_monospaced = self._styles.is_monospaced(self._style, properties)
        self._push(children)

    def _text(self, element: _Element) -> None:
        text = direct_text(element)
        if element in self._instructions:
            self._dropped.add_text("hidden-text", text)
            return
        if _PRIVATE.search(text):
            font = font_of(child(element.getparent(), "rPr")) or ""
            text = _PRIVATE.sub(lambda match: symbol(ord(match[0]), font) or match[0], text)
        # A line end in the XML is white space.
        self._write(text.replace("\r", " ").replace("\n", " "))

    def _line_end(self, element: _Element) -> None:
        self._write("\n")
        self._push(list(element))

    def _deleted(self, element: _Element) -> None:
        self._dropped.add_text("deleted", all_text(element))

    def _symbol(self, element: _Element) -> None:
        character = None
        if _CODE.fullmatch(element.get(w("char")) or ""):
            character = symbol(int(element.get(w("char")) or "", 16), element.get(w("font")) or "")
        if character is None:
            self._dropped.add_unread("symbols of unknown fonts")
        self._write(character or "\ufffd")

    def _ruby(self, element: _Element) -> None:
        """The phonetic reading is put in brackets after the base text."""
        base, reading = element.findall(w("rubyBase")), element.findall(w("rt"))
        further = [node for node in element if node.tag not in (w("rubyBase"), w("rt"), w("rubyPr"))]
        parts: list[_Element | str] = [*base, "(", *reading, ")", *further]
        self._push(parts)

    def _field(self, element: _Element) -> None:
        self._write(form_field_text(element))

    def _control(self, control: _Element) -> None:
        box = control.find(f"{w('sdtPr')}/{w14('checkbox')}")
        if box is not None and not all_text(control).strip() and next(control.iter(w("sym")), None) is None:
            state = box.find(w14("checked"))
            self._write("☑" if state is not None and is_on(state.get(w14("val"))) else "☐")
        self._push(list(control))

    def _note(self, reference: _Element) -> None:
        kind = "footnote" if reference.tag == w("footnoteReference") else "endnote"
        number = self._notes.refer(kind, reference.get(w("id")) or "")
        if number:
            self._write(f"[{number}]")

    def _box(self, element: _Element) -> None:
        self._paragraph.boxes.append(element)

    def _word_art(self, element: _Element) -> None:
        self._paragraph.boxes.append(element.get("string") or "")

    def _description(self, element: _Element) -> None:
        text = " ".join((element.get("descr") or "").split())
        lowered = text.lower()
        if text and not lowered.endswith((*_PICTURE_SUFFIXES, *_NO_DESCRIPTION)):
            self._write(f" [image: {text}] ")

    def _equation(self, element: _Element) -> None:
        text = self._equations.text(element)
        if self._paragraph.equation_end and len(self._paragraph.parts) == self._paragraph.equation_end:
            self._write(" ")
        self._write(text)
        self._paragraph.is_monospaced = False
        self._paragraph.equation_end = len(self._paragraph.parts)

    def _graphic(self, element: _Element) -> None:
        kind = element.get("uri") or ""
        if _CHART in kind:
            self._dropped.add_unread("charts")
        elif _DIAGRAM in kind:
            self._dropped.add_unread("SmartArt diagrams")
        self._push(list(element))
