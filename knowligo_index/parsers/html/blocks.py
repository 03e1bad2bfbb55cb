"""From the elements and texts of a page to nodes of the canonical text."""

from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.canonical import Node, code, heading, item, items, paragraph, quote
from knowligo_index.parsers.grid import Grid
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.html.tree import Attributes, names
from knowligo_index.parsers.markers import Numbering, whole_number

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_CODE = frozenset(("pre", "xmp", "plaintext", "listing"))

# Elements that stand on lines of their own. All others are within a line, those that nobody knows too.
_BLOCKS = (
    _LISTS
    | _CODE
    | frozenset(_HEADINGS)
    | names(
        "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
        "footer form frameset header hgroup hr html legend li main nav p search section summary table tbody td tfoot "
        "th thead tr"
    )
)

# In a line, and yet not a part of the word beside them.
_APART = names("option optgroup button select textarea meter progress img input text mtable")
# So are the parts of these formulas.
_SPREAD = names("mfrac mroot msup msub msubsup mover munder munderover mtr mtable")


@dataclass(slots=True)
class _Frame:
    """An element that is open and has blocks in it."""

    tag: str
    nodes: list[Node] = field(default_factory=list)
    numbering: Numbering | None = None
    grid: Grid | None = None
    attributes: Attributes = field(default_factory=dict)
    entries: list[list[Node]] = field(default_factory=list)
    """of a list of definitions: terms and what follows them"""
    in_terms: bool = False
    """what came last in it is a term"""


