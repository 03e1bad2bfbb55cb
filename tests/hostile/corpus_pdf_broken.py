"""PDF files whose structure is broken, goes in circles, or unpacks to more than it should."""

import zlib

from corpus_case import BOMB, REPAIRABLE, Case, Content, Outcome, case, noise
from corpus_pdf_maker import (
    CATALOG,
    CONTENT,
    HEADER,
    PAGE,
    PAGES,
    encrypted,
    objects,
    packed,
    page,
    pdf,
    show,
    stream,
    updated,
    with_stream_table,
)
from corpus_pdf_page import on_a_page

GIGABYTE = 2**30
NOTHING: tuple[Outcome, ...] = ("damaged", "no-text", "indexed")
"""what a reader finds in a file whose parts can't be found"""


def _file(name: str, content: Content, why: str, *expect: Outcome, needle: str | None = "") -> Case:
    return case(f"pdf/{name}.pdf", content, *(expect or ("indexed",)), why=why, needle=needle)


def _whole(said: str) -> bytes:
    return pdf(objects(said))


def _truncated(part: float) -> Content:
    return lambda said: _whole(said)[: int(len(_whole(said)) * part)]


def _without(*words: bytes) -> Content:
    def made(said: str) -> bytes:
        data = _whole(said)
        for word in words:
            data = data.replace(word, b"x" * len(word))
        return data

    return made


def _changed(old: bytes, new: bytes) -> Content:
    def made(said: str) -> bytes:
        assert old in _whole(said)
        return _whole(said).replace(old, new)

    return made


def _with(more: dict[int, bytes], trailer: bytes = b"") -> Content:
    return lambda said: pdf({**objects(said), **more}, trailer)


