"""PDF files whose fonts lie, or lead nowhere."""

from corpus_case import PROSE, REPAIRABLE, Case, Outcome, noise
from corpus_pdf_maker import FONT, PAGE, packed, page, stream, to_unicode
from corpus_pdf_page import font, lines, on_a_page

TYPE0 = (
    b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2"
    b"/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 7 0 R%s>>]>>"
)
DESCRIPTOR = (
    b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1 1]"
    b"/Ascent 1/Descent 0/StemV 1/ItalicAngle 0/CapHeight 1>>"
)
GLYPHS = b"BT /F1 12 Tf 72 720 Td <%s> Tj ET" % "".join(f"{glyph:04x}" for glyph in range(4, 120)).encode()
TYPE3 = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 7 0 R>>"
    b"/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[1]/Resources<</Font<</F2 6 0 R>>>>>>"
)
DIFFERENCES = b"/Encoding<</Differences[32 %s]>>" % b" ".join(b"/g%d" % number for number in range(220))


def _with_map(name: str, mapping: bytes, why: str, *expect: Outcome, needle: str | None = "") -> Case:
    more = {FONT: font(b"/Encoding/WinAnsiEncoding/ToUnicode 6 0 R"), 6: mapping}
    return on_a_page(f"map-{name}", b"", why, *expect, more=more, needle=needle)


CASES = [
    on_a_page(
        "no-map",
        GLYPHS,
        "a font of glyphs that no map names",
        "garbled",
        "no-text",
        more={FONT: TYPE0 % b"", 7: DESCRIPTOR},
    ),
    on_a_page(
        "no-names",
        lines(PROSE),
        "glyphs called g1, g2, g3",
        "garbled",
        "no-text",
        "indexed",
        more={FONT: font(DIFFERENCES)},
        needle=None,
    ),
    _with_map("noise", stream(noise(3_000, 12)), "a map of random bytes"),
    _with_map("missing", b"null", "a map that is not there"),
    _with_map("itself", stream(b"/X usecmap begincmap endcmap", b"/UseCMap 6 0 R"), "a map that begins with itself"),
    _with_map(
        "huge",
        stream(
            b"1 begincodespacerange <00> <ffffffff> endcodespacerange "
            b"1 beginbfrange <00000000> <ffffffff> <0000> endbfrange"
        ),
        "a map of 2^32 codes",
        *REPAIRABLE,
        "expands-too-much",
        "out-of-memory",
        "timed-out",
        "garbled",
        needle=None,
    ),
    _with_map(
        "nuls",
        to_unicode([(65, "\0"), (67, "x" * 500)]),
        "letters that are NULs, or five hundred others",
        needle=None,
    ),
    _with_map("tags", to_unicode([(88, "\U000e0041" * 9)]), "a letter that is nine which nobody sees"),
    on_a_page(
        "font-missing",
        b"",
        "a font that there is not",
        "indexed",
        "no-text",
        "garbled",
        more={FONT: b"null"},
        needle=None,
    ),
    on_a_page(
        "font-of-itself",
        b"",
        "a font that is its own descendant",
        "indexed",
        "no-text",
        "damaged",
        "garbled",
        more={FONT: b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[4 0 R]>>"},
        needle=None,
    ),
    on_a_page(
        "font-widths",
        b"",
        "2^31 widths, of which one is there: the letters lie over one another",
        more={FONT: font(b"/Encoding/WinAnsiEncoding/FirstChar 0/LastChar 2147483647/Widths[600]")},
        needle=None,
    ),
    on_a_page(
        "font-program",
        b"",
        "a font program of random bytes",
        more={
            FONT: font(b"/Encoding/WinAnsiEncoding/FontDescriptor 6 0 R"),
            6: b"<</Type/FontDescriptor/FontName/Helvetica/Flags 32/FontFile2 7 0 R>>",
            7: packed(noise(5_000, 13)),
        },
    ),
    on_a_page(
        "type3-recursion",
        b"BT /F2 9 Tf (a) Tj ET",
        "a letter that is drawn with itself",
        on_page=b"",
        more={
            PAGE: page().replace(b"/F1 4 0 R", b"/F1 4 0 R/F2 6 0 R"),
            6: TYPE3,
            7: stream(b"1 0 d0 BT /F2 9 Tf (a) Tj ET"),
        },
    ),
]
