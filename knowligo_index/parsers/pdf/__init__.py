"""PDF by PDFium, and by pypdf if PDFium fails.

The canonical text is what a person reads: one column after the other, lines joined to paragraphs, without running
headers and page numbers. Each page except the first begins with a form feed. The headings are the entries of the
outline.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import pypdf  # noqa: F401  so that a missing pypdf is reported before the first file that needs it

from knowligo_index.errors import ParseError
from knowligo_index.parsers.pdf.assembly import assemble
from knowligo_index.parsers.pdf.blocks import MAX_MONOSPACED_SHARE, blocks_of
from knowligo_index.parsers.pdf.document_words import DocumentWords
from knowligo_index.parsers.pdf.expansion import check_expansion
from knowligo_index.parsers.pdf.furniture import remove_furniture
from knowligo_index.parsers.pdf.lines import Line
from knowligo_index.parsers.pdf.monospace import is_monospaced
from knowligo_index.parsers.pdf.outline import mark_headings
from knowligo_index.parsers.pdf.page import Page
from knowligo_index.parsers.pdf.paragraphs import PageBlock
from knowligo_index.parsers.pdf.problems import drop_outside, find_garbled, find_images, page_warnings
from knowligo_index.parsers.pdf.properties import title_of
from knowligo_index.parsers.pdf.reading import PdfContent, PdfFile
from knowligo_index.parsers.pdf.reading_order import reading_order
from knowligo_index.types import Document, Dropped, Source


def parse(source: Source, data: bytes) -> Document:
    """The text of every page; the title is the document's own, else the file's name.

    Raises ParseError if the file is encrypted, damaged, without text, or if it unpacks to too much memory.
    """
    with _without_collection():
        return _parse(source, data)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Turn off the garbage collector, which takes a sixth of the time: words and lines have no reference cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(source: Source, data: bytes) -> Document:
    check_expansion(data)
    file = PdfFile(data)
    content = file.read()
    find_garbled(file, content)
    dropped = [*drop_outside(content.pages), *remove_furniture(content.pages)]
    find_images(content)
    warnings = [*content.warnings, *page_warnings(content.pages)]
    regions = {page.number: reading_order(page.lines) for page in content.pages}
    if content.outline:
        warnings += _headings(content, regions)
    rendered = assemble(_blocks(content.pages, regions))
    if not rendered.text.strip():
        raise ParseError("no-text", f"none of its {len(content.pages)} pages has text except headers and page numbers")
    return Document(
        source=source.name,
        format=source.format,
        title=title_of(content.title, source.name),
        text=rendered.text,
        blocks=rendered.blocks,
        renditions=rendered.renditions,
        page_starts=rendered.page_starts,
        metadata=content.metadata,
        dropped=(*dropped, *_dropped_texts(content)),
        page_problems=tuple(content.problems),
        warnings=tuple(warnings),
    )


def _headings(content: PdfContent, regions: dict[int, list[list[Line]]]) -> list[str]:
    missing_entries = mark_headings(
        content.outline, {page.number: (page, regions[page.number]) for page in content.pages}
    )
    if not missing_entries:
        return []
    return [f"{missing_entries} of {len(content.outline)} outline entries are not in the text of their page"]


def _blocks(pages: list[Page], regions: dict[int, list[list[Line]]]) -> list[list[PageBlock]]:
    """The blocks of each page."""
    lines = list(chain.from_iterable(chain.from_iterable(regions.values())))
    words = DocumentWords([page.raw_text for page in pages])
    monospaced = frozenset([id(line) for line in lines if is_monospaced(line)])
    code = monospaced if len(monospaced) <= MAX_MONOSPACED_SHARE * len(lines) else frozenset()
    blocks: list[list[PageBlock]] = []
    for page in pages:
        page_blocks = [block for region in regions[page.number] for block in blocks_of(region, words, code)]
        if page.annotation_lines:
            text = "\n".join([line for block in page_blocks for line in block.lines])
            new_lines = [line for line in page.annotation_lines if line.strip() and line not in text]
            page_blocks += [PageBlock("paragraph", new_lines)] if new_lines else []
        blocks.append(page_blocks)
    return blocks


def _dropped_texts(content: PdfContent) -> list[Dropped]:
    format_characters = sum([page.format_characters for page in content.pages])
    dropped: list[Dropped] = []
    if format_characters:
        dropped.append(
            Dropped("hidden-characters", sum([page.format_characters > 0 for page in content.pages]), format_characters)
        )
    if content.comments:
        characters = sum([len("".join(comment.split())) for comment in content.comments])
        dropped.append(Dropped("comment", len(content.comments), characters))
    return dropped
