"""Good packages with a hostile Word document in them: sizes, cycles, and parts that nobody expects."""

from corpus_case import BOMB, REPAIRABLE, Case, Outcome, case, noise
from corpus_docx import DOCUMENT_RELATIONS, KIND, TYPES, Parts, docx, other_part, paragraph, relations, types

# A text of this size may be refused for how well it was packed.
LARGE: tuple[Outcome, ...] = ("indexed", "expands-too-much")
PASSWD = "root:x:0"


def _word(
    name: str, body: str, why: str, *expect: Outcome, more: Parts | None = None, absent: str | None = None
) -> Case:
    """A document with this body, and the sentence where @ is; else after it."""

    def content(said: str) -> bytes:
        return docx(body.replace("@", said) if "@" in body else body + paragraph(said), more)

    return case(f"word/{name}.docx", content, *(expect or ("indexed",)), why=why, absent=absent)


def _times(name: str, before: str, inner: str, times: int, after: str, why: str, *expect: Outcome) -> Case:
    """The same thing many times, and the sentence after it."""
    return case(
        f"word/{name}.docx", lambda said: docx(before + inner * times + after + paragraph(said)), *expect, why=why
    )


CELL = "<w:tc><w:p/></w:tc>"
SPANS = (
    '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000000"/><w:vMerge w:val="restart"/></w:tcPr><w:p/></w:tc>'
    f'<w:tc><w:tcPr><w:gridSpan w:val="-1"/></w:tcPr>{paragraph("@")}</w:tc></w:tr></w:tbl>'
)
ODD_NUMBERS = (
    '<w:p><w:pPr><w:numPr><w:ilvl w:val="999999999"/><w:numId w:val="-7"/></w:numPr><w:outlineLvl w:val="99"/></w:pPr>'
    '</w:p><w:p><w:pPr><w:numPr><w:ilvl w:val="x"/><w:numId/></w:numPr></w:pPr><w:r><w:t>@</w:t></w:r></w:p>'
)
SIZES = [
    _times("cells", "<w:tbl>", f"<w:tr>{CELL * 1_000}</w:tr>", 1_000, "</w:tbl>", "a million cells", *LARGE, *BOMB),
    _times(
        "columns", "<w:tbl><w:tr>", f"<w:tc>{paragraph('x')}</w:tc>", 5_000, "</w:tr></w:tbl>", "5,000 columns", *LARGE
    ),
    _times("paragraphs", "", paragraph("x"), 50_000, "", "50,000 paragraphs", *LARGE),
    _times("runs", "<w:p>", "<w:r><w:t>x</w:t></w:r>", 100_000, "</w:p>", "100,000 runs", *LARGE),
    _times("breaks", "<w:p><w:r>", "<w:br/><w:tab/>", 200_000, "</w:r></w:p>", "line ends and tabs", *LARGE),
    _times("rows", "<w:tbl>", f"<w:tr>{CELL * 2}</w:tr>", 30_000, "</w:tbl>", "30,000 empty rows", *LARGE),
    _times("long-text", "<w:p><w:r><w:t>", "x" * 199 + " ", 5_000, "</w:t></w:r></w:p>", "a run of 1 MB", *LARGE),
    _times(
        "long-heading",
        '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>',
        *("Red ", 20_000, "</w:t></w:r></w:p>"),
        "a heading longer than any passage",
        *LARGE,
    ),
    _word("spans", SPANS, "a thousand million columns"),
    _word("no-cells", "<w:tbl/><w:tbl><w:tr/><w:tr><w:tc/></w:tr></w:tbl><w:p/><w:r/>", "rows without cells"),
    _word("odd-numbers", ODD_NUMBERS, "levels out of range, and none"),
]

NUMBERED = (
    '<w:p><w:pPr><w:pStyle w:val="a"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    "<w:r><w:t>@</w:t></w:r></w:p>"
)


def _style(name: str, base: str) -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="{base}"/><w:link w:val="{base}"/></w:style>'
    )


