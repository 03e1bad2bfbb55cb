"""What holds for every document, whatever its format."""

from itertools import pairwise

from knowligo_index.types import Block, Document


def check_document(document: Document) -> None:
    """Blocks and exclusions are in order, lie apart and cover all text; children lie in their parents and cover them;
    every character is one that JSON and SQLite can hold."""
    document.text.encode()
    assert "\0" not in document.text
    blocks = [(block.char_start, block.char_end) for block in document.blocks]
    exclusions = [(exclusion.char_start, exclusion.char_end) for exclusion in document.exclusions]
    _check_cover(document.text, 0, len(document.text), sorted(blocks + exclusions))
    starts = [block.char_start for block in document.blocks]
    assert starts == sorted(starts)
    for block in document.blocks:
        _check_children(document.text, block)
    assert list(document.page_starts) == sorted(document.page_starts)


def _check_children(text: str, block: Block) -> None:
    if block.children:
        spans = [(child.char_start, child.char_end) for child in block.children]
        _check_cover(text, block.char_start, block.char_end, spans)
    for child in block.children:
        _check_children(text, child)


def _check_cover(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    bounds = [(start, start), *spans, (end, end)]
    for (_, left), (right, _) in pairwise(bounds):
        assert left <= right
        assert not text[left:right].strip(), (left, right, text[left:right])
    assert all(text[left:right].strip() for left, right in spans)
