"""Markdown: what is known to make its parsers slow, and front matter."""

from corpus_case import BOMB, NESTED, SAID, Case, Content, Outcome, case

MANY = 100_000
BAD = "Texto que nadie ve"


def _page(
    name: str, content: Content, why: str, *expect: Outcome, absent: str | None = None, suffix: str = "md"
) -> Case:
    return case(f"markdown/{name}.{suffix}", content, *(expect or ("indexed",)), why=why, absent=absent)


def _run(name: str, run: str, why: str, *expect: Outcome) -> Case:
    """A run of markup between two paragraphs."""
    return _page(name, lambda said: f"Uno\n\n{run}\n\n{said}\n", why, *expect)


def _front(name: str, matter: str, why: str, *expect: Outcome, absent: str | None = None) -> Case:
    return _page(f"front-{name}", f"---\n{matter}\n---\n\n# Red\n\n{SAID}\n", why, *expect, absent=absent)


NESTING = [
    _run("quotes", ">" * MANY + " x", "a hundred thousand quotes on one line", *NESTED),
    _run("quotes-spaced", "> " * 10_000 + "x", "the same with spaces", *NESTED),
    _run("quotes-growing", "\n".join(">" * depth + "x" for depth in range(1, 1500)), "one more on each line", *NESTED),
    _run("bullets", "- " * 30_000 + "x", "a list in a list on one line", *NESTED),
    _run("numbers", "1. " * 20_000 + "x", "a numbered list in a list on one line", *NESTED),
    _run("indented", "\n".join("  " * depth + "- x" for depth in range(1200)), "a list that goes in by two", *NESTED),
    _run("quote-bullet", "> - " * 5_000 + "x", "lists in quotes in lists", *NESTED),
    _run("admonitions", "\n".join("    " * n + "!!! note" for n in range(400)), "a note in a note", *NESTED),
    _run("html", "<div>\n\n" * 20_000, "elements that are never closed", *NESTED),
    _run("details", "<details><summary>x</summary>\n\n" * 5_000, "folds that are never closed", *NESTED),
    _run("lazy", "> " * 200 + "x\n" + "y\n" * 5_000, "lines that belong to the innermost quote", *NESTED, *BOMB),
]

