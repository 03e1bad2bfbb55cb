"""Builds the nodes of the canonical text from the elements and texts of a page."""

from selectolax.lexbor import LexborNode

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.html.open_blocks import LISTS, OpenBlock, opened_block
from knowligo_index.parsers.html.tree import Attributes, names
from knowligo_index.parsers.nodes import Node, code, heading, paragraph

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CODE = frozenset(("pre", "xmp", "plaintext", "listing"))

# Elements that begin on a new line. All others, unknown ones too, are part of a line.
_BLOCKS = (
    LISTS
    | _CODE
    | frozenset(_HEADINGS)
    | names(
        "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
        "footer form frameset header hgroup hr html legend li main nav p search section summary table tbody td tfoot "
        "th thead tr"
    )
)

# Elements within a line that are separated from the words beside them.
_SEPARATED = names("option optgroup button select textarea meter progress img input text mtable")
# The children of these formulas are separated too.
_SEPARATED_CHILDREN = names("mfrac mroot msup msub msubsup mover munder munderover mtr mtable")


class BlockBuilder:
    """A visitor of `traversal.walk` that builds nodes."""

    def __init__(self) -> None:
        self._open_blocks = [OpenBlock("")]
        self._entered: list[tuple[str, bool]] = []
        """the elements that are open, and whether each is an open block, heading or code"""
        self._inline: list[str] = []
        """the texts since the last block"""
        self._line = ""
        """the tag of the open heading or code; elements inside it do not begin blocks"""
        self._language = ""
        self.hidden_characters = 0
        self.has_text = False

    def finish(self) -> None:
        """End the last block, after the whole page was walked."""
        self._flush()

    def nodes(self) -> list[Node]:
        """The blocks of the page."""
        return self._open_blocks[0].nodes

    def text(self, text: str) -> None:
        self._inline.append(text if self._line in _CODE else text.replace("\n", " "))

    def enter(self, node: LexborNode, tag: str, attributes: Attributes) -> None:
        is_open = False
        if tag in _BLOCKS and not self._line:
            self._flush()
            is_open = self._open(node, tag, attributes)
        else:
            self._separate(tag, begins=True)
            if self._line in _CODE and tag == "code" and not self._language:
                self._language = _language(node)
        self._entered.append((tag, is_open))

    def leave(self, tag: str) -> None:
        is_open = self._entered.pop()[1]
        if is_open:
            self._close(tag)
        elif tag in _BLOCKS and not self._line:
            self._flush()
            grid = self._open_blocks[-1].grid
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
        """Separate the text of an element within a line, heading or code from the text beside it."""
        if tag == "br":
            self._inline += ["\n"] if begins else []
        elif tag in _BLOCKS and self._line in _CODE:
            if self._inline and not self._inline[-1].endswith("\n"):
                self._inline.append("\n")
        elif tag in _BLOCKS | _SEPARATED or "-" in tag or self._is_in_formula():
            self._inline.append(" ")

    def _is_in_formula(self) -> bool:
        return bool(self._entered) and self._entered[-1][0] in _SEPARATED_CHILDREN

    def _open(self, node: LexborNode, tag: str, attributes: Attributes) -> bool:
        """Begin a block; whether it remains open until the element ends."""
        grid = self._open_blocks[-1].grid
        if grid is not None and tag in ("th", "caption", "thead"):
            grid.has_header = True
        if tag in _HEADINGS or tag in _CODE:
            self._line = tag
            self._language = _language(node)
            return True
        block = opened_block(node, tag, attributes, in_table=grid is not None)
        if block is not None:
            self._open_blocks.append(block)
            return True
        if tag == "tr" and grid is not None:
            grid.start_row()
        return False

    def _close(self, tag: str) -> None:
        """End an open block, heading or code."""
        if self._line:
            self._close_line(tag)
            return
        self._flush()
        block = self._open_blocks.pop()
        block.close_into(self._open_blocks[-1])

    def _close_line(self, tag: str) -> None:
        text = self._taken_text()
        self._line = ""
        if text.strip():
            node = heading(_HEADINGS[tag], text) if tag in _HEADINGS else code(text, self._language)
            self._open_blocks[-1].nodes.append(node)

    def _flush(self) -> None:
        """Make a paragraph of the texts since the last block."""
        if self._inline:
            text = self._taken_text()
            if text:
                self._open_blocks[-1].nodes.append(paragraph(text))

    def _taken_text(self) -> str:
        """The texts since the last block, which are removed, with white space as a browser shows it."""
        text, hidden = without_hidden("".join(self._inline))
        self._inline = []
        self.hidden_characters += hidden
        if self._line in _CODE:
            text = text.replace("\r", "\n")
        else:
            text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
        self.has_text = self.has_text or not (not text or text.isspace())
        return text


def _language(node: LexborNode) -> str:
    """The programming language that a class of the element names, or of its parent or grandparent."""
    elements = [node, node.parent, node.parent.parent if node.parent else None]
    for element in elements:
        for name in (element.attributes.get("class") or "").split() if element else ():
            for prefix in ("language-", "lang-", "highlight-source-", "highlight-"):
                language = name.removeprefix(prefix)
                if language != name and language.replace("+", "").replace("#", "").replace("-", "").isalnum():
                    return language
    return ""