def _zeros(filters: bytes, times: int) -> bytes:
    """A gigabyte of zeros, compressed so many times."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(2**20)) for _ in range(GIGABYTE // 2**20)) + packer.flush()
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter[%s]" % (filters * times))


BROKEN = [
    *(
        _file(f"truncated-{percent}", _truncated(percent / 100), "its end is missing", *NOTHING, needle=None)
        for percent in (3, 30, 60, 90, 99)
    ),
    _file("garbage-before", lambda said: noise(900, 14) + _whole(said), "bytes before the header", *REPAIRABLE),
    _file("garbage-after", lambda said: _whole(said) + noise(900, 15), "bytes after the end"),
    _file("html-before", lambda said: b"<html><!-- " + _whole(said), "a server's page before it", *REPAIRABLE),
    _file("no-header", _without(HEADER[:8]), "no header", *REPAIRABLE),
    _file("no-eof", _without(b"%%EOF"), "no mark at the end"),
    _file("no-startxref", _without(b"startxref"), "nothing says where the table is"),
    _file("no-table", _without(b"xref", b"trailer"), "no table and no trailer", *NOTHING, needle=None),
    _file("table-elsewhere", _changed(b"startxref\n", b"startxref\n9"), "the table is not where it should be"),
    _file("negative-table", _changed(b"startxref\n", b"startxref\n-"), "a negative place"),
    _file("only-header", HEADER, "nothing but a header", "damaged"),
    _file("noise", lambda _: HEADER + noise(50_000, 16), "random bytes after a header", "damaged"),
    _file("text", "Esto no es un PDF, aunque se llame así.\n", "a text with the name of a PDF", "damaged"),
    _file("html", "<!doctype html><p>Su sesión venció.</p>\n", "a page with the name of a PDF", "damaged"),
    _file("wrong-length", _changed(b"/Length ", b"/Length 9"), "a stream longer than the file"),
    _file("negative-length", _changed(b"/Length ", b"/Length -"), "a stream of negative length"),
    _file(
        "length-of-itself",
        lambda said: pdf({**objects(said), CONTENT: stream(show(said), length=b"5 0 R")}),
        "a length that is the stream",
    ),
    _file("no-root", _changed(b"/Root 1 0 R", b"/Root 77 0 R"), "a catalogue that is not there", *NOTHING, needle=None),
    _file("no-pages", _with({PAGES: b"<</Type/Pages/Kids[]/Count 0>>"}), "no page", "no-text", "damaged", needle=None),
    _file(
        "huge-count",
        _with({PAGES: b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>"}),
        "says that it has 2^31 pages",
        *NOTHING,
        "timed-out",
        needle=None,
    ),
    _file("negative-count", _with({PAGES: b"<</Type/Pages/Kids[3 0 R]/Count -5>>"}), "-5 pages", *NOTHING, needle=None),
    _file("box-empty", _with({PAGE: page(more=b"/MediaBox[0 0 0 0]")}), "a page of no size"),
    _file("box-huge", _with({PAGE: page(more=b"/MediaBox[-1e30 -1e30 1e30 1e30]")}), "a page of any size"),
    _file("box-words", _with({PAGE: page(more=b"/MediaBox[/a(b)null 9]")}), "a page whose size is no number"),
    _file("deep-array", _with({6: b"[" * 100_000 + b"]" * 100_000}), "an array 100,000 deep that nothing names"),
    _file(
        "deep-info",
        _with({6: b"<</a" * 50_000 + b" 1" + b">>" * 50_000}, b"/Info 6 0 R"),
        "metadata 50,000 deep",
        *REPAIRABLE,
        "too-deep",
    ),
    _file("update", lambda said: updated(pdf(objects("Antes")), {CONTENT: stream(show(said))}), "a newer page"),
    _file(
        "object-stream",
        lambda said: with_stream_table(
            {CONTENT: stream(show(said))}, {n: objects(said)[n] for n in (1, 2, 3, 4)}, holder=6
        ),
        "its objects are in a stream",
    ),
]

_OUTLINE = b"<</Type/Outlines/First 7 0 R/Last 7 0 R/Count 1>>"

CYCLES = [
    _file("prev-of-itself", lambda said: _prev_loop(said), "a table that comes before itself"),
    _file("kid-of-itself", _with({PAGES: b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>"}), "pages that hold themselves"),
    _file(
        "kids-in-a-circle",
        _with(
            {
                PAGES: b"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>",
                6: b"<</Type/Pages/Kids[7 0 R]/Count 1/Parent 2 0 R>>",
                7: b"<</Type/Pages/Kids[6 0 R]/Count 1/Parent 6 0 R>>",
            }
        ),
        "pages in a circle",
    ),
    _file("parent-of-itself", _with({PAGE: page(parent=PAGE)}), "a page that is its own parent"),
    _file(
        "outline-next",
        _with({CATALOG: b"<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>", 6: _OUTLINE, 7: b"<</Title(a)/Next 7 0 R>>"}),
        "an entry that follows itself",
    ),
    _file(
        "outline-child",
        _with({CATALOG: b"<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>", 6: _OUTLINE, 7: b"<</Title(a)/First 6 0 R>>"}),
        "an entry under itself",
    ),
    _file(
        "contents-of-itself", _with({CONTENT: b"[5 0 R 5 0 R]"}), "contents that are themselves", *NOTHING, needle=None
    ),
    _file("reference-of-itself", _with({6: b"6 0 R", PAGE: page(content=6)}), "an object that is itself", "no-text"),
    on_a_page(
        "form-of-itself",
        b"/X Do",
        "a drawing that draws itself twice, and each of the two again",
        "indexed",
        "out-of-memory",
        more={
            PAGE: page().replace(b"/Font<<", b"/XObject<</X 6 0 R>>/Font<<"),
            6: stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>"),
        },
    ),
    _file(
        "stream-of-itself",
        lambda said: with_stream_table(
            {CONTENT: stream(show(said))},
            {n: objects(said)[n] for n in (1, 2, 3, 4)},
            holder=6,
            holds=b"/Extends 6 0 R",
        ),
        "an object stream that goes on in itself",
    ),
]

LARGE = [
    _file(
        "bomb", lambda said: pdf({**objects(said), CONTENT: _zeros(b"/FlateDecode", 1)}), "a gigabyte of nothing", *BOMB
    ),
    _file(
        "bomb-in-bomb",
        lambda said: pdf({**objects(said), CONTENT: _zeros(b"/FlateDecode", 4)}),
        "packed four times",
        *BOMB,
    ),
    _file(
        "bomb-nobody-shows",
        lambda said: pdf({**objects(said), 6: _zeros(b"/FlateDecode", 1)}),
        "a gigabyte that no page uses",
        "indexed",
        "expands-too-much",
    ),
    _file(
        "operators",
        lambda said: pdf({**objects(said), CONTENT: packed(show(said) + b"q " * 3_000_000)}),
        "three million open brackets",
        "indexed",
        *BOMB,
    ),
    _file("pages", lambda said: _many_pages(said, 20_000), "20,000 pages that are one", "indexed", "timed-out"),
    _file("letters", lambda said: pdf(objects(content=show(said) + show("a" * 500_000))), "a line of 500,000 letters"),
    _file(
        "lines",
        lambda said: pdf(
            objects(content=show(said) + b"".join(show(f"x{n}", at=f"{n % 500} {n % 700}") for n in range(20_000)))
        ),
        "20,000 words one over another",
    ),
    _file(
        "notes",
        lambda said: pdf(
            objects(said, on_page=b"/Annots[%s]" % (b"<</Subtype/Text/Rect[0 0 9 9]/Contents(nota)>>" * 20_000))
        ),
        "20,000 comments",
    ),
]

LOCKED = [
    _file("password", lambda said: encrypted(_whole(said), "clave", "otra", "AES-256"), "a password", "encrypted"),
    _file("password-rc4", lambda said: encrypted(_whole(said), "clave", "otra", "RC4-128"), "a password", "encrypted"),
    _file("owner", lambda said: encrypted(_whole(said), "", "otra", "AES-128"), "anyone may read it"),
    _file(
        "unknown-lock",
        lambda said: pdf(objects(said), b"/Encrypt<</Filter/Nadie/V 9/R 9/O(x)/U(y)/P -4>>/ID[(a)(b)]"),
        "a lock that no program knows",
        "encrypted",
        "damaged",
    ),
]


def _prev_loop(said: str) -> bytes:
    data = _whole(said)
    at = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    return data.replace(b"trailer\n<<", b"trailer\n<</Prev %d" % at)


def _many_pages(said: str, count: int) -> bytes:
    return pdf({**objects(said), PAGES: b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * count, count)})


CASES = [*BROKEN, *CYCLES, *LARGE, *LOCKED]
