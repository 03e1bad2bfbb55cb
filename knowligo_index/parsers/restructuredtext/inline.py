"""The text of docutils' inline nodes, with the alternative text of images and the text of substitutions."""

from docutils import nodes

_NOTES = (nodes.footnote_reference, nodes.citation_reference)

# A substitution that is nested deeper, or whose text is longer, is kept as it is written. So are all further ones when
# the substituted texts of a document have reached _MAX_TOTAL_CHARACTERS.
_MAX_NESTED = 20
_MAX_CHARACTERS = 10_000
_MAX_TOTAL_CHARACTERS = 500_000


class InlineText:
    """The text of inline nodes of one document, whose substitutions it resolves."""

    def __init__(self, tree: nodes.document) -> None:
        self._tree = tree
        self._texts: dict[str, str | None] = {}
        """the text of each substitution so far, by name; None if it is kept as it is written, or is being resolved"""
        self._remaining_characters = _MAX_TOTAL_CHARACTERS

    def joined(self, node: nodes.Node, nested: int = 0) -> str:
        """The text of a node and of all nodes in it."""
        parts: list[str] = []
        for part in node.findall(_is_text):
            if isinstance(part, nodes.image):
                parts.append(f" {part.get('alt', '')} ")
            elif isinstance(part, nodes.substitution_reference):
                parts.append(self._substituted(part, nested + 1))
            elif isinstance(part.parent, _NOTES):
                parts.append(f"[{part.astext()}]")
            elif not isinstance(part.parent, nodes.substitution_reference):
                parts.append(part.astext())
        return "".join(parts)

    def unused(self) -> list[str]:
        """The texts of the definitions that were not used so far."""
        used = {id(self._tree.substitution_defs[name]) for name, text in self._texts.items() if text is not None}
        definitions = self._tree.findall(nodes.substitution_definition)
        return [definition.astext() for definition in definitions if id(definition) not in used]

    def _substituted(self, reference: nodes.substitution_reference, nested: int) -> str:
        source = f"|{reference.astext()}|"
        definitions, reference_name = self._tree.substitution_defs, reference.get("refname", "")
        name = (
            reference_name
            if reference_name in definitions
            else self._tree.substitution_names.get(reference_name.lower())
        )
        if name is None or nested > _MAX_NESTED:
            return source
        if name not in self._texts:
            self._texts[name] = None
            text = self.joined(definitions[name], nested)
            self._texts[name] = text if len(text) <= min(_MAX_CHARACTERS, self._remaining_characters) else None
        replacement = self._texts[name]
        if replacement is None or len(replacement) > self._remaining_characters:
            return source
        self._remaining_characters -= len(replacement)
        return replacement


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Text | nodes.image | nodes.substitution_reference)
