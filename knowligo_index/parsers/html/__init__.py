"""HTML by selectolax (Lexbor, a parser after the WHATWG's standard). The canonical text is what a reader of the page
sees of its content: menus, banners and footers are left out, and so is what the page hides.
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
from knowligo_index.parsers.html.stylesheets import Styles, read_styles
from knowligo_index.parsers.html.traversal import walk
from knowligo_index.parsers.html.tree import Tally
from knowligo_index.types import Document, Source

# What a page says of itself, and the name that it has here.
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

_LONGEST_TITLE = 1000


def parse(source: Source, data: bytes) -> Document:
    """The content of the page. The title is the page's own, else its first heading of level 1, else the file's name.

    Raises ParseError where the file is not text, or nothing in it is shown, or it takes too much memory.
    """
    text, encoding, guessed = decode_page(data)
    page = _page(text, xml=source.name.lower().endswith(".xhtml") or text.lstrip().startswith("<?xml"))
    root = page.root
    if root is None:
        raise ParseError("no-text", "there is no text in it: remove it, or see what it is for")
    warnings = [f"read as {encoding}, which is a guess: save it as UTF-8"] if guessed else []
    title = page.css_first("head title")
    styles = read_styles(root, len(text))
    if styles.cut_short:
        warnings.append("its style sheets were not read to their end: what they hide may be in the text")
    builder, tally = _read(root, styles, title, keep_all=False)
    if not builder.has_text and tally.characters("boilerplate"):
        # A page that is nothing but a menu is content to somebody.
        warnings.append("everything in it looks like menus and banners; it is indexed as it is")
        builder, tally = _read(root, styles, title, keep_all=True)
    if not builder.has_text:
        raise ParseError("no-text", "no text of it is shown: remove it, or see what it is for")
    hidden = tally.characters("hidden-text")
    if hidden:
        warnings.append(f"hidden-text: {hidden} characters are not shown and left out")
    tally.add("hidden-characters", builder.hidden_characters)
    rendered = render([builder.nodes()])
    headings = (block.label for block in rendered.blocks if block.kind == "heading" and block.level == 1)
    return Document(
        source=source.name,
        format=source.format,
        title=_title(title) or next(headings, "")[:_LONGEST_TITLE] or PurePosixPath(source.name).stem,
        text=rendered.text,
        blocks=rendered.blocks,
        renditions=rendered.renditions,
        metadata=_metadata(page, root) | {"charset": encoding},
        dropped=tally.dropped(),
        warnings=tuple(warnings),
    )


def _page(text: str, *, xml: bool) -> LexborHTMLParser:
    try:
        return LexborHTMLParser(tamed(text, xml=xml), scripting=True)
    except SelectolaxError as error:
        # Its parser has no other reason to give up.
        raise ParseError("out-of-memory", "it has more elements than fit in memory: split it") from error


def _read(root: LexborNode, styles: Styles, title: LexborNode | None, *, keep_all: bool) -> tuple[BlockBuilder, Tally]:
    builder, tally = BlockBuilder(), Tally(title)
    walk(root, Pruning(root, styles, keep_all=keep_all), builder, tally)
    builder.finish()
    return builder, tally


def _title(title: LexborNode | None) -> str:
    return _clean(title.text(deep=True))[:_LONGEST_TITLE].rstrip() if title else ""


def _metadata(page: LexborHTMLParser, root: LexborNode) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    values = [("lang", root.attributes.get("lang"))]
    for node in page.css("head meta[content]"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        values.append((_METADATA.get(name, ""), attributes.get("content")))
    canonical = page.css_first("head link[rel=canonical]")
    values.append(("canonical", canonical.attributes.get("href") if canonical else None))
    for name, value in values:
        clean = _clean(value or "")
        if name and clean:
            found.setdefault(name, clean)
    return found


def _clean(text: str) -> str:
    return " ".join(without_hidden(text)[0].split())
