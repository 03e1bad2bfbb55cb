"""Finds the pages whose text cannot be used, and makes the warnings about the other pages."""

from collections.abc import Sequence

from knowligo_index.errors import ParseError
from knowligo_index.parsers.pdf.page import Page
from knowligo_index.parsers.pdf.quality import MIN_SCORE, score_text
from knowligo_index.parsers.pdf.reading import PdfContent, PdfFile
from knowligo_index.types import Dropped, PageProblem

_MIN_DRAWINGS = 50
_LARGE_IMAGE_SHARE = 0.15  # of the page
_MAX_LISTED_PAGES = 12
_REPLACEMENT = "\ufffd"


def find_garbled(file: PdfFile, content: PdfContent) -> None:
    """Replace the pages whose text is garbled by those that pypdf reads; if they are garbled too, remove their text and
    report them."""
    for index, page in enumerate(content.pages):
        page.score = score_text(page.raw_text)
        if page.score < MIN_SCORE:
            pypdf_page = None if page.by_pypdf else file.page_by_pypdf(page.number)
            if pypdf_page is not None and pypdf_page.lines and score_text(pypdf_page.raw_text) >= MIN_SCORE:
                pypdf_page.annotation_lines, pypdf_page.score = page.annotation_lines, score_text(pypdf_page.raw_text)
                content.pages[index] = pypdf_page
                continue
            page.lines.clear()
            content.problems.append(PageProblem(page.number, "garbled", _garbled(page)))


def drop_outside(pages: Sequence[Page]) -> list[Dropped]:
    """Remove the text of pages with images whose whole text is outside of the page; returns how much was removed."""
    dropped = [page for page in pages if page.images and page.lines and page.outside_characters == _characters(page)]
    count = sum(map(_characters, dropped))
    for page in dropped:
        page.lines.clear()
        page.outside_characters = 0
    return [Dropped("hidden-text", len(dropped), count)] if dropped else []


def find_images(content: PdfContent) -> None:
    """Report the pages that consist of images, apart from page furniture. Raises ParseError if no page has text."""
    problems = content.problems
    reported_pages = {problem.page for problem in problems}
    for page in content.pages:
        had_text = page.had_text
        if (
            page.number not in reported_pages
            and not page.lines
            and page.images
            and (not had_text or page.image_share >= _LARGE_IMAGE_SHARE)
        ):
            detail = f"nothing but {page.images} {'image' if page.images == 1 else 'images'}: run OCR on the file"
            problems.append(PageProblem(page.number, "needs-ocr", detail))
    problems.sort(key=lambda problem: problem.page)
    if not any(page.lines or page.annotation_lines for page in content.pages):
        _refuse(content, problems)


def _characters(page: Page) -> int:
    return sum([len(text) for line in page.lines for text in line.texts])


def _garbled(page: Page) -> str:
    return (
        f"its fonts do not say which characters they show (score {page.score:.2f}): run OCR on the file, or export it "
        "again with its fonts"
    )


def _refuse(content: PdfContent, problems: list[PageProblem]) -> None:
    reasons = {problem.reason for problem in problems}
    count = f"none of its {len(content.pages)} pages has text"
    if "needs-ocr" in reasons:
        images = sum([problem.reason == "needs-ocr" for problem in problems])
        raise ParseError(
            "needs-ocr", f"{count}, and {images} {'is an image' if images == 1 else 'are images'}: run OCR on the file"
        )
    if "garbled" in reasons:
        raise ParseError("garbled", f"{count} that can be read: {problems[0].detail}")
    if "damaged" in reasons:
        raise ParseError("damaged", f"{count} that can be loaded: {problems[0].detail}")
    raise ParseError("no-text", f"{count} or an image")


def page_warnings(pages: Sequence[Page]) -> list[str]:
    """Warnings about text that is not visible, unreadable characters, pages of drawings, and pages read by pypdf."""
    numbers_by_warning = [
        ("hidden-text: text that is not visible is indexed", [page.number for page in pages if page.hidden_characters]),
        ("text beyond the edge of the page, indexed", [page.number for page in pages if page.outside_characters]),
        (
            "unreadable characters: some fonts do not say which characters they show",
            [page.number for page in pages if page.lines and _REPLACEMENT in page.raw_text],
        ),
        (
            "drawings without text, which may show letters",
            [
                page.number
                for page in pages
                if not page.raw_text.strip() and not page.images and page.drawings >= _MIN_DRAWINGS
            ],
        ),
        ("read by pypdf, since PDFium could not", [page.number for page in pages if page.by_pypdf and page.lines]),
    ]
    return [f"{warning}, on {_page_list(numbers)}" for warning, numbers in numbers_by_warning if numbers]


def _page_list(numbers: list[int]) -> str:
    names = ", ".join(map(str, numbers[:_MAX_LISTED_PAGES]))
    rest = f" and {len(numbers) - _MAX_LISTED_PAGES} more" if len(numbers) > _MAX_LISTED_PAGES else ""
    return f"page{'s' if len(numbers) > 1 else ''} {names}{rest}"
