"""Pages whose text is not taken, and what a person should know of the others."""

from collections.abc import Sequence

from knowligo_index.errors import ParseError
from knowligo_index.parsers.pdf.lines import Page
from knowligo_index.parsers.pdf.quality import LEAST_SCORE, score_text
from knowligo_index.parsers.pdf.reading import Content, File
from knowligo_index.types import Dropped, PageProblem

_MANY_DRAWINGS = 50
_LARGE_IMAGE = 0.15  # of the page
_MOST_NAMED = 12
_REPLACEMENT = "\ufffd"


def find_garbled(file: File, content: Content) -> None:
    """Empty the pages whose text is noise, and name them, unless pypdf reads them better."""
    for place, page in enumerate(content.pages):
        page.score = score_text(page.raw)
        if page.score < LEAST_SCORE:
            again = None if page.by_pypdf else file.page_by_pypdf(page.number)
            if again is not None and again.lines and score_text(again.raw) >= LEAST_SCORE:
                again.extra, again.score = page.extra, score_text(again.raw)
                content.pages[place] = again
                continue
            page.lines.clear()
            content.problems.append(PageProblem(page.number, "garbled", _garbled(page)))


def drop_outside(pages: Sequence[Page]) -> list[Dropped]:
    """Take the text of pages out of which nothing is on the paper, where that has images instead; how much it was."""
    dropped = [page for page in pages if page.images and page.lines and page.outside == _characters(page)]
    count = sum(map(_characters, dropped))
    for page in dropped:
        page.lines.clear()
        page.outside = 0
    return [Dropped("hidden-text", len(dropped), count)] if dropped else []


def find_images(content: Content) -> None:
    """Name the pages that are pictures, with nothing else but a header or a page number. Raises ParseError where no
    page has text."""
    problems = content.problems
    named = {problem.page for problem in problems}
    for page in content.pages:
        had_text = page.had_text
        if (
            page.number not in named
            and not page.lines
            and page.images
            and (not had_text or page.image_share >= _LARGE_IMAGE)
        ):
            detail = f"nothing but {page.images} {'image' if page.images == 1 else 'images'}: run OCR on the file"
            problems.append(PageProblem(page.number, "needs-ocr", detail))
    problems.sort(key=lambda problem: problem.page)
    if not any(page.lines or page.extra for page in content.pages):
        _refuse(content, problems)


def _characters(page: Page) -> int:
    return sum([len(text) for line in page.lines for text in line.texts])


def _garbled(page: Page) -> str:
    return (
        f"its fonts do not say which characters they show (score {page.score:.2f}): run OCR on the file, or export it "
        "again with its fonts"
    )


def _refuse(content: Content, problems: list[PageProblem]) -> None:
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
    raise ParseError("no-text", f"{count}, nor an image")


def page_warnings(pages: Sequence[Page]) -> list[str]:
    """Of text that nobody sees, of characters that stand for nothing, of pages that are drawings."""
    found = [
        ("hidden-text: indexed, though it cannot be seen", [page.number for page in pages if page.hidden]),
        ("text beyond the edge of the page, indexed", [page.number for page in pages if page.outside]),
        (
            "unreadable characters: some fonts do not say which characters they show",
            [page.number for page in pages if page.lines and _REPLACEMENT in page.raw],
        ),
        (
            "drawings without text, which may show some",
            [
                page.number
                for page in pages
                if not page.raw.strip() and not page.images and page.drawings >= _MANY_DRAWINGS
            ],
        ),
        ("read by pypdf, since PDFium could not", [page.number for page in pages if page.by_pypdf and page.lines]),
    ]
    return [f"{what}, on {_named(numbers)}" for what, numbers in found if numbers]


def _named(numbers: list[int]) -> str:
    names = ", ".join(map(str, numbers[:_MOST_NAMED]))
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    return f"page{'s' if len(numbers) > 1 else ''} {names}{more}"
