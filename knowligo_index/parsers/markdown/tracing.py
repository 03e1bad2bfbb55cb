"""Traces markdown-it: in which column the text of each line begins, after all quote marks and bullets, and which
characters inside a line are markup.

markdown-it's tokens have line numbers and no offsets. Its rules have both, and are wrapped to record them.
"""

from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt, rules_inline
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.markdown.tags import entity_text, tag_text
from knowligo_index.types import Rendition

_InlineRule = Callable[[StateInline, bool], bool]
_BlockRule = Callable[[StateBlock, int, int, bool], bool]

_TRACED = "traced"
_STRUCK = ("s_open", "s_close")

# The rules by the character at which they begin; if there are two, in markdown-it's order.
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

# Blocks that do not contain blocks.
_ADMONITION = "admonition"
_LEAVES = ("table", "code", "fence", "hr", "reference", "html_block", "heading", "lheading", "paragraph")


class Trace:
    """The trace of one document."""

    def __init__(self) -> None:
        self.columns: dict[int, int] = {}
        """by line: the offset at which the text of its block begins, in a text with \\n for each line end; only for
        lines with a text"""
        self.inlines: list[list[Rendition]] = []
        """for each token of the type "inline", in order: the renditions of its content"""


def traced(markdown: MarkdownIt) -> Trace:
    """The trace of the one document that this parser parses next."""
    trace = Trace()
    inline = _Inline(trace)
    # The options of the parser are used by its rules.
    inline.ruler, inline.ruler2 = markdown.inline.ruler, markdown.inline.ruler2
    inline.ruler.push(_TRACED, inline.rule)
    inline.ruler.enableOnly(["text", _TRACED])
    inline.ruler2.before("fragments_join", _TRACED, inline.resolve)
    markdown.inline = inline
    for name, rule, alt in [(entry.name, entry.fn, entry.alt) for entry in markdown.block.ruler.__rules__]:
        if name in (*_LEAVES, _ADMONITION):
            is_leaf = name != _ADMONITION
            markdown.block.ruler.at(name, _recording(rule, trace.columns, is_leaf=is_leaf), {"alt": alt})
    return trace


def _recording(rule: _BlockRule, columns: dict[int, int], *, is_leaf: bool) -> _BlockRule:
    """The rule, which records where the lines of a block begin; if the block contains blocks, only the first line."""

    def recording(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        if not rule(state, first, end, silent):
            return False
        if not silent:
            for line in range(first, state.line if is_leaf else first + 1):
                columns[line] = state.bMarks[line] + state.tShift[line]
        return True

    return recording


class _Inline(ParserInline):
    """Records the renditions of the parsed text, in offsets of the content of its block."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._trace = trace
        self._depth = 0
        self._renditions: list[Rendition] = []
        self._delimiters: list[tuple[int, Token]] = []
        self._nested: list[Rendition] = []
        """of the text that was parsed last, which is that of an image"""
        self._label = (0, 0)
        """span of the text of the link that was parsed last"""

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
                self._trace.inlines.append(self._nested)

    def tokenize(self, state: StateInline) -> None:
        span = (state.pos, state.posMax)
        super().tokenize(state)
        self._label = span

    def rule(self, state: StateInline, silent: bool) -> bool:
        """Apply the rules for the current character."""
        start, token_count = state.pos, len(state.tokens)
        for rule in _RULES.get(state.src[start], ()):
            if rule(state, silent):
                if not silent and len(state.tokens) > token_count:
                    self._record(state.src, start, state.pos, state.tokens)
                return True
        return False

    def _record(self, source: str, start: int, end: int, tokens: Sequence[Token]) -> None:
        """Record the renditions of source[start:end], which gave the last of the tokens."""
        last = tokens[-1]
        if last.type == "text":
            position = end
            for token in reversed(tokens):
                if position <= start:
                    break
                position -= len(token.content)
                self._delimiters.append((position, token))
        elif last.type == "text_special":
            # A backslash before any other character is a backslash.
            if last.info == "entity":
                self._renditions.append(Rendition(start, end, entity_text(last.markup)))
            elif last.content != last.markup:
                self._renditions.append(Rendition(start, start + 1, ""))
        elif last.type == "code_inline":
            self._wrapped(start, start + len(last.markup), end - len(last.markup), end)
        elif last.type == "link_close" and last.markup == "autolink":
            link_text = tokens[-2].content
            if link_text == source[start + 1 : end - 1]:
                self._wrapped(start, start + 1, end - 1, end)
            else:
                self._renditions.append(Rendition(start, end, _visible(link_text)))
        elif last.type == "link_close":
            self._wrapped(start, *self._label, end)
        elif last.type == "image":
            text_start = start + len("![")
            self._wrapped(start, text_start, text_start + len(last.content), end)
            self._renditions += [
                Rendition(text_start + first, text_start + stop, text) for first, stop, text in self._nested
            ]
        elif last.type == "html_inline":
            self._renditions.append(Rendition(start, end, tag_text(last.content)))
        elif last.type == "hardbreak" and source[start] == "\\":
            self._renditions.append(Rendition(start, start + 1, ""))

    def _wrapped(self, start: int, first: int, last: int, end: int) -> None:
        """Record that only source[first:last] of source[start:end] is visible."""
        self._renditions += (Rendition(start, first, ""), Rendition(last, end, ""))

    def resolve(self, _: StateInline) -> None:
        """Record that delimiters which turned out to be emphasis are not visible."""
        for position, token in self._delimiters:
            if not token.content:
                width = len(token.markup) if token.type in _STRUCK else 1
                self._renditions.append(Rendition(position, position + width, ""))


def _visible(text: str) -> str:
    return without_hidden(text.replace("\N{NO-BREAK SPACE}", " "))[0]
