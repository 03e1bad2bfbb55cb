"""Good packages with hostile XML in them."""

from corpus_case import NESTED, REPAIRABLE, Case, Content, Outcome, case, noise
from corpus_docx import DOCUMENT, W, document, docx, paragraph

PASSWD = "root:x:0"


def _xml(name: str, content: Content, why: str, *expect: Outcome, absent: str | None = None) -> Case:
    return case(f"word/xml-{name}.docx", content, *(expect or ("indexed",)), why=why, absent=absent)


def _with_dtd(name: str, dtd: str, body: str, why: str, *expect: Outcome, absent: str | None = None) -> Case:
    def content(said: str) -> bytes:
        return docx("", {DOCUMENT: document(paragraph(body) + paragraph(said), f"<!DOCTYPE x [{dtd}]>\n")})

    return _xml(name, content, why, *expect, absent=absent)


def _instead(name: str, part: str | bytes, why: str, *expect: Outcome) -> Case:
    """Something else where the document should be."""
    return _xml(name, lambda _: docx("", {DOCUMENT: part}), why, *expect)


def _replaced(name: str, old: str, new: str, why: str, *expect: Outcome, codec: str = "utf-8") -> Case:
    """A good document with something in it replaced."""

    def content(said: str) -> bytes:
        return docx("", {DOCUMENT: document(paragraph(said)).replace(old, new).encode(codec)})

    return _xml(name, content, why, *expect)


def _repeated(name: str, opening: str, times: int, closing: str, why: str, *expect: Outcome) -> Case:
    """The sentence inside of elements in each other."""
    return _xml(name, lambda said: docx(opening * times + paragraph(said) + closing * times), why, *expect)


LAUGHS = '<!ENTITY a "ja">' + "".join(
    f'<!ENTITY {x} "{f"&{y};" * 10}">' for x, y in zip("bcdefghijk", "abcdefghij", strict=True)
)
REFUSED: tuple[Outcome, ...] = ("expands-too-much", "damaged")
TABLE, TABLE_END = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
CONTROL, CONTROL_END = "<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"

CASES = [
    _with_dtd("laughs", LAUGHS, "&k;", "ten thousand million laughs", *REFUSED),
    _with_dtd("laughs-quadratic", f'<!ENTITY a "{"ja" * 50_000}">', "&a;" * 50_000, "5 GB", *REFUSED),
    _with_dtd("entity-cycle", '<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;", "entities in a cycle", *REPAIRABLE),
    _with_dtd("entity-file", '<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;", "a file", *REPAIRABLE, absent=PASSWD),
    _with_dtd("entity-device", '<!ENTITY a SYSTEM "file:///dev/zero">', "&a;", "a file without end", *REPAIRABLE),
    _with_dtd("entity-web", '<!ENTITY a SYSTEM "http://localhost:9/x">', "&a;", "a page", *REPAIRABLE),
    _with_dtd(
        "entity-parameter",
        '<!ENTITY % a SYSTEM "file:///etc/passwd"><!ENTITY % b "<!ENTITY c \'%a;\'>">%b;',
        "&c;",
        "an entity that makes another one",
        *REPAIRABLE,
        absent=PASSWD,
    ),
    _with_dtd("entity-own", '<!ENTITY a "inofensiva">', "&a;", "an entity that does no harm", *REPAIRABLE),
    _with_dtd("dtd-external", "%x;", "", "a DTD that is broken", *REPAIRABLE),
    _xml(
        "include",
        lambda said: docx('<xi:include href="file:///etc/passwd" parse="text"/>' + paragraph(said)),
        "an element that stands for a file",
        absent=PASSWD,
    ),
    _replaced("stylesheet", "<w:document", '<?xml-stylesheet href="file:///etc/passwd"?><w:document', "a style sheet"),
    _replaced("nul", "Reinicie", "&#0;", "a character that XML has not", "damaged"),
    _replaced("control", "Reinicie", "\x0b", "a character that XML has not", "damaged"),
    _replaced("nul-byte", "Reinicie", "\0", "a character that XML has not", "damaged"),
    _replaced("surrogate", "Reinicie", "&#xD800;", "a character that XML has not", "damaged"),
    _replaced("unclosed", "</w:body>", "", "an element that is never closed", "damaged"),
    _replaced("no-prefix", f'xmlns:w="{W}"', "", "a prefix that stands for nothing", "damaged"),
    _replaced("codec", "UTF-8", "rot13", "an encoding that there is not", "damaged"),
    _replaced("not-utf-8", "Reinicie", "año", "it says UTF-8 and is not", "damaged", codec="latin-1"),
    _replaced("latin-1", "UTF-8", "ISO-8859-1", "XML may be Latin-1", codec="latin-1"),
    _replaced("utf-16", "UTF-8", "UTF-16", "XML may be UTF-16", codec="utf-16"),
    _replaced("bom", "UTF-8", "utf-8", "XML may have a byte order mark", codec="utf-8-sig"),
    _replaced("strict", W, STRICT, "the names of the strict variant"),
    _xml(
        "prefix",
        lambda said: docx(
            "", {DOCUMENT: document(paragraph(said)).replace("w:", "x:").replace("xmlns:w=", "xmlns:x=")}
        ),
        "another prefix for the same names",
    ),
    _replaced("after-the-end", "</w:document>", "</w:document><x/>", "more after the end", "damaged"),
    _instead("noise", noise(2_000, 9), "no XML", "damaged"),
    _instead("empty", b"", "not a byte", "damaged"),
    _instead("other-root", "<html><p>x</p></html>", "another kind of XML", "damaged"),
    _repeated("deep-controls", CONTROL, 50_000, CONTROL_END, "100,000 elements in each other", *NESTED),
    _repeated("deep-tables", TABLE, 100_000, TABLE_END, "100,000 tables in each other", *NESTED),
    _repeated("deep-links", "<w:p><w:hyperlink>", 300, "</w:hyperlink></w:p>", "300 links in each other", *NESTED),
    _repeated("tables-in-tables", TABLE, 60, TABLE_END, "sixty tables in each other", *NESTED),
    _xml(
        "long-attribute",
        lambda said: docx(f'<w:p w:x="{"x" * 12_000_000}"/>' + paragraph(said)),
        "an attribute of 12 MB",
        *("indexed", "expands-too-much"),
    ),
    _xml(
        "many-attributes",
        lambda said: docx("<w:p " + " ".join(f'w:a{n}="1"' for n in range(50_000)) + "/>" + paragraph(said)),
        "50,000 attributes",
    ),
    _xml(
        "many-prefixes",
        lambda said: docx("<w:p " + " ".join(f'xmlns:a{n}="b{n}"' for n in range(20_000)) + "/>" + paragraph(said)),
        "20,000 prefixes",
    ),
]
