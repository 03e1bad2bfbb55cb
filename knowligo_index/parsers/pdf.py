"""PDF by pypdf. The canonical text is the pages' text, each page begun by a form feed but the first."""

import io
import logging
from pathlib import PurePosixPath

from pypdf import PdfReader

from knowligo_index.errors import ParseError
from knowligo_index.parsers.plain import paragraphs
from knowligo_index.types import Block, Document, Source

PAGE_BREAK = "\n\f"


def parse(source: Source, data: bytes) -> Document:
    """The text of every page; the title is the document's own, else the file's name. Raises ParseError where the
    file is encrypted or has no text."""
    # pypdf reports each irregularity of a file on its logger: on a terminal that is noise between progress bars.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ParseError("encrypted", "a password is needed: save a copy without one")
    pages = [_clean(page.extract_text()) for page in reader.pages]
    title = reader.metadata.title if reader.metadata else None
    if not any(page.strip() for page in pages):
        raise ParseError("no-text", f"none of its {len(pages)} pages has text: it may need OCR")

    blocks: list[Block] = []
    starts: list[int] = []
    text = PAGE_BREAK.join(pages)
    position = 0
    for page in pages:
        starts.append(position)
        blocks.extend(paragraphs(text, position, position + len(page)))
        position += len(page) + len(PAGE_BREAK)
    return Document(
        source=source.name,
        format=source.format,
        title=_own_title(title) or PurePosixPath(source.name).stem,
        text=text,
        blocks=tuple(blocks),
        page_starts=tuple(starts),
    )


def _own_title(title: str | None) -> str:
    """The title in the metadata, unless it is what programs write where nobody gave one."""
    cleaned = _clean(title or "").strip()
    return "" if cleaned.casefold() in ("untitled", "sin título") else cleaned


def _clean(text: str) -> str:
    """Without NULs and lone surrogates, which a broken font map can give and SQLite cannot hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
