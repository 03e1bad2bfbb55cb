"""reStructuredText: directives that read files, cycles, and nesting."""

from corpus_case import BOMB, NESTED, SAID, Case, Content, Outcome, case

BAD = "Texto que nadie ve"
PASSWD = "root:x:0"


def _page(
    name: str,
    content: Content,
    why: str,
    *expect: Outcome,
    needle: str | None = "",
    absent: str | None = None,
) -> Case:
    return case(f"rst/{name}.rst", content, *(expect or ("indexed",)), why=why, needle=needle, absent=absent)


def _directive(name: str, directive: str, why: str, absent: str | None = PASSWD) -> Case:
    """A directive, and the sentence below it."""
    return _page(name, f"Red\n===\n\n{directive}\n\n{SAID}\n", why, absent=absent)


FILES = [
    _directive("include", ".. include:: /etc/passwd", "the text of another file"),
    _directive("include-literal", ".. include:: /etc/passwd\n   :literal:", "the text of another file"),
    _directive("include-code", ".. include:: /etc/passwd\n   :code:\n   :number-lines:", "the text of another file"),
    _directive("include-parser", ".. include:: /etc/passwd\n   :parser: os", "a module of its choice"),
    _directive("include-itself", ".. include:: include-itself.rst", "a file that includes itself"),
    _directive("include-device", ".. include:: /dev/zero", "a file without end"),
    _directive("include-standard", ".. include:: <isonum.txt>", "a file of the parser's own"),
    _directive("literalinclude", ".. literalinclude:: /etc/passwd", "the same in another tool"),
    _directive("raw-file", ".. raw:: html\n   :file: /etc/passwd", "a file that nobody parses"),
    _directive("raw-address", ".. raw:: html\n   :url: http://localhost:9/x", "a page of another machine"),
    _directive("raw-address-file", ".. raw:: text\n   :url: file:///etc/passwd", "a file by its address"),
    _directive("csv-file", ".. csv-table:: x\n   :file: /etc/passwd\n   :delim: :", "a table of another file"),
    _directive("csv-address", ".. csv-table:: x\n   :url: file:///etc/passwd", "a table by its address"),
    _directive("image-file", ".. image:: /etc/passwd\n   :alt: x\n.. figure:: javascript:x", "an image that is none"),
    _directive("embedded-svg", ".. image:: /etc/passwd.svg\n   :loading: embed", "an image put into the page"),
    _directive("math", ".. math::\n\n   \\input{/etc/passwd}", "a formula that reads a file"),
    _directive(
        "stylesheet", ".. meta::\n   :x: y\n.. default-role:: raw\n.. raw:: latex\n\n   \\input{/etc/passwd}", "TeX"
    ),
]

