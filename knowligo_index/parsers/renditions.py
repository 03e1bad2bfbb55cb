"""What a person sees in the place of markup: putting renditions in order, and reading with them."""

from collections.abc import Iterable, Sequence

from knowligo_index.parsers.hidden import find_unseen
from knowligo_index.types import Rendition

Span = tuple[int, int]

# A table whose rows have more columns, or whose header has more text, is read cell after cell below its header. In a
# passage of 256 tokens this much is about a sixth.
_MOST_NAMES = 12
_MOST_NAMES_CHARACTERS = 160

BETWEEN_CELLS = "; "


def in_order(renditions: Iterable[Rendition]) -> tuple[Rendition, ...]:
    """Renditions in the order of the text. Of two that lie over each other the first one stays, or the larger one."""
    kept: list[Rendition] = []
    position = 0
    for each in sorted(renditions, key=_place):
        if each.char_start >= position:
            kept.append(each)
            position = each.char_end
    return tuple(kept)


def _place(rendition: Rendition) -> tuple[int, bool, int]:
    start, end, _ = rendition
    # What is seen where nothing is written stands before what begins there.
    return start, start < end, -end


def without_unseen(text: str, renditions: Sequence[Rendition]) -> tuple[Rendition, ...]:
    """The renditions, and that of every character of the text that nobody sees."""
    unseen = find_unseen(text)
    return in_order([*renditions, *(Rendition(*span, "") for span in unseen)]) if unseen else tuple(renditions)


def rendered(text: str, start: int, end: int, renditions: Iterable[Rendition]) -> str:
    """text[start:end] with these renditions, all of which lie in it, in order."""
    parts: list[str] = []
    position = start
    for each in renditions:
        parts += (text[position : each.char_start], each.text)
        position = each.char_end
    parts.append(text[position:end])
    return "".join(parts)


def column_names(header: Sequence[str]) -> list[str]:
    """What is read before the cells of each column: "Price: ", or nothing. Empty where there are too many columns, or
    too much is written of them, to say so in each row."""
    names = [" ".join(cell.split()).rstrip(" :") for cell in header]
    if len(names) > _MOST_NAMES or sum(map(len, names)) > _MOST_NAMES_CHARACTERS:
        return []
    return [f"{name}: " if name else "" for name in names]


def row_renditions(start: int, end: int, cells: Sequence[tuple[Span, str]], names: Sequence[str]) -> list[Rendition]:
    """How the row text[start:end] is read: its cells, each with the name of its column, without those that are empty.
    `cells`: the span of each cell's text, which may be empty, and what is seen of it."""
    found: list[Rendition] = []
    position = start
    for number, ((first, last), seen) in enumerate(cells):
        if not seen or seen.isspace():
            continue
        name = names[number] if number < len(names) else ""
        if name[:-2] == seen.strip():
            name = ""
        before = (BETWEEN_CELLS if position > start or found else "") + name
        if before or position < first:
            found.append(Rendition(position, first, before))
        position = last
    if position < end:
        found.append(Rendition(position, end, ""))
    return found
