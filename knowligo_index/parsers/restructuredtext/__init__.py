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
from knowligo_index.parsers.restructuredtext.tree_reader import TreeReader
from knowligo_index.parsers.restructuredtext.unsupported import unsupported_markup
from knowligo_index.types import Document, Source

_SETTINGS = {
    # A document must not read other files, run programs, or be configured by files near it.
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "halt_level": 5,
    "report_level": 5,
    "warning_stream": False,
    "smart_quotes": False,
    "syntax_highlight": "none",
}

# docutils' level of messages from which on a person is informed.
_WARNING_LEVEL = 2

# docutils exhausts the stack somewhat above this number of levels.
_MAX_INDENTS = 80

_METADATA = frozenset(("author", "authors", "date", "description", "keywords", "lang", "version"))


def parse(source: Source, data: bytes) -> Document:
    """The rendered document. The title is its own, else that of its first section, else the file's name.

    Raises ParseError if the file is not text, or if its parts are nested too deep.
    """
    text, encoding = decode(data)
    _check_depth(text)
    messages: list[nodes.system_message] = []
    tree = _tree(text, messages)
    reader = TreeReader(tree)
    rendered = render([reader.blocks(tree.children)])
    warnings = text_warnings(text, encoding, line_starts(text))
    if messages:
        warnings.append(_error_warning(messages))
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
    """Raises ParseError if lines are indented in more steps than docutils can parse."""
    steps = [0]
    for line in text.splitlines():
        body = line.lstrip()
        if body:
            indent = len(line) - len(body)
            while steps and steps[-1] >= indent:
                steps.pop()
            steps.append(indent)
            if len(steps) > _MAX_INDENTS:
                raise ParseError(
                    "too-deep", f"its lines are indented in more than {_MAX_INDENTS} steps: split the file"
                )


def _tree(text: str, messages: list[nodes.system_message]) -> nodes.document:
    """docutils' tree of the document. Its messages are added to `messages`."""
    parser = Parser()
    settings = get_default_settings(Parser)
    for name, value in _SETTINGS.items():
        setattr(settings, name, value)
    # docutils refuses documents with longer lines.
    settings.line_length_limit = len(text)
    document = new_document("", settings)
    document.reporter.attach_observer(lambda message: messages.append(message) if _is_warning(message) else None)
    with unsupported_markup(text, document):
        parser.parse(text, document)
    # The only transform that adds text. The others resolve links, make tables of contents, and report names that are
    # defined in other files.
    Footnotes(document).apply()
    return document


def _is_warning(message: nodes.system_message) -> bool:
    return int(message.get("level", 0)) >= _WARNING_LEVEL


def _error_warning(messages: list[nodes.system_message]) -> str:
    first = messages[0]
    line = f" on line {first['line']}" if first.get("line") else ""
    message = _clean(first.children[0].astext()) if first.children else ""
    return f"{len(messages)} reStructuredText error{'s' if len(messages) > 1 else ''}, first{line}: {message}"


def _metadata(tree: nodes.document) -> dict[str, str | list[str]]:
    """The metadata of the document: from the field lists at its top level, and from the directive `meta`."""
    metadata: dict[str, str | list[str]] = {}
    pairs = [
        (meta.get("name", meta.get("http-equiv", "")), meta.get("content", "")) for meta in tree.findall(nodes.meta)
    ]
    for child in tree.children:
        if isinstance(child, nodes.field_list):
            fields = [item.children for item in child.children if len(item.children) == 2]
            pairs += [(name.astext(), body.astext()) for name, body in fields]
    for name, value in pairs:
        if name.lower() in _METADATA and value.strip():
            metadata.setdefault(name.lower(), _clean(value))
    return metadata


def _clean(text: str) -> str:
    return " ".join(without_hidden(text)[0].split())
