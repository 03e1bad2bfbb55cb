"""Word files: what opens, and what is refused and why."""

import io
from zipfile import ZIP_LZMA, ZipFile

import pytest
from support.word_fixtures import (
    RELATIONS,
    blocks,
    levels,
    listed,
    numbering,
    paragraph,
    paragraph_style,
    read,
    read_bytes,
    refusal,
    root,
    run,
    word_file,
    zip_file,
)

BODY = root("document", f"<w:body>{paragraph('Hola')}</w:body>")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE = "open it in Word and save it as .docx again"


def unpacked(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_strict_file_says_what_the_others_say() -> None:
    ordinary = word_file(
        paragraph("Red", "Ttulo1") + listed("uno", 1) + paragraph("<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"),
        {
            "styles": paragraph_style("Ttulo1", "heading 1"),
            "numbering": numbering({1: levels(("decimal", "%1."))}, {1: (1, "")}),
            "header1": paragraph("Mesa"),
        },
    )
    strict = {}
    for name, data in unpacked(ordinary).items():
        text = data.decode()
        for group, kind in (
            ("wordprocessingml", "main"),
            ("officeDocument", "math"),
            ("officeDocument", "relationships"),
            ("drawingml", "main"),
        ):
            before, after = (
                f"http://schemas.openxmlformats.org/{group}/2006/{kind}",
                f"http://purl.oclc.org/ooxml/{group}/{kind}",
            )
            text = text.replace(before, after)
        strict[name] = text.encode()
    assert b"schemas.openxmlformats.org/word" not in strict["word/document.xml"]
    assert read_bytes(zip_file(strict)) == read_bytes(ordinary)
    assert read_bytes(ordinary).text == "# Red\n\n1. uno\n\nx"


def test_a_strict_address_in_the_text_stays() -> None:
    text = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    assert read(paragraph(text)).text == text


def test_references_that_lead_nowhere_or_round_are_no_harm() -> None:
    parts = unpacked(word_file(paragraph("Hola", "a"), {"styles": paragraph_style("a", "A", base="b")}))
    more = "".join(
        f'<Relationship Id="x{place}" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'
        for place, (kind, target, mode) in enumerate(
            (
                ("image", "../NULL", ""),
                ("header", "faltante.xml", ""),
                ("footer", "/word/document.xml", ""),
                ("numbering", "http://x/y.xml", ' TargetMode="External"'),
                ("footnotes", "../../../etc/passwd", ""),
            )
        )
    )
    relations = parts["word/_rels/document.xml.rels"].decode()
    parts["word/_rels/document.xml.rels"] = relations.replace("</Relationships>", more + "</Relationships>").encode()
    assert blocks(read_bytes(zip_file(parts))) == [("paragraph", "Hola")]


def test_the_document_alone_is_enough() -> None:
    assert read_bytes(zip_file({"Word/Document.xml": BODY})).text == "Hola"
    assert read_bytes(zip_file({"word/document.xml": BODY.encode("utf-16")})).text == "Hola"


def test_styles_may_go_in_circles() -> None:
    styles = (
        paragraph_style("a", "A", base="b") + paragraph_style("b", "B", base="a") + paragraph_style("c", "C", base="c")
    )
    assert read(paragraph("x", "a") + paragraph("y", "c"), styles=styles).text == "x\n\ny"


def test_comments_in_the_xml_are_not_text() -> None:
    words = "<w:r><w:t>a<!-- x -->b<?y z?>c</w:t></w:r><!-- x --><m:oMath><!-- x --><m:r><m:t>d</m:t></m:r></m:oMath>"
    assert read(f"<!-- x --><?y z?><w:p><!-- x -->{words}</w:p><w:del><!-- x --></w:del>").text == "abcd"


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "a password is needed: save a copy without one"),
        (OLE + bytes(600), "damaged", "it is a Word 97-2003 file, or another OLE file: save it as .docx"),
        (b"", "damaged", f"it is not a .docx file (no ZIP archive): {SAVE}"),
        (b"Hola a todos", "damaged", f"it is not a .docx file (no ZIP archive): {SAVE}"),
        (word_file("")[:-40], "damaged", f"it is not a .docx file (no ZIP archive): {SAVE}"),
        (zip_file({"a.txt": "x"}), "damaged", f"it contains no document: {SAVE}"),
        (
            zip_file({"word/document.xml": root("workbook", "")}),
            "damaged",
            f"it is not a file of Word: {SAVE}",
        ),
        (
            zip_file({"word/document.xml": BODY, "WORD/document.xml": BODY}),
            "damaged",
            f"two of its parts have the name WORD/document.xml: {SAVE}",
        ),
        (word_file("<w:p/>"), "no-text", "the file has no text"),
        (word_file(paragraph(run("x", "<w:vanish/>"))), "no-text", "the file has no text"),
    ],
)
def test_a_file_that_is_refused_says_why(data: bytes, reason: str, detail: str) -> None:
    assert refusal(data) == (reason, detail)


def test_broken_parts_are_named() -> None:
    reason, detail = refusal(zip_file({"word/document.xml": BODY[:-5]}))
    assert reason == "damaged"
    assert detail.startswith("the XML of its part word/document.xml is broken: ")
    packed = bytearray(zip_file({"word/document.xml": BODY}))
    packed[60] ^= 0xFF
    assert refusal(bytes(packed)) == ("damaged", f"its part word/document.xml cannot be unpacked: {SAVE}")


def test_other_ways_to_pack_are_refused() -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", BODY)
    assert refusal(packed.getvalue()) == ("damaged", f"it is compressed by a method that Word does not support: {SAVE}")
    locked = bytearray(zip_file({"word/document.xml": BODY}))
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(locked)) == ("encrypted", "a password is needed: save a copy without one")
