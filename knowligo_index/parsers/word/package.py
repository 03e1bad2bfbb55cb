"""The parts of a Word file: XML documents in a ZIP archive, and the relationships between them (Open Packaging
Conventions).

They are not read by python-docx's `Document`, which also reads every picture, follows circular relationships without
end, fails on a relationship to a missing part, and refuses templates, files with macros and ISO 29500 Strict files. The
XML parser is that of python-docx: it does not resolve entities, and limits the depth of elements to 256.
"""

import io
import posixpath
import zlib
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from docx.oxml.parser import parse_xml
from lxml.etree import XMLSyntaxError, _Element

from knowligo_index.errors import ParseError
from knowligo_index.parsers.word.names import transitional, w

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Names in an OLE file's directory are UTF-16.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

_MAX_BYTES = 200 * 2**20
_MAX_PARTS = 10_000

# XML is compressed to a 10th or 30th of its size, and pictures hardly at all.
_MAX_RATIO = 200
_MIN_BYTES_FOR_RATIO = 10 * 2**20

# The tree of an XML document takes up to ten times its size in memory.
_MAX_XML_BYTES = 40 * 2**20


@dataclass(frozen=True, slots=True)
class PackagePart:
    """An XML document of the package."""

    name: str
    root: _Element


class Package:
    """A Word file. Raises ParseError if the bytes are not one, or would unpack to more than the limits."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLE_MAGIC):
            raise _refusal_of_ole(data)
        try:
            self._archive = ZipFile(io.BytesIO(data))
        except (BadZipFile, NotImplementedError, ValueError) as error:
            raise _damaged("it is not a .docx file (no ZIP archive)") from error
        self._entries = _checked_entries(self._archive.infolist(), len(data))
        self._xml_bytes = 0
        self._relationships: dict[str, list[tuple[str, str]]] = {}

    def main(self) -> PackagePart:
        """The part with the document's text. Raises ParseError if there is none."""
        part = self._part(next(iter(self._targets("", "officeDocument")), "word/document.xml"))
        if part is None:
            raise _damaged("it contains no document")
        if part.root.tag != w("document"):
            raise _damaged("it is not a file of Word")
        return part

    def related(self, part: PackagePart | None, kind: str) -> list[_Element]:
        """The roots of the parts to which `part`, or the package itself, has a relationship of `kind` ("styles",
        "header", ...), each once; missing parts are left out."""
        parts = (self._part(name) for name in self._targets(part.name if part else "", kind))
        return [target.root for target in parts if target is not None]

    def _targets(self, name: str, kind: str) -> list[str]:
        """The names of the parts to which the named part has a relationship of `kind`, each once."""
        if name not in self._relationships:
            self._relationships[name] = self._read_relationships(name)
        return list(dict.fromkeys(target for target_kind, target in self._relationships[name] if target_kind == kind))

    def _read_relationships(self, name: str) -> list[tuple[str, str]]:
        folder, file = posixpath.split(name)
        relationships = self._part(posixpath.join(folder, "_rels", f"{file}.rels"))
        return [
            (
                posixpath.basename(relationship.get("Type") or ""),
                posixpath.normpath(posixpath.join("/", folder, relationship.get("Target") or "")).lstrip("/"),
            )
            for relationship in (relationships.root if relationships is not None else ())
            if relationship.get("TargetMode") != "External"
        ]

    def _part(self, name: str) -> PackagePart | None:
        entry = self._entries.get(name.lower())
        if entry is None:
            return None
        self._xml_bytes += entry.file_size
        if self._xml_bytes > _MAX_XML_BYTES:
            raise _too_large(f"more than {_MAX_XML_BYTES // 2**20} MiB of text and markup")
        try:
            # Without the size, `read` would unpack all data of an entry, even beyond the size in the directory.
            with self._archive.open(entry) as file:
                data = file.read(entry.file_size)
        except (BadZipFile, NotImplementedError, zlib.error, EOFError, ValueError) as error:
            raise _damaged(f"its part {_shown(entry.filename)} cannot be unpacked") from error
        return PackagePart(name, _parsed(data, entry.filename))


def _refusal_of_ole(data: bytes) -> ParseError:
    if _ENCRYPTED_STREAM in data:
        return ParseError("encrypted", "a password is needed: save a copy without one")
    return ParseError("damaged", "it is a Word 97-2003 file, or another OLE file: save it as .docx")


def _checked_entries(entries: list[ZipInfo], packed_bytes: int) -> dict[str, ZipInfo]:
    """The entries by their names in lower case, since names of parts are compared without regard to case.

    Raises ParseError if they are too many, too large, encrypted or not readable by Word.
    """
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_PARTS:
        raise _too_large(f"{len(entries)} parts")
    if total > _MAX_BYTES or (total > _MIN_BYTES_FOR_RATIO and total > _MAX_RATIO * packed_bytes):
        raise _too_large(f"{total / 2**20:.0f} MiB out of {packed_bytes / 2**20:.1f}")
    entries_by_name: dict[str, ZipInfo] = {}
    for entry in entries:
        if entry.flag_bits & 1:
            raise ParseError("encrypted", "a password is needed: save a copy without one")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _damaged("it is compressed by a method that Word does not support")
        if entry.filename.lower() in entries_by_name:
            raise _damaged(f"two of its parts have the name {_shown(entry.filename)}")
        entries_by_name[entry.filename.lower()] = entry
    return entries_by_name


def _parsed(data: bytes, name: str) -> _Element:
    try:
        root: _Element = parse_xml(data)
    except XMLSyntaxError as error:
        if "Excessive depth" in str(error):
            raise ParseError(
                "too-deep", f"the elements of its part {_shown(name)} are nested more than 256 deep"
            ) from error
        raise _damaged(f"the XML of its part {_shown(name)} is broken: {_shown(str(error))}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        # Its only use would be to define entities, which are not resolved: their text would be missing.
        raise _damaged(f"its part {_shown(name)} declares a document type, as no program that writes Word files does")
    if root.tag != transitional(str(root.tag)):
        _rename(root)
    return root


def _rename(root: _Element) -> None:
    """Give the elements and attributes of a Strict file the names that they have in other files."""
    for element in root.iter("{*}*"):
        element.tag = transitional(str(element.tag))
        for name, text in element.attrib.items():
            if name != transitional(str(name)):
                del element.attrib[name]
                element.set(transitional(str(name)), text)


def _damaged(problem: str) -> ParseError:
    return ParseError("damaged", f"{problem}: open it in Word and save it as .docx again")


def _too_large(size: str) -> ParseError:
    return ParseError("expands-too-much", f"it unpacks to {size}: split it, or check its content")


def _shown(text: str) -> str:
    """A text from the file in a form that can be printed in a message."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:100])