DIRECTIVES = [
    _directive("comment", f".. {BAD}\n\n..\n   {BAD}", "what nobody sees", absent=BAD),
    _directive("unknown-directive", ".. toctree::\n   :maxdepth: 2\n\n   a\n   b", "a directive of another tool"),
    _page("unknown-directive-text", f"Red\n\n.. nosuch:: x\n   :y: z\n\n   {SAID}\n", "its text is text all the same"),
    _page("unknown-role", f"Vea :nosuch:`{SAID}` y :py:func:`x`.\n", "its text is text all the same"),
    _page("bad-options", f"Red\n\n.. note::\n   :nosuch: x\n\n   {SAID}\n", "its text is text all the same"),
    _directive(
        "raw-role", ".. role:: x(raw)\n   :format: html\n\n:x:`<script>alert(1)</script>`", "a role that is HTML", None
    ),
    _directive("class-role", ".. class:: x\n.. role:: y\n.. default-role:: nosuch\n\n`z`", "roles of its own", None),
    _directive("replace-itself", ".. |a| replace:: |a|\n\n|a|", "a text that stands for itself", None),
    _directive(
        "replace-cycle", ".. |a| replace:: |b|\n.. |b| replace:: |c|\n.. |c| replace:: |a|\n\n|a| |b|", "a cycle", None
    ),
    _directive(
        "replace-bomb",
        "\n".join(f".. |a{n}| replace:: |a{n + 1}| |a{n + 1}| |a{n + 1}|" for n in range(25)) + "\n\n|a0| |a25|",
        "3^25 texts",
        None,
    ),
    _directive("target-cycle", ".. _a: b_\n.. _b: c_\n.. _c: a_\n\na_ b_", "targets that name each other", None),
    _directive("target-itself", ".. _a: a_\n\na_", "a target that names itself", None),
    _directive(
        "footnotes",
        "[1]_ [#a]_ [*]_ [#]_ [C]_\n\n.. [1] [1]_\n.. [#a] [#a]_\n.. [*] [*]_\n.. [C] [C]_",
        "each cites itself",
        None,
    ),
    _directive(
        "unicode",
        ".. |x| unicode:: 0x0 0xD800 0x110000 U+FFFFFFFF\n.. |n| unicode:: 0\n\n|x| |n|",
        "no characters",
        None,
    ),
    _directive("date", ".. |d| date:: %Y%n%s\n\n|d|", "another text each day", None),
    _directive(
        "contents", ".. contents::\n.. sectnum::\n   :start: 999999999999\n.. header:: x\n.. footer:: y", "parts", None
    ),
    _directive(
        "wide-list-table",
        ".. list-table::\n   :header-rows: 999999999\n   :widths: 0 -1\n\n   * - x",
        "no such rows",
        None,
    ),
    _directive("csv-open", '.. csv-table::\n\n   "x, y\n   z', "a quote that nobody closes", None),
    _directive(
        "code",
        ".. code:: nosuch\n   :number-lines: 999999999999999999999\n\n   x",
        "a language that there is not",
        None,
    ),
    _directive(
        "settings",
        ".. title:: x\n.. restructuredtext-test-directive::\n.. sidebar:: y\n.. topic::",
        "directives of tests",
        None,
    ),
]


def _sized(name: str, content: Content, why: str, *expect: Outcome, needle: str | None = "") -> Case:
    return _page(name, content, why, *expect, needle=needle)


def _grid(rows: int, columns: int) -> str:
    rule = "+---" * columns + "+\n"
    return rule + ("| x " * columns + "|\n" + rule) * rows


