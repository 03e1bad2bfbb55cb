"""Pages at random, for properties that hold for all of them, and what an independent reader counts in them."""

from html.parser import HTMLParser

from hypothesis import strategies as st

# Letters that no mark of the canonical text has, and what is no letter and no mark.
LETTERS = frozenset("abcñ€🔑\u200b")
WORDS = st.text("abcñ€🔑\u200b \n", max_size=8)

# Elements with nothing but text in them, that neither parser reads tags in.
_LEAVES = ("script", "style", "title", "textarea", "iframe", "noframes", "noscript", "option")
_ELEMENTS = (
    *("div", "p", "b", "i", "a href=#", "span", "nav", "main", "article", "footer", "aside", "header", "section"),
    *("h1", "h3", "ul", "ol start=3", "ol reversed", "li", "li value=9", "dl", "dt", "dd", "blockquote", "pre", "code"),
    *("table", "caption", "thead", "tr", "td", "td colspan=3", "th", "details", "summary", "form", "button", "select"),
    *("div hidden", "span style='visibility:hidden'", "b style='visibility:visible'", "div style='display:none'"),
    *("div role=navigation", "div role=main", "template", "svg", "math", "figure", "x-y", "font size=1"),
)
_VOID = ("br", "hr", "img alt='abc'", "img alt='ñ' hidden", "input value=ab", "input type=submit value=c", "wbr", "img")


def _element(tag: str, inner: list[str], *, closed: bool) -> str:
    end = f"</{tag.split()[0]}>" if closed else ""
    return f"<{tag}>{''.join(inner)}{end}"


def pages() -> st.SearchStrategy[str]:
    """Pages of elements in elements, closed and not."""
    leaves = st.one_of(
        WORDS,
        st.sampled_from(_VOID).map(lambda tag: f"<{tag}>"),
        st.sampled_from(("&ntilde;", "&#x61;", "&nbsp;")),
        WORDS.map(lambda text: f"<!--{text}-->"),
        st.builds(lambda tag, text: _element(tag, [text], closed=True), st.sampled_from(_LEAVES), WORDS),
    )
    parts = st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda tag, parts, closed: _element(tag, parts, closed=closed),
            st.sampled_from(_ELEMENTS),
            st.lists(inner, max_size=5),
            st.booleans() | st.just(value=True),
        ),
        max_leaves=40,
    )
    return st.lists(parts, min_size=1, max_size=6).map("".join)


_PLAIN = ("div", "p", "b", "span", "h2", "ul", "li", "blockquote", "pre", "section", "summary", "figure", "x-y", "code")


def plain_pages() -> st.SearchStrategy[str]:
    """Pages in which all is shown, and stands in the order of the source."""
    parts = st.recursive(
        WORDS | st.just("<br>"),
        lambda inner: st.builds(
            lambda tag, parts: _element(tag, parts, closed=True), st.sampled_from(_PLAIN), st.lists(inner, max_size=4)
        ),
        max_leaves=25,
    )
    return st.lists(parts, min_size=1, max_size=5).map("".join)


class Counter(HTMLParser):
    """Counts the characters of texts, comments and shown attributes as the standard library's parser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.characters = 0
        self.letters: list[str] = []
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.characters += sum(map(len, data.split()))
        self.letters += [char for char in data if char in LETTERS]

    def handle_comment(self, data: str) -> None:
        self.characters += sum(map(len, data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = {"img": "alt", "input": "value"}.get(tag)
        self.handle_data(dict(attrs).get(shown) or "" if shown else "")
