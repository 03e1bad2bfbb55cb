"""Pages: nesting, sizes, what hides text, and what says that it is something else."""

from corpus_case import BOMB, NESTED, SAID, Case, Content, Outcome, case, noise

DEEP = 30_000
BAD = "Texto que nadie ve"


def _page(
    name: str,
    content: Content,
    why: str,
    *expect: Outcome,
    needle: str | None = "",
    absent: str | None = None,
    suffix: str = "html",
) -> Case:
    return case(f"html/{name}.{suffix}", content, *(expect or ("indexed",)), why=why, needle=needle, absent=absent)


def _nested(tag: str, inner: str = "", count: int = DEEP) -> Case:
    return _page(
        f"nested-{tag.split()[0]}",
        lambda said: f"<{tag}>{inner}" * count + said,
        f"{count} of them, never closed",
        *NESTED,
    )


NESTING = [
    *(_nested(tag) for tag in ("div", "span", "blockquote", "section", "main", "article", "details", "font color=red")),
    *(_nested(tag) for tag in ("nav", "em", "h1", "pre", "svg", "math", "option", "a href=x")),
    _nested("ul", "<li>"),
    _nested("ol", "<li>x"),
    _nested("dl", "<dd>"),
    _nested("table", "<tr><td>", 100_000),
    _nested("p", "x"),
    _nested("button", "", 50_000),
    _nested("unknown-element"),
    _page(
        "nested-template", lambda said: "<template>" * DEEP + said, "what is in one is not shown", "no-text", "too-deep"
    ),
    _page("nested-and-closed", lambda said: "<div>" * DEEP + said + "</div>" * DEEP, "and all of them closed", *NESTED),
    _page("open-b", lambda said: "<b>" * 100_000 + said, "formatting that is opened again and again", *NESTED, *BOMB),
    _page("open-b-p", lambda said: "<p><b>" * 5_000 + said, "each paragraph opens all of them again", *NESTED, *BOMB),
    _page("misnested", lambda said: "<a><b><i>x</a></b>" * 5_000 + said, "elements that close across", *NESTED, *BOMB),
    _page("foster", lambda said: "<table><b>x" * 3_000 + said, "text that a table casts out", *NESTED, *BOMB),
    _page("closed-only", lambda said: "</div></p></br>" * 100_000 + said, "ends without a beginning"),
    _page("foreign", lambda said: "<svg><foreignObject><math><mtext>" * 30_000 + said, "pages in pictures", *NESTED),
]

SIZES = [
    _page(
        "million-attributes",
        lambda said: "<p " + " ".join(f"a{number}=1" for number in range(1_000_000)) + f">{said}",
        "one element with a million attributes: some parsers compare each with each",
        *("indexed", *BOMB),
    ),
    _page("long-attribute", lambda said: f'<p title="{"x" * 10_000_000}">{said}', "an attribute of 10 MB"),
    _page("open-attribute", lambda said: f'<p>{said}<p title="' + "x " * 500_000, "an attribute that never ends"),
    _page("long-name", lambda said: f"<{'x' * 1_000_000}>{said}", "an element with a name of 1 MB"),
    _page("million-br", lambda said: "<br>" * 1_000_000 + said, "a million line ends"),
    _page("million-empty", lambda said: "<p></p><i></i>" * 300_000 + said, "elements without text"),
    _page("million-hr", lambda said: "<hr><img>" * 300_000 + said, "rules and images"),
    _page("one-line", lambda said: f"<p>{said} " + ("x" * 199 + " ") * 3_000, "one line of 600 kB"),
    _page("long-title", lambda said: f"<title>{'Red ' * 100_000}</title><p>{said}", "a title of 400 kB"),
    _page("long-heading", lambda said: f"<h1>{'Red ' * 20_000}</h1><p>{said}", "a heading longer than any passage"),
    _page("many-headings", lambda said: "<h6>x</h6><h1>y</h1>" * 10_000 + said, "headings without text below them"),
    _page("long-comment", lambda said: f"<!--{'x-' * 2_000_000}--><p>{said}", "a comment of 4 MB"),
    _page("many-comments", lambda said: "<!--x-->" * 200_000 + said, "comments without end"),
    _page(
        "long-sheet",
        lambda said: f"<style>{'.x .y > p:not(.z){display:none}' * 100_000}</style><p>{said}",
        "a style sheet of 3 MB",
    ),
    _page(
        "selectors",
        lambda said: (
            "<style>"
            + "".join(f"div p ~ p:not(.a{number}):has(q ~ q){{top:0;opacity:0}}" for number in range(2_000))
            + f"</style><div>{'<p>x</p>' * 20_000}</div>{said}"
        ),
        "selectors that each go through all of a large page",
    ),
    _page("long-script", lambda said: f"<script>{'x=1;' * 1_000_000}</script><p>{said}", "a script of 4 MB"),
    _page("data-address", lambda said: f'<img alt="{said}" src="data:;base64,{"QUJD" * 1_000_000}">', "an image in it"),
    _page("long-entity", lambda said: f"<p>&{'a' * 100_000};{said}", "an entity with a name of 100 kB"),
    _page("many-entities", lambda said: "<p>" + "&amp;" * 100_000 + said, "entities without end"),
    _page("open-entities", lambda said: "<p>" + "&" * 100_000 + "&#" * 9_999 + said, "entities that are none"),
    _page("less-than", lambda said: "<p>" + "<" * 100_000 + f" {said}", "tags that are none"),
    _page(
        "colspan", f"<table><tr><th colspan=1000000000>a<th>b<tr><td>{SAID}<td>c</table>", "a thousand million columns"
    ),
    _page("rowspan", f"<table><tr><th rowspan=1000000000>a<th>b<tr><td>{SAID}</table>", "a thousand million rows"),
    _page(
        "spans",
        lambda said: "<table>" + ("<tr>" + "<td rowspan=65534 colspan=1000>x" * 50) * 200 + f"</table><p>{said}",
        "few cells that fill a table of 10^10",
        *("indexed", *BOMB),
    ),
    _page(
        "negative-spans", f"<table><tr><th colspan=-1 rowspan=0>a<th colspan=NaN>{SAID}<tr><td>x</table>", "no numbers"
    ),
    _page("many-cells", lambda said: "<table>" + ("<tr>" + "<td>x" * 500) * 200 + f"<td>{said}", "100,000 cells"),
    _page("ordered-from", f"<ol start=-99999999999999999999><li>{SAID}<li value=1e400>x</ol>", "numbers out of range"),
]


