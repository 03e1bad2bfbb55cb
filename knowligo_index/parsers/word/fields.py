"""Fields, which Word computes (a cross-reference, a date, ...): the result is shown, the instruction is not."""

from lxml.etree import _Element

from knowligo_index.parsers.markers import whole_number
from knowligo_index.parsers.word.names import is_on, value, w

_FIELD = w("fldChar")


def in_instructions(paragraph: _Element) -> frozenset[_Element]:
    """The w:t elements of a paragraph that are part of a field's instruction: the results of fields inside it. A field
    that does not end in the paragraph is ignored, so that a damaged field does not hide the text after it."""
    if next(paragraph.iter(_FIELD), None) is None:
        return frozenset()
    nodes = list(paragraph.iter(_FIELD, w("t")))
    if sum(node.tag == _FIELD for node in nodes) < 4:
        return frozenset()
    instructions: set[_Element] = set()
    open_fields: list[int] = []
    spans: list[tuple[int, int]] = []
    for index, node in enumerate(nodes):
        kind = node.get(w("fldCharType")) if node.tag == _FIELD else None
        if kind == "begin":
            open_fields.append(index)
        elif kind == "separate" and open_fields and open_fields[-1] >= 0:
            spans.append((open_fields[-1], index))
            open_fields[-1] = -1
        elif kind == "end" and open_fields:
            start = open_fields.pop()
            if start >= 0:
                spans.append((start, index))
    covered = 0
    for start, end in sorted(spans):
        instructions.update(node for node in nodes[max(start, covered) : end] if node.tag != _FIELD)
        covered = max(covered, end)
    return frozenset(instructions)


def form_field_text(field: _Element) -> str:
    """The state of a form field that is not part of the text: whether a box is checked, or the selected choice."""
    box = field.find(f"{w('ffData')}/{w('checkBox')}")
    if box is not None:
        state = box.find(w("checked"))
        if state is None:
            state = box.find(w("default"))
        return "☑" if state is not None and is_on(state.get(w("val"))) else "☐"
    choice = field.find(f"{w('ffData')}/{w('ddList')}")
    if choice is not None:
        entries = [entry.get(w("val")) or "" for entry in choice.findall(w("listEntry"))]
        index = whole_number(value(choice, "result")) or 0
        return entries[index] if 0 <= index < len(entries) else ""
    return ""
