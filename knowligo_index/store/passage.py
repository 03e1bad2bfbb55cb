"""A passage: what the index returns of a chunk."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of the index. Lines and pages count from 1, characters from 0; lines and pages are None where the source
    has none."""

    id: int
    source: str
    title: str
    text: str
    char_start: int
    char_end: int
    headings: tuple[str, ...]
    breadcrumb: str
    """the title and the headings that are not in the text, followed by the header of the table where the text begins
    in the middle of one"""
    line_start: int | None
    line_end: int | None
    page_start: int | None
    page_end: int | None
    tokens: int
    """length of the encoder's input"""
