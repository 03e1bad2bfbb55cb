"""Hypothesis strategies for PDFs: pages of paragraphs, lists, tables, code and columns, with furniture, scans and text
that nobody sees between them; and which letters were drawn on each page."""

import io
from dataclasses import dataclass

from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from support.pdf_fixtures import LEADING, LEFT, TOP, Text, below, wrapped

WIDTH, HEIGHT = A4
_BOTTOM = 72.0
_COLUMN = 300.0
_INVISIBLE = 3

# Letters and digits alone, so that all that is drawn can be counted; Spanish enough not to be taken for noise.
WORDS = st.sampled_from(
    [
        *("el", "la", "de", "que", "en", "por", "para", "una", "con", "del", "soporte", "contraseña", "impresora"),
        *("Conexión", "Usuario", "vencida", "reinicie", "teléfono", "número", "pantalla", "correo", "café", "año"),
        *("E4012", "VPN", "router", "2026", "15", "Windows", "licencia", "ticket", "urgente", "sucursal"),
    ]
)


@dataclass(frozen=True)
class RandomPage:
    """What is drawn on a page."""

    texts: tuple[Text, ...]
    unseen: tuple[Text, ...] = ()
    """drawn with nothing"""
    scan: bool = False
    """whether an image covers it"""
    rotation: int = 0

    def letters(self) -> str:
        return letters("".join(each.text for each in (*self.texts, *self.unseen)))


@dataclass(frozen=True)
class RandomPdf:
    """Its pages and the outline: title and page from 1."""

    pages: tuple[RandomPage, ...]
    outline: tuple[tuple[str, int], ...]

    def data(self) -> bytes:
        output = io.BytesIO()
        canvas = Canvas(output, pagesize=A4, invariant=True)
        image = ImageReader(Image.new("L", (8, 8), 128))
        for number, page in enumerate(self.pages, 1):
            if page.scan:
                canvas.drawImage(image, 0, 0, WIDTH, HEIGHT)
            for each in page.texts:
                canvas.setFont(each.font, each.size)
                canvas.drawString(each.x, each.y, each.text)
            for each in page.unseen:
                canvas.setFont(each.font, each.size)
                canvas.drawString(each.x, each.y, each.text, mode=_INVISIBLE)
            for place, (title, of_page) in enumerate(self.outline):
                if of_page == number:
                    canvas.bookmarkPage(f"entry-{place}")
                    canvas.addOutlineEntry(title, f"entry-{place}")
            canvas.setPageRotation(page.rotation)
            canvas.showPage()
        canvas.save()
        return output.getvalue()


def letters(text: str) -> str:
    """Its letters and digits."""
    return "".join(character for character in text if character.isalnum())


def _sentences(least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(WORDS, min_size=least, max_size=most).map(" ".join)


# Each block: its texts below a height of 0, and how high it is.
_Block = tuple[tuple[Text, ...], float]


def _block(lines: list[str], x: float = LEFT, font: str = "Helvetica", size: float = 11.0) -> _Block:
    return tuple(below(lines, x, 0.0, font, size)), LEADING * (len(lines) + 1)


def _table(rows: list[list[str]]) -> _Block:
    texts = [
        Text(cell, LEFT + 150 * place, -LEADING * number)
        for number, row in enumerate(rows)
        for place, cell in enumerate(row)
    ]
    return tuple(texts), LEADING * (len(rows) + 1)


def _columns(left: str, right: str) -> _Block:
    one, one_height = _block(wrapped(left, 200))
    other, other_height = _block(wrapped(right, 200), LEFT + _COLUMN - 50)
    return (*one, *other), max(one_height, other_height)


def _blocks() -> st.SearchStrategy[_Block]:
    return st.one_of(
        _sentences(3, 60).map(lambda text: _block(wrapped(text, WIDTH - 2 * LEFT))),
        st.lists(_sentences(1, 8), min_size=1, max_size=5).map(lambda items: _block([f"• {item}" for item in items])),
        st.lists(_sentences(1, 5), min_size=1, max_size=5).map(lambda lines: _block(lines, font="Courier", size=9)),
        st.lists(st.lists(_sentences(1, 2), min_size=2, max_size=3), min_size=2, max_size=6).map(_table),
        st.builds(_columns, _sentences(30, 80), _sentences(30, 80)),
        st.builds(lambda text, size: _block([text], size=size), _sentences(1, 4), st.sampled_from([0.5, 6, 18, 24])),
    )


def _stacked(blocks: list[_Block]) -> tuple[Text, ...]:
    """One below the other, as far as the page reaches."""
    found: list[Text] = []
    top = TOP - 30
    for texts, height in blocks:
        if top - height < _BOTTOM:
            break
        found += [Text(each.text, each.x, top + each.y, each.font, each.size) for each in texts]
        top -= height
    return tuple(found)


def _written() -> st.SearchStrategy[RandomPage]:
    return st.builds(
        lambda blocks, rotation: RandomPage(_stacked(blocks), rotation=rotation),
        st.lists(_blocks(), min_size=1, max_size=6),
        st.sampled_from([0, 0, 0, 0, 90, 180, 270]),
    )


def _pages() -> st.SearchStrategy[RandomPage]:
    written = _written()
    partly_unseen = st.builds(
        lambda block, text: RandomPage(_stacked([block]), (Text(text, LEFT, 200.0),)), _blocks(), _sentences(2, 6)
    )
    return st.one_of(
        written, written, written, partly_unseen, st.just(RandomPage(())), st.just(RandomPage((), scan=True))
    )


def _with_furniture(pages: list[RandomPage], header: str, *, numbered: bool) -> tuple[RandomPage, ...]:
    """With a header, and a number in the footer; but not where there is nothing to stand around."""
    found: list[RandomPage] = []
    for number, page in enumerate(pages, 1):
        above = [Text(header, LEFT, 815.0, size=9)] if header and page.texts else []
        under = [Text(f"Página {number}", 280.0, 30.0, size=9)] if numbered and page.texts else []
        found.append(RandomPage((*above, *page.texts, *under), page.unseen, page.scan, page.rotation))
    return tuple(found)


def random_pdfs() -> st.SearchStrategy[RandomPdf]:
    """One to eight pages."""

    def build(pages: list[RandomPage], header: str, numbered: bool, entries: list[int]) -> RandomPdf:
        whole = _with_furniture(pages, header, numbered=numbered)
        titles = [
            (page.texts[0].text, entry)
            for entry in sorted(entries)
            if entry <= len(pages)
            for page in [pages[entry - 1]]
            if page.texts
        ]
        return RandomPdf(whole, tuple(titles))

    return st.builds(
        build,
        # Headers and page numbers are told from text where several pages have them.
        st.one_of(st.lists(_pages(), min_size=1, max_size=8), st.lists(_written(), min_size=4, max_size=8)),
        st.sampled_from(["", "Manual de soporte"]),
        st.booleans(),
        st.lists(st.integers(1, 8), max_size=3, unique=True),
    )
