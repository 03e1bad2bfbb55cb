"""Keeps the text of directives and roles that docutils does not support, most of them those of Sphinx.

docutils has its directives and roles in tables of the process, to which a document may add entries. The tables are
restored after each document.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles, tableparser
from docutils.parsers.rst.languages import get_language
from docutils.parsers.rst.states import Inliner
from docutils.statemachine import StringList
from docutils.utils import unescape

from knowligo_index.parsers.restructuredtext.directive_kinds import (
    NAME_LISTS,
    OVERRIDDEN,
    REFUSED,
    SETTINGS,
    SHOWN_NAMES,
    SHOWN_OPTIONS,
    VERBATIM,
)

_NAME = r"(?:(?!_)\w)++(?:[-._+:](?:(?!_)\w)++)*+"
_DIRECTIVE = re.compile(rf"\.\.[ ]+(?:\|[^|\n]{{1,200}}\|[ ]+)?({_NAME})[ ]?::")
_ROLE = re.compile(rf":({_NAME}):`|`:({_NAME}):|default-role::[ ]+({_NAME})")

_TARGET = re.compile(r"(.*\S)\s*<[^<>]*>", re.DOTALL)


class _AnyOption(dict[str, Callable[[str], object]]):
    """The options of a directive, and any other options as text."""

    def __missing__(self, name: str) -> Callable[[str], object]:
        return directives.unchanged


class _Unsupported(Directive):
    """A directive that docutils does not support."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption({"caption": directives.unchanged})

    def run(self) -> list[nodes.Node]:
        name = self.name.lower()
        argument = " ".join(self.arguments[0].split()) if self.arguments else ""
        result = _shown(self.options)
        if name in SETTINGS or (name == "class" and not _is_code(argument)):
            result.append(_setting(argument))
        elif name in SHOWN_NAMES:
            inline_nodes, messages = self.state.inline_text(f"{name}: {argument}" if argument else name, self.lineno)
            result += [nodes.paragraph("", "", *inline_nodes), *messages]
        elif argument:
            result.append(nodes.paragraph("", argument))
        text = "\n".join(self.content)
        if name in VERBATIM and text.strip():
            result.append(nodes.literal_block(text, text))
        elif name in NAME_LISTS:
            result.append(nodes.line_block("", *(nodes.line("", _visible(line)) for line in self.content)))
        else:
            body = nodes.container()
            self.state.nested_parse(self.content, self.content_offset, body)
            result.append(body)
        return result


class _Refused(Directive):
    """A directive that is not executed; its source is kept as text."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption({"parser": directives.unchanged})

    def run(self) -> list[nodes.Node]:
        raise self.warning(f'"{self.name}" is not supported.')


class _Lenient(Directive):
    """A mixin for directives of docutils, which else fail for options that only other tools support."""

    known_options: frozenset[str] = frozenset()

    def run(self) -> list[nodes.Node]:
        further_options = {name: value for name, value in self.options.items() if name not in self.known_options}
        self.options = {name: value for name, value in self.options.items() if name in self.known_options}
        return [*_shown(further_options), *super().run()]


def _keep(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, options: object = None, content: object = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """A role that docutils does not support: its text is kept."""
    return [nodes.inline(rawtext, _visible(unescape(text)))], []


class _SimpleTableParser(tableparser.SimpleTableParser):
    """A parser that also reads a first row whose first column is empty. docutils takes it for the continuation of a
    row that does not exist, and leaves it out."""

    def setup(self, block: StringList) -> None:
        super().setup(block)
        width = len(block[0]) - len(block[0].lstrip("="))
        for number in range(1, len(self.block)):
            line, previous = self.block[number], self.block[number - 1]
            if line.strip() and not line[:width].strip() and previous.strip() and not previous.strip("=- "):
                # An escaped space is the syntax of an empty cell.
                self.block[number] = "\\" + line[1:]


@contextmanager
def unsupported_markup(text: str, document: nodes.document) -> Iterator[None]:
    """A context in which docutils supports all directives and roles that the text seems to use."""
    # The type stubs of docutils lack its languages and the return type of role functions.
    english: Any = get_language("en")
    keep_text: Any = _keep
    tables = (vars(directives)["_directives"], vars(roles)["_roles"], vars(tableparser))
    saved_tables = [dict(table) for table in tables]
    try:
        for name in sorted({match[1].lower() for match in _DIRECTIVE.finditer(text)}):
            directive_class, _ = directives.directive(name, english, document)
            if name in REFUSED:
                directive_class = _Refused
            elif directive_class is None or name in OVERRIDDEN:
                directive_class = _Unsupported
            else:
                directive_class = _lenient(directive_class)
            directives.register_directive(name, directive_class)
        for name in sorted({(match[1] or match[2] or match[3]).lower() for match in _ROLE.finditer(text)}):
            if roles.role(name, english, 0, document.reporter)[0] is None:
                roles.register_local_role(name, keep_text)
        vars(tableparser)["SimpleTableParser"] = _SimpleTableParser
        yield
    finally:
        for table, saved in zip(tables, saved_tables, strict=True):
            for name in table.keys() - saved.keys():
                del table[name]
            table.update(saved)


def _lenient(directive: type[Directive]) -> type[Directive]:
    options = directive.option_spec or {}
    if not options:
        return directive
    return type(
        directive.__name__,
        (_Lenient, directive),
        {"known_options": frozenset(options), "option_spec": _AnyOption(options)},
    )


def _shown(options: Mapping[str, object]) -> list[nodes.Node]:
    """The options of a directive as a reader sees them: a caption is text, a number is a setting for a program."""
    result: list[nodes.Node] = []
    for name, value in options.items():
        text = str(value or "")
        if name in SHOWN_OPTIONS or " " in text.strip():
            result.append(nodes.paragraph("", text))
        else:
            result.append(_setting(f"{name} {text}"))
    return result


def _is_code(text: str) -> bool:
    """Whether the argument of `class` is the name of a class of a program, and not that of a style."""
    return not text.islower() or not text.replace("-", "").replace(" ", "").isalnum()


def _setting(text: str) -> nodes.Node:
    return nodes.raw("", text, format="setting")


def _visible(text: str) -> str:
    """The text that is shown for "text <target>", "~module.name" and "!name"."""
    match = _TARGET.fullmatch(text.strip())
    return match[1] if match else text.removeprefix("~").removeprefix("!")
