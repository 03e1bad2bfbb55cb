"""What Markdown holds and its reader does not see: comments, definitions that nothing can refer to, raw HTML that
hides what it holds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from knowligo_index.parsers.plain import trim
from knowligo_index.types import Exclusion

_OPEN, _CLOSE = "<!--", "-->"

_INLINE = "inline"

# `[//]: # (a comment)`: people write comments as the definition of a link that no text can name by accident.
_COMMENT_LABELS = ("//", "#", "COMMENT")

_HIDING = re.compile(
    r"""<[a-z][^<>]*?(?:\shidden[\s=>/]|style\s*=[^<>]*?(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0"""
    r"""|opacity\s*:\s*0[;"'\s]))""",
    re.IGNORECASE,
)


def comments(
    text: str, lines: Sequence[int], leaves: Sequence[SyntaxTreeNode], found: Mapping[str, Any]
) -> tuple[list[Exclusion], list[str]]:
    """The spans of comments, in order, and warnings. `found` is what markdown-it gathered of link definitions.

    A comment inside a paragraph has no place of its own in markdown-it's tree. It is looked for in the lines of the
    paragraph, and taken out where there are just as many as the tree has: then none of them is code. Where there
    are not, a warning says that they were left.
    """
    warnings: list[str] = []
    spans: list[tuple[int, int]] = []
    for leaf in leaves:
        if leaf.map is None or leaf.type in ("fence", "code_block"):
            continue
        here = list(_comment_spans(text, *_offsets(text, lines, leaf.map)))
        if not here:
            continue
        count = len(here) if leaf.type == "html_block" else _inline_comments(leaf)
        if count == len(here):
            spans += here
        elif count:
            warnings.append(f"hidden-text: a comment from line {leaf.map[0] + 1} on, beside code, is indexed")
    definitions = [*found.get("references", {}).items()]
    definitions += [(each.get("label"), each) for each in found.get("duplicate_refs", ())]
    for label, definition in definitions:
        if label in _COMMENT_LABELS:
            spans.append(trim(text, *_offsets(text, lines, definition["map"])))
    return [Exclusion("comment", start, end) for start, end in sorted(spans)], warnings


def hiding_html(leaves: Sequence[SyntaxTreeNode]) -> list[str]:
    """A warning where raw HTML has an element that is not shown. What it holds is Markdown, and is indexed."""
    for leaf in leaves:
        raw = [leaf.content] if leaf.type == "html_block" else []
        if leaf.type not in ("fence", "code_block", "html_block"):
            raw = [token.content for token in _inline_tokens(leaf) if token.type == "html_inline"]
        if leaf.map and any(_HIDING.search(html) for html in raw):
            return [f"hidden-text: the HTML on line {leaf.map[0] + 1} hides what it holds, which is indexed"]
    return []


def leaves_of(nodes: Sequence[SyntaxTreeNode]) -> Iterator[SyntaxTreeNode]:
    """Blocks without blocks in them; of a table, its rows. In order."""
    for node in nodes:
        if node.type in ("tr", "inline") or not node.children or node.children[0].type == "inline":
            yield node
        else:
            yield from leaves_of(node.children)


def _inline_comments(leaf: SyntaxTreeNode) -> int:
    return sum(token.type == "html_inline" and token.content.startswith(_OPEN) for token in _inline_tokens(leaf))


def block_tree(tokens: Sequence[Token]) -> SyntaxTreeNode:
    """The tree of blocks. What is inside a line is no part of it, which halves its cost: see `inline_tokens`."""
    for token in tokens:
        if token.children:
            token.meta[_INLINE], token.children = token.children, None
    return SyntaxTreeNode(tokens)


def inline_tokens(inline: SyntaxTreeNode) -> Sequence[Token]:
    """What is inside the lines of a node of the type `inline`."""
    tokens: Sequence[Token] = inline.meta.get(_INLINE, ())
    return tokens


def _inline_tokens(leaf: SyntaxTreeNode) -> Iterator[Token]:
    for node in leaf.walk():
        if node.type == "inline":
            yield from inline_tokens(node)


def _offsets(text: str, lines: Sequence[int], rows: Sequence[int]) -> tuple[int, int]:
    first, last = rows
    return lines[first] if first < len(lines) else len(text), lines[last] if last < len(lines) else len(text)


def _comment_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while (start := text.find(_OPEN, start, end)) >= 0:
        close = text.find(_CLOSE, start + len(_OPEN), end)
        # An HTML block may end before the comment does; then a browser would hide all that follows.
        stop = close + len(_CLOSE) if close >= 0 else end
        yield trim(text, start, stop)
        start = stop
