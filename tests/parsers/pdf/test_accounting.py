"""Every letter that was drawn is in the document, counted as left out, or on a page that is named."""

from collections import Counter

from hypothesis import given, settings
from support.document_checks import check_document
from support.pdf_fixtures import headings, page_texts, read
from support.random_pdf import RandomPdf, letters, random_pdfs

from knowligo_index.errors import ParseError
from knowligo_index.types import Document


def outcome(pdf: RandomPdf) -> Document | ParseError:
    try:
        return read(pdf.data())
    except ParseError as error:
        return error


@settings(max_examples=60, deadline=None)
@given(random_pdfs())
def test_every_letter_is_accounted_for(pdf: RandomPdf) -> None:
    document = outcome(pdf)
    if isinstance(document, ParseError):
        nothing = "".join(page.letters() for page in pdf.pages)
        assert (document.reason, nothing) == ("needs-ocr" if any(page.scan for page in pdf.pages) else "no-text", "")
        return
    check_document(document)
    assert len(document.page_starts) == len(pdf.pages)
    unread = {problem.page: problem.reason for problem in document.page_problems}
    assert unread == {number: "needs-ocr" for number, page in enumerate(pdf.pages, 1) if page.scan}
    drawn = Counter("".join(page.letters() for page in pdf.pages))
    kept = Counter(letters(document.text))
    assert kept - drawn == Counter()
    assert (drawn - kept).total() == sum(each.characters for each in document.dropped)
    assert {each.kind for each in document.dropped} <= {"running-header", "page-number"}


@settings(max_examples=60, deadline=None)
@given(random_pdfs())
def test_what_is_on_a_page_stays_on_it(pdf: RandomPdf) -> None:
    document = outcome(pdf)
    if isinstance(document, ParseError):
        return
    for page, text in zip(pdf.pages, page_texts(document), strict=True):
        assert Counter(letters(text)) - Counter(page.letters()) == Counter()


@settings(max_examples=60, deadline=None)
@given(random_pdfs())
def test_a_heading_is_an_entry_of_the_outline_and_stands_on_its_page(pdf: RandomPdf) -> None:
    document = outcome(pdf)
    if isinstance(document, ParseError):
        return
    found = [label for _, label, _ in headings(document)]
    assert Counter(found) - Counter([title for title, _ in pdf.outline]) == Counter()
    lost = len(pdf.outline) - len(found)
    told = [warning for warning in document.warnings if "outline entries" in warning]
    assert told == ([f"{lost} of {len(pdf.outline)} outline entries are not in the text of their page"] if lost else [])
