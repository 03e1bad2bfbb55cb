"""The breadcrumb of a passage: the document's title and the headings that its own text does not show."""

from collections.abc import Sequence

from knowligo_index.chunking.atoms import Atom
from knowligo_index.chunking.sections import HeadingPath
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.types import Block, join_breadcrumb

_SEPARATOR = " > "

# A breadcrumb with more than this share of a chunk's tokens loses its outermost parts.
_MAX_SHARE = 1 / 8

_Label = tuple[str, Block | None]
"""a part of the breadcrumb, and the heading that it comes from (None: the document's title)"""


class Breadcrumbs:
    """The breadcrumbs of one document, for chunks of at most `chunk_tokens` tokens."""

    def __init__(self, title: str, chunk_tokens: int, counter: TokenCounter) -> None:
        self._title = title
        self._chunk_tokens = chunk_tokens
        self._counter = counter
        self._labels: dict[HeadingPath, list[_Label]] = {}
        self._token_counts: dict[str, int] = {}

    def text(self, path: HeadingPath, atoms: Sequence[Atom]) -> str:
        """The breadcrumb of a chunk under these headings that contains these atoms."""
        shown = {atom.char_start for atom in atoms if atom.kind == "heading"}
        return _joined(
            [label for label in self._labels_of(path) if label[1] is None or label[1].char_start not in shown]
        )

    def tokens(self, path: HeadingPath, atoms: Sequence[Atom]) -> int:
        """Tokens of an encoder input that consists of this breadcrumb and no text."""
        return self._count(self.text(path, atoms))

    def _labels_of(self, path: HeadingPath) -> list[_Label]:
        """Title and headings, without the outermost ones if all of them take too many tokens."""
        if path not in self._labels:
            labels: list[_Label] = [(heading.label, heading) for heading in path if heading.label]
            if not labels or labels[0][0] != self._title:
                labels.insert(0, (self._title, None))
            limit = self._count("") + self._chunk_tokens * _MAX_SHARE
            while labels and self._count(_joined(labels)) > limit:
                labels.pop(0)
            self._labels[path] = labels
        return self._labels[path]

    def _count(self, breadcrumb: str) -> int:
        encoder_input = join_breadcrumb(breadcrumb, "")
        if encoder_input not in self._token_counts:
            self._token_counts[encoder_input] = self._counter.count_inputs([encoder_input])[0]
        return self._token_counts[encoder_input]


def _joined(labels: Sequence[_Label]) -> str:
    return _SEPARATOR.join(label for label, _ in labels)