def _hiding(name: str, html: str) -> Case:
    return _page(
        f"hidden-{name}", f"<h1>Red</h1><p>{SAID}</p>{html.replace('BAD', BAD)}", "not shown to a person", absent=BAD
    )


HIDING = [
    _hiding("attribute", "<div hidden><p>BAD</p></div>"),
    _hiding("attribute-value", '<div HIDDEN="until-found">BAD</div>'),
    _hiding("display", '<div style="display:none">BAD</div>'),
    _hiding("display-odd", "<div STYLE='color:red;\n DISPLAY :\tNONE !important'>BAD</div>"),
    _hiding("display-escaped", '<div style="display&colon;none">BAD</div>'),
    _hiding("visibility", '<p style="visibility:hidden">BAD</p>'),
    _hiding("size", '<p style="font-size:0">BAD</p>'),
    _hiding("opacity", '<p style="opacity:0">BAD</p>'),
    _hiding("indent", '<p style="text-indent:-9999px">BAD</p>'),
    _hiding("comment", "<!-- BAD --><p>x</p>"),
    _hiding("comment-open", "<p>x</p><!-- BAD <p>BAD"),
    _hiding("comment-bang", "<!-- BAD --!><p>x</p>"),
    _hiding("comment-nested", "<!-- <!-- BAD --><p>x</p>"),
    _hiding("bogus", "<!BAD><?BAD ?></ BAD><p>x</p>"),
    _hiding("script", "<script>BAD</script><p>x</p>"),
    _hiding("script-open", "<p>x</p><script><!--<script>BAD</script>BAD"),
    _hiding("style", "<style>BAD</style><svg><style>BAD</style></svg><p>x</p>"),
    _hiding("sheet-class", "<style>.sr-only{display:none}</style><p class=sr-only>BAD</p>"),
    _hiding("sheet-later", "<div><p class=x>BAD</p></div><style>p{color:red} @media all{div{.x{opacity:0}}}</style>"),
    _hiding("sheet-weight", "<style>#x{display:none} p{display:block}</style><p id=x>BAD</p>"),
    _hiding("sheet-first", f"<style>.x{{display:none}}{'.y{opacity:0}' * 90_000}</style><p class=x>BAD</p>"),
    _hiding(
        "sheet-bomb",
        f"<style>{':not(' * 9_000}.x{')' * 9_000}{{display:none}} q {'div ' * 99}i{{display:none}} .x{{opacity:0}}"
        f"</style>{'<div>' * 500}{'<i>y</i>' * 500}<p class=x>BAD</p>",
    ),
    _hiding("template", "<template><p>BAD</p></template>"),
    _hiding("noscript", "<noscript>BAD</noscript>"),
    _hiding("frame", '<iframe srcdoc="<p>BAD</p>">BAD</iframe>'),
    _hiding("input", '<input type="hidden" value="BAD"><input value="x">'),
    _hiding("attribute-text", '<p title="BAD" data-x="BAD" onclick="BAD">x</p>'),
    _hiding("meta", '<meta name="robots" content="BAD"><base href="BAD">'),
]

