"""A page of a PDF as a case: what the modules of the PDF cases share."""

import io

from corpus_case import PROSE, Case, Outcome, case, noise
from corpus_pdf_maker import FONT, lettered, objects, pdf, show, to_unicode
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

BAD = "Texto que nadie ve"


def on_a_page(
    name: str,
    content: bytes,
    why: str,
    *expect: Outcome,
    catalog: bytes = b"",
    on_page: bytes = b"",
    more: dict[int, bytes] | None = None,
    trailer: bytes = b"",
    absent: str | None = None,
    needle: str | None = "",
    silent: bool = False,
) -> Case:
    """A page with the sentence, and this content below it; without the sentence if it is `silent`, or not to be
    indexed."""

    def made(said: str) -> bytes:
        wanted = "indexed" in (expect or ("indexed",)) and not silent
        whole = (show(said) if wanted else b"") + content
        return pdf({**objects(content=whole, catalog=catalog, on_page=on_page), **(more or {})}, trailer)

    return case(f"pdf/{name}.pdf", made, *(expect or ("indexed",)), why=why, absent=absent, needle=needle)


def lines(text: str) -> bytes:
    """Lines of some sixty characters down the page."""
    rows = [text[start : start + 60] for start in range(0, len(text), 60)]
    return b"".join(show(row, at=f"72 {700 - 14 * number}") for number, row in enumerate(rows))


def written(name: str, text: str, why: str) -> Case:
    """A text in letters that no font of a PDF has by itself, with a map that says which they are."""
    codes, mapping = lettered(text)
    raw = codes.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    more = {FONT: font(b"/ToUnicode 6 0 R"), 6: mapping}
    return on_a_page(name, b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % raw, why, more=more, needle=None, silent=True)


def font(more: bytes) -> bytes:
    return b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica%s>>" % more


def mapped(name: str, shift: int, why: str) -> Case:
    """Prose whose font says that each letter is another one."""
    pairs = ((code, chr(code + shift)) for code in range(33, 127))
    more = {FONT: font(b"/Encoding/WinAnsiEncoding/ToUnicode 6 0 R"), 6: to_unicode(pairs)}
    return on_a_page(name, lines(PROSE), why, "garbled", more=more)


def canvas_of(*pages: str | None) -> bytes:
    """A page for each: a text, or an image as large as the page."""
    data = io.BytesIO()
    canvas = Canvas(data, invariant=True)
    for text in pages:
        if text is None:
            canvas.drawInlineImage(_picture(), 0, 0, 595, 842)
        else:
            canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def _picture() -> Image.Image:
    return Image.frombytes("L", (40, 60), noise(2400, 11))
