"""What the cases of Word files are made with: packages with any parts, good or bad."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from corpus_case import deflated

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:xi="http://www.w3.org/2001/XInclude"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DOCUMENT, TYPES, RELATIONS = "word/document.xml", "[Content_Types].xml", "_rels/.rels"
DOCUMENT_RELATIONS = "word/_rels/document.xml.rels"
KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"

Part = str | bytes
Parts = Mapping[str, Part | None]


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of one run; `properties` are the run's."""
    return f'<w:p><w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def document(body: str, before: str = "") -> str:
    """The main part with this body; `before` stands before its root, where a DTD does."""
    return f"{DECLARATION}{before}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"


def relations(*targets: tuple[str, str, str]) -> str:
    """A part of relations: type (its last word), target, and what else the element says."""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}" {more}/>'
        for number, (kind, target, more) in enumerate(targets, start=1)
    )
    return f'{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def types(main: str = f"{KIND}.document.main+xml", more: str = "") -> str:
    return (
        f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="bin" ContentType="application/octet-stream"/>'
        '<Default Extension="html" ContentType="text/html"/>'
        f'<Override PartName="/{DOCUMENT}" ContentType="{main}"/>{more}</Types>'
    )


def other_part(name: str, root: str, inner: str) -> dict[str, str]:
    """A part beside the document, such as styles, with the relation that leads to it."""
    return {
        f"word/{name}.xml": f"{DECLARATION}<w:{root} {NAMESPACES}>{inner}</w:{root}>",
        DOCUMENT_RELATIONS: relations((name, f"{name}.xml", "")),
    }


def parts_of(body: str, more: Parts | None = None) -> dict[str, bytes]:
    """The parts of a Word file; one that is None in `more` is left out."""
    parts: dict[str, Part | None] = {
        TYPES: types(),
        RELATIONS: relations(("officeDocument", DOCUMENT, "")),
        DOCUMENT: document(body),
    }
    parts |= more or {}
    return {name: part.encode() if isinstance(part, str) else part for name, part in parts.items() if part is not None}


def pack(parts: Mapping[str, bytes] | Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file of these parts, the same bytes each time."""
    data = io.BytesIO()
    rows = list(parts.items()) if isinstance(parts, Mapping) else parts
    with zipfile.ZipFile(data, "w") as archive:
        for name, part in rows:
            archive.writestr(zipfile.ZipInfo(name), part, method)
    return data.getvalue()


def docx(body: str, more: Parts | None = None) -> bytes:
    return pack(parts_of(body, more))


class Zip:
    """A ZIP file made by hand, so that it may lie."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._directory = bytearray()
        self._count = 0

    def add(
        self,
        name: str,
        packed: bytes,
        size: int,
        crc: int,
        *,
        method: int = 8,
        flags: int = 0,
        at: int | None = None,
        packed_size: int | None = None,
    ) -> int:
        """An entry with any size and checksum; with `at` its data is that of the entry there. Says where it is."""
        raw = name.encode()
        stored = len(packed) if packed_size is None else packed_size
        sizes = struct.pack("<III", crc, stored, size)
        where = len(self._data) if at is None else at
        if at is None:
            self._data += struct.pack("<4s5H", b"PK\3\4", 20, flags, method, 0, 33) + sizes
            self._data += struct.pack("<HH", len(raw), 0) + raw + packed
        self._directory += struct.pack("<4s6H", b"PK\1\2", 20, 20, flags, method, 0, 33) + sizes
        self._directory += struct.pack("<5HII", len(raw), 0, 0, 0, 0, 0, where) + raw
        self._count += 1
        return where

    def add_parts(self, parts: Mapping[str, bytes]) -> None:
        for name, part in parts.items():
            self.add(name, part, len(part), zlib.crc32(part), method=0)

    def data(self) -> bytes:
        count = min(self._count, 0xFFFF)
        sizes = (len(self._directory), len(self._data))
        end = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, count, count, *sizes, 0)
        return bytes(self._data + self._directory) + end


def bomb_of(block: bytes, times: int, before: bytes = b"", after: bytes = b"") -> tuple[bytes, int, int]:
    """`before`, the block many times, and `after`, deflated: with its size and checksum."""
    whole = zlib.crc32(before)
    for _ in range(times):
        whole = zlib.crc32(block, whole)
    packed = _stored(before) + deflated(block, times)[:-2] + _stored(after) + b"\x03\x00"
    return packed, len(before) + len(block) * times + len(after), zlib.crc32(after, whole)


def _stored(data: bytes) -> bytes:
    """Deflate's way of holding data as it is; not the last block."""
    return b"\x00" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data
