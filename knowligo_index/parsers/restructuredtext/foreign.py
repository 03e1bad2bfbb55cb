"""Directives and roles that docutils does not know, most of them Sphinx's: their text is kept.

docutils keeps its directives and roles in tables of the whole process, to which a document may add some. They are put
back after each document.
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

_NAME = r"(?:(?!_)\w)++(?:[-._+:](?:(?!_)\w)++)*+"
_DIRECTIVE = re.compile(rf"\.\.[ ]+(?:\|[^|\n]{{1,200}}\|[ ]+)?({_NAME})[ ]?::")
_ROLE = re.compile(rf":({_NAME}):`|`:({_NAME}):|default-role::[ ]+({_NAME})")

# What stands in them is no reStructuredText.
_VERBATIM = frozenset(
    (
        *("prompt", "graphviz", "digraph", "graph", "mermaid", "uml", "plantuml", "plot", "ipython", "terminal"),
        *("command-output", "program-output", "productionlist", "testcode", "testoutput", "testsetup", "testcleanup"),
        *("doctest", "jsonschema", "exec", "console", "literalinclude", "jinja", "raw-html", "code-cell"),
    )
)
_LINES = frozenset(("toctree", "autosummary"))
# Of these the name says something to a reader.
_NAMED = frozenset(
    ("versionadded", "versionchanged", "versionremoved", "deprecated", "deprecated-removed", "seealso", "todo")
)
# Their arguments say something to a program.
_SETTINGS = frozenset(
    (
        *("highlight", "default-domain", "currentmodule", "py:currentmodule", "index", "tabularcolumns", "rst-class"),
        *("cssclass", "only", "ifconfig", "contents"),
    )
)
# One reads other files, with a module of the document's choice; what the other gives is another text each day.
_REFUSED = frozenset(("include", "date"))
# docutils knows these. To Sphinx a class is one of a program; a table of contents is no text of the document's.
_OTHERWISE = frozenset(("class", "contents"))
_SHOWN_OPTIONS = frozenset(("caption", "title", "header", "subtitle", "summary", "alt", "label"))

_TARGET = re.compile(r"(.*\S)\s*<[^<>]*>", re.DOTALL)


class _AnyOption(dict[str, Callable[[str], object]]):
    """The options that a directive knows, and any others as they are written."""

    def __missing__(self, name: str) -> Callable[[str], object]:
        return directives.unchanged


class _Foreign(Directive):
    """A directive that docutils does not know."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption({"caption": directives.unchanged})

    def run(self) -> list[nodes.Node]:
        name = self.name.lower()
        argument = " ".join(self.arguments[0].split()) if self.arguments else ""
        found = _shown(self.options)
        if name in _SETTINGS or (name == "class" and not _is_code(argument)):
            found.append(_setting(argument))
        elif name in _NAMED:
            parsed, messages = self.state.inline_text(f"{name}: {argument}" if argument else name, self.lineno)
            found += [nodes.paragraph("", "", *parsed), *messages]
        elif argument:
            found.append(nodes.paragraph("", argument))
        text = "\n".join(self.content)
        if name in _VERBATIM and text.strip():
            found.append(nodes.literal_block(text, text))
        elif name in _LINES:
            found.append(nodes.line_block("", *(nodes.line("", _visible(each)) for each in self.content)))
        else:
            body = nodes.container()
            self.state.nested_parse(self.content, self.content_offset, body)
            found.append(body)
        return found


class _Refused(Directive):
    """A directive that is not carried out, and stays as it is written."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption({"parser": directives.unchanged})

    def run(self) -> list[nodes.Node]:
        raise self.warning(f'"{self.name}" is not carried out.')


class _Lenient(Directive):
    """Put before a directive of docutils: options that only other tools know do not make it fail."""

    known: frozenset[str] = frozenset()

    def run(self) -> list[nodes.Node]:
        others = {name: value for name, value in self.options.items() if name not in self.known}
        self.options = {name: value for name, value in self.options.items() if name in self.known}
        return [*_shown(others), *super().run()]


def _keep(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, options: object = None, content: object = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """A role that docutils does not know."""
    return [nodes.inline(rawtext, _visible(unescape(text)))], []


class _SimpleTableParser(tableparser.SimpleTableParser):
    """Reads a table's first row, too, where nothing is in its first column: docutils takes it for the rest of a row
    that there is not, and leaves it out."""

    def setup(self, block: StringList) -> None:
        super().setup(block)
        width = len(block[0]) - len(block[0].lstrip("="))
        for number in range(1, len(self.block)):
            line, before = self.block[number], self.block[number - 1]
            if line.strip() and not line[:width].strip() and before.strip() and not before.strip("=- "):
                # An escaped space is how a person writes an empty cell.
                self.block[number] = "\\" + line[1:]


@contextmanager
def foreign_markup(text: str, document: nodes.document) -> Iterator[None]:
    """Within this, docutils knows all directives and roles that the text seems to have."""
    # docutils' stubs know neither its languages nor what a role's function gives.
    english: Any = get_language("en")
    keep: Any = _keep
    tables = (vars(directives)["_directives"], vars(roles)["_roles"], vars(tableparser))
    before = [dict(table) for table in tables]
    try:
        for name in sorted({match[1].lower() for match in _DIRECTIVE.finditer(text)}):
            found, _ = directives.directive(name, english, document)
            if name in _REFUSED:
                found = _Refused
            elif found is None or name in _OTHERWISE:
                found = _Foreign
            else:
                found = _lenient(found)
            directives.register_directive(name, found)
        for name in sorted({(match[1] or match[2] or match[3]).lower() for match in _ROLE.finditer(text)}):
            if roles.role(name, english, 0, document.reporter)[0] is None:
                roles.register_local_role(name, keep)
        vars(tableparser)["SimpleTableParser"] = _SimpleTableParser
        yield
    finally:
        for table, content in zip(tables, before, strict=True):
            for name in table.keys() - content.keys():
                del table[name]
            table.update(content)


def _lenient(directive: type[Directive]) -> type[Directive]:
    known = directive.option_spec or {}
    if not known:
        return directive
    return type(
        directive.__name__, (_Lenient, directive), {"known": frozenset(known), "option_spec": _AnyOption(known)}
    )


def _shown(options: Mapping[str, object]) -> list[nodes.Node]:
    """A directive's options as a reader should see them: a caption is text, a number is for a program."""
    found: list[nodes.Node] = []
    for name, value in options.items():
        text = str(value or "")
        if name in _SHOWN_OPTIONS or " " in text.strip():
            found.append(nodes.paragraph("", text))
        else:
            found.append(_setting(f"{name} {text}"))
    return found


def _is_code(text: str) -> bool:
    """Whether the argument of `class` is the name of a class to Sphinx, and not one of a style."""
    return not text.islower() or not text.replace("-", "").replace(" ", "").isalnum()


def _setting(text: str) -> nodes.Node:
    return nodes.raw("", text, format="setting")


def _visible(text: str) -> str:
    """What is shown of "text <target>", "~module.name" and "!name"."""
    titled = _TARGET.fullmatch(text.strip())
    return titled[1] if titled else text.removeprefix("~").removeprefix("!")
