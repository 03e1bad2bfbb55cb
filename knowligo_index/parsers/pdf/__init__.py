"""PDF by PDFium, and by pypdf where PDFium fails.

The canonical text is what a person reads: columns one after the other, paragraphs put together, running headers and
page numbers taken out, each page begun by a form feed but the first. The outline's entries are its headings.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import pypdf  # noqa: F401  where it is missing, this is what says so

from knowligo_index.errors import ParseError
from knowligo_index.parsers.pdf.assembly import assemble
from knowligo_index.parsers.pdf.blocks import MOST_TYPEWRITTEN, parts_of
from knowligo_index.parsers.pdf.expansion import check_expansion
from knowligo_index.parsers.pdf.furniture import remove_furniture
from knowligo_index.parsers.pdf.known_words import KnownWords
from knowligo_index.parsers.pdf.lines import Line, Page
from knowligo_index.parsers.pdf.outline import mark_headings
from knowligo_index.parsers.pdf.paragraphs import Part
from knowligo_index.parsers.pdf.problems import drop_outside, find_garbled, find_images, page_warnings
from knowligo_index.parsers.pdf.properties import title_of
from knowligo_index.parsers.pdf.reading import Content, File
from knowligo_index.parsers.pdf.reading_order import reading_order
from knowligo_index.parsers.pdf.typewriter import is_typewritten
from knowligo_index.types import Document, Dropped, Source


def parse(source: Source, data: bytes) -> Document:
    """The text of every page; the title is the document's own, else the file's name. Raises ParseError where the
    file is encrypted, damaged, or has no text, or would take more memory than its size lets one think."""
    with _without_collection():
        return _parse(source, data)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Words and lines hold no circles: looking for some takes a sixth of the time, and finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse(source: Source, data: bytes) -> Document:
    check_expansion(data)
    file = File(data)
    content = file.read()
    find_garbled(file, content)
    dropped = [*drop_outside(content.pages), *remove_furniture(content.pages)]
    find_images(content)
    warnings = [*content.warnings, *page_warnings(content.pages)]
    regions = {page.number: reading_order(page.lines) for page in content.pages}
    if content.outline:
        warnings += _headings(content, regions)
    rendered = assemble(_parts(content.pages, regions))
    if not rendered.text.strip():
        raise ParseError("no-text", f"none of its {len(content.pages)} pages has text but for headers and page numbers")
    return Document(
        source=source.name,
        format=source.format,
        title=title_of(content.title, source.name),
        text=rendered.text,
        blocks=rendered.blocks,
        renditions=rendered.renditions,
        page_starts=rendered.page_starts,
        metadata=content.metadata,
        dropped=(*dropped, *_left_out(content)),
        page_problems=tuple(content.problems),
        warnings=tuple(warnings),
    )


def _headings(content: Content, regions: dict[int, list[list[Line]]]) -> list[str]:
    missing = mark_headings(content.outline, {page.number: (page, regions[page.number]) for page in content.pages})
    if not missing:
        return []
    return [f"{missing} of {len(content.outline)} outline entries are not in the text of their page"]


def _parts(pages: list[Page], regions: dict[int, list[list[Line]]]) -> list[list[Part]]:
    lines = list(chain.from_iterable(chain.from_iterable(regions.values())))
    words = KnownWords([page.raw for page in pages])
    typewritten = frozenset([id(line) for line in lines if is_typewritten(line)])
    code = typewritten if len(typewritten) <= MOST_TYPEWRITTEN * len(lines) else frozenset()
    parts: list[list[Part]] = []
    for page in pages:
        of_page = [part for region in regions[page.number] for part in parts_of(region, words, code)]
        if page.extra:
            text = "\n".join([line for part in of_page for line in part.lines])
            extra = [line for line in page.extra if line.strip() and line not in text]
            of_page += [Part("paragraph", extra)] if extra else []
        parts.append(of_page)
    return parts


def _left_out(content: Content) -> list[Dropped]:
    hidden = sum([page.hidden_format for page in content.pages])
    left_out: list[Dropped] = []
    if hidden:
        left_out.append(Dropped("hidden-characters", sum([page.hidden_format > 0 for page in content.pages]), hidden))
    if content.comments:
        characters = sum([len("".join(comment.split())) for comment in content.comments])
        left_out.append(Dropped("comment", len(content.comments), characters))
    return left_out
