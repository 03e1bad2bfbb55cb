"""Texts: encodings, bytes that are no text, and characters that programs stumble over."""

import codecs
import gzip
import io
import sqlite3
import tarfile
import zlib

from corpus_case import BINARY, PROSE, SAID, Case, Content, Outcome, case, noise

LONG = 1_000_000
ACCENTS = "contraseña"
"""a word of PROSE that is another one in the wrong encoding"""


def _encoded(name: str, codec: str, why: str, *expect: Outcome, mark: bytes = b"", needle: str | None = "") -> Case:
    def content(said: str) -> bytes:
        return mark + f"{PROSE}{said}\n\n{PROSE}\n".encode(codec)

    wanted = ACCENTS if not needle and "indexed" in (expect or ("indexed",)) else None
    return case(f"text/{name}", content, *(expect or ("indexed",)), why=why, needle=wanted)


def _text(name: str, content: Content, *expect: Outcome, why: str, needle: str | None = "") -> Case:
    return case(f"text/{name}", content, *(expect or ("indexed",)), why=why, needle=needle)


ENCODINGS = [
    _encoded("utf-8.txt", "utf-8", "nothing odd about it"),
    _encoded("utf-8-bom.txt", "utf-8", "a byte order mark", mark=codecs.BOM_UTF8),
    _encoded("utf-8-two-boms.txt", "utf-8", "two files one after the other", mark=codecs.BOM_UTF8 * 2),
    _encoded("utf-16-le-bom.txt", "utf-16-le", "what Windows calls Unicode", mark=codecs.BOM_UTF16_LE),
    _encoded("utf-16-be-bom.txt", "utf-16-be", "and the other byte order", mark=codecs.BOM_UTF16_BE),
    _encoded("utf-16-le.txt", "utf-16-le", "UTF-16 that does not say so"),
    _encoded("utf-16-be.txt", "utf-16-be", "UTF-16 that does not say so"),
    _encoded("utf-32-le-bom.txt", "utf-32-le", "its mark begins as UTF-16's does", mark=codecs.BOM_UTF32_LE),
    _encoded("utf-32-be-bom.txt", "utf-32-be", "its mark begins with NULs", mark=codecs.BOM_UTF32_BE),
    _encoded("utf-32-le.txt", "utf-32-le", "three NULs a letter, and nobody writes it", *BINARY),
    _encoded("latin-1.txt", "latin-1", "old Unix programs"),
    _encoded("windows-1252.txt", "cp1252", "old Windows programs"),
    _encoded("latin-9.txt", "iso8859-15", "Latin-1 with the euro"),
    _encoded("dos-850.txt", "cp850", "old DOS programs"),
    _encoded("mac-roman.txt", "mac_roman", "old Mac programs"),
    _encoded("latin-1.md", "latin-1", "Markdown of another age"),
    _encoded("latin-1.rst", "latin-1", "reStructuredText of another age"),
    _encoded("windows-1252.csv", "cp1252", "what Excel exports"),
    _encoded("utf-16-bom.md", "utf-16-le", "Markdown that Notepad saved", mark=codecs.BOM_UTF16_LE),
    _encoded("utf-16-bom.rst", "utf-16-be", "reStructuredText that Notepad saved", mark=codecs.BOM_UTF16_BE),
    _encoded("utf-16-bom.csv", "utf-16-le", "what Excel calls Unicode text", mark=codecs.BOM_UTF16_LE),
    _encoded("utf-16-bom.html", "utf-16-le", "a page that Notepad saved", mark=codecs.BOM_UTF16_LE),
    _encoded("ebcdic.txt", "cp500", "a mainframe: no Spanish in any encoding looked for", "unknown-encoding"),
    _text(
        "shift-jis.txt", ("パスワードを再設定する方法。" * 30).encode("shift_jis"), "unknown-encoding", why="Japanese"
    ),
    _text(
        "gb18030.txt", ("如何重置邮箱密码，请联系管理员。" * 30).encode("gb18030"), "unknown-encoding", why="Chinese"
    ),
    _text(
        "koi8-r.txt", ("Как сбросить пароль почтового ящика. " * 30).encode("koi8-r"), "unknown-encoding", why="Russian"
    ),
    _text(
        "truncated-utf-8.txt",
        lambda said: (PROSE + said + " fin ñ").encode()[:-1],
        *("indexed", "unknown-encoding"),
        why="cut within the last letter: all others are as they were, or none is to be trusted",
        needle=ACCENTS,
    ),
    _text(
        "mixed.txt",
        lambda said: (PROSE + said).encode() + b"\n\n" + PROSE.encode("latin-1"),
        *("indexed", "unknown-encoding"),
        why="two files in two encodings, one after the other",
        needle=None,
    ),
    _text(
        "overlong-utf-8.txt",
        lambda said: said.encode() + b" \xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\xc0\xae",
        *("indexed", "unknown-encoding"),
        why="a slash in two, three and four bytes, which gets by filters",
    ),
    _text(
        "overlong-nul.txt", lambda said: said.encode() + b" \xc0\x80", "indexed", "unknown-encoding", why="Java's NUL"
    ),
    _text(
        "surrogates-in-utf-8.txt",
        lambda said: f"{said} \ud83d\ude00 \ud800".encode("utf-8", "surrogatepass"),
        *("indexed", "unknown-encoding"),
        why="CESU-8, which some databases write, and a lone surrogate",
    ),
    _text(
        "beyond-unicode.txt",
        lambda said: said.encode() + b" \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80 \xff\xfe",
        *("indexed", "unknown-encoding"),
        why="bytes of the UTF-8 of another age",
    ),
    _text(
        "utf-16-odd.txt", codecs.BOM_UTF16_LE + PROSE.encode("utf-16-le")[:-1], *BINARY, why="half a letter at the end"
    ),
    _text(
        "utf-16-surrogate.txt",
        codecs.BOM_UTF16_LE + PROSE.encode("utf-16-le") + b"\x00\xd8x\x00",
        *BINARY,
        why="a lone surrogate: not UTF-16 after all",
    ),
    _text("bom-lies.txt", codecs.BOM_UTF8 + PROSE.encode("utf-16-le"), *BINARY, why="the mark of UTF-8 before UTF-16"),
    _text("utf-7.txt", f"+/v8- {SAID} +ADw-script+AD4-", why="ASCII to all but the oldest browsers"),
    _text("nul-inside.txt", f"{SAID}\0{SAID}", "nul-characters", why="one NUL in a text"),
    _text("nul-inside.md", f"# A\n\n{SAID}\0", "nul-characters", why="one NUL at the end"),
    _text("nul-inside.rst", f"A\n=\n\n{SAID}\0", "nul-characters", why="one NUL at the end"),
    _text("nul-in-utf-16.txt", f"{PROSE}\0".encode("utf-16"), "nul-characters", why="a NUL that UTF-16 spells out"),
    _text("nuls.txt", b"\0" * 4096, "nul-characters", why="what a file system leaves after a power cut"),
    _text("text-then-nuls.txt", PROSE.encode() + b"\0" * 4096, "nul-characters", why="the same, halfway"),
]

