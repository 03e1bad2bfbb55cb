"""What is changed in a page before it is parsed, so that parsing takes time and memory in proportion to its size.

A parser after the WHATWG's standard looks, for most elements, at all those they lie in, and compares an element's
attributes with each other. Like Chrome, this puts an element that would lie too deep beside the one it should lie in.
Nothing but tags is changed, and those of pages that a person wrote are not.
"""

import re
from collections import Counter
from html import escape

from knowligo_index.parsers.html.tree import names

# Chrome's own limit.
_DEEPEST = 512

# No element that a person wrote has so many attributes; of others only those are kept that mean something here.
_MOST_ATTRIBUTE_CHARACTERS = 4096
_MOST_ATTRIBUTES = 100
_MEANT = names(
    "hidden style id role type value start reversed colspan rowspan alt class lang name content href rel media"
)

_SPACE = r"[ \t\n\r\f]"
_ATTRIBUTES = (
    rf"(?:[ \t\n\r\f/]++|[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+"
    rf"(?:{_SPACE}*+={_SPACE}*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\r\f\"'>][^ \t\n\r\f>]*+)?+)?+)*+"
)
_TOKEN = re.compile(rf"<(?:(!--)|(!\[CDATA\[)|(/?)([a-zA-Z][^ \t\n\r\f/>]*+)({_ATTRIBUTES})(?:>|\Z))")
_ATTRIBUTE = re.compile(
    rf"([^ \t\n\r\f/>][^ \t\n\r\f/>=]*+)"
    rf"({_SPACE}*+={_SPACE}*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\n\r\f\"'>][^ \t\n\r\f>]*+)?+)?+"
)
_COMMENT_END = re.compile("--!?>")
_ENTITIES = re.compile(r"(<!doctype[^\[>]*+)\[[^\]]*+\]", re.IGNORECASE)

_VOID = names("area base br col embed frame hr img input link meta param source track wbr")
_UNTIED = frozenset(("html", "head", "body", "frameset"))
_RAW = {
    name: re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE)
    for name in names("script style textarea title xmp iframe noembed noframes noscript")
}

# Elements that stay open, as it were, beyond the end of the one they lie in.
_FORMATTING = names("a b big code em font i nobr s small strike strong tt u")

# An end tag does not end an element outside these.
_MARKERS = names("table td th caption template object applet marquee button select svg math")
_TABLE_PARTS = names("table tbody thead tfoot tr td th caption colgroup")

_BLOCKS = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr main menu nav ol p pre search section summary ul li dd dt table"
)
_CELLS = frozenset(("td", "th", "caption"))
# A start tag ends those elements, if they are open and none of these others lies between.
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **dict.fromkeys(_BLOCKS.split(), (frozenset("p"), _MARKERS)),
    "li": (frozenset(("li",)), _MARKERS | {"ul", "ol", "menu", "dir"}),
    "dt": (frozenset(("dt", "dd")), _MARKERS | {"dl"}),
    "dd": (frozenset(("dt", "dd")), _MARKERS | {"dl"}),
    "option": (frozenset(("option",)), _MARKERS),
    "tr": (frozenset(("tr",)), frozenset(("table", "template"))),
    "a": (frozenset("a"), _MARKERS),
    "button": (frozenset(("button",)), _MARKERS - {"button"}),
    **dict.fromkeys(("td", "th"), (_CELLS, frozenset(("tr", "table", "template")))),
    **dict.fromkeys(
        ("thead", "tbody", "tfoot"), (frozenset(("thead", "tbody", "tfoot")), frozenset(("table", "template")))
    ),
}


def tamed(page: str, *, xml: bool) -> str:
    """The page without elements that lie too deep or have too many attributes. With `xml`, also with XML's ways of
    writing what HTML writes otherwise: empty elements, CDATA sections, declarations of entities."""
    if xml:
        page = _ENTITIES.sub(r"\1", page, count=1)
    changes = _Changes(page, xml)
    position = 0
    while token := _TOKEN.search(page, position):
        position = changes.take(token)
    return changes.text()


class _Changes:
    def __init__(self, page: str, xml: bool) -> None:
        self._page = page
        self._xml = xml
        self._parts: list[str] = []
        self._copied = 0
        self._open: list[str] = []
        self._count: Counter[str] = Counter()

    def text(self) -> str:
        if not self._parts:
            return self._page
        return "".join([*self._parts, self._page[self._copied :]])

    def take(self, token: re.Match[str]) -> int:
        """Change what is to be changed of this tag, comment or section; returns where to go on."""
        if token[1]:
            # `<!-->` is a whole comment.
            end = _COMMENT_END.search(self._page, token.start() + 2)
            return end.end() if end else len(self._page)
        if token[2]:
            return self._cdata(token)
        name = token[4].lower()
        if token[3]:
            self._end(name)
            return token.end()
        if name in _VOID or name in _UNTIED:
            self._start(token, name, closed=True)
            return token.end()
        closed = self._xml and token[5].endswith("/")
        self._start(token, name, closed=closed)
        if closed:
            self._replace(token.end(), token.end(), f"</{name}>")
        elif name == "plaintext":
            return len(self._page)
        elif name in _RAW:
            found = _RAW[name].search(self._page, token.end())
            return found.start() if found else len(self._page)
        return token.end()

    def _cdata(self, token: re.Match[str]) -> int:
        if not self._xml:
            return token.end()
        end = self._page.find("]]>", token.end())
        end = len(self._page) if end < 0 else end
        self._replace(token.start(), end + 3, escape(self._page[token.end() : end]))
        return min(end + 3, len(self._page))

    def _start(self, token: re.Match[str], name: str, *, closed: bool) -> None:
        if name in _ENDS:
            ended, limits = _ENDS[name]
            if any(self._count[each] for each in ended):
                self._close(ended, limits)
        if not closed:
            if len(self._open) >= _DEEPEST:
                innermost = self._open.pop()
                self._count[innermost] -= 1
                self._replace(token.start(), token.start(), f"</{innermost}>")
            self._open.append(name)
            self._count[name] += 1
        if len(token[5]) > _MOST_ATTRIBUTE_CHARACTERS:
            self._thin(token)

    def _end(self, name: str) -> None:
        if self._count[name]:
            self._close(frozenset((name,)), frozenset(("table",)) if name in _TABLE_PARTS else _MARKERS)

    def _close(self, names: frozenset[str], limits: frozenset[str]) -> None:
        """End the innermost open element that has one of these names."""
        for place in range(len(self._open) - 1, -1, -1):
            name = self._open[place]
            if name in names:
                above = self._open[place + 1 :]
                if name in _FORMATTING or name == "p":
                    kept = above
                else:
                    kept = [] if name in _MARKERS else [each for each in above if each in _FORMATTING]
                self._count.subtract(self._open[place:])
                self._count.update(kept)
                self._open[place:] = kept
                return
            if name in limits:
                return

    def _thin(self, token: re.Match[str]) -> None:
        found = list(_ATTRIBUTE.finditer(token[5]))
        if len(found) > _MOST_ATTRIBUTES:
            kept = {each[1].lower(): each[0] for each in reversed(found) if each[1].lower() in _MEANT}
            self._replace(token.start(5), token.end(5), " " + " ".join(reversed(kept.values())))

    def _replace(self, start: int, end: int, text: str) -> None:
        self._parts += [self._page[self._copied : start], text]
        self._copied = end
