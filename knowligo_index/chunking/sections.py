"""The sections of a document: runs of blocks under the same headings."""

from collections.abc import Sequence

from knowligo_index.types import Block

HeadingPath = tuple[Block, ...]
"""heading blocks, outermost first"""


def sections_of(blocks: Sequence[Block]) -> list[tuple[HeadingPath, list[Block]]]:
    """The sections in order, each with its headings. A heading that is directly followed by a deeper one belongs to
    the section of the deeper one."""
    sections: list[tuple[HeadingPath, list[Block]]] = []
    path: list[Block] = []
    for block in blocks:
        if block.kind != "heading":
            if not sections:
                sections.append(((), []))
            sections[-1][1].append(block)
            continue
        while path and path[-1].level >= block.level:
            path.pop()
        parent = tuple(path)
        path.append(block)
        follows_parent = bool(sections) and sections[-1][0] == parent and parent and sections[-1][1][-1] is parent[-1]
        if follows_parent:
            sections[-1] = (tuple(path), [*sections[-1][1], block])
        else:
            sections.append((tuple(path), [block]))
    return sections
