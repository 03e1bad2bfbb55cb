"""The syntax tree of Markdown: its blocks, and the tokens inside their lines."""

from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

_INLINE = "inline"


def block_tree(tokens: Sequence[Token]) -> SyntaxTreeNode:
    """The tree of blocks. It does not contain the tokens inside lines (see `inline_tokens`), which halves its cost."""
    for token in tokens:
        if token.children:
            token.meta[_INLINE], token.children = token.children, None
    return SyntaxTreeNode(tokens)


def inline_tokens(inline: SyntaxTreeNode) -> Sequence[Token]:
    """The tokens inside the lines of a node of the type `inline`."""
    tokens: Sequence[Token] = inline.meta.get(_INLINE, ())
    return tokens


def leaves_of(nodes: Sequence[SyntaxTreeNode]) -> Iterator[SyntaxTreeNode]:
    """The blocks without blocks inside, and the rows of tables, in order."""
    for node in nodes:
        if node.type in ("tr", "inline") or not node.children or node.children[0].type == "inline":
            yield node
        else:
            yield from leaves_of(node.children)


def tokens_inside(leaf: SyntaxTreeNode) -> Iterator[Token]:
    """The tokens inside all lines of a block."""
    for node in leaf.walk():
        if node.type == "inline":
            yield from inline_tokens(node)
