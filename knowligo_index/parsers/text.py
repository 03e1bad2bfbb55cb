"""Plain text: paragraphs are separated by blank lines."""

from pathlib import PurePosixPath

from knowligo_index.parsers.plain import cut_out, decode, line_starts, paragraphs, spelled_exclusions, text_warnings
from knowligo_index.types import Document, Source


def parse(source: Source, data: bytes) -> Document:
    """The decoded file; the title is its name without the suffix. Raises ParseError if it is not text."""
    text, encoding = decode(data)
    lines = line_starts(text)
    exclusions = spelled_exclusions(text, ())
    return Document(
        source=source.name,
        format=source.format,
        title=PurePosixPath(source.name).stem,
        text=text,
        blocks=cut_out(text, paragraphs(text, 0, len(text)), exclusions),
        line_starts=lines,
        encoding=encoding,
        exclusions=tuple(exclusions),
        warnings=tuple(text_warnings(text, encoding, lines)),
    )
