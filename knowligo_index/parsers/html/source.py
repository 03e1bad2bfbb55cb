"""Changes a page before it is parsed, so that parsing takes time and memory in proportion to its size.

A parser that follows the WHATWG standard visits, for most elements, all of their ancestors, and compares the attributes
of an element with each other. Like Chrome, this module puts an element that would be nested too deep beside its parent.
Only tags are changed, and none in pages that a person wrote.
"""

import re
from collections import Counter
from html import escape

from knowligo_index.parsers.html.tree import names

# The limit of Chrome.
_MAX_DEPTH = 512

# No element that a person wrote has so many attributes. Of others only the attributes that are used are kept.
_MAX_ATTRIBUTE_CHARACTERS = 4096
_MAX_ATTRIBUTES = 100
_USED_ATTRIBUTES = names(
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
_ALWAYS_ALLOWED = frozenset(("html", "head", "body", "frameset"))
_RAW = {
    name: re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE)
    for name in names("script style textarea title xmp iframe noembed noframes noscript")
}

# Elements that a parser opens again after the end of the element that contains them.
_FORMATTING = names("a b big code em font i nobr s small strike strong tt u")

# An end tag does not end an element outside of the innermost of these.
_SCOPES = names("table td th caption template object applet marquee button select svg math")
_TABLE_PARTS = names("table tbody thead tfoot tr td th caption colgroup")

_BLOCKS = (
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr main menu nav ol p pre search section summary ul li dd dt table"
)
_CELLS = frozenset(("td", "th", "caption"))
# By start tag: the elements that it ends if they are open, and the elements between that prevent this.
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **dict.fromkeys(_BLOCKS.split(), (frozenset("p"), _SCOPES)),
    "li": (frozenset(("li",)), _SCOPES | {"ul", "ol", "menu", "dir"}),
    "dt": (frozenset(("dt", "dd")), _SCOPES | {"dl"}),
    "dd": (frozenset(("dt", "dd")), _SCOPES | {"dl"}),
    "option": (frozenset(("option",)), _SCOPES),
    "tr": (frozenset(("tr",)), frozenset(("table", "template"))),
    "a": (frozenset("a"), _SCOPES),
    "button": (frozenset(("button",)), _SCOPES - {"button"}),
    **dict.fromkeys(("td", "th"), (_CELLS, frozenset(("tr", "table", "template")))),
    **dict.fromkeys(
        ("thead", "tbody", "tfoot"), (frozenset(("thead", "tbody", "tfoot")), frozenset(("table", "template")))
    ),
}


def tamed(page: str, *, xml: bool) -> str:
    """The page without elements that are nested too deep or have too many attributes. With `xml`, the syntax of XML
    that HTML does not have is replaced too: empty elements, CDATA sections, declarations of entities."""
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
        """Make the changes for this tag, comment or section; returns the position after it."""
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
        if name in _VOID or name in _ALWAYS_ALLOWED:
            self._start(token, name, closed=True)
            return token.end()
        closed = self._xml and token[5].endswith("/")
        self._start(token, name, closed=closed)
        if closed:
            self._replace(token.end(), token.end(), f"</{name}>")
        elif name == "plaintext":
            return len(self._page)
        elif name in _RAW:
            end_tag = _RAW[name].search(self._page, token.end())
            return end_tag.start() if end_tag else len(self._page)
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
            if any(self._count[element] for element in ended):
                self._close(ended, limits)
        if not closed:
            if len(self._open) >= _MAX_DEPTH:
                innermost = self._open.pop()
                self._count[innermost] -= 1
                self._replace(token.start(), token.start(), f"</{innermost}>")
            self._open.append(name)
            self._count[name] += 1
        if len(token[5]) > _MAX_ATTRIBUTE_CHARACTERS:
            self._drop_attributes(token)

    def _end(self, name: str) -> None:
        if self._count[name]:
            self._close(frozenset((name,)), frozenset(("table",)) if name in _TABLE_PARTS else _SCOPES)

    def _close(self, names: frozenset[str], limits: frozenset[str]) -> None:
        """End the innermost open element that has one of these names."""
        for index in range(len(self._open) - 1, -1, -1):
            name = self._open[index]
            if name in names:
                inner_elements = self._open[index + 1 :]
                if name in _FORMATTING or name == "p":
                    remaining = inner_elements
                else:
                    remaining = (
                        [] if name in _SCOPES else [element for element in inner_elements if element in _FORMATTING]
                    )
                self._count.subtract(self._open[index:])
                self._count.update(remaining)
                self._open[index:] = remaining
                return
            if name in limits:
                return

    def _drop_attributes(self, token: re.Match[str]) -> None:
        attributes = list(_ATTRIBUTE.finditer(token[5]))
        if len(attributes) > _MAX_ATTRIBUTES:
            used = {item[1].lower(): item[0] for item in reversed(attributes) if item[1].lower() in _USED_ATTRIBUTES}
            self._replace(token.start(5), token.end(5), " " + " ".join(reversed(used.values())))

    def _replace(self, start: int, end: int, text: str) -> None:
        self._parts += [self._page[self._copied : start], text]
        self._copied = end
