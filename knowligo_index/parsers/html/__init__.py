"""HTML by selectolax (Lexbor, a parser that follows the WHATWG standard). The canonical text is what a reader of the
page sees of its content: menus, banners and footers are left out, and so is hidden text.
"""

from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from knowligo_index.errors import ParseError
from knowligo_index.parsers.canonical import render
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.html.blocks import BlockBuilder
from knowligo_index.parsers.html.encoding import decode_page
from knowligo_index.parsers.html.pruning import Pruning
from knowligo_index.parsers.html.source import tamed
from knowligo_index.parsers.html.stylesheets import StyleSheets, read_style_sheets
from knowligo_index.parsers.html.traversal import walk
from knowligo_index.parsers.html.tree import DroppedElements
from knowligo_index.types import Document, Source

# The metadata of a page, and the names of its fields in the index.
_METADATA = {
    "description": "description",
    "author": "author",
    "keywords": "keywords",
    "date": "date",
    "dcterms.date": "date",
    "dcterms.modified": "date",
    "article:modified_time": "date",
    "article:published_time": "date",
}

_MAX_TITLE_CHARACTERS = 1000


def parse(source: Source, data: bytes) -> Document:
    """The content of the page. The title is the page's own, else its first heading of level 1, else the file's name.

    Raises ParseError if the file is not text, if no text of it is visible, or if it takes too much memory.
    """
    text, encoding, guessed = decode_page(data)
    page = _page(text, xml=source.name.lower().endswith(".xhtml") or text.lstrip().startswith("<?xml"))
    root = page.root
    if root is None:
        raise ParseError(
            "no-text", "the page has no text: remove the file, or check whether a script loads its content"
        )
    warnings = [f"read as {encoding}, which is a guess: save the file as UTF-8"] if guessed else []
    title = page.css_first("head title")
    sheets = read_style_sheets(root, len(text))
    if sheets.cut_short:
        warnings.append(
            "its style sheets are too large and were not read completely: text that they hide may be indexed"
        )
    builder, dropped = _read(root, sheets, title, keep_all=False)
    if not builder.has_text and dropped.characters("boilerplate"):
        # Of a page that is only a menu, the menu is the content.
        warnings.append("all of its text looks like menus and banners; it is indexed as it is")
        builder, dropped = _read(root, sheets, title, keep_all=True)
    if not builder.has_text:
        raise ParseError(
            "no-text", "no text of the page is visible: remove the file, or check whether a script shows its content"
        )
    hidden = dropped.characters("hidden-text")
    if hidden:
        warnings.append(f"hidden-text: {hidden} characters are not visible and were left out")
    dropped.add("hidden-characters", builder.hidden_characters)
    rendered = render([builder.nodes()])
    headings = (block.label for block in rendered.blocks if block.kind == "heading" and block.level == 1)
    return Document(
        source=source.name,
        format=source.format,
        title=_title(title) or next(headings, "")[:_MAX_TITLE_CHARACTERS] or PurePosixPath(source.name).stem,
        text=rendered.text,
        blocks=rendered.blocks,
        renditions=rendered.renditions,
        metadata=_metadata(page, root) | {"charset": encoding},
        dropped=dropped.dropped(),
        warnings=tuple(warnings),
    )


def _page(text: str, *, xml: bool) -> LexborHTMLParser:
    try:
        return LexborHTMLParser(tamed(text, xml=xml), scripting=True)
    except SelectolaxError as error:
        # The parser fails for no other reason.
        raise ParseError("out-of-memory", "the page has more elements than fit in memory: split the file") from error


def _read(
    root: LexborNode, sheets: StyleSheets, title: LexborNode | None, *, keep_all: bool
) -> tuple[BlockBuilder, DroppedElements]:
    builder, dropped = BlockBuilder(), DroppedElements(title)
    walk(root, Pruning(root, sheets, keep_all=keep_all), builder, dropped)
    builder.finish()
    return builder, dropped


def _title(title: LexborNode | None) -> str:
    return _clean(title.text(deep=True))[:_MAX_TITLE_CHARACTERS].rstrip() if title else ""


def _metadata(page: LexborHTMLParser, root: LexborNode) -> dict[str, str | list[str]]:
    metadata: dict[str, str | list[str]] = {}
    values = [("lang", root.attributes.get("lang"))]
    for node in page.css("head meta[content]"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        values.append((_METADATA.get(name, ""), attributes.get("content")))
    canonical = page.css_first("head link[rel=canonical]")
    values.append(("canonical", canonical.attributes.get("href") if canonical else None))
    for name, value in values:
        clean_value = _clean(value or "")
        if name and clean_value:
            metadata.setdefault(name, clean_value)
    return metadata


def _clean(text: str) -> str:
    return " ".join(without_hidden(text)[0].split())
