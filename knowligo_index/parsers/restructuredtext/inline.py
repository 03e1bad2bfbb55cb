"""The text of docutils' inline nodes: images by their alternative text, substitutions by what they stand for."""

from docutils import nodes

_NOTES = (nodes.footnote_reference, nodes.citation_reference)

# A substitution whose text has others in it, and so on, or grows to more characters, stays as it is written; and so do
# all once they made this much text.
_MOST_NESTED = 20
_LONGEST = 10_000
_MOST_CHARACTERS = 500_000


class InlineText:
    """Knows a document's substitutions."""

    def __init__(self, tree: nodes.document) -> None:
        self._tree = tree
        self._texts: dict[str, str | None] = {}
        """of the substitutions met so far, by name; None where it stays as it is written, or is being made"""
        self._left = _MOST_CHARACTERS

    def joined(self, node: nodes.Node, nested: int = 0) -> str:
        """The text of a node and of all in it."""
        parts: list[str] = []
        for each in node.findall(_is_text):
            if isinstance(each, nodes.image):
                parts.append(f" {each.get('alt', '')} ")
            elif isinstance(each, nodes.substitution_reference):
                parts.append(self._substituted(each, nested + 1))
            elif isinstance(each.parent, _NOTES):
                parts.append(f"[{each.astext()}]")
            elif not isinstance(each.parent, nodes.substitution_reference):
                parts.append(each.astext())
        return "".join(parts)

    def unused(self) -> list[str]:
        """The texts of definitions that stand nowhere in what was joined so far."""
        used = {id(self._tree.substitution_defs[name]) for name, text in self._texts.items() if text is not None}
        return [each.astext() for each in self._tree.findall(nodes.substitution_definition) if id(each) not in used]

    def _substituted(self, reference: nodes.substitution_reference, nested: int) -> str:
        written = f"|{reference.astext()}|"
        definitions, wanted = self._tree.substitution_defs, reference.get("refname", "")
        name = wanted if wanted in definitions else self._tree.substitution_names.get(wanted.lower())
        if name is None or nested > _MOST_NESTED:
            return written
        if name not in self._texts:
            self._texts[name] = None
            text = self.joined(definitions[name], nested)
            self._texts[name] = text if len(text) <= min(_LONGEST, self._left) else None
        found = self._texts[name]
        if found is None or len(found) > self._left:
            return written
        self._left -= len(found)
        return found


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Text | nodes.image | nodes.substitution_reference)