class BlockBuilder:
    """A visitor of `traversal.walk` that makes nodes."""

    def __init__(self) -> None:
        self._frames = [_Frame("")]
        self._entered: list[tuple[str, bool]] = []
        """elements that are open, and whether they have a frame"""
        self._inline: list[str] = []
        self._line = ""
        """the heading or code that is open: what is in it makes no blocks of its own"""
        self._language = ""
        self.hidden_characters = 0
        self.has_text = False

    def finish(self) -> None:
        """All of the page was walked."""
        self._flush()

    def nodes(self) -> list[Node]:
        """The blocks of the page."""
        return self._frames[0].nodes

    def text(self, text: str) -> None:
        self._inline.append(text if self._line in _CODE else text.replace("\n", " "))

    def enter(self, node: LexborNode, tag: str, attributes: Attributes) -> None:
        framed = False
        if tag in _BLOCKS and not self._line:
            self._flush()
            framed = self._open(node, tag, attributes)
        else:
            self._separate(tag, begins=True)
            if self._line in _CODE and tag == "code" and not self._language:
                self._language = _language(node)
        self._entered.append((tag, framed))

    def leave(self, tag: str) -> None:
        framed = self._entered.pop()[1]
        if framed:
            self._shut(tag)
        elif tag in _BLOCKS and not self._line:
            self._flush()
            grid = self._frames[-1].grid
            if tag == "tr" and grid is not None:
                grid.end_row()
        else:
            self._separate(tag, begins=False)

    def skipped(self, tag: str) -> None:
        if tag in _BLOCKS and not self._line:
            self._flush()
        else:
            self._separate(tag, begins=False)

    def _separate(self, tag: str, *, begins: bool) -> None:
        """Keep the text of an element within a line, or within a heading or code, from what is beside it."""
        if tag == "br":
            self._inline += ["\n"] if begins else []
        elif tag in _BLOCKS and self._line in _CODE:
            if self._inline and not self._inline[-1].endswith("\n"):
                self._inline.append("\n")
        elif tag in _BLOCKS | _APART or "-" in tag or (self._entered and self._entered[-1][0] in _SPREAD):
            self._inline.append(" ")

    def _open(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Begin a block. Whether it has a frame, or is the heading or code that is open."""
        grid = self._frames[-1].grid
        if grid is not None and tag in ("th", "caption", "thead"):
            grid.has_header = True
        if tag in _HEADINGS or tag in _CODE:
            self._line = tag
            self._language = _language(node)
        elif tag in _LISTS:
            self._frames.append(_Frame(tag, numbering=_numbering(node, attributes) if tag == "ol" else None))
        elif tag == "table":
            self._frames.append(_Frame(tag, grid=_grid(attributes)))
        elif tag in ("li", "dl", "dt", "dd", "blockquote") or (tag in ("td", "th", "caption") and grid is not None):
            self._frames.append(_Frame(tag, attributes=attributes))
        else:
            if tag == "tr" and grid is not None:
                grid.start_row()
            return False
        return True

    def _shut(self, tag: str) -> None:
        if self._line:
            self._end_line(tag)
            return
        self._flush()
        frame, outer = self._frames.pop(), self._frames[-1]
        marker = "-"
        if tag == "li" and outer.numbering is not None:
            marker = outer.numbering.marker(whole_number(frame.attributes.get("value")))
        if tag in ("td", "th") and outer.grid is not None:
            spans = (whole_number(frame.attributes.get(name)) for name in ("colspan", "rowspan"))
            outer.grid.add_cell(frame.nodes, *spans)
        elif frame.grid is not None:
            outer.nodes += [*frame.nodes, *frame.grid.nodes()]
        elif not frame.nodes and not frame.entries:
            pass
        elif tag in _LISTS:
            outer.nodes.append(items([each if each.kind == "item" else item("-", [each]) for each in frame.nodes]))
        elif tag == "li":
            made = item(marker, frame.nodes)
            # Outside of a list an item is one all the same.
            outer.nodes.append(made if outer.tag in _LISTS else items([made]))
        elif tag in ("dt", "dd") and outer.tag == "dl":
            _define(outer, frame)
        elif tag == "dl":
            outer.nodes.append(items([item("-", each) for each in (*frame.entries, frame.nodes) if each]))
        elif tag == "blockquote":
            outer.nodes.append(quote(frame.nodes))
        else:
            outer.nodes += frame.nodes

    def _end_line(self, tag: str) -> None:
        """A heading or code ends."""
        text = self._taken()
        self._line = ""
        if text.strip():
            made = heading(_HEADINGS[tag], text) if tag in _HEADINGS else code(text, self._language)
            self._frames[-1].nodes.append(made)

    def _flush(self) -> None:
        """Make a paragraph of the text that was met since the last block."""
        if self._inline:
            text = self._taken()
            if text:
                self._frames[-1].nodes.append(paragraph(text))

    def _taken(self) -> str:
        """The text so far, its white space as a browser shows it."""
        text, hidden = without_hidden("".join(self._inline))
        self._inline = []
        self.hidden_characters += hidden
        if self._line in _CODE:
            text = text.replace("\r", "\n")
        else:
            text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
        self.has_text = self.has_text or not (not text or text.isspace())
        return text


def _define(outer: _Frame, frame: _Frame) -> None:
    """Add a term or its definition to a list of definitions: an item is the terms and what follows them."""
    if outer.nodes:
        # What stands between them and is neither.
        outer.entries.append(outer.nodes)
        outer.nodes = []
    term = frame.tag == "dt"
    if not outer.entries or (term and not outer.in_terms):
        outer.entries.append([])
    outer.entries[-1] += frame.nodes
    outer.in_terms = term


def _grid(attributes: Attributes) -> Grid:
    grid = Grid()
    grid.is_layout = (attributes.get("role") or "").strip().lower() in ("presentation", "none")
    return grid


def _numbering(node: LexborNode, attributes: Attributes) -> Numbering:
    step = -1 if "reversed" in attributes else 1
    first = whole_number(attributes.get("start"))
    if first is None:
        first = sum(child.tag == "li" for child in node.iter()) if step < 0 else 1
    return Numbering(first, step, (attributes.get("type") or "1").strip())


def _language(node: LexborNode) -> str:
    """The language that an element's classes name, or those of what it lies in."""
    near = [node, node.parent, node.parent.parent if node.parent else None]
    for name in (name for each in near if each for name in (each.attributes.get("class") or "").split()):
        for prefix in ("language-", "lang-", "highlight-source-", "highlight-"):
            rest = name.removeprefix(prefix)
            if rest != name and rest.replace("+", "").replace("#", "").replace("-", "").isalnum():
                return rest
    return ""