# Most are the cases that parsers of CommonMark test themselves with.
RUNS = [
    _run("brackets", "[" * MANY, "links that never end"),
    _run("brackets-closed", "[" * 50_000 + "x" + "]" * 50_000, "links in links"),
    _run("closing-brackets", "]" * MANY, "ends of no link"),
    _run("images", "![" * 50_000, "images that never end"),
    _run("images-in-images", "![[]()" * 20_000, "images of links"),
    _run("link-openers", "[a](" * 30_000, "addresses that never end"),
    _run("link-openers-b", "[a](<b" * 30_000, "addresses that never end, in brackets"),
    _run("link-titles", "[ (](" * 30_000, "titles that never end"),
    _run("references", "[a][" * 30_000 + "]" * 9, "references that never end"),
    _run("stars", "*" * MANY + "x", "emphasis that never ends"),
    _run("stars-closed", "*" * 50_000 + "x" + "*" * 50_000, "emphasis in emphasis", *NESTED, "out-of-memory"),
    _run("star-words", "*a " * 50_000, "each may open emphasis"),
    _run("star-words-closing", "a* " * 50_000, "each may close emphasis"),
    _run("star-pairs", "*a **a " * 30_000, "openers of two kinds"),
    _run("star-mixed", "a**b" + "c* " * 50_000, "closers that do not match"),
    _run("underscore-words", "_a __a " * 30_000, "openers of two kinds"),
    _run("strikes", "~~a " * 30_000, "strikes that never end"),
    _run("backticks", "`" * MANY + "x", "code that never ends"),
    _run("backtick-runs", "".join("e" + "`" * length for length in range(1, 1500)), "each of another length"),
    _run("backtick-words", "`a``b" * 20_000, "two lengths in turn"),
    _run("less-than", "<" * MANY, "tags that never end"),
    _run("comment-openers", "x <!-- " * 20_000, "comments that never end"),
    _run("declarations", "x <!A " * 20_000, "declarations that never end"),
    _run("processing", "x <?" * 30_000, "instructions that never end"),
    _run("cdata", "x <![CDATA[" * 20_000, "sections that never end"),
    _run("attributes", "<a " + "x=1 " * 30_000, "a tag that never ends"),
    _run("autolinks", "<http://a" * 20_000, "addresses that never end"),
    _run("entities", "&amp" * 20_000 + "&#x" * 9_999, "entities that never end"),
    _run("hard-breaks", "x  \n" * 30_000, "a break at the end of each line"),
    _run("setext", "x\n" * 30_000 + "===", "a heading of thirty thousand lines"),
    _run("hashes", "#" * MANY + " x", "no heading: more than six"),
    _run("headings", "# x\n## y\n" * 10_000, "headings with nothing below them"),
    _run("closing-hashes", "# x " + "#" * MANY + " y", "a heading that may end"),
    _run("long-heading", "# " + "Red " * 50_000, "a heading longer than any passage"),
    _run("rules", "* " * 50_000, "a rule or a list"),
    _run("fences", "```\n" * 20_001, "code blocks without code"),
    _run("table-columns", "|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n" + "|b" * 10_000 + "|", "10,000 columns"),
    _run("table-rows", "| a | b |\n| - | - |\n" + "| c | d |\n" * MANY, "100,000 rows", "indexed", *BOMB),
    _run(
        "table-short",
        "|a" * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "x\n" * 2_000,
        "rows to be filled up to 4,000,000 cells",
        "indexed",
        *BOMB,
    ),
    _run("table-cell", f"| a |\n| - |\n| {'x ' * 100_000} |", "a cell longer than any passage"),
    _run("items", "- x\n" * 50_000, "fifty thousand items"),
    _run("definitions", "".join(f"[a{n}]: /x '{n}'\n" for n in range(20_000)), "addresses that nobody uses"),
    _run("definition-used", f"[a]: /{'x' * 30_000}\n\n" + "[a]" * 30_000, "each use is as long as its definition"),
    _run("definition-cycle", "[a]: b\n[b]: a\n\n[a] [b] [a][b]\n\n[^1]: [^2]\n[^2]: [^1]", "they name each other"),
    _run("definition-open", "[a]: /x '" + "y\n" * 30_000, "a title that never ends"),
]

ODD = [
    _page("fence-open", f"# Red\n\n```sh\nls\n\n{SAID}\n", "a code block that nobody closes"),
    _page("comment", f"# Red\n\n<!-- {BAD} -->\n\n{SAID}<!-- {BAD} -->\n", "what nobody sees", absent=BAD),
    _page("comment-open", f"# Red\n\n{SAID}\n\n<!-- {BAD}\n\n{BAD}\n", "a comment that nobody closes", absent=BAD),
    _page("comment-odd", f"{SAID}\n\n<!-- {BAD} --!> {BAD} -->\n\n<!--> x\n", "a comment that ends later", absent=BAD),
    _page("comment-as-link", f"[//]: # ({BAD})\n\n{SAID}\n", "a comment in the form of a definition", absent=BAD),
    _page("comment-in-code", f"```html\n<!-- {SAID} -->\n```\n", "code is shown, a comment in it too"),
    _page("script", f"<script>alert(1)\n\n{SAID}\n", "a script that nobody closes"),
    _page(
        "mdx",
        f"import X from './x'\nexport const a = {{b: 1}}\n\n# Red\n\n<X y={{() => {{}}}}>\n  {SAID}\n</X>\n",
        "a program in it",
        suffix="mdx",
    ),
    _page(
        "liquid", f"{{% include ../../../etc/passwd %}}\n{{{{ site.x | y }}}}\n\n{SAID}\n", "a template", absent="root:"
    ),
    _page(
        "includes", f'--8<-- "/etc/passwd"\n!include /etc/passwd\n![[/etc/passwd]]\n\n{SAID}\n', "files", absent="root:"
    ),
    _page(
        "shortcodes",
        f"{{{{< figure >}}}} :::note{{.x}}\n$$\\input{{/etc/passwd}}$$\n\n{SAID}\n:::\n",
        "files",
        absent="root:",
    ),
    _page(
        "data-image", lambda said: f"{said}\n\n![x](data:image/png;base64,{'iVBORw0K' * 60_000})\n", "an image in it"
    ),
    _page("tabs", f"\t\t{SAID}\n\t-\tx\n>\t\ty\n1.\t\tz\n", "tabs where spaces are counted"),
    _page("json", '{"a": ' * 50_000 + f'"{SAID}"' + "}" * 50_000, "JSON, nested deep"),
    _page("only-comment", f"<!-- {BAD} -->\n", "nothing but what nobody sees", "no-text", "empty"),
    _page("only-front-matter", f"---\ntitle: {BAD}\n---\n", "nothing but a title", "no-text", "empty"),
    _page("only-definitions", f"[//]: # ({BAD})\n", "nothing but a comment", "no-text", "empty"),
]

