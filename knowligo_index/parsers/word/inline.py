"""The text of one paragraph: runs, fields, symbols, equations, references to notes, and what is anchored in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml.etree import _Element

from knowligo_index.parsers.word.equations import Equations
from knowligo_index.parsers.word.fields import form_field_text, in_instructions
from knowligo_index.parsers.word.names import a, child, is_on, m, mc, ole, vml, w, w14, wp
from knowligo_index.parsers.word.notes import Notes
from knowligo_index.parsers.word.styles import Style, Styles, font_of
from knowligo_index.parsers.word.symbols import symbol
from knowligo_index.parsers.word.tally import Tally, all_text, chosen, own_text

# In the address of what is drawn.
_CHART, _DIAGRAM = "/chart", "/diagram"

# Where fonts with pictures in place of letters put them.
_PRIVATE = re.compile("[\uf000-\uf0ff]")
_CODE = re.compile("[0-9a-fA-F]{1,6}")

# Programs that draw or paste a picture write these in its description.
_NO_DESCRIPTION = ("descripción generada automáticamente", "description automatically generated")
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".tif", ".tiff", ".svg", ".webp")


@dataclass(slots=True)
class Line:
    """What a paragraph says."""

    parts: list[str] = field(default_factory=list)
    boxes: list[_Element | str] = field(default_factory=list)
    """anchored in it: text boxes, paragraphs of drawings, and decorative letterings"""
    is_monospaced: bool | None = None
    """so is each of its runs with text; None if there are none"""
    ends_in_equation: int = 0
    """how many parts there were after the last equation"""

    def text(self) -> str:
        return "".join(self.parts)


class InlineReader:
    """Reads paragraphs."""

    def __init__(self, styles: Styles, notes: Notes, tally: Tally) -> None:
        self._styles = styles
        self._notes = notes
        self._tally = tally
        self._equations = Equations(tally, lambda properties: styles.is_hidden(self._style, properties))
        self._style = Style()
        self._line = Line()
        self._instructions: frozenset[_Element] = frozenset()
        self._left: list[_Element | str] = []
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
            vml("textpath"): self._lettering,
            wp("docPr"): self._description,
            mc("AlternateContent"): lambda each: self._push(chosen(each)),
            m("oMath"): self._equation,
            m("oMathPara"): self._equation,
            a("graphicData"): self._graphic,
            ole("OLEObject"): lambda _: self._tally.unread("embedded objects"),
            w("altChunk"): lambda _: self._tally.unread("documents inside it"),
            w("subDoc"): lambda _: self._tally.unread("documents inside it"),
        }
        for name in ("tab", "ptab"):
            self._readers[w(name)] = lambda _: self._say("\t")
        for name in (w("br"), w("cr"), w("p"), w("tbl"), w("tc"), a("br")):
            self._readers[name] = self._line_end
        self._readers[w("noBreakHyphen")] = lambda _: self._say("-")
        for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "trPr", "tcPr"):
            self._readers[w(name)] = lambda _: None

    def read(self, paragraph: _Element, style: Style) -> Line:
        """The text of a paragraph in that style."""
        self._line, self._style = Line(), style
        self._instructions = in_instructions(paragraph)
        self._push(list(paragraph) if paragraph.tag in (w("p"), a("p")) else [paragraph])
        while self._left:
            each = self._left.pop()
            if isinstance(each, str):
                self._say(each)
            elif each.tag in self._readers:
                self._readers[str(each.tag)](each)
            else:
                self._push(list(each))
        return self._line

    def _push(self, elements: list[_Element] | list[_Element | str]) -> None:
        self._left.extend(reversed(elements))

    def _say(self, text: str) -> None:
        self._line.parts.append(text)

    def _run(self, run: _Element) -> None:
        properties = child(run, "rPr")
        if self._styles.is_hidden(self._style, properties):
            self._tally.drop("hidden-text", all_text(run))
            return
        children = list(run)
        if self._line.is_monospaced is not False and any(
            each.tag == w("t") and (each.text or "").strip() for each in children
        ):
            self._line.is_monospaced = self._styles.is_monospaced(self._style, properties)
        self._push(children)

    def _text(self, element: _Element) -> None:
        text = own_text(element)
        if element in self._instructions:
            self._tally.drop("hidden-text", text)
            return
        if _PRIVATE.search(text):
            font = font_of(child(element.getparent(), "rPr")) or ""
            text = _PRIVATE.sub(lambda match: symbol(ord(match[0]), font) or match[0], text)
        # A line end in the XML is none in the text.
        self._say(text.replace("\r", " ").replace("\n", " "))

    def _line_end(self, element: _Element) -> None:
        self._say("\n")
        self._push(list(element))

    def _deleted(self, element: _Element) -> None:
        self._tally.drop("deleted", all_text(element))

    def _symbol(self, element: _Element) -> None:
        found = None
        if _CODE.fullmatch(element.get(w("char")) or ""):
            found = symbol(int(element.get(w("char")) or "", 16), element.get(w("font")) or "")
        if found is None:
            self._tally.unread("symbols of unknown fonts")
        self._say(found or "\ufffd")

    def _ruby(self, element: _Element) -> None:
        """What is read aloud stands in brackets behind what is written."""
        base, reading = element.findall(w("rubyBase")), element.findall(w("rt"))
        others = [each for each in element if each.tag not in (w("rubyBase"), w("rt"), w("rubyPr"))]
        parts: list[_Element | str] = [*base, "(", *reading, ")", *others]
        self._push(parts)

    def _field(self, element: _Element) -> None:
        self._say(form_field_text(element))

    def _control(self, control: _Element) -> None:
        box = control.find(f"{w('sdtPr')}/{w14('checkbox')}")
        if box is not None and not all_text(control).strip() and next(control.iter(w("sym")), None) is None:
            state = box.find(w14("checked"))
            self._say("☑" if state is not None and is_on(state.get(w14("val"))) else "☐")
        self._push(list(control))

    def _note(self, reference: _Element) -> None:
        kind = "footnote" if reference.tag == w("footnoteReference") else "endnote"
        place = self._notes.refer(kind, reference.get(w("id")) or "")
        if place:
            self._say(f"[{place}]")

    def _box(self, element: _Element) -> None:
        self._line.boxes.append(element)

    def _lettering(self, element: _Element) -> None:
        self._line.boxes.append(element.get("string") or "")

    def _description(self, element: _Element) -> None:
        text = " ".join((element.get("descr") or "").split())
        lowered = text.lower()
        if text and not lowered.endswith((*_PICTURE_SUFFIXES, *_NO_DESCRIPTION)):
            self._say(f" [image: {text}] ")

    def _equation(self, element: _Element) -> None:
        text = self._equations.text(element)
        if self._line.ends_in_equation and len(self._line.parts) == self._line.ends_in_equation:
            self._say(" ")
        self._say(text)
        self._line.is_monospaced = False
        self._line.ends_in_equation = len(self._line.parts)

    def _graphic(self, element: _Element) -> None:
        kind = element.get("uri") or ""
        if _CHART in kind:
            self._tally.unread("charts")
        elif _DIAGRAM in kind:
            self._tally.unread("SmartArt diagrams")
        self._push(list(element))
