"""Plain text: paragraphs are what blank lines separate."""

from pathlib import PurePosixPath

from knowligo_index.parsers.plain import decode, line_starts, paragraphs
from knowligo_index.types import Document, Source


def parse(source: Source, data: bytes) -> Document:
    """The decoded file; its name, without the suffix, is the title. Raises ParseError where it is not UTF-8 text."""
    text, encoding = decode(data)
    return Document(
        source=source.name,
        format=source.format,
        title=PurePosixPath(source.name).stem,
        text=text,
        blocks=tuple(paragraphs(text, 0, len(text))),
        line_starts=line_starts(text),
        encoding=encoding,
    )
