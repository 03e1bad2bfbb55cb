"""PDFs made in code: a page is a list of texts with their places, from the lower left corner of an A4 page."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Document, Source

WIDTH, HEIGHT = A4
LEFT, TOP = 72.0, 770.0
LEADING = 14.0


@dataclass(frozen=True)
class Text:
    """Text at a place of the page."""

    text: str
    x: float = LEFT
    y: float = TOP
    font: str = "Helvetica"
    size: float = 11.0


def below(
    texts: Sequence[str], x: float = LEFT, y: float = TOP, font: str = "Helvetica", size: float = 11
) -> list[Text]:
    """Lines one below the other; an empty one leaves room."""
    return [Text(text, x, y - LEADING * number, font, size) for number, text in enumerate(texts) if text]


def wrapped(text: str, width: float, font: str = "Helvetica", size: float = 11) -> list[str]:
    """The text in lines of at most that width."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and stringWidth(longer, font, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def pdf(
    *pages: Sequence[Text],
    title: str | None = None,
    author: str | None = None,
    draw: Callable[[Canvas, int], None] | None = None,
) -> bytes:
    """A PDF of these pages. `draw` is called on each before it is closed, with its number from 1."""
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4, invariant=True)
    if title is not None:
        canvas.setTitle(title)
    if author is not None:
        canvas.setAuthor(author)
    for number, texts in enumerate(pages, 1):
        for each in texts:
            canvas.setFont(each.font, each.size)
            canvas.drawString(each.x, each.y, each.text)
        if draw is not None:
            draw(canvas, number)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def rewritten(data: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """The PDF after a change by pypdf."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def with_outline(data: bytes, entries: Sequence[tuple[str, int, int]]) -> bytes:
    """With an outline: each entry's title, depth from 0, and page from 1."""

    def add(writer: PdfWriter) -> None:
        parents: list[Any] = []
        for title, depth, page in entries:
            parent = parents[depth - 1] if depth else None
            parents[depth:] = [writer.add_outline_item(title=title, page_number=page - 1, parent=parent)]

    return rewritten(data, add)


def read(data: bytes, name: str = "guias/manual.pdf") -> Document:
    return parse(Source(name, Path(name), "pdf", len(data), "0" * 64), data)


def refusal(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as refused:
        read(data)
    return refused.value


def page_texts(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in pairwise([*document.page_starts, len(document.text)])]


def blocks(document: Document) -> list[tuple[str, str]]:
    """Kind and text of each block."""
    return [(block.kind, document.text[block.char_start : block.char_end]) for block in document.blocks]


def headings(document: Document) -> list[tuple[int, str, str]]:
    """Level, label and text of each heading."""
    return [
        (block.level, block.label, document.text[block.char_start : block.char_end])
        for block in document.blocks
        if block.kind == "heading"
    ]
