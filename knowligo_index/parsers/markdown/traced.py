"""A markdown-it that says where it found what: in which column the text of each line begins, below all quote marks and
bullets, and which characters inside a line are markup.

markdown-it's tokens have lines, and no places within them. Its rules know both, and are asked as they are applied.
"""

from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt, rules_inline
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.markdown.tags import seen_of_entities, seen_of_tag
from knowligo_index.types import Rendition

_InlineRule = Callable[[StateInline, bool], bool]
_BlockRule = Callable[[StateBlock, int, int, bool], bool]

_TRACED = "traced"
_STRUCK = ("s_open", "s_close")

# By the character that each begins with. In markdown-it's own order, where there are two.
_RULES: dict[str, tuple[_InlineRule, ...]] = {
    "\n": (rules_inline.newline,),
    "\\": (rules_inline.escape,),
    "`": (rules_inline.backtick,),
    "~": (rules_inline.strikethrough.tokenize,),
    "*": (rules_inline.emphasis.tokenize,),
    "_": (rules_inline.emphasis.tokenize,),
    "[": (rules_inline.link,),
    "!": (rules_inline.image,),
    "<": (rules_inline.autolink, rules_inline.html_inline),
    "&": (rules_inline.entity,),
}

# Blocks that hold no blocks.
_ADMONITION = "admonition"
_LEAVES = ("table", "code", "fence", "hr", "reference", "html_block", "heading", "lheading", "paragraph")


class Traced:
    """What was found in one document."""

    def __init__(self) -> None:
        self.columns: dict[int, int] = {}
        """where on a line the text of its block begins, as an offset in the text that has \\n for each line end; only
        of lines with a text"""
        self.inlines: list[list[Rendition]] = []
        """of each token of the type "inline", in order: how its content is read"""


def traced(markdown: MarkdownIt) -> Traced:
    """Have this parser say what it finds in the one document that it is then given."""
    found = Traced()
    inline = _Inline(found)
    # The options that this parser has are those of its rules.
    inline.ruler, inline.ruler2 = markdown.inline.ruler, markdown.inline.ruler2
    inline.ruler.push(_TRACED, inline.rule)
    inline.ruler.enableOnly(["text", _TRACED])
    inline.ruler2.before("fragments_join", _TRACED, inline.resolve)
    markdown.inline = inline
    for name, rule, alt in [(each.name, each.fn, each.alt) for each in markdown.block.ruler.__rules__]:
        if name in (*_LEAVES, _ADMONITION):
            is_leaf = name != _ADMONITION
            markdown.block.ruler.at(name, _noting(rule, found.columns, is_leaf=is_leaf), {"alt": alt})
    return found


def _noting(rule: _BlockRule, columns: dict[int, int], *, is_leaf: bool) -> _BlockRule:
    """The rule, which notes where the lines of what it finds begin; of a block of blocks, that of its title."""

    def noting(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        if not rule(state, first, end, silent):
            return False
        if not silent:
            for line in range(first, state.line if is_leaf else first + 1):
                columns[line] = state.bMarks[line] + state.tShift[line]
        return True

    return noting


class _Inline(ParserInline):
    """Notes the renditions of what is parsed, in offsets of the content of its block."""

    def __init__(self, found: Traced) -> None:
        super().__init__()
        self._found = found
        self._depth = 0
        self._renditions: list[Rendition] = []
        self._delimiters: list[tuple[int, Token]] = []
        self._nested: list[Rendition] = []
        """of what was parsed last, which is the text of an image"""
        self._label = (0, 0)
        """of the link that was read last"""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        outer = (self._renditions, self._delimiters)
        self._renditions, self._delimiters = [], []
        self._depth += 1
        try:
            return super().parse(src, md, env, tokens)
        finally:
            self._depth -= 1
            self._nested = self._renditions
            self._renditions, self._delimiters = outer
            if not self._depth:
                self._found.inlines.append(self._nested)

    def tokenize(self, state: StateInline) -> None:
        span = (state.pos, state.posMax)
        super().tokenize(state)
        self._label = span

    def rule(self, state: StateInline, silent: bool) -> bool:
        """All rules in one."""
        start, known = state.pos, len(state.tokens)
        for rule in _RULES.get(state.src[start], ()):
            if rule(state, silent):
                if not silent and len(state.tokens) > known:
                    self._note(state.src, start, state.pos, state.tokens)
                return True
        return False

    def _note(self, source: str, start: int, end: int, tokens: Sequence[Token]) -> None:
        """The last of the tokens come from source[start:end]."""
        last = tokens[-1]
        if last.type == "text":
            position = end
            for token in reversed(tokens):
                if position <= start:
                    break
                position -= len(token.content)
                self._delimiters.append((position, token))
        elif last.type == "text_special":
            # A backslash before anything else is one.
            if last.info == "entity":
                self._renditions.append(Rendition(start, end, seen_of_entities(last.markup)))
            elif last.content != last.markup:
                self._renditions.append(Rendition(start, start + 1, ""))
        elif last.type == "code_inline":
            self._wrapped(start, start + len(last.markup), end - len(last.markup), end)
        elif last.type == "link_close" and last.markup == "autolink":
            written = tokens[-2].content
            if written == source[start + 1 : end - 1]:
                self._wrapped(start, start + 1, end - 1, end)
            else:
                self._renditions.append(Rendition(start, end, _seen(written)))
        elif last.type == "link_close":
            self._wrapped(start, *self._label, end)
        elif last.type == "image":
            text = start + len("![")
            self._wrapped(start, text, text + len(last.content), end)
            self._renditions += [Rendition(text + first, text + stop, seen) for first, stop, seen in self._nested]
        elif last.type == "html_inline":
            self._renditions.append(Rendition(start, end, seen_of_tag(last.content)))
        elif last.type == "hardbreak" and source[start] == "\\":
            self._renditions.append(Rendition(start, start + 1, ""))

    def _wrapped(self, start: int, first: int, last: int, end: int) -> None:
        """Only source[first:last] is seen of source[start:end]."""
        self._renditions += (Rendition(start, first, ""), Rendition(last, end, ""))

    def resolve(self, _: StateInline) -> None:
        """Delimiters that came to mean emphasis are not seen; the others are what they are."""
        for position, token in self._delimiters:
            if not token.content:
                width = len(token.markup) if token.type in _STRUCK else 1
                self._renditions.append(Rendition(position, position + width, ""))


def _seen(text: str) -> str:
    return without_hidden(text.replace("\N{NO-BREAK SPACE}", " "))[0]
