"""The directives of Sphinx and others by how they are read."""

# Directives whose content is not reStructuredText.
VERBATIM = frozenset(
    (
        *("prompt", "graphviz", "digraph", "graph", "mermaid", "uml", "plantuml", "plot", "ipython", "terminal"),
        *("command-output", "program-output", "productionlist", "testcode", "testoutput", "testsetup", "testcleanup"),
        *("doctest", "jsonschema", "exec", "console", "literalinclude", "jinja", "raw-html", "code-cell"),
    )
)

# Directives whose content is a list of names.
NAME_LISTS = frozenset(("toctree", "autosummary"))

# Directives whose name is shown to a reader.
SHOWN_NAMES = frozenset(
    ("versionadded", "versionchanged", "versionremoved", "deprecated", "deprecated-removed", "seealso", "todo")
)

# Directives whose arguments are for a program.
SETTINGS = frozenset(
    (
        *("highlight", "default-domain", "currentmodule", "py:currentmodule", "index", "tabularcolumns", "rst-class"),
        *("cssclass", "only", "ifconfig", "contents"),
    )
)

# `include` reads other files, with a module of the document's choice; `date` gives a different text each day.
REFUSED = frozenset(("include", "date"))

# Directives of docutils that are handled here: for Sphinx, `class` describes a class of a program; a table of contents
# is not text of the document.
OVERRIDDEN = frozenset(("class", "contents"))

# Options whose value is text for a reader.
SHOWN_OPTIONS = frozenset(("caption", "title", "header", "subtitle", "summary", "alt", "label"))
