"""Import what parses a format, before a child that parses a file is forked: a child could not keep what it imports."""

import contextlib
from functools import cache
from pathlib import Path

from knowligo_index.parsers import PARSERS, parse, parser_of
from knowligo_index.sources.secret_scan import find_secrets
from knowligo_index.types import Source

# A little of each format, so that what a parser imports when it first needs it is there, too.
_SAMPLES = {
    "markdown": b"---\ntitle: a\n---\n# a\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n<b>a</b> `a` [a](b)\n",
    "text": "Añadió.".encode("latin-1"),
    "html": b"<style>p { color: red }</style><h1>a</h1><p>a <b>b</b><table><tr><td>a<td>b</table>",
    "restructuredtext": b"a\n=\n\n.. note:: b\n\n* c\n",
    "csv": b"a,b\n1,2\n",
    "pdf": b"%PDF-1.4\n",
    "word": b"PK\x05\x06" + bytes(18),
}


@cache
def warm_up(format_name: str) -> None:
    """Import the parser of the format, and what the parsers of this package need beyond it. Raises MissingExtraError
    where a package that it needs is not installed."""
    parser_of(format_name)
    # The parser of another package sees no data outside of a restricted process.
    if format_name in PARSERS:
        data = _SAMPLES[format_name]
        with contextlib.suppress(Exception):
            find_secrets(parse(Source("a", Path("a"), format_name, len(data), "0" * 64), data))
