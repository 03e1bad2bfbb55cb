"""Reads the pages of a file: by PDFium, and by pypdf if PDFium fails."""

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
from knowligo_index.parsers.pdf.lines import Word, line_of
from knowligo_index.parsers.pdf.outline import Entry, read_outline
from knowligo_index.parsers.pdf.page import Page
from knowligo_index.parsers.pdf.properties import read_metadata
from knowligo_index.system.utf8 import utf8_text
from knowligo_index.types import PageProblem

MAX_PAGES = 20_000
# Pages of one file that are read again by pypdf, which takes up to half a second for a page.
MAX_SECOND_TRIES = 20

_BATCH_PAGES = 64

# Sizes in points for pages that pypdf reads, which does not give the positions of words.
_LINE_HEIGHT = 12.0
_CHARACTER_WIDTH = 6.0


@dataclass(slots=True)
class PdfContent:
    """The content of a file."""

    pages: list[Page] = field(default_factory=list)
    outline: list[Entry] = field(default_factory=list)
    title: str | None = None
    metadata: dict[str, str | list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[PageProblem] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


class PdfFile:
    """The bytes of a PDF, and pypdf's reader for them once it is needed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader: PdfReader | None = None
        self._second_tries = 0

    def read(self) -> PdfContent:
        """The whole content. Raises ParseError if the file is encrypted, or if neither PDFium nor pypdf can open it."""
        try:
            document = pypdfium2.PdfDocument(self._data)
        except pypdfium2.PdfiumError:
            # PDFium's error may be that of an earlier file: pypdf tells whether this one is encrypted.
            return self._read_by_pypdf()
        try:
            return self._read_by_pdfium(document)
        finally:
            document.close()

    def page_by_pypdf(self, number: int) -> Page | None:
        """The page as pypdf reads it; None if it cannot, or after too many pages."""
        self._second_tries += 1
        if self._second_tries > MAX_SECOND_TRIES:
            return None
        try:
            return _page_of_text(number, self._pypdf_reader().pages[number - 1].extract_text())
        except (PyPdfError, IndexError):
            return None

    def _read_by_pdfium(self, document: "pypdfium2.PdfDocument") -> PdfContent:
        _check_pages(len(document))
        content = PdfContent(title=document.get_metadata_value("Title"), metadata=read_metadata(document))
        content.outline, warning = read_outline(document)
        content.warnings += [warning] if warning else []
        for index in range(len(document)):
            try:
                page = read_page(document, index)
            except pypdfium2.PdfiumError:
                page = self.page_by_pypdf(index + 1) or Page(index + 1, 0, 0)
                if not page.by_pypdf:
                    detail = "neither PDFium nor pypdf can load the page: save the file again"
                    content.problems.append(PageProblem(index + 1, "damaged", detail))
            content.pages.append(page)
            if len(content.pages) % _BATCH_PAGES == 0:
                put_into_lines(content.pages[-_BATCH_PAGES:])
        put_into_lines(content.pages[-_BATCH_PAGES:])
        self._add_annotations(content)
        content.warnings += _unread_warnings(document)
        return content

    def _add_annotations(self, content: PdfContent) -> None:
        passwords = 0
        try:
            for page in content.pages:
                if page.has_annotations:
                    annotations = read_annotations(self._pypdf_reader(), page.number - 1)
                    page.annotation_lines = annotations.lines
                    content.comments += annotations.comments
                    passwords += annotations.passwords
        except (PyPdfError, IndexError):
            content.warnings.append("the form fields and notes of some pages could not be read")
        if passwords:
            content.warnings.append(f"{passwords} form fields for passwords are filled in: they are not indexed")

    def _read_by_pypdf(self) -> PdfContent:
        """The content by pypdf, if PDFium cannot open the file."""
        try:
            reader = self._pypdf_reader()
            _check_pages(len(reader.pages))
            texts = [page.extract_text() for page in reader.pages]
            title = reader.metadata.title if reader.metadata else None
        except NotImplementedError as error:
            # The only feature that pypdf does not implement is some ways of encryption.
            raise _encrypted() from error
        except PyPdfError as error:
            message = " ".join(str(error).split())[:200]
            raise ParseError(
                "damaged", f"it is not a complete PDF ({message}): save it again, or get another copy"
            ) from error
        pages = [_page_of_text(number, text) for number, text in enumerate(texts, 1)]
        return PdfContent(pages, title=title)

    def _pypdf_reader(self) -> PdfReader:
        if self._reader is None:
            # pypdf logs every irregularity of a file, which would fill the terminal.
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


def _unread_warnings(document: "pypdfium2.PdfDocument") -> Iterator[str]:
    attached = document.count_attachments()
    if attached:
        yield f"{attached} attached {'file is' if attached == 1 else 'files are'} not read"
    if document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        yield "it contains an XFA form, which is not read: print the form to a PDF"


def _page_of_text(number: int, text: str) -> Page:
    """A page with this text, whose lines are placed one below the other with space between them."""
    page = Page(number, 0.0, 0.0, raw_text=text, by_pypdf=True)
    text = utf8_text(text)
    for index, line in enumerate(text.splitlines()):
        cleaned, format_characters = without_hidden(line)
        page.format_characters += format_characters
        words: list[Word] = []
        left, top = 0.0, 2 * _LINE_HEIGHT * index
        for word in cleaned.split():
            right = left + _CHARACTER_WIDTH * len(word)
            words.append(Word(word, left, top, right, top + _LINE_HEIGHT))
            left = right + _CHARACTER_WIDTH / 2
        if words:
            page.lines.append(line_of(words))
    return page
