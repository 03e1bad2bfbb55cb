"""What is seen of raw HTML in Markdown: the text between its tags."""

import re
from collections.abc import Iterator
from html import unescape

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.types import Rendition

# Tags within a word. At all others a word ends.
_IN_WORDS = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"),
        *("mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)")
_ALTERNATIVE = re.compile(r"""\salt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
# What is not closed goes on to the end, as it does in a browser.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[?!].*?(?:>|\Z)"
    r"""|</?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*+>|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});""",
    re.DOTALL | re.IGNORECASE,
)


def seen_of_tag(markup: str) -> str:
    """What stands in the place of a tag, a comment or the like."""
    found = _NAME.match(markup)
    if found is None:
        return ""
    name = found[1].lower()
    if name == "img":
        alternative = _ALTERNATIVE.search(markup)
        return seen_of_entities(f" {alternative[1] or alternative[2] or ''} ") if alternative else " "
    return "" if name in _IN_WORDS else " "


def seen_of_entities(text: str) -> str:
    """The text with its entities as the characters that they stand for."""
    return without_hidden(unescape(text).replace("\N{NO-BREAK SPACE}", " "))[0]


def html_renditions(html: str) -> Iterator[Rendition]:
    """How a block of HTML is read."""
    for match in _MARKUP.finditer(html):
        markup = match.group()
        yield Rendition(*match.span(), seen_of_entities(markup) if markup[0] == "&" else seen_of_tag(markup))