ODD = [
    _page("only-hidden", f"<div hidden>{SAID}</div>", "nothing is shown", "no-text"),
    _page("only-script", f"<script>document.write('{SAID}')</script>", "a script writes the page", "no-text"),
    _page("only-title", f"<title>{SAID}</title>", "a title and nothing below it", "no-text"),
    _page("only-comment", f"<!-- {SAID} -->", "nothing but a comment", "no-text"),
    _page("only-image", "<img src=scan.png>", "an image that does not say what it shows", "no-text", "needs-ocr"),
    _page("only-menus", f"<nav>Inicio <a>{SAID}</a></nav><footer>x</footer>", "all of it looks like menus"),
    _page(
        "frameset", "<frameset cols='*,*'><frame src=a.html><frame src=b.html></frameset>", "text elsewhere", "no-text"
    ),
    _page("plaintext", f"<p>Uno<plaintext><b>{SAID}</b></plaintext>", "all that follows is text"),
    _page("cdata", f"<p>Uno<![CDATA[ x ]]><p>{SAID}<svg><![CDATA[<p>x]]></svg>", "XML's way in a page"),
    _page("unclosed", f"<!doctype html><html><body><table><tr><td>x<p>{SAID}<ul><li>y", "nothing is closed"),
    _page("tag-open", f"<p>{SAID}</p><p", "ends in a tag"),
    _page("no-tags", SAID, "no tag at all"),
    _page("head-twice", f"<html><html><head><body><head><title>x</title><body><p>{SAID}</html><p>y", "two of each"),
    _page("nul", f"<p>{SAID}\0</p>", "a NUL: not a text file", "nul-characters"),
    _page(
        "entities", f"<p>&#0;&#xD800;&#x110000;&#99999999999;&#x80;&nosuch;&lt&gt; {SAID}", "code points that are none"
    ),
    _page(
        "mutation", f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<b>'>{SAID}", "changes its form"
    ),
    _page("events", f"<svg onload=alert(1)><p onclick=x>{SAID}<a href='javascript:x'>y</a></svg>", "runs where shown"),
    _page(
        "elsewhere",
        f"<object data=file:///etc/passwd></object><embed src=/etc/passwd><p>{SAID}",
        "files",
        absent="root:",
    ),
    _page("conditional", f"<!--[if IE]><p>x</p><![endif]--><![if !IE]><p>{SAID}</p><![endif]>", "for one browser"),
    _page(
        "entity-file",
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>{SAID} &x;</p></body></html>',
        "an entity that is another file",
        absent="root:",
        suffix="xhtml",
    ),
    _page(
        "entity-bomb",
        '<!DOCTYPE html [<!ENTITY a "ja">'
        + "".join(f'<!ENTITY {x} "{f"&{y};" * 10}">' for x, y in zip("bcdefghi", "abcdefgh", strict=True))
        + f"]><html><body><p>{SAID} &i;</p></body></html>",
        "a thousand million laughs, to what reads XML",
        suffix="xhtml",
    ),
    _page(
        "charset-lies",
        lambda said: f"<meta charset=utf-8><p>La contraseña caducó el año pasado. {said}".encode("cp1252"),
        "it says UTF-8 and is not",
        needle="contraseña caducó",
    ),
    _page(
        "charset-lies-too",
        lambda said: f"<meta charset=iso-8859-1><p>La contraseña caducó el año pasado. {said}".encode(),
        "it says Latin-1 and is UTF-8",
        needle="contraseña caducó",
    ),
    _page("charset-utf-16", f"<meta charset=utf-16><p>contraseña {SAID}", "it says UTF-16, in ASCII"),
    _page(
        "charset-none", f"<meta charset=rot13><meta charset=zip><p>contraseña {SAID}", "codecs that are no encodings"
    ),
    _page(
        "charset-hex", f"<meta charset=unicode_escape><p>\\u0041 {SAID}", "a codec of Python's own", needle="\\u0041"
    ),
    _page(
        "charset-utf-7",
        f"<meta charset=utf-7><p>+ADw-script+AD4-x {SAID}",
        "tags to another decoder",
        absent="<script>",
    ),
    _page("tags-of-noise", lambda said: f"<p>{said}" + noise(50_000, 5).hex(" ").replace("3", "<"), "tags at random"),
    _page(
        "mhtml", f"MIME-Version: 1.0\nContent-Type: text/html\n\n<p>{SAID}</p>", "a page saved with its mail headers"
    ),
]

CASES = [*NESTING, *SIZES, *HIDING, *ODD]
