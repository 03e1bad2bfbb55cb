"""The texts of the elements of a Word file."""

from lxml.etree import _Element

from knowligo_index.parsers.word.names import a, m, mc, w

_TEXTS = frozenset((w("t"), w("delText"), m("t"), a("t")))
_SHOWN_TEXTS = (w("t"), m("t"), a("t"))


def all_text(element: _Element) -> str:
    """The text of an element and of all elements in it, including deleted text; of alternatives only the chosen one."""
    parts: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _TEXTS:
            parts.append(direct_text(node))
        elif node.tag == mc("AlternateContent"):
            stack.extend(chosen(node))
        else:
            stack.extend(reversed(node))
    return "".join(parts)


def direct_text(element: _Element) -> str:
    """The text directly in an element."""
    if len(element):
        # The text is divided by an XML comment, for example.
        return (element.text or "") + "".join(child.tail or "" for child in element)
    return element.text or ""


def chosen(alternatives: _Element) -> list[_Element]:
    """The first of the alternatives (mc:Choice, mc:Fallback) that has text, or else the first one; empty if there are
    none."""
    options = [option for option in alternatives if option.tag in (mc("Choice"), mc("Fallback"))]
    for option in options:
        if next(option.iter(*_SHOWN_TEXTS), None) is not None:
            return [option]
    return options[:1]