def _styled(name: str, styles: str, why: str, *expect: Outcome) -> Case:
    return _word(name, NUMBERED, why, *expect, more=other_part("styles", "styles", styles))


def _numbered(name: str, abstract: str, why: str) -> Case:
    inner = f'<w:abstractNum w:abstractNumId="0">{abstract}</w:abstractNum>'
    inner += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return _word(name, NUMBERED, why, more=other_part("numbering", "numbering", inner))


def _related(name: str, targets: list[tuple[str, str, str]], why: str, *expect: Outcome) -> Case:
    return _word(name, NUMBERED, why, *expect, more={DOCUMENT_RELATIONS: relations(*targets)}, absent=PASSWD)


EXTERNAL = 'TargetMode="External"'
ROMAN = (
    '<w:lvl w:ilvl="0"><w:start w:val="1000000000000"/><w:numFmt w:val="upperRoman"/>'
    '<w:lvlText w:val="%1%9%99"/></w:lvl>'
)
CYCLES = [
    _styled("style-of-itself", _style("a", "a"), "a style that is based on itself"),
    _styled("style-cycle", _style("a", "b") + _style("b", "a"), "styles that are based on each other"),
    _styled(
        "style-chain",
        _style("a", "s0") + "".join(_style(f"s{n}", f"s{n + 1}") for n in range(5_000)),
        "a style five thousand steps from its base",
    ),
    _word("style-missing", NUMBERED, "a style that there is not"),
    _styled("styles-broken", "<w:style", "styles that are no XML", *REPAIRABLE),
    _numbered(
        "numbering-cycle",
        '<w:numStyleLink w:val="a"/><w:styleLink w:val="a"/>',
        "a numbering that is its own style",
    ),
    _numbered("numbering-start", ROMAN, "a roman numeral of 10^12"),
    _word(
        "numbering-missing",
        NUMBERED,
        "a numbering of a kind that there is not",
        more=other_part("numbering", "numbering", '<w:num w:numId="1"><w:abstractNumId w:val="77"/></w:num>'),
    ),
    _word(
        "numberings",
        NUMBERED,
        "50,000 numberings",
        *LARGE,
        more=other_part(
            "numbering",
            "numbering",
            "".join(f'<w:num w:numId="{number}"><w:abstractNumId w:val="0"/></w:num>' for number in range(50_000)),
        ),
    ),
    _related(
        "relation-to-itself",
        [("header", "document.xml", ""), ("styles", "document.xml", ""), ("footnotes", "../word/document.xml", "")],
        "the document is its own header",
    ),
    _related(
        "relations-missing",
        [("styles", "gone.xml", ""), ("numbering", "NULL", ""), ("image", "", "")],
        "relations to parts that there are not",
        *REPAIRABLE,
    ),
    _related(
        "relations-outside",
        [("attachedTemplate", "file:///etc/passwd", EXTERNAL), ("image", "../../../etc/passwd", "")],
        "relations to files of this machine",
    ),
    _word(
        "macros",
        "",
        "macros that nobody runs",
        more={
            TYPES: types("application/vnd.ms-word.document.macroEnabled.main+xml"),
            "word/vbaProject.bin": noise(3_000, 4),
        },
    ),
    _word("template", "", "a template by a document's name", more={TYPES: types(f"{KIND}.template.main+xml")}),
    _word(
        "embedded",
        '<w:p><w:r><w:object><o:OLEObject Type="Embed" r:id="rId1"/></w:object></w:r></w:p>',
        "a program in it",
        more={
            "word/embeddings/oleObject1.bin": b"MZ" + noise(2_000, 6),
            DOCUMENT_RELATIONS: relations(("oleObject", "embeddings/oleObject1.bin", "")),
        },
    ),
    _word(
        "foreign-part",
        '<w:altChunk r:id="rId1"/>',
        "a page in it, which Word shows",
        more={"word/chunk.html": "<p>x</p>", DOCUMENT_RELATIONS: relations(("aFChunk", "chunk.html", ""))},
    ),
]

CASES = [*SIZES, *CYCLES]
