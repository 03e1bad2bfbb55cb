"""reStructuredText by docutils. The canonical text is what a reader of the rendered page sees."""

from pathlib import PurePosixPath

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.transforms.references import Footnotes
from docutils.utils import new_document

from knowligo_index.errors import ParseError
from knowligo_index.parsers.canonical import render
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.plain import decode, line_starts, text_warnings
from knowligo_index.parsers.restructuredtext.foreign import foreign_markup
from knowligo_index.parsers.restructuredtext.tree_reader import TreeReader
from knowligo_index.types import Document, Source

_SETTINGS = {
    # A document must not read other files, run anything, or be configured by what lies around.
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "halt_level": 5,
    "report_level": 5,
    "warning_stream": False,
    "smart_quotes": False,
    "syntax_highlight": "none",
}

# Of docutils' levels of messages, those of which a person should know.
_WARNING = 2

# docutils' stack ends somewhat above.
_DEEPEST = 80

_METADATA = frozenset(("author", "authors", "date", "description", "keywords", "lang", "version"))


def parse(source: Source, data: bytes) -> Document:
    """The title is the document's own, else that of its first section, else the file's name. Raises ParseError where
    the file is not text, or its parts lie too deep inside each other."""
    text, encoding = decode(data)
    _check_depth(text)
    messages: list[nodes.system_message] = []
    tree = _tree(text, messages)
    reader = TreeReader(tree)
    rendered = render([reader.blocks(tree.children)])
    warnings = text_warnings(text, encoding, line_starts(text))
    if messages:
        warnings.append(_errors(messages))
    headings = (block.label for block in rendered.blocks if block.kind == "heading")
    return Document(
        source=source.name,
        format=source.format,
        title=_clean(tree.get("title", "")) or next(headings, "") or PurePosixPath(source.name).stem,
        text=rendered.text,
        blocks=rendered.blocks,
        renditions=rendered.renditions,
        metadata=_metadata(tree) | {"encoding": encoding},
        dropped=tuple(reader.dropped()),
        warnings=tuple(warnings),
    )


def _check_depth(text: str) -> None:
    """Raises ParseError where lines are indented in more steps than docutils can follow."""
    steps = [0]
    for line in text.splitlines():
        body = line.lstrip()
        if body:
            indent = len(line) - len(body)
            while steps and steps[-1] >= indent:
                steps.pop()
            steps.append(indent)
            if len(steps) > _DEEPEST:
                raise ParseError("too-deep", f"its lines are indented in more than {_DEEPEST} steps: split it")


def _tree(text: str, messages: list[nodes.system_message]) -> nodes.document:
    """docutils' tree of the document; what it complains of goes to `messages`."""
    parser = Parser()
    settings = get_default_settings(Parser)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    # docutils refuses documents with lines longer than this.
    settings.line_length_limit = len(text)
    document = new_document("", settings)
    document.reporter.attach_observer(lambda message: messages.append(message) if _tells(message) else None)
    with foreign_markup(text, document):
        parser.parse(text, document)
    # Of docutils' transforms only this one makes text: the others resolve links, make tables of contents, and would
    # complain of what other files define.
    Footnotes(document).apply()
    return document


def _tells(message: nodes.system_message) -> bool:
    return int(message.get("level", 0)) >= _WARNING


def _errors(messages: list[nodes.system_message]) -> str:
    first = messages[0]
    place = f" on line {first['line']}" if first.get("line") else ""
    said = _clean(first.children[0].astext()) if first.children else ""
    return f"{len(messages)} reStructuredText error{'s' if len(messages) > 1 else ''}, first{place}: {said}"


def _metadata(tree: nodes.document) -> dict[str, str | list[str]]:
    """What the document says of itself: in fields before all else, or in the directive `meta`."""
    found: dict[str, str | list[str]] = {}
    pairs = [
        (each.get("name", each.get("http-equiv", "")), each.get("content", "")) for each in tree.findall(nodes.meta)
    ]
    for child in tree.children:
        if isinstance(child, nodes.field_list):
            fields = [each.children for each in child.children if len(each.children) == 2]
            pairs += [(name.astext(), body.astext()) for name, body in fields]
    for name, value in pairs:
        if name.lower() in _METADATA and value.strip():
            found.setdefault(name.lower(), _clean(value))
    return found


def _clean(text: str) -> str:
    return " ".join(without_hidden(text)[0].split())
