"""The visible text of raw HTML in Markdown: the text between its tags."""

import re
from collections.abc import Iterator
from html import unescape

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.types import Rendition

# Tags that may be inside a word. All others separate words.
_IN_WORDS = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"),
        *("mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
_ALTERNATIVE = re.compile(r"""\salt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
# An element or comment that is not closed extends to the end, as in a browser.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[?!].*?(?:>|\Z)"
    r"""|</?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*+>|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});""",
    re.DOTALL | re.IGNORECASE,
)


def tag_text(markup: str) -> str:
    """The text that replaces a tag, a comment or another piece of markup."""
    match = _NAME.match(markup)
    if match is None:
        return ""
    name = match[1].lower()
    if name == "img":
        alternative = _ALTERNATIVE.search(markup)
        return entity_text(f" {alternative[1] or alternative[2] or ''} ") if alternative else " "
    return "" if name in _IN_WORDS else " "


def entity_text(text: str) -> str:
    """The text with its entities replaced by their characters."""
    return without_hidden(unescape(text).replace("\N{NO-BREAK SPACE}", " "))[0]


def html_renditions(html: str) -> Iterator[Rendition]:
    """The renditions of a block of HTML."""
    for match in _MARKUP.finditer(html):
        markup = match.group()
        yield Rendition(*match.span(), entity_text(markup) if markup[0] == "&" else tag_text(markup))
