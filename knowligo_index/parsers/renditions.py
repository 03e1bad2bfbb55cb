"""Renditions, which say what a person sees in the place of markup: ordering and applying them, and those of the rows of
a table."""

from collections.abc import Iterable, Sequence

from knowligo_index.parsers.hidden import find_unseen
from knowligo_index.types import Rendition

Span = tuple[int, int]

# With more columns, or a longer header, the cells of a table are read without the names of their columns. A header of
# this length is about a sixth of a passage of 256 tokens.
_MAX_NAMES = 12
_MAX_NAMES_CHARACTERS = 160

_CELL_SEPARATOR = "; "


def in_order(renditions: Iterable[Rendition]) -> tuple[Rendition, ...]:
    """Renditions in the order of the text. Of two that overlap the one that begins first is kept, or the larger one."""
    ordered: list[Rendition] = []
    position = 0
    for rendition in sorted(renditions, key=_order):
        if rendition.char_start >= position:
            ordered.append(rendition)
            position = rendition.char_end
    return tuple(ordered)


def _order(rendition: Rendition) -> tuple[int, bool, int]:
    start, end, _ = rendition
    # A rendition of an empty span stands before those that begin at the same offset.
    return start, start < end, -end


def without_unseen(text: str, renditions: Sequence[Rendition]) -> tuple[Rendition, ...]:
    """The renditions, and further ones that hide every character of the text that a person does not see."""
    unseen = find_unseen(text)
    return in_order([*renditions, *(Rendition(*span, "") for span in unseen)]) if unseen else tuple(renditions)


def rendered(text: str, start: int, end: int, renditions: Iterable[Rendition]) -> str:
    """text[start:end] with these renditions, which are in order and lie inside it."""
    parts: list[str] = []
    position = start
    for rendition in renditions:
        parts += (text[position : rendition.char_start], rendition.text)
        position = rendition.char_end
    parts.append(text[position:end])
    return "".join(parts)


def column_names(header: Sequence[str]) -> list[str]:
    """What is read before the cells of each column: "Price: ", or nothing if the column has no name. An empty list if
    the names are too many or too long to be read in each row."""
    names = [" ".join(cell.split()).rstrip(" :") for cell in header]
    if len(names) > _MAX_NAMES or sum(map(len, names)) > _MAX_NAMES_CHARACTERS:
        return []
    return [f"{name}: " if name else "" for name in names]


def row_renditions(start: int, end: int, cells: Sequence[tuple[Span, str]], names: Sequence[str]) -> list[Rendition]:
    """The renditions of the row text[start:end]: its non-empty cells, each with the name of its column.

    `cells`: the span of each cell's text, which may be empty, and the text of the cell that a person sees.
    """
    renditions: list[Rendition] = []
    position = start
    for number, ((cell_start, cell_end), cell_text) in enumerate(cells):
        if not cell_text or cell_text.isspace():
            continue
        name = names[number] if number < len(names) else ""
        if name[:-2] == cell_text.strip():
            name = ""
        prefix = (_CELL_SEPARATOR if position > start or renditions else "") + name
        if prefix or position < cell_start:
            renditions.append(Rendition(position, cell_start, prefix))
        position = cell_end
    if position < end:
        renditions.append(Rendition(position, end, ""))
    return renditions