LAUGHS = "a0: &a0 [ja, ja]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))
FRONT_MATTER = [
    _front("laughs", LAUGHS, "2^60 laughs, where aliases are followed"),
    _front("cycle", "a: &a [*a]\nb: &b {c: *b}", "a list in itself"),
    _front("merges", "a: &a {x: 1}\n" + "\n".join(f"b{n}: {{<<: [*a, *a, *a]}}" for n in range(500)), "merged keys"),
    _front("python", f"x: !!python/object/apply:os.system ['echo {BAD}']", "a tag that runs a command", absent=BAD),
    _front("python-title", "title: !!python/name:os.environ", "a tag that tells secrets"),
    _front(
        "tags", "a: !!binary x\nb: !!timestamp 2026-99-99\nc: !unknown {}\nd: !!int nueve", "values of no such type"
    ),
    _front("deep", "a: " + "[" * MANY, "lists in lists", *NESTED),
    _front("deep-maps", "a: " + "{a: " * 20_000, "maps in maps", *NESTED),
    _front("deep-block", "\n".join(" " * n + "a:" for n in range(1_500)), "maps in maps, a line each", *NESTED),
    _front("numbers", f"a: {'9' * 100_000}\nb: 0x{'f' * 9_999}\nc: 1e999999\nd: .inf\ne: 190:20:30", "large numbers"),
    _front("dates", "date: 2026-02-31\nupdated: 0000-00-00T99:99:99Z", "days that are none"),
    _front("keys", "? [a, b]\n: c\n{d: e}: f\n~: g\n1: h", "keys that are no texts"),
    _front("twice", "title: A\ntitle: B", "a key twice"),
    _front("list", "- a\n- b", "no map"),
    _front("text", "Nota: esto: no es: YAML", "no YAML"),
    _front("open-quote", 'title: "abierto', "a text that never ends"),
    _front("tabs", "a:\n\tb: c", "tabs, which YAML forbids"),
    _front("controls", 'title: "a\\0b\\ud800\\x1b[2J"', "escapes of what no text holds"),
    _front("directive", "%YAML 9.9\n%TAG ! tag:x,2000:", "a version that there is not"),
    _front("long-title", "title: " + "Red " * 50_000, "a title longer than any passage"),
    _front("title-types", "title: [a, {b: c}]\ntags: {d: e}\ndescription:", "a list where a text is expected"),
    _front("many-keys", "\n".join(f"k{n}: v" for n in range(3_000)), "three thousand keys"),
    _page("front-open", f"---\ntitle: A\n\n# Red\n\n{SAID}\n", "nobody closes it"),
    _page("front-empty", f"---\n---\n{SAID}\n", "nothing in it"),
    _page("front-two", f"---\na: b\n---\n---\nc: d\n---\n{SAID}\n", "two of them"),
    _page("front-toml", f"+++\ntitle = 'A'\n+++\n\n{SAID}\n", "TOML's way"),
    _page("front-json", f'{{\n"title": "A"\n}}\n\n{SAID}\n', "JSON's way"),
    _page("front-bom", f"\ufeff---\ntitle: A\n---\n{SAID}\n", "behind a byte order mark"),
    _page("front-crlf", f"---\r\ntitle: A\r\n---\r\n{SAID}\r\n", "line ends of Windows"),
    _page("front-dots", f"---\ntitle: A\n...\n{SAID}\n\n---\n", "YAML's own end"),
    _page("front-long-rule", "---" * 30_000 + f"\n{SAID}\n" + "---" * 30_000, "rules of ninety thousand hyphens"),
]

CASES = [*NESTING, *RUNS, *ODD, *FRONT_MATTER]
