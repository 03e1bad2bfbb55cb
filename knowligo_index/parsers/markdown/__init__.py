"""Markdown (CommonMark, tables, admonitions, YAML front matter) by markdown-it-py.

The canonical text is the file itself, with its markup, so that the span of a chunk can be opened in an editor. The
parser only gives the lines where blocks begin and end, so the spans of blocks are whole lines.
"""

from pathlib import PurePosixPath
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from knowligo_index.parsers.markdown.block_renditions import ATTRIBUTES, renditions_of
from knowligo_index.parsers.markdown.comments import comments, hiding_html
from knowligo_index.parsers.markdown.tracing import traced
from knowligo_index.parsers.markdown.tree import block_tree, inline_tokens, leaves_of
from knowligo_index.parsers.plain import (
    cut_out,
    decode,
    fill_gaps,
    line_starts,
    spelled_exclusions,
    text_warnings,
    trim,
)
from knowligo_index.types import Block, BlockKind, Document, Exclusion, Source

_KINDS: dict[str, BlockKind] = {
    "heading": "heading",
    "paragraph": "paragraph",
    "bullet_list": "list",
    "ordered_list": "list",
    "list_item": "item",
    "blockquote": "quote",
    "admonition": "quote",
    "table": "table",
    "fence": "code",
    "code_block": "code",
    "html_block": "html",
    "hr": "paragraph",
}


def parse(source: Source, data: bytes) -> Document:
    """The decoded file and its blocks. The title is that of the front matter, else the first heading of level 1, else
    the file's name. Comments are in no block. Raises ParseError if the file is not text."""
    text, encoding = decode(data)
    lines = line_starts(text)
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(front_matter_plugin).use(admon_plugin)
    environment: dict[str, Any] = {}
    trace = traced(markdown)
    tokens = markdown.parse(text, environment)
    renditions, tables_with_names = renditions_of(text, lines, tokens, trace, environment)
    root = block_tree(tokens)
    metadata: dict[str, str | list[str]] = {}
    exclusions: list[Exclusion] = []
    warnings = text_warnings(text, encoding, lines)
    body_start = 0
    nodes = list(root.children)
    if nodes and nodes[0].type == "front_matter":
        front_matter = nodes.pop(0)
        try:
            metadata = _metadata(front_matter.content)
            start, end = _span(front_matter, text, lines)
            exclusions.append(Exclusion("front-matter", start, end))
            body_start = end
        except yaml.YAMLError as error:
            # It may be text between two horizontal rules, and is then indexed as text.
            warnings.append(f"front matter is not a YAML mapping, indexed as text: {_first_line(error)}")
    leaves = list(leaves_of(nodes))
    comment_exclusions, comment_warnings = comments(text, lines, leaves, environment)
    exclusions = spelled_exclusions(text, [*exclusions, *comment_exclusions])
    warnings += comment_warnings + hiding_html(leaves)
    blocks = fill_gaps(text, body_start, len(text), [_block(node, text, lines, tables_with_names) for node in nodes])
    blocks = cut_out(text, blocks, exclusions)
    return Document(
        source=source.name,
        format=source.format,
        title=_title(metadata, blocks) or PurePosixPath(source.name).stem,
        text=text,
        blocks=blocks,
        line_starts=lines,
        encoding=encoding,
        metadata=metadata,
        exclusions=tuple(exclusions),
        warnings=tuple(warnings),
        renditions=renditions,
    )


def _block(node: SyntaxTreeNode, text: str, lines: tuple[int, ...], tables_with_names: frozenset[int]) -> Block:
    """The block of a node. `tables_with_names`: first lines of the tables that are read with their column names."""
    start, end = _span(node, text, lines)
    if node.type == "heading":
        return Block("heading", start, end, level=int(node.tag[1]), label=_label(node))
    if node.type == "table":
        children = _rows(node, text, lines)
    elif node.type in ("bullet_list", "ordered_list", "list_item", "blockquote", "admonition"):
        children = [
            _block(child, text, lines, tables_with_names) for child in node.children if child.type != "admonition_title"
        ]
    else:
        return Block(_KINDS.get(node.type, "paragraph"), start, end)
    names_columns = node.type == "table" and _map(node)[0] in tables_with_names
    return Block(_KINDS[node.type], start, end, fill_gaps(text, start, end, children), names_columns=names_columns)


def _rows(table: SyntaxTreeNode, text: str, lines: tuple[int, ...]) -> list[Block]:
    """The header together with its delimiter row as one block, then one block for each row."""
    rows: list[Block] = []
    for part in table.children:
        for row in part.children:
            first_line, next_line = _map(row)
            delimiter_lines = 1 if part.type == "thead" else 0
            rows.append(Block("row", *_lines_span(text, lines, first_line, next_line + delimiter_lines)))
    return rows


def _span(node: SyntaxTreeNode, text: str, lines: tuple[int, ...]) -> tuple[int, int]:
    return _lines_span(text, lines, *_map(node))


def _lines_span(text: str, lines: tuple[int, ...], first: int, last: int) -> tuple[int, int]:
    """The span of the lines from `first` to `last` (exclusive), without blank ones at either end."""
    return trim(text, lines[first], lines[last] if last < len(lines) else len(text))


def _map(node: SyntaxTreeNode) -> tuple[int, int]:
    """The first line and the line after the last one, from 0."""
    if node.map is None:
        raise ValueError(f"markdown-it gave a block without lines: {node.type}")
    return node.map


def _label(heading: SyntaxTreeNode) -> str:
    """The heading's text without markup."""
    parts = [
        token.content if token.type in ("text", "code_inline", "image") else " "
        for inline in heading.children
        for token in inline_tokens(inline)
        if token.type in ("text", "code_inline", "image", "softbreak", "hardbreak")
    ]
    return ATTRIBUTES.sub("", " ".join("".join(parts).split()))


def _title(metadata: dict[str, str | list[str]], blocks: tuple[Block, ...]) -> str:
    title = metadata.get("title")
    if isinstance(title, str) and title.strip():
        return title.strip()
    return next((block.label for block in blocks if block.kind == "heading" and block.level == 1), "")


def _metadata(front_matter: str) -> dict[str, str | list[str]]:
    """Scalars and lists of scalars as text; deeper structures are for the site generator, and are left out.

    Raises yaml.YAMLError if the front matter is not a YAML mapping.
    """
    # The base loader keeps every scalar as it is written: 2026-03-01 is not converted to a date, nor "no" to False.
    loaded = yaml.load(front_matter, Loader=yaml.BaseLoader)
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise yaml.YAMLError("not a mapping")
    metadata: dict[str, str | list[str]] = {}
    for key, value in loaded.items():
        if isinstance(value, str):
            metadata[str(key)] = value
        elif isinstance(value, list):
            metadata[str(key)] = [item for item in value if isinstance(item, str)]
    return metadata


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
