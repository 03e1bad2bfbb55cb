"""Fields: of what Word computes (a cross-reference, a date, ...) the result is shown and the instruction is not."""

from lxml.etree import _Element

from knowligo_index.parsers.word.names import is_on, number, value, w

_FIELD = w("fldChar")


def in_instructions(paragraph: _Element) -> frozenset[_Element]:
    """The w:t elements of a paragraph that are part of a field's instruction: results of fields inside it. A field
    that is not completed in the paragraph has none, so that a broken one does not hide what follows."""
    if next(paragraph.iter(_FIELD), None) is None:
        return frozenset()
    places = list(paragraph.iter(_FIELD, w("t")))
    if sum(each.tag == _FIELD for each in places) < 4:
        return frozenset()
    found: set[_Element] = set()
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place, each in enumerate(places):
        kind = each.get(w("fldCharType")) if each.tag == _FIELD else None
        if kind == "begin":
            opened.append(place)
        elif kind == "separate" and opened and opened[-1] >= 0:
            pairs.append((opened[-1], place))
            opened[-1] = -1
        elif kind == "end" and opened:
            start = opened.pop()
            if start >= 0:
                pairs.append((start, place))
    covered = 0
    for start, end in sorted(pairs):
        found.update(each for each in places[max(start, covered) : end] if each.tag != _FIELD)
        covered = max(covered, end)
    return frozenset(found)


def form_field_text(field: _Element) -> str:
    """What a form field shows that is not among the text: whether it is ticked, or which choice is taken."""
    box = field.find(f"{w('ffData')}/{w('checkBox')}")
    if box is not None:
        state = box.find(w("checked"))
        if state is None:
            state = box.find(w("default"))
        return "☑" if state is not None and is_on(state.get(w("val"))) else "☐"
    choice = field.find(f"{w('ffData')}/{w('ddList')}")
    if choice is not None:
        entries = [each.get(w("val")) or "" for each in choice.findall(w("listEntry"))]
        place = number(value(choice, "result")) or 0
        return entries[place] if 0 <= place < len(entries) else ""
    return ""
