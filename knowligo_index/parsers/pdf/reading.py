"""The pages of a file: by PDFium, and by pypdf where PDFium fails."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from knowligo_index.errors import ParseError
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.pdf.annotations import read_annotations
from knowligo_index.parsers.pdf.extraction import put_into_lines, read_page
from knowligo_index.parsers.pdf.lines import Page, Word, line_of
from knowligo_index.parsers.pdf.outline import Entry, read_outline
from knowligo_index.parsers.pdf.properties import read_metadata
from knowligo_index.types import PageProblem

MAX_PAGES = 20_000
# pypdf takes up to half a second for a page: what PDFium read badly is tried again so many times.
MAX_SECOND_TRIES = 20

_PAGES_AT_ONCE = 64

_LINE = 12.0
_COLUMN = 6.0


@dataclass(slots=True)
class Content:
    """What was read of a file."""

    pages: list[Page] = field(default_factory=list)
    outline: list[Entry] = field(default_factory=list)
    title: str | None = None
    metadata: dict[str, str | list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[PageProblem] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


class File:
    """The bytes of a PDF, and the readers that were opened on them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader: PdfReader | None = None
        self._tries = 0

    def read(self) -> Content:
        """Everything. Raises ParseError where the file is encrypted, or where neither reader can open it."""
        try:
            document = pypdfium2.PdfDocument(self._data)
        except pypdfium2.PdfiumError:
            # Its error may be that of another file before: pypdf says whether this one is encrypted.
            return self._read_by_pypdf()
        try:
            return self._read_by_pdfium(document)
        finally:
            document.close()

    def page_by_pypdf(self, number: int) -> Page | None:
        """The page as pypdf reads it; None where it cannot, or was asked too often."""
        self._tries += 1
        if self._tries > MAX_SECOND_TRIES:
            return None
        try:
            return _page_of_text(number, self._opened().pages[number - 1].extract_text())
        except (PyPdfError, IndexError):
            return None

    def _read_by_pdfium(self, document: "pypdfium2.PdfDocument") -> Content:
        _check_pages(len(document))
        content = Content(title=document.get_metadata_value("Title"), metadata=read_metadata(document))
        content.outline, warning = read_outline(document)
        content.warnings += [warning] if warning else []
        for index in range(len(document)):
            try:
                page = read_page(document, index)
            except pypdfium2.PdfiumError:
                page = self.page_by_pypdf(index + 1) or Page(index + 1, 0, 0)
                if not page.by_pypdf:
                    detail = "neither of its readers can load the page: save the file again"
                    content.problems.append(PageProblem(index + 1, "damaged", detail))
            content.pages.append(page)
            if len(content.pages) % _PAGES_AT_ONCE == 0:
                put_into_lines(content.pages[-_PAGES_AT_ONCE:])
        put_into_lines(content.pages[-_PAGES_AT_ONCE:])
        self._add_annotations(content)
        content.warnings += _unread(document)
        return content

    def _add_annotations(self, content: Content) -> None:
        passwords = 0
        try:
            for page in content.pages:
                if page.annotated:
                    found = read_annotations(self._opened(), page.number - 1)
                    page.extra = found.lines
                    content.comments += found.comments
                    passwords += found.passwords
        except (PyPdfError, IndexError):
            content.warnings.append("the form fields and notes of some pages could not be read")
        if passwords:
            content.warnings.append(f"{passwords} form fields for passwords are filled in: they are not indexed")

    def _read_by_pypdf(self) -> Content:
        """Where PDFium does not open the file."""
        try:
            reader = self._opened()
            _check_pages(len(reader.pages))
            texts = [page.extract_text() for page in reader.pages]
            title = reader.metadata.title if reader.metadata else None
        except NotImplementedError as error:
            # What pypdf does not know is how some files are encrypted.
            raise _encrypted() from error
        except PyPdfError as error:
            what = " ".join(str(error).split())[:200]
            raise ParseError(
                "damaged", f"it is not a whole PDF ({what}): save it again, or get another copy"
            ) from error
        pages = [_page_of_text(number, text) for number, text in enumerate(texts, 1)]
        return Content(pages, title=title)

    def _opened(self) -> PdfReader:
        if self._reader is None:
            # pypdf reports each irregularity of a file on its logger: on a terminal that is noise.
            logging.getLogger("pypdf").setLevel(logging.CRITICAL)
            reader = PdfReader(io.BytesIO(self._data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise _encrypted()
            self._reader = reader
        return self._reader


def _encrypted() -> ParseError:
    return ParseError("encrypted", "a password is needed: save a copy without one")


def _check_pages(count: int) -> None:
    if count > MAX_PAGES:
        raise ParseError("expands-too-much", f"it has {count} pages, more than {MAX_PAGES}: split it")


def _unread(document: "pypdfium2.PdfDocument") -> Iterator[str]:
    attached = document.count_attachments()
    if attached:
        yield f"{attached} attached {'file is' if attached == 1 else 'files are'} not read"
    if document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        yield "it holds an XFA form, which is not read: print it to a PDF"


def _page_of_text(number: int, text: str) -> Page:
    """A page whose lines stand one below the other, with room between any two."""
    page = Page(number, 0.0, 0.0, raw=text, by_pypdf=True)
    text = text.encode("utf-8", "replace").decode("utf-8")
    for place, line in enumerate(text.splitlines()):
        cleaned, hidden = without_hidden(line)
        page.hidden_format += hidden
        words: list[Word] = []
        left, top = 0.0, 2 * _LINE * place
        for word in cleaned.split():
            right = left + _COLUMN * len(word)
            words.append(Word(word, left, top, right, top + _LINE))
            left = right + _COLUMN / 2
        if words:
            page.lines.append(line_of(words))
    return page
