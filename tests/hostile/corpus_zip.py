"""Word files that are no good package: other files, and containers that lie."""

import struct
import zipfile
import zlib

from corpus_case import REPAIRABLE, Case, Content, Outcome, case, noise
from corpus_docx import (
    DOCUMENT,
    RELATIONS,
    TYPES,
    Zip,
    document,
    docx,
    pack,
    paragraph,
    parts_of,
    relations,
    types,
)


def _file(name: str, content: Content, why: str, *expect: Outcome, needle: str | None = "") -> Case:
    return case(f"word/{name}.docx", content, *(expect or ("damaged",)), why=why, needle=needle)


def _ole(*streams: str) -> bytes:
    """A compound file of old Office with the names of these streams in its directory."""
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    entries = b""
    for number, name in enumerate(["Root Entry", *streams]):
        raw = name.encode("utf-16-le") + b"\0\0"
        kind = 2 if number else 5
        after = number + 1 if 0 < number < len(streams) else 0xFFFFFFFF
        child = 0xFFFFFFFF if number else 1
        entry = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, after, child)
        entries += (entry + bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)).ljust(128, b"\0")
    return header.ljust(512, b"\xff") + table + entries.ljust(512, b"\0") + noise(4096, 7)


def _good(said: str) -> bytes:
    return docx(paragraph(said))


def _broken(said: str) -> bytes:
    """The document's bytes are not what its checksum says."""
    made = Zip()
    for name, part in parts_of(paragraph(said)).items():
        made.add(name, part, len(part), zlib.crc32(part) ^ (name == DOCUMENT), method=0)
    return made.data()


