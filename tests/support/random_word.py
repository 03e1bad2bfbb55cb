"""Hypothesis strategies for Word files that are awkward rather than typical, and what is in them."""

from dataclasses import dataclass

from hypothesis import strategies as st
from support.word_fixtures import levels, numbering, paragraph_style

# Each text is of letters that no mark-up of the canonical text has, so that they can be counted.
LETTERS = "ΑΒΓΔΕΖΗΘ漢字仮名アイウエオ"

_STYLES = ["", "", "", "", "Heading1", "Heading2", "Title", "Quote", "Code", "Missing", "Circle", "Hidden"]
_WRAPPERS = [
    "{}",
    "<w:hyperlink>{}</w:hyperlink>",
    "<w:ins>{}</w:ins>",
    "<w:smartTag>{}</w:smartTag>",
    "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>",
    '<w:fldSimple w:instr="REF">{}</w:fldSimple>',
    "<w:unknown>{}</w:unknown>",
]
_OBJECTS = [
    "<w:r><w:tab/></w:r>",
    "<w:r><w:br/></w:r>",
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    '<w:r><w:footnoteReference w:id="1"/></w:r>',
    '<w:r><w:footnoteReference w:id="2"/></w:r>',
    '<w:r><w:endnoteReference w:id="1"/></w:r>',
    "<!-- comment -->",
    "<w:bookmarkStart/>",
]
_STRUCTURES = [
    "<m:f><m:num>{}</m:num><m:den>{}</m:den></m:f>",
    "<m:sSup><m:e>{}</m:e><m:sup>{}</m:sup></m:sSup>",
    "<m:d><m:e>{}</m:e><m:e>{}</m:e></m:d>",
    "<m:nary><m:sub>{}</m:sub><m:e>{}</m:e></m:nary>",
    "<m:m><m:mr><m:e>{}</m:e></m:mr><m:mr><m:e>{}</m:e></m:mr></m:m>",
    "<m:f>{}{}</m:f>",
]


@dataclass(frozen=True)
class WordXml:
    """A body and its parts."""

    body: str
    parts: dict[str, str]


def _text() -> st.SearchStrategy[str]:
    return st.text(LETTERS + " ", max_size=6)


def _runs() -> st.SearchStrategy[str]:
    look = st.sampled_from(
        ["", "", "", "", "<w:rPr><w:vanish/></w:rPr>", '<w:rPr><w:rFonts w:ascii="Consolas"/></w:rPr>']
    )
    plain = st.builds(lambda text, how: f'<w:r>{how}<w:t xml:space="preserve">{text}</w:t></w:r>', _text(), look)
    deleted = st.builds(lambda text: f"<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>", _text())
    wrapped = st.builds(lambda wrapper, inside: wrapper.format(inside), st.sampled_from(_WRAPPERS), plain)
    return st.one_of(wrapped, wrapped, deleted, st.sampled_from(_OBJECTS), _equations())


def _equations() -> st.SearchStrategy[str]:
    atoms = st.builds(lambda text: f"<m:r><m:t>{text}</m:t></m:r>", _text())
    structures = st.recursive(
        atoms,
        lambda inner: st.builds(
            lambda form, left, right: form.format(left, right), st.sampled_from(_STRUCTURES), inner, inner
        ),
        max_leaves=4,
    )
    return st.builds(lambda inside: f"<m:oMath>{inside}</m:oMath>", structures)


def _paragraphs(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def build(style: str, level: int | None, runs: list[str], box: str) -> str:
        listed = (
            "" if level is None else f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{level % 3 + 1}"/></w:numPr>'
        )
        named = f'<w:pStyle w:val="{style}"/>' if style else ""
        return f"<w:p><w:pPr>{named}{listed}</w:pPr>{''.join(runs)}{box}</w:p>"

    boxes = st.builds(lambda inside: f"<w:r><w:pict><w:txbxContent>{inside}</w:txbxContent></w:pict></w:r>", inner)
    level = st.one_of(st.none(), st.integers(0, 1), st.integers(0, 9))
    return st.builds(
        build, st.sampled_from(_STYLES), level, st.lists(_runs(), max_size=4), st.one_of(st.just(""), boxes)
    )


def _tables(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    look = st.sampled_from(
        ["", '<w:gridSpan w:val="3"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="-1"/>']
    )
    cells = st.builds(lambda how, inside: f"<w:tc><w:tcPr>{how}</w:tcPr>{inside}</w:tc>", look, inner)
    rows = st.builds(
        lambda how, inside: f"<w:tr><w:trPr>{how}</w:trPr>{''.join(inside)}</w:tr>",
        st.sampled_from(["", "", '<w:gridBefore w:val="2"/>', "<w:del/>"]),
        st.lists(cells, max_size=3),
    )
    return st.builds(lambda inside: f"<w:tbl><w:tblPr/>{''.join(inside)}</w:tbl>", st.lists(rows, max_size=3))


def _blocks() -> st.SearchStrategy[str]:
    return st.recursive(
        _paragraphs(st.just("")),
        lambda inner: st.one_of(
            _paragraphs(inner),
            _tables(inner),
            st.builds(lambda inside: f"<w:sdt><w:sdtContent>{inside}</w:sdtContent></w:sdt>", inner),
            st.builds(lambda inside: f"<w:del>{inside}</w:del>", inner),
            st.builds("".join, st.lists(inner, max_size=3)),
        ),
        max_leaves=8,
    )


def word_xml() -> st.SearchStrategy[WordXml]:
    """Bodies with what they refer to."""
    styles = (
        paragraph_style("Heading1", "heading 1", '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>')
        + paragraph_style("Heading2", "heading 2", base="Heading1")
        + paragraph_style("Circle", "Circle", base="Circle")
        + paragraph_style("Hidden", "Hidden", "<w:rPr><w:vanish/></w:rPr>")
    )
    # The texts around the numbers are not of the letters that are counted.
    kinds = levels(("decimal", "%1."), ("bullet", "o"), ("lowerRoman", "%1.%3)"), ("none", ""))
    lists = numbering({1: kinds, 2: kinds}, {1: (1, ""), 2: (2, "")})
    note = st.builds(
        lambda inside, name: f'<w:footnote w:id="{name}">{inside}</w:footnote>', _blocks(), st.sampled_from("123")
    )
    notes = st.builds("".join, st.lists(note, max_size=2))
    return st.builds(
        lambda body, feet, ends: WordXml(
            "".join(body),
            {"styles": styles, "numbering": lists, "footnotes": feet, "endnotes": ends.replace("footnote", "endnote")},
        ),
        st.lists(_blocks(), max_size=5),
        notes,
        notes,
    )