UNDERLINES = "=-~^\"'`#*+.:_!$%&(),/;<>?@[]{}|\\"
SIZES = [
    _sized(
        "bullets",
        lambda said: "".join("  " * n + "* x\n\n" for n in range(1_500)) + f"\n{said}\n",
        "deep lists",
        *NESTED,
    ),
    _sized(
        "quotes", lambda said: "".join(" " * n + "x\n\n" for n in range(1_500)) + f"\n{said}\n", "deep quotes", *NESTED
    ),
    _sized("bullets-on-a-line", lambda said: "* " * 20_000 + f"x\n\n{said}\n", "a list in a list", *NESTED),
    _sized(
        "notes",
        lambda said: "".join("   " * n + ".. note::\n\n" for n in range(800)) + f"\n{said}\n",
        "deep notes",
        *NESTED,
    ),
    _sized(
        "tables-in-tables", lambda said: ".. list-table::\n\n   * - " * 500 + f"x\n\n{said}\n", "tables that do not fit"
    ),
    _sized("grid", lambda said: f"{_grid(100, 60)}\n{said}\n", "6,000 cells", "indexed", *BOMB),
    _sized("grid-broken", lambda said: f"{_grid(40, 40)[:-60]}\n\n{said}\n", "a table without its last line"),
    _sized(
        "grid-one-cell",
        lambda said: f"+{'-' * 3000}+\n" + f"|{' ' * 3000}|\n" * 1_000 + f"+{'-' * 3000}+\n\n{said}\n",
        "3 MB of space",
        "indexed",
        *BOMB,
    ),
    _sized(
        "simple-table",
        lambda said: "=== ===\n" + "a   b\n" * 20_000 + f"=== ===\n\n{said}\n",
        "20,000 rows",
        "indexed",
        *BOMB,
    ),
    _sized(
        "underlines",
        lambda said: "".join(f"T{n}\n{UNDERLINES[n % 32] * 4}\n\n" for n in range(3_000)) + f"\n{said}\n",
        "headings of 32 kinds in turn",
        *NESTED,
        *BOMB,
    ),
    _sized(
        "sections",
        lambda said: "".join(f"T{n}\n====\n\n" for n in range(10_000)) + f"\n{said}\n",
        "10,000 sections",
        "indexed",
        *BOMB,
    ),
    _sized("same-titles", lambda said: "T\n=\n\n" * 3_000 + f"\n{said}\n", "each has the same name", "indexed", *BOMB),
    _sized(
        "short-underline",
        lambda said: f"Un título largo\n==\n\n{said}\n\n====\nOtro\n\nx\n",
        "too short, and half of it",
    ),
    _sized("long-line", lambda said: f"{said} " + "palabra " * 2_000, "a line of 16,000 characters"),
    _sized("long-line-300-kb", lambda said: f"{said} " + "x" * 300_000, "a line of 300 kB"),
    _sized("stars", lambda said: f"{said}\n\n" + "*a " * 5_000, "emphasis that never ends", "indexed", *BOMB),
    _sized("many-stars", lambda said: f"{said}\n\nx " + "*" * 50_000 + " y", "a run of stars"),
    _sized("backquotes", lambda said: f"{said}\n\n" + "`a " * 5_000, "roles that never end", "indexed", *BOMB),
    _sized("bars", lambda said: f"{said}\n\n" + "|a " * 5_000, "substitutions that never end", "indexed", *BOMB),
    _sized("references", lambda said: f"{said}\n\n" + "a_ b__ " * 5_000, "references to nothing", "indexed", *BOMB),
    _sized(
        "anonymous", lambda said: f"{said}\n\n" + "__ http://a\n" * 10_000 + "\nx__\n", "10,000 targets without a name"
    ),
    _sized(
        "targets-twice",
        lambda said: f"{said}\n\n" + ".. _a: http://x\n" * 5_000,
        "5,000 targets with one name",
        "indexed",
        *BOMB,
    ),
    _sized(
        "many-footnotes", lambda said: f"{said} [#]_\n\n" + ".. [#] x\n" * 5_000, "5,000 footnotes", "indexed", *BOMB
    ),
    _sized("bad-directives", lambda said: ".. nosuch:: x\n\n" * 3_000 + f"{said}\n", "3,000 errors", "indexed", *BOMB),
    _sized("fields", lambda said: ":a: b\n" * 20_000 + f"\n{said}\n", "20,000 fields", "indexed", *BOMB),
    _sized("options", lambda said: "-a, --bb=C  d\n" * 10_000 + f"\n{said}\n", "10,000 options", "indexed", *BOMB),
    _sized("literal-open", f"Uno::\n\n   {SAID}", "a literal block that ends with the file"),
    _sized("doctest", f">>> import os; os.system('x')\n{SAID}\n", "a session"),
    _sized(
        "docinfo",
        f"Red\n===\n\n:author: A\n:date: $Date: $\n:version: x\n\n{SAID}\n\n.. _x:\n",
        "fields about the document",
    ),
    _sized("tabs", f"Red\n===\n\n\t{SAID}\n\n\t\t* x\n  \ty\n", "tabs where spaces are counted"),
    _sized("only-comment", f".. {BAD}\n", "nothing but what nobody sees", "no-text", "empty"),
    _sized("only-targets", ".. _a: http://x\n.. |b| replace:: c\n", "nothing but definitions", "no-text", "empty"),
    _sized(
        "only-include",
        ".. include:: /etc/passwd\n",
        "nothing but another file",
        "indexed",
        "no-text",
        needle="include::",
    ),
]

CASES = [*FILES, *DIRECTIVES, *SIZES]