OTHERS = [
    _file("good", _good, "nothing odd about it", "indexed"),
    _file("text", "Esto no es un documento de Word.\n", "a text"),
    _file("page", "<html><p>Guardado como página.</p></html>", "a page, which some programs call so"),
    _file("rich-text", r"{\rtf1\ansi Guardado como RTF.}", "RTF, which some programs call so"),
    _file("pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "a PDF"),
    _file("noise", noise(5_000, 8), "random bytes"),
    _file("nuls", bytes(5_000), "zeros"),
    _file("magic-only", b"PK\x03\x04", "the beginning of a ZIP and no more"),
    _file("empty-zip", b"PK\x05\x06" + bytes(18), "a ZIP without files"),
    _file("any-zip", lambda _: pack({"foto.png": noise(900), "nota.txt": b"x"}), "a ZIP of other files"),
    _file(
        "workbook",
        lambda _: pack(
            {
                TYPES: b"<Types/>",
                RELATIONS: relations(("officeDocument", "xl/workbook.xml", "")).encode(),
                "xl/workbook.xml": b"<workbook/>",
            }
        ),
        "a workbook",
    ),
    _file("slides", lambda _: pack({TYPES: b"<Types/>", "ppt/presentation.xml": b"<p/>"}), "slides"),
    _file(
        "open-document",
        lambda _: pack({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
        "a document of another program",
    ),
    _file(
        "java",
        lambda _: pack({"META-INF/MANIFEST.MF": b"Main-Class: X\n", "X.class": b"\xca\xfe\xba\xbe"}),
        "a program",
    ),
    _file("old-word", _ole("WordDocument", "1Table"), "a .doc of old Word"),
    _file("encrypted", _ole("EncryptionInfo", "EncryptedPackage"), "it asks for a password", "encrypted"),
]


def _truncated(part: float) -> Content:
    return lambda said: _good(said * 50)[: int(len(_good(said * 50)) * part)]


def _flagged(said: str) -> bytes:
    """The document says that it is encrypted."""
    made = Zip()
    for name, part in parts_of(paragraph(said)).items():
        made.add(name, part, len(part), zlib.crc32(part), method=0, flags=int(name == DOCUMENT))
    return made.data()


def _method(said: str, number: int) -> bytes:
    made = Zip()
    for name, part in parts_of(paragraph(said)).items():
        made.add(name, part, len(part), zlib.crc32(part), method=number if name == DOCUMENT else 0)
    return made.data()


def _renamed(said: str, name: str) -> bytes:
    """The document by another name, and nothing that says so."""
    return pack({name if each == DOCUMENT else each: part for each, part in parts_of(paragraph(said)).items()})


def _twice(said: str, name: str, first: bytes) -> bytes:
    made = Zip()
    made.add_parts({name: first})
    made.add_parts(parts_of(paragraph(said)))
    return made.data()


def _beside(name: str, data: bytes = b"x") -> Content:
    return lambda said: docx(paragraph(said), {name: data})


CONTAINERS = [
    _file("cut-at-a-tenth", _truncated(0.1), "a download that broke off"),
    _file("cut-at-half", _truncated(0.5), "a download that broke off"),
    _file("cut-in-directory", _truncated(0.9), "its table of contents is gone"),
    _file("cut-at-end", lambda said: _good(said)[:-10], "its last bytes are gone"),
    _file("wrong-checksum", _broken, "a bit of the document is another one"),
    _file("encrypted-entry", _flagged, "a ZIP with a password", "encrypted"),
    _file("unknown-method", lambda said: _method(said, 99), "packed in a way that nobody knows"),
    _file("wrong-method", lambda said: _method(said, 8), "not packed in the way it says"),
    _file(
        "lzma",
        lambda said: pack(parts_of(paragraph(said)), zipfile.ZIP_LZMA),
        "packed in a way that Word does not know",
        *REPAIRABLE,
    ),
    _file(
        "bzip2",
        lambda said: pack(parts_of(paragraph(said)), zipfile.ZIP_BZIP2),
        "packed in a way that Word does not know",
        *REPAIRABLE,
    ),
    _file("prefix", lambda said: b"#!/bin/sh\nexit\n" * 50 + _good(said), "something before the package", *REPAIRABLE),
    _file("suffix", lambda said: _good(said) + noise(500), "something after the package", *REPAIRABLE),
    _file(
        "comment", lambda said: _good(said)[:-2] + b"\xff\xff" + b"x" * 65535, "a comment as long as may be", "indexed"
    ),
    _file(
        "traversal", _beside("../../../../../../etc/cron.d/owned"), "a part that would be written elsewhere", "indexed"
    ),
    _file("traversal-absolute", _beside("/etc/cron.d/owned"), "a part that would be written elsewhere", "indexed"),
    _file("traversal-windows", _beside("C:\\owned.exe"), "a part that would be written elsewhere", "indexed"),
    _file("names-odd", _beside("word/\x01\u202e\n" + "x" * 9_000), "a name that no disk takes", "indexed"),
    _file("document-twice", lambda said: _twice(said, DOCUMENT, b"<x/>"), "two parts by one name", *REPAIRABLE),
    _file("types-twice", lambda said: _twice(said, TYPES, b"<x/>"), "two parts by one name", *REPAIRABLE),
    _file("backslashes", lambda said: _renamed(said, "word\\document.xml"), "names of a careless program", *REPAIRABLE),
    _file("capitals", lambda said: _renamed(said, "Word/Document.XML"), "names of a careless program", *REPAIRABLE),
    _file("no-document", lambda said: docx(said, {DOCUMENT: None}), "its main part is missing"),
    _file(
        "no-types", lambda said: docx(paragraph(said), {TYPES: None}), "nothing says what its parts are", *REPAIRABLE
    ),
    _file(
        "no-relations",
        lambda said: docx(paragraph(said), {RELATIONS: None}),
        "nothing says which part is first",
        *REPAIRABLE,
    ),
    _file(
        "elsewhere",
        lambda said: docx(
            "",
            {
                DOCUMENT: None,
                "word/document2.xml": document(paragraph(said)),
                TYPES: types().replace("document.xml", "document2.xml"),
                RELATIONS: relations(("officeDocument", "/word/document2.xml", "")),
            },
        ),
        "its main part has another name, as Word online gives it",
        "indexed",
    ),
    _file(
        "relation-outside",
        lambda said: docx(
            said, {DOCUMENT: None, RELATIONS: relations(("officeDocument", "../../../../../etc/passwd", ""))}
        ),
        "its main part is a file of this machine",
    ),
    _file(
        "relation-external",
        lambda said: docx(
            said,
            {DOCUMENT: None, RELATIONS: relations(("officeDocument", "file:///etc/passwd", 'TargetMode="External"'))},
        ),
        "its main part is a file of this machine",
    ),
]

CASES = [*OTHERS, *CONTAINERS]