EMPTY = [
    _text(f"empty.{suffix}", b"", "empty", why="no byte in it") for suffix in ("txt", "md", "html", "rst", "csv", "mdx")
]
EMPTY += [
    _text(f"no-bytes.{suffix}", b"", "empty", "damaged", why="no byte, so no such file either")
    for suffix in ("pdf", "docx")
]
EMPTY += [
    _text(f"blank.{suffix}", " \t\r\n\f\v\u00a0\u3000\u2028\u0085\n", "empty", why="white space of every kind")
    for suffix in ("txt", "md", "html", "rst", "csv")
]
EMPTY += [
    _text("bom-only.txt", codecs.BOM_UTF8, "empty", why="nothing but the mark"),
    _text("bom-only-16.md", codecs.BOM_UTF16_LE, "empty", why="nothing but the mark"),
    _text("bom-only-32.csv", codecs.BOM_UTF32_LE, "empty", why="nothing but the mark"),
    _text("invisible.txt", "\u200b\u2060\ufeff" * 99, "empty", "no-text", why="nothing that anybody sees"),
    _text("a-million-blanks.txt", lambda _: " \n" * LONG, "empty", why="white space by the megabyte"),
]


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (64).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(noise(65 * 64)))
        + chunk(b"IEND", b"")
    )


def _tar() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/passwd"), io.BytesIO())
    return data.getvalue()


def _database() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE t (x)")
        return database.serialize()


ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + noise(3000, 1)
NO_NULS = bytes(byte or 1 for byte in noise(20_000, 2))
BINARIES = [
    _text("picture.txt", lambda _: _png(), *BINARY, why="a PNG"),
    _text("picture.md", lambda _: _png(), *BINARY, why="a PNG"),
    _text("picture.html", lambda _: _png(), *BINARY, why="a PNG"),
    _text("picture.csv", lambda _: _png(), *BINARY, why="a PNG"),
    _text("picture.rst", lambda _: _png(), *BINARY, why="a PNG"),
    _text("program.txt", ELF, *BINARY, why="a program"),
    _text("program.md", ELF, *BINARY, why="a program"),
    _text("packed.html", lambda _: gzip.compress(PROSE.encode(), mtime=0), *BINARY, why="a page that is packed"),
    _text("packed.txt", lambda _: gzip.compress(bytes(10**8), mtime=0), *BINARY, why="a bomb that nobody unpacks"),
    _text("archive.txt", lambda _: _tar(), *BINARY, why="an archive"),
    _text("database.csv", lambda _: _database(), *BINARY, why="a database"),
    _text("noise.csv", noise(20_000), *BINARY, why="random bytes"),
    _text("noise.html", noise(20_000, 3), *BINARY, why="random bytes"),
    _text("noise-without-nuls.txt", NO_NULS, "unknown-encoding", why="random bytes, none of them a NUL"),
    _text("noise-without-nuls.md", NO_NULS[::-1], "unknown-encoding", why="random bytes, none of them a NUL"),
    _text("high-bytes.txt", bytes(range(128, 256)) * 40, "unknown-encoding", why="no byte of it is ASCII"),
    _text("mail.txt", f"{SAID}\n" + "TVqQAAMAAAAEAAAA//8AALgA\n" * 4000, why="base64 is text to look at"),
    _text("page.txt", f"<!doctype html><p>{SAID}</p>", why="a page is a text too"),
    _text("rich-text.txt", r"{\rtf1\ansi " + SAID + r"\par}", why="so is RTF"),
]

CASES = [*ENCODINGS, *EMPTY, *BINARIES]
