import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from support.random_markdown import markdown

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.parsers.hidden import find_unseen
from knowligo_index.parsers.markdown.block_renditions import ATTRIBUTES
from knowligo_index.parsers.markdown.tags import html_renditions, tag_text
from knowligo_index.parsers.renditions import rendered
from knowligo_index.types import Document, Source

# Each is said in pieces, so that random ones come to stand beside, in and across each other.
_PIECES = [
    *("*", "**", "_", "__", "~~", "~~~", "`", "``", "[", "](/ruta 'x')", "][ref]", "]", "![", "<https://x.org/%C3%A1>"),
    *("<b>", "</b>", "<br>", "&nbsp;", "&aacute;", "&shy;", "&no;", "\\*", "\\", "\\\n", "  \n", "\n", " ", "!", "<"),
    *(
        "con",
        "figur",
        "ación",
        "a_b",
        "# ",
        "> ",
        "- ",
        "1. ",
        "\u00a0",
        "\u200b",
        "¿Sí?",
        "🔑",
        "|",
        "    ",
        "\t",
        "> > ",
    ),
    *(
        "\n\n",
        "\n---\n",
        "\n\n[ref]: /x 'Título'\n\n",
        "\n```py\n",
        '\n\n!!! note "Ojo"\n    ',
        "\r\n",
        "\n\n## Título { #a }\n\n",
    ),
]


def pieces() -> st.SearchStrategy[str]:
    return (
        st.lists(st.sampled_from(_PIECES), min_size=1, max_size=30).map("".join).filter(lambda text: text.strip() != "")
    )


def squeezed(text: str) -> str:
    """Without white space, and what nobody sees."""
    for start, end in reversed(find_unseen(text)):
        text = text[:start] + text[end:]
    return "".join(text.split())


def read(text: str) -> Document:
    return parse(Source("guias/wifi.md", Path("guias/wifi.md"), "markdown", len(text), "0" * 64), text.encode())


def read_text(document: Document) -> str:
    return rendered(document.text, 0, len(document.text), document.renditions)


def shown(text: str) -> str:
    """What markdown-it's tokens have of the text that is no table."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(front_matter_plugin).use(admon_plugin)
    tokens = parser.parse(text)
    return squeezed("".join(_shown(tokens)))


def _shown(tokens: Sequence[Token]) -> Iterator[str]:
    for place, token in enumerate(tokens):
        if token.type == "front_matter":
            continue
        if token.type == "inline":
            content = "".join(_inline(token.children or ()))
            heading = place and tokens[place - 1].type == "heading_open"
            yield ATTRIBUTES.sub("", content) if heading else content
        elif token.type == "list_item_open" and token.info:
            yield token.info + token.markup
        elif token.type in ("fence", "code_block"):
            yield token.content
        elif token.type == "html_block":
            yield rendered(token.content, 0, len(token.content), html_renditions(token.content))


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "image":
            yield from _inline(token.children or ())
        elif token.type == "html_inline":
            yield tag_text(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        else:
            yield token.content


def without_pipes(text: str) -> str:
    return text.replace("|", "/")


@settings(deadline=None, max_examples=300)
@given(markdown().map(without_pipes) | pieces().map(without_pipes))
def test_what_is_read_is_what_a_renderer_shows(text: str) -> None:
    try:
        document = read(text)
    except ParseError:
        return
    if any(each.startswith("front matter") for each in document.warnings):
        # markdown-it shows nothing of it.
        return
    seen = read_text(document)
    front = next((each for each in document.exclusions if each.reason == "front-matter"), None)
    if front:
        inside = [each for each in document.renditions if each.char_start >= front.char_end]
        seen = rendered(document.text, front.char_end, len(document.text), inside)
    assert squeezed(seen) == shown(text.removeprefix("\ufeff"))


@settings(deadline=None)
@given(markdown() | pieces())
def test_renditions_are_in_order_and_within_the_text(text: str) -> None:
    try:
        document = read(text)
    except ParseError:
        return
    position = 0
    for start, end, _ in document.renditions:
        assert position <= start <= end <= len(document.text)
        position = end


@settings(deadline=None)
@given(markdown() | pieces())
def test_no_word_of_a_table_is_lost(text: str) -> None:
    try:
        document = read(text)
    except ParseError:
        return
    words = set(re.findall(r"\w+", read_text(document)))
    # Comments are not read, and in HTML a tag goes on to where it is closed.
    assert "<" in text or {word for word in ("Código", "Causa", "cable", "columna", "celda") if word in text} <= words
