"""Hypothesis strategies for Markdown that is awkward rather than typical."""

from hypothesis import strategies as st

_LINES = [
    "",
    "   ",
    "\t",
    "# Plan",
    "## Precio { #precio }",
    "### ",
    "#### A `b` *c*",
    "====",
    "---",
    "***",
    "...",
    "title: Plan",
    "- uno",
    "  - dos",
    "   dos y medio",
    "-",
    "10. diez",
    "   1) uno",
    "> cita",
    "> - punto de la cita",
    ">",
    ">     código citado",
    "    sangrado",
    "```sh",
    "  ~~~",
    "````",
    "| Código | Causa |",
    "| --- | :-: |",
    "| E-4012 | cable \\| red |",
    "| suelto",
    "<div>",
    "</div>",
    "<!-- nota",
    "-->",
    "<pre>",
    "[ref]: https://example.org 'Título'",
    "  [otra]:",
    "/ruta",
    "El Sr. Pérez volvió de EE. UU. ayer. ¿Llamó? No.",
    "una frase larga " * 12,
    "palabra" * 30,
    "🔑 clave\\",
    "a\u2028b\x0cc\x85d\x0b",
    "\x0c",
    "\u00a0",
    "\ufeff",
]

_LINE_ENDS = st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\r"])
_RANDOM_LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)

# What goes before, in and after the lines of a block that may be too large for a chunk.
_LARGE = [
    ("| Código | Causa |\n| - | - |\n", "| E-4012 | cable |\n", "\n"),
    ("> | " + "columna " * 15 + "|\n> | - |\n", "> | " + "celda " * 12 + "|\n", "\n"),
    ("```sh\n", "systemctl restart red\n", "```\n"),
    ("- punto\n\n  ```\n", "  ls -l\n", "  ```\n"),
    ("\n", "- un punto de la lista\n", "\n"),
    ("- uno\n", "  - un punto\n\n    con dos párrafos y ¿tres? frases. O no.\n", "\n"),
    ("\n", "El Sr. Pérez volvió de EE. UU. ayer. ", "\n"),
    ("> ", "cita sin fin ", "\n"),
    ("\n## ", "título ", "\n"),
    ("\n", "párrafo con raya debajo ", "\n---\n"),
]


@st.composite
def _large(draw: st.DrawFn) -> str:
    before, line, after = draw(st.sampled_from(_LARGE))
    return before + line * draw(st.integers(1, 60)) + after


def markdown() -> st.SearchStrategy[str]:
    """Markdown that is more than white space and a byte order mark, and has no NUL."""
    line = st.tuples(st.sampled_from(_LINES) | _RANDOM_LINES, _LINE_ENDS).map("".join)
    text = st.lists(line | line | line | _large(), min_size=1, max_size=25).map("".join)
    return text.filter(lambda text: text.removeprefix("\ufeff").strip() != "")
