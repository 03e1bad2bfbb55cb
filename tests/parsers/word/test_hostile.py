"""Word files: what a hostile one costs."""

import io
import time
from zipfile import ZipFile

import pytest
from support.word_fixtures import (
    blocks,
    levels,
    listed,
    numbering,
    paragraph,
    read,
    read_bytes,
    refusal,
    root,
    run,
    table,
    word_file,
    zip_file,
)

BODY = root("document", f"<w:body>{paragraph('Hola')}</w:body>")
SAVE = "open it in Word and save it as .docx again"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE d [<!ENTITY e "texto">]>',
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://ejemplo.invalid/d.dtd" [<!ENTITY e "x">]>',
    ],
)
def test_entities_are_not_followed(doctype: str) -> None:
    text = root("document", "<w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body>")
    assert refusal(zip_file({"word/document.xml": doctype + text})) == (
        "damaged",
        f"its part word/document.xml declares a document type, as no program that writes Word files does: {SAVE}",
    )


def test_entities_of_entities_are_refused() -> None:
    entities = "".join(f'<!ENTITY e{place} "{f"&e{place - 1};" * 10}">' for place in range(1, 12))
    text = root("document", '<w:body w:x="&e11;"/>')
    reason, _ = refusal(zip_file({"word/document.xml": f'<!DOCTYPE d [<!ENTITY e0 "aaaaaaaaaa">{entities}]>{text}'}))
    assert reason == "damaged"


def test_what_would_unpack_to_too_much_is_not_unpacked() -> None:
    bomb = zip_file({"word/document.xml": BODY, "word/media/image1.png": bytes(11 * 2**20)})
    assert refusal(bomb) == ("expands-too-much", "it unpacks to 11 MiB out of 0.0: split it, or check its content")
    many = zip_file({f"word/{place}.xml": "" for place in range(10_001)})
    assert refusal(many) == ("expands-too-much", "it unpacks to 10001 parts: split it, or check its content")


def test_text_and_mark_up_have_a_bound() -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", root("document", " " * (40 * 2**20)))
    reason, detail = refusal(packed.getvalue())
    assert (reason, detail.split(":")[0]) == ("expands-too-much", "it unpacks to more than 40 MiB of text and markup")


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
        ("<w:p><w:txbxContent>", "</w:txbxContent></w:p>"),
        ("<w:p><w:r>", "</w:r></w:p>"),
    ],
)
def test_depth_is_bounded(opening: str, closing: str) -> None:
    depth = 250 // opening.count("<")
    assert read(opening * depth + paragraph(run("x")) + closing * depth).text == "x"
    assert refusal(word_file(opening * 100_000 + closing * 100_000)) == (
        "too-deep",
        "the elements of its part word/document.xml are nested more than 256 deep",
    )


def test_nested_tables_keep_their_text() -> None:
    inner = paragraph("centro")
    for place in range(80):
        inner = table([f"a{place}", inner], [f"c{place}", "d"])
    words = [word for word in read(inner).text.split() if set(word) - set("|-")]
    assert sorted(words) == sorted(
        ["centro", *(word for place in range(80) for word in (f"a{place}", f"c{place}", "d"))]
    )


def test_a_table_with_one_wide_row_is_not_filled_up() -> None:
    document = read(table(["a"] * 3_000, *([["b"]] * 300)))
    assert blocks(document) == [("paragraph", " | ".join(["a"] * 3_000))] + [("paragraph", "b")] * 300


@pytest.mark.parametrize(
    "unit",
    [
        paragraph("texto"),
        listed("uno", 1, 8),
        f"<w:p>{run('a') * 3}</w:p>",
        table(["a", "b"], ["c", "d"]),
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:t>x</w:t></w:r></w:p>',
    ],
)
def test_time_grows_with_size(unit: str) -> None:
    lists = {"numbering": numbering({1: levels(*[("decimal", "%1.%2.%3.%4.%5.%6.%7.%8.%9.")] * 9)}, {1: (1, "")})}

    def seconds(times: int) -> float:
        data = word_file(unit * times, lists)
        started = time.process_time()
        read_bytes(data)
        return time.process_time() - started

    # Ten times the size takes a hundred times as long where time grows with its square.
    assert seconds(5_000) < 40 * max(seconds(500), 0.02)
