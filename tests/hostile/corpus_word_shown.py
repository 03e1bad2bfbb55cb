"""Word documents with text that is not shown, or shown twice, or not there at all."""

from corpus_case import Case, Outcome, case
from corpus_characters import ORDER, tags, zero_width
from corpus_docx import DECLARATION, DOCUMENT_RELATIONS, NAMESPACES, Parts, docx, other_part, paragraph, relations

BAD = "Texto que nadie ve"


def _shown(name: str, body: str, why: str, more: Parts | None = None, absent: str = BAD) -> Case:
    """The sentence is shown, what is absent is not. @ is the sentence, which else stands before the body."""

    def content(said: str) -> bytes:
        return docx(body.replace("@", said) if "@" in body else paragraph(said) + body, more)

    return case(f"word/shown-{name}.docx", content, "indexed", why=why, absent=absent)


def _nothing(name: str, body: str, why: str, *expect: Outcome, more: Parts | None = None) -> Case:
    return case(f"word/no-text-{name}.docx", lambda _: docx(body, more), *(expect or ("no-text",)), why=why)


def _change(element: str, text: str, tag: str = "w:t") -> str:
    """A tracked change."""
    return f'<w:p><w:{element} w:id="1" w:author="x"><w:r><{tag}>{text}</{tag}></w:r></w:{element}></w:p>'


def _field(code: str, result: str) -> str:
    kinds = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    shown = f"<w:r><w:t>{result}</w:t></w:r>"
    return f"<w:p>{kinds[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{kinds[1]}{shown}{kinds[2]}</w:p>"


def _note(kind: str, plural: str, text: str) -> dict[str, str]:
    return other_part(plural, plural, f'<w:{kind} w:id="7">{paragraph(text)}</w:{kind}>')


HIDDEN_STYLE = '<w:style w:type="paragraph" w:styleId="h"><w:name w:val="h"/><w:rPr><w:vanish/></w:rPr></w:style>'
IN_STYLE = f'<w:p><w:pPr><w:pStyle w:val="h"/></w:pPr><w:r><w:t>{BAD}</w:t></w:r></w:p>'
TWICE = (
    '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData>'
    f"<wps:wsp><wps:txbx><w:txbxContent>{paragraph('@')}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic>"
    "</wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>"
    f"{paragraph(BAD)}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
)
PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><a:graphic><a:blip r:embed="rId1"/></a:graphic></wp:inline></w:drawing></w:r>'
    "</w:p>"
)

SHOWN = [
    _shown("vanish", paragraph(BAD, "<w:vanish/>"), "hidden text"),
    _shown("vanish-on", paragraph(BAD, '<w:vanish w:val="on"/>'), "hidden text"),
    _shown(
        "vanish-off", paragraph("@", '<w:vanish w:val="0"/>') + paragraph(BAD, "<w:vanish/>"), "text that is not hidden"
    ),
    _shown("vanish-in-style", IN_STYLE, "hidden by its style", more=other_part("styles", "styles", HIDDEN_STYLE)),
    _shown(
        "vanish-in-cell", f"<w:tbl><w:tr><w:tc>{paragraph(BAD, '<w:vanish/>')}</w:tc></w:tr></w:tbl>", "a hidden cell"
    ),
    _shown("deleted", _change("del", BAD, "w:delText"), "deleted, and still there"),
    _shown("deleted-as-text", _change("del", BAD), "deleted by a careless program"),
    _shown("inserted", _change("ins", "@") + _change("del", BAD, "w:delText"), "inserted"),
    _shown("moved", _change("moveFrom", BAD) + _change("moveTo", "@"), "moved elsewhere"),
    _shown("comment", '<w:p><w:commentReference w:id="7"/></w:p>', "a comment", more=_note("comment", "comments", BAD)),
    _shown("field", _field(f"HYPERLINK {BAD}", "@"), "the code of a field"),
    _shown("field-command", _field(f"DDEAUTO c:\\x.exe {BAD}", "x"), "a field that runs a program"),
    _shown("field-file", _field(f"INCLUDETEXT /etc/passwd {BAD}", "x"), "a field that reads a file"),
    _shown(
        "field-open",
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>{BAD}</w:instrText></w:r></w:p>',
        "a field that never ends",
    ),
    _shown("twice", TWICE, "a text box for new programs and again for old ones"),
    _shown("tags", paragraph("@" + tags(ORDER)), "an order in tag characters", absent=tags(ORDER)),
    _shown("joiners", paragraph("@" + zero_width(ORDER)), "an order in joiners", absent=zero_width(ORDER)),
    _shown("note", paragraph("x"), "a note that nothing leads to", more=_note("footnote", "footnotes", "x")),
    _shown(
        "symbols",
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:char="x"/></w:r></w:p>',
        "symbols of one font",
    ),
    _shown(
        "control",
        f"<w:sdt><w:sdtPr><w:alias w:val='{BAD}'/></w:sdtPr><w:sdtContent>{paragraph('@')}</w:sdtContent></w:sdt>",
        "a field of a form",
    ),
    _shown(
        "properties",
        "<w:sectPr/>",
        "who wrote it",
        more={"docProps/core.xml": f"{DECLARATION}<x>{BAD}</x>", "customXml/item1.xml": f"<x>{BAD}</x>"},
    ),
]

NOTHING = [
    _nothing("empty-body", "", "not a paragraph"),
    _nothing(
        "paragraphs", "<w:p/>" * 500 + paragraph(" \u00a0\u3000") * 50, "nothing but white space", "no-text", "empty"
    ),
    _nothing("hidden", paragraph(BAD, "<w:vanish/>"), "nothing but hidden text"),
    _nothing("deleted", _change("del", BAD, "w:delText"), "all of it is deleted"),
    _nothing(
        "picture",
        PICTURE,
        "nothing but a picture",
        "no-text",
        "needs-ocr",
        more={"word/media/image1.png": b"\x89PNG", DOCUMENT_RELATIONS: relations(("image", "media/image1.png", ""))},
    ),
    _nothing("table", "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", "an empty table"),
    _nothing(
        "only-header",
        "<w:sectPr/>",
        "nothing but a header",
        "no-text",
        "indexed",
        more={
            "word/header1.xml": f"<w:hdr {NAMESPACES}>{paragraph('x')}</w:hdr>",
            DOCUMENT_RELATIONS: relations(("header", "header1.xml", "")),
        },
    ),
]

CASES = [*SHOWN, *NOTHING]
