"""Text in Markdown that a reader does not see: comments, and raw HTML that hides its content."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from knowligo_index.parsers.markdown.tree import tokens_inside
from knowligo_index.parsers.plain import trim
from knowligo_index.types import Exclusion

_OPEN, _CLOSE = "<!--", "-->"

# `[//]: # (a comment)`: a way to write comments as the definition of a link that no text refers to by accident.
_COMMENT_LABELS = ("//", "#", "COMMENT")

_HIDING = re.compile(
    r"""<[a-z][^<>]*?(?:\shidden[\s=>/]|style\s*=[^<>]*?(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0"""
    r"""|opacity\s*:\s*0[;"'\s]))""",
    re.IGNORECASE,
)


def comments(
    text: str, lines: Sequence[int], leaves: Sequence[SyntaxTreeNode], environment: Mapping[str, Any]
) -> tuple[list[Exclusion], list[str]]:
    """The spans of comments, in order, and warnings. `environment` has the link definitions that markdown-it collected.

    A comment inside a paragraph has no position in markdown-it's tree. It is searched in the lines of the paragraph.
    Comments are excluded if as many are found as the tree has, because none of them is then part of code. Else they are
    indexed, with a warning.
    """
    warnings: list[str] = []
    spans: list[tuple[int, int]] = []
    for leaf in leaves:
        if leaf.map is None or leaf.type in ("fence", "code_block"):
            continue
        leaf_spans = list(_comment_spans(text, *_offsets(text, lines, leaf.map)))
        if not leaf_spans:
            continue
        count = len(leaf_spans) if leaf.type == "html_block" else _comment_count(leaf)
        if count == len(leaf_spans):
            spans += leaf_spans
        elif count:
            warnings.append(
                f"hidden-text: the comment on line {leaf.map[0] + 1} is indexed, since it cannot be told from code"
            )
    definitions = [*environment.get("references", {}).items()]
    definitions += [(definition.get("label"), definition) for definition in environment.get("duplicate_refs", ())]
    for label, definition in definitions:
        if label in _COMMENT_LABELS:
            spans.append(trim(text, *_offsets(text, lines, definition["map"])))
    return [Exclusion("comment", start, end) for start, end in sorted(spans)], warnings


def hiding_html(leaves: Sequence[SyntaxTreeNode]) -> list[str]:
    """A warning if raw HTML has an element that is not shown. Its content is Markdown, and is indexed."""
    for leaf in leaves:
        fragments = [leaf.content] if leaf.type == "html_block" else []
        if leaf.type not in ("fence", "code_block", "html_block"):
            fragments = [token.content for token in tokens_inside(leaf) if token.type == "html_inline"]
        if leaf.map and any(_HIDING.search(html) for html in fragments):
            return [f"hidden-text: the HTML on line {leaf.map[0] + 1} hides its content, which is indexed"]
    return []


def _comment_count(leaf: SyntaxTreeNode) -> int:
    return sum(token.type == "html_inline" and token.content.startswith(_OPEN) for token in tokens_inside(leaf))


def _offsets(text: str, lines: Sequence[int], rows: Sequence[int]) -> tuple[int, int]:
    first, last = rows
    return lines[first] if first < len(lines) else len(text), lines[last] if last < len(lines) else len(text)


def _comment_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while (start := text.find(_OPEN, start, end)) >= 0:
        comment_end = text.find(_CLOSE, start + len(_OPEN), end)
        # An HTML block may end before the comment does; a browser would then hide everything after it.
        span_end = comment_end + len(_CLOSE) if comment_end >= 0 else end
        yield trim(text, start, span_end)
        start = span_end
