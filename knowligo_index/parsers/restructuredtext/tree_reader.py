"""Makes nodes of the canonical text from docutils' tree of a document."""

from collections.abc import Iterator, Sequence

from docutils import nodes

from knowligo_index.parsers.grid import Grid
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.markers import formatted_number
from knowligo_index.parsers.nodes import Node, code, heading, item, items, paragraph, quote
from knowligo_index.parsers.restructuredtext.inline import InlineText
from knowligo_index.types import Dropped, DroppedKind

# Nodes that are nested deeper are read as plain text.
_MAX_DEPTH = 60

_STYLES = {"loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}

# docutils' messages about text that it reads nevertheless.
_HARMLESS_MESSAGES = ("Title underline too short", "Title overline too short")


class TreeReader:
    """Makes nodes of the canonical text from those of docutils."""

    def __init__(self, tree: nodes.document) -> None:
        self._inline = InlineText(tree)
        self._hidden_characters = 0
        self._dropped: dict[DroppedKind, list[int]] = {}
        """by kind: the number of characters in each place"""

    def dropped(self) -> Iterator[Dropped]:
        """What is not in the text. It may be called once, after all blocks were read."""
        for text in self._inline.unused():
            self._drop("hidden-text", text)
        counts = {kind: Dropped(kind, len(sizes), sum(sizes)) for kind, sizes in self._dropped.items() if sum(sizes)}
        if self._hidden_characters:
            counts["hidden-characters"] = Dropped("hidden-characters", 1, self._hidden_characters)
        yield from (counts[kind] for kind in sorted(counts))

    def blocks(self, children: Sequence[nodes.Node], level: int = 0, depth: int = 0) -> list[Node]:
        """The nodes of these children, which are in a section of the given level (0: the document)."""
        return [block for child in children for block in self._block(child, level, depth)]

    def _block(self, node: nodes.Node, level: int, depth: int) -> list[Node]:
        if isinstance(node, nodes.Text):
            return self._paragraph(node)
        if not isinstance(node, nodes.Element) or isinstance(node, nodes.substitution_definition):
            # The text of a substitution is read where it is used, or else counted as dropped.
            return []
        dropped_kind = _dropped_kind(node)
        if dropped_kind is not None:
            self._drop(dropped_kind, node.astext())
            return []
        if depth > _MAX_DEPTH:
            return [block for part in node.findall(_is_outermost_text) for block in self._paragraph(part)]
        match node:
            case nodes.section():
                return self.blocks(node.children, level + 1, depth + 1)
            case nodes.title() if isinstance(node.parent, nodes.section | nodes.document):
                return [heading(level, self._text(node))]
            case nodes.system_message():
                message = node.children[0].astext() if node.children else ""
                # The source that could not be read is below the message.
                return (
                    [] if message.startswith(_HARMLESS_MESSAGES) else self.blocks(node.children[1:], level, depth + 1)
                )
            case nodes.literal_block() | nodes.doctest_block() | nodes.math_block():
                text = self._clean(self._inline.joined(node))
                return [code(text, _language(node))] if text.strip() else []
            case nodes.line_block():
                return [paragraph("\n".join(self._lines(node)))]
            case nodes.image():
                return self._paragraph(node)
            case nodes.TextElement():
                return self._paragraph(node)
            case nodes.table():
                return self._table(node, level, depth + 1)
        return self._container(node, level, depth + 1)

    def _container(self, node: nodes.Element, level: int, depth: int) -> list[Node]:
        children = node.children
        match node:
            case nodes.bullet_list():
                return [items([item("-", self.blocks(child.children, level, depth)) for child in _elements(node)])]
            case nodes.enumerated_list():
                return [self._numbered(node, level, depth)]
            case nodes.definition_list() | nodes.field_list() | nodes.option_list():
                return [items([item("-", self._entry(child, level, depth)) for child in _elements(node)])]
            case nodes.block_quote() | nodes.sidebar() | nodes.topic():
                return [quote(self.blocks(children, level, depth))]
            case nodes.Admonition():
                title_nodes = [] if node.tagname == "admonition" else [paragraph(node.tagname.capitalize())]
                return [quote([*title_nodes, *self.blocks(children, level, depth)])]
            case nodes.footnote() | nodes.citation():
                labels = [self._text(child) for child in children if isinstance(child, nodes.label)]
                bodies = [child for child in children if not isinstance(child, nodes.label)]
                return [items([item(f"[{' '.join(labels)}]" if labels else "-", self.blocks(bodies, level, depth))])]
        return self.blocks(children, level, depth)

    def _entry(self, node: nodes.Element, level: int, depth: int) -> list[Node]:
        """A term, field or option, and its description."""
        bodies = [child for child in _elements(node) if isinstance(child, _BODIES)]
        names = [child for child in _elements(node) if not isinstance(child, _BODIES)]
        # An option may have several names.
        name = ", ".join(self._text(option) for part in names for option in part.findall(nodes.option))
        name = name or " : ".join(self._text(part) for part in names)
        return [paragraph(name), *(block for body in bodies for block in self.blocks(body.children, level, depth))]

    def _numbered(self, node: nodes.Element, level: int, depth: int) -> Node:
        style = _STYLES.get(node.get("enumtype", ""), "1")
        prefix, suffix = node.get("prefix", ""), node.get("suffix", "") or "."
        numbered = enumerate(_elements(node), start=int(node.get("start", 1)))
        return items(
            [
                item(f"{prefix}{formatted_number(number, style)}{suffix}", self.blocks(child.children, level, depth))
                for number, child in numbered
            ]
        )

    def _table(self, node: nodes.Element, level: int, depth: int) -> list[Node]:
        grid = Grid()
        grid.has_header = True
        titles = [child for child in _elements(node) if isinstance(child, nodes.title)]
        for row in _rows(node):
            grid.start_row()
            for entry in _elements(row):
                spans = (int(entry.get(name, 0)) + 1 for name in ("morecols", "morerows"))
                grid.add_cell(self.blocks(entry.children, level, depth), *spans)
            grid.end_row()
        return [block for title in titles for block in self._paragraph(title)] + grid.nodes()

    def _lines(self, block: nodes.Element) -> Iterator[str]:
        stack: list[nodes.Node] = [block]
        while stack:
            node = stack.pop()
            if isinstance(node, nodes.line_block):
                stack.extend(reversed(node.children))
            else:
                yield self._text(node)

    def _paragraph(self, node: nodes.Node) -> list[Node]:
        text = self._text(node)
        return [paragraph(text)] if text else []

    def _text(self, node: nodes.Node) -> str:
        """The text of a node and of all nodes in it, as one line."""
        return " ".join(self._clean(self._inline.joined(node)).split())

    def _clean(self, text: str) -> str:
        cleaned, hidden = without_hidden(text)
        self._hidden_characters += hidden
        return cleaned

    def _drop(self, kind: DroppedKind, text: str) -> None:
        self._dropped.setdefault(kind, []).append(sum(map(len, text.split())))


_BODIES = (nodes.definition, nodes.field_body, nodes.description)


def _dropped_kind(node: nodes.Element) -> DroppedKind | None:
    """The kind of a node that is left out; None for any other node."""
    match node:
        case nodes.comment():
            return "comment"
        case nodes.header() | nodes.footer():
            return "running-header"
        case nodes.raw():
            return "script"
    return None


def _is_outermost_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.TextElement) and not isinstance(node.parent, nodes.TextElement)


def _elements(node: nodes.Element) -> list[nodes.Element]:
    return [child for child in node.children if isinstance(child, nodes.Element)]


def _rows(table: nodes.Element) -> Iterator[nodes.Element]:
    """The rows of a table, without those of tables in it."""
    for group in _elements(table):
        for part in _elements(group):
            if isinstance(part, nodes.thead | nodes.tbody):
                yield from _elements(part)


def _language(block: nodes.Element) -> str:
    """The programming language of a code block, which is one of its classes."""
    classes: list[str] = [name for name in block["classes"] if name not in ("code", "literal-block")]
    return classes[0] if classes and classes[0].isalnum() else ""
