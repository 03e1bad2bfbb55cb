"""The promises, checked on real Markdown with the default encoder's tokenizer; nothing is encoded."""

import re
from dataclasses import dataclass

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin
from support.real_documents import LIMIT, Read, check_lengths, counter, marks, read, sources_in, uncovered

from knowligo_index.chunking.visible_text import VisibleText
from knowligo_index.types import join_breadcrumb

pytestmark = marks


@dataclass(frozen=True)
class Block:
    """A table or a fenced code block at the top level of a page."""

    path: tuple[str, ...]
    """headings it stands under"""
    text: str
    char_start: int
    char_end: int


@pytest.fixture(scope="module")
def pages() -> list[Read]:
    """Every Markdown page."""
    return [read(source) for source in sources_in("fastapi-docs")]


def test_every_page_is_parsed(pages: list[Read]) -> None:
    assert len(pages) == 280
    assert [page.name for page in pages if not page.chunks] == []
    hidden = "hidden-text: the HTML on line {} hides its content, which is indexed"
    assert {page.name: page.document.warnings for page in pages if page.document.warnings} == {
        "en/docs/_llm-test.md": (hidden.format(217),),
        "en/docs/index.md": (hidden.format(107),),
        "en/docs/release-notes.md": ("hidden-characters: 3 characters are not visible, first on line 524",),
        "es/docs/index.md": (hidden.format(107),),
    }


def test_every_chunk_is_the_span_of_its_file(pages: list[Read]) -> None:
    wrong = []
    for page in pages:
        text = page.source.path.read_bytes().decode("utf-8")
        wrong += [
            (page.name, chunk.char_start)
            for chunk in page.chunks
            if not chunk.text.strip() or chunk.text != text[chunk.char_start : chunk.char_end]
        ]
    assert wrong == []


def test_every_chunk_stands_in_the_lines_it_names(pages: list[Read]) -> None:
    wrong = []
    for page in pages:
        lines = page.source.path.read_bytes().decode("utf-8").split("\n")
        for chunk in page.chunks:
            assert chunk.line_start is not None
            assert chunk.line_end is not None
            named = lines[chunk.line_start - 1 : chunk.line_end]
            if chunk.text not in "\n".join(named) or chunk.text.count("\n") != len(named) - 1:
                wrong.append((page.name, chunk.line_start))
    assert wrong == []


def test_no_chunk_is_longer_than_the_encoder_reads(pages: list[Read]) -> None:
    for page in pages:
        check_lengths(page)


def test_every_character_is_in_a_chunk_or_in_an_exclusion(pages: list[Read]) -> None:
    assert {page.name: uncovered(page) for page in pages if uncovered(page)} == {}


def test_what_is_excluded_is_front_matter_and_comments(pages: list[Read]) -> None:
    excluded = [
        page.document.text[each.char_start : each.char_end] for page in pages for each in page.document.exclusions
    ]
    assert all(re.fullmatch(r"---\n.*\n---|<!--.*-->", text, re.DOTALL) for text in excluded)


def blocks_of(text: str) -> list[Block]:
    """Top-level tables and fenced code, found anew, with the headings that they stand under."""
    lines = re.findall(r".*\n|.+", text)
    tokens = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).parse(text)
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.level != 0 or token.map is None:
            continue
        if token.type == "heading_open" and following is not None:
            level = int(token.tag[1])
            path = [each for each in path if each[0] < level]
            # The breadcrumb has no markup and no `{ #anchor }`.
            path.append((level, re.sub(r"\s*\{\s*#[^{}]*\}$", "", following.content).replace("`", "")))
        elif token.type in ("fence", "table_open"):
            first, last = token.map
            start = len("".join(lines[:first]))
            block = "".join(lines[first:last]).rstrip()
            blocks.append(Block(tuple(label for _, label in path), block, start, start + len(block)))
    return blocks


def test_tables_and_code_that_fit_are_whole_in_one_chunk(pages: list[Read]) -> None:
    whole, cut = 0, []
    for page in pages:
        blocks = blocks_of(page.document.text)
        title = page.document.title
        paths = [block.path if block.path[:1] == (title,) else (title, *block.path) for block in blocks]
        reading = VisibleText(page.document.text, page.document.renditions)
        texts = [reading.of_span(block.char_start, block.char_end).strip() for block in blocks]
        inputs = [join_breadcrumb(" > ".join(path), text) for path, text in zip(paths, texts, strict=True)]
        for block, tokens in zip(blocks, counter().count_inputs(inputs) if inputs else [], strict=True):
            if tokens > LIMIT:
                continue
            inside = [
                chunk
                for chunk in page.chunks
                if chunk.char_start <= block.char_start and block.char_end <= chunk.char_end
            ]
            whole += bool(inside)
            if not inside:
                cut.append((page.name, block.text.splitlines()[0], block.char_start, tokens))
    assert cut == []
    assert whole > 700
