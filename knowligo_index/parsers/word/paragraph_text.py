"""The text of one paragraph, as it is collected by `inline`."""

from dataclasses import dataclass, field

from lxml.etree import _Element


@dataclass(slots=True)
class ParagraphText:
    """The text of a paragraph, and what is anchored in it."""

    parts: list[str] = field(default_factory=list)
    boxes: list[_Element | str] = field(default_factory=list)
    """anchored in the paragraph: text boxes, paragraphs of drawings, and the texts of WordArt"""
    is_monospaced: bool | None = None
    """whether each run with text is monospaced; None if there is no such run"""
    equation_end: int = 0
    """the number of parts up to the last equation"""

    def text(self) -> str:
        return "".join(self.parts)
