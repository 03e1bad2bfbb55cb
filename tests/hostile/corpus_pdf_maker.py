"""What the PDF cases are made with: objects by number, good or bad, and the tables that lead to them."""

import io
import zlib
from collections.abc import Iterable, Mapping
from unittest import mock

from corpus_case import noise
from pypdf import PdfReader, PdfWriter

Objects = Mapping[int, bytes]

CATALOG, PAGES, PAGE, FONT, CONTENT = 1, 2, 3, 4, 5
"""the numbers of the objects of a plain file; others are free from 6 on"""

HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
BOX = b"/MediaBox[0 0 612 792]"


def stream(data: bytes, more: bytes = b"", length: int | bytes | None = None) -> bytes:
    """A stream that says it has this length; its own, where none is given."""
    said = len(data) if length is None else length
    told = said if isinstance(said, bytes) else b"%d" % said
    return b"<</Length %s%s>>\nstream\n%s\nendstream" % (told, more, data)


def packed(data: bytes, more: bytes = b"") -> bytes:
    return stream(zlib.compress(data, 9), b"/Filter/FlateDecode" + more)


def escaped(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def show(text: str, more: str = "", at: str = "72 720") -> bytes:
    """A content that shows a line of text."""
    return b"BT /F1 12 Tf %s %s Td (%s) Tj ET\n" % (more.encode(), at.encode(), escaped(text))


def page(content: int = CONTENT, more: bytes = b"", parent: int = PAGES) -> bytes:
    return b"<</Type/Page/Parent %d 0 R%s/Resources<</Font<</F1 4 0 R>>>>/Contents %d 0 R%s>>" % (
        *(parent, b"" if b"/MediaBox" in more else BOX),
        *(content, more),
    )


def objects(
    text: str = "", content: bytes | None = None, catalog: bytes = b"", on_page: bytes = b""
) -> dict[int, bytes]:
    """The objects of a plain file of one page: with this text, or this content, and more in its dictionaries."""
    return {
        CATALOG: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        PAGES: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        PAGE: page(more=on_page),
        FONT: HELVETICA,
        CONTENT: stream(show(text) if content is None else content),
    }


def body(made: Objects, start: int = 0) -> tuple[bytes, dict[int, int]]:
    """The objects one after the other, and where each of them begins."""
    data = bytearray()
    offsets = {}
    for number, each in made.items():
        offsets[number] = start + len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    return bytes(data), offsets


def table(offsets: Mapping[int, int]) -> bytes:
    """A cross-reference table."""
    rows = b"".join(b"%d 1\n%010d 00000 n \n" % (number, offset) for number, offset in sorted(offsets.items()))
    return b"xref\n0 1\n0000000000 65535 f \n" + rows


def trailer(size: int, at: int, more: bytes = b"") -> bytes:
    root = b"" if b"/Root" in more else b"/Root 1 0 R"
    return b"trailer\n<</Size %d%s%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, more, at)


HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def pdf(made: Objects, more: bytes = b"", header: bytes = HEADER) -> bytes:
    """A file of these objects; `more` is in its trailer."""
    data, offsets = body(made, len(header))
    at = len(header) + len(data)
    return header + data + table(offsets) + trailer(max(made) + 1, at, more)


def updated(data: bytes, made: Objects, more: bytes = b"") -> bytes:
    """The file with an incremental update of these objects."""
    before = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    added, offsets = body(made, len(data))
    at = len(data) + len(added)
    return data + added + table(offsets) + trailer(max(99, *made) + 1, at, b"/Prev %d" % before + more)


def with_stream_table(
    made: Objects, packed_objects: Objects, holder: int, more: bytes = b"", holds: bytes = b""
) -> bytes:
    """A file whose table is a stream, with these objects in the object stream `holder`; `holds` says more of it."""
    inner = list(packed_objects.items())
    starts, at = [], 0
    for _, each in inner:
        starts.append(at)
        at += len(each) + 1
    index = b" ".join(b"%d %d" % (number, start) for (number, _), start in zip(inner, starts, strict=True)) + b" "
    content = index + b"\n".join(each for _, each in inner)
    said = b"/Type/ObjStm/N %d/First %d%s" % (len(inner), len(index), holds)
    data, offsets = body({**made, holder: stream(content, said)}, len(HEADER))
    place = len(HEADER) + len(data)
    last = max(holder, *packed_objects, *made) + 1
    offsets[last] = place
    rows = b"\0\0\0\0\0\xff"
    numbers = [number for number, _ in inner]
    for number in range(1, last + 1):
        if number in packed_objects:
            rows += b"\2" + holder.to_bytes(4, "big") + bytes([numbers.index(number)])
        else:
            kind = b"\1" if number in offsets else b"\0"
            rows += kind + offsets.get(number, 0).to_bytes(4, "big") + b"\0"
    said = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R%s" % (last + 1, more)
    return HEADER + data + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (last, stream(rows, said), place)


def to_unicode(pairs: Iterable[tuple[int, str]], digits: int = 2) -> bytes:
    """A font's map from codes to text."""
    rows = "\n".join(f"<{code:0{digits}x}> <{text.encode('utf-16-be').hex()}>" for code, text in pairs)
    return stream(
        f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <{'0' * digits}> <{'f' * digits}> endcodespacerange\n"
        f"{len(rows.splitlines())} beginbfchar\n{rows}\nendbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end".encode()
    )


def lettered(text: str) -> tuple[bytes, bytes]:
    """Any text as codes from 33 on, and a font's map that gives it back."""
    letters = {letter: code for code, letter in enumerate(sorted(set(text)), start=33)}
    return bytes(letters[letter] for letter in text), to_unicode((code, letter) for letter, code in letters.items())


def encrypted(data: bytes, user: str, owner: str, algorithm: str) -> bytes:
    """The file, encrypted the same way each time."""
    seeds = iter(range(10**6))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    output = io.BytesIO()
    with mock.patch("secrets.token_bytes", lambda size: noise(size, next(seeds))):
        writer.encrypt(user, owner, algorithm=algorithm)
        writer.write(output)
    return output.getvalue()


IMAGE = stream(noise(64), b"/Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8")
"""a grey noise of 8 by 8"""
