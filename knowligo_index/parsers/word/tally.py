"""What of a Word file is not in its text, so that nothing is lost in silence."""

from collections import Counter

from lxml.etree import _Element

from knowligo_index.parsers.word.names import a, m, mc, w
from knowligo_index.types import Dropped, DroppedKind

_TEXTS = frozenset((w("t"), w("delText"), m("t"), a("t")))
_SHOWN_TEXTS = (w("t"), m("t"), a("t"))


class Tally:
    """Counts what is left out."""

    def __init__(self) -> None:
        self._times: Counter[DroppedKind] = Counter()
        self._characters: Counter[DroppedKind] = Counter()
        self._unread: Counter[str] = Counter()

    def drop(self, kind: DroppedKind, text: str, times: int = 1) -> None:
        """Count a text that is left out; nothing if there is none."""
        characters = len("".join(text.split()))
        if characters:
            self.count(kind, characters, times)

    def count(self, kind: DroppedKind, characters: int, times: int = 1) -> None:
        self._times[kind] += times
        self._characters[kind] += characters

    def unread(self, what: str) -> None:
        """Count a thing of which not even the text is read."""
        self._unread[what] += 1

    def dropped(self) -> tuple[Dropped, ...]:
        return tuple(Dropped(kind, self._times[kind], self._characters[kind]) for kind in sorted(self._times))

    def warnings(self) -> list[str]:
        found = []
        if self._characters["hidden-text"]:
            found.append(f"hidden-text: {self._characters['hidden-text']} characters are not shown and left out")
        if self._unread:
            things = ", ".join(f"{what} ({times})" for what, times in sorted(self._unread.items()))
            found.append(f"not read: {things}")
        return found


def all_text(element: _Element) -> str:
    """The text of an element and of all in it, deleted or not; of alternatives the one that counts."""
    parts: list[str] = []
    left = [element]
    while left:
        each = left.pop()
        if each.tag in _TEXTS:
            parts.append(own_text(each))
        elif each.tag == mc("AlternateContent"):
            left.extend(chosen(each))
        else:
            left.extend(reversed(each))
    return "".join(parts)


def own_text(element: _Element) -> str:
    """The text in an element itself."""
    if len(element):
        # A comment, say, parts it in two.
        return (element.text or "") + "".join(child.tail or "" for child in element)
    return element.text or ""


def chosen(alternatives: _Element) -> list[_Element]:
    """Of the ways to say the same thing, the first one that has text, or the first one."""
    found = [each for each in alternatives if each.tag in (mc("Choice"), mc("Fallback"))]
    for each in found:
        if next(each.iter(*_SHOWN_TEXTS), None) is not None:
            return [each]
    return found[:1]
