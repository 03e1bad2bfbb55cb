"""The parts of a Word file: XML documents in a ZIP, and what refers to what (Open Packaging Conventions).

They are read here and not by python-docx's `Document`, which also reads every picture, follows references without
end and fails on one that leads nowhere, and refuses templates, files with macros and ISO 29500 Strict ones. The XML
parser is its: entities are not resolved, and elements lie inside each other at most 256 deep.
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

_MOST_BYTES = 200 * 2**20
_MOST_PARTS = 10_000

# XML packs 10 to 30 times smaller, and pictures hardly at all.
_MOST_RATIO = 200
_RATIO_FROM_BYTES = 10 * 2**20

# A tree of XML takes up to ten times its size in memory.
_MOST_XML_BYTES = 40 * 2**20


@dataclass(frozen=True, slots=True)
class Part:
    """An XML document of the package."""

    name: str
    root: _Element


class Package:
    """A Word file. Raises ParseError where the bytes are none, or would expand beyond bounds."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLE_MAGIC):
            raise _refusal_of_ole(data)
        try:
            self._archive = ZipFile(io.BytesIO(data))
        except (BadZipFile, NotImplementedError, ValueError) as error:
            raise _damaged("it is not a .docx file (no ZIP archive)") from error
        self._entries = _checked_entries(self._archive.infolist(), len(data))
        self._xml_bytes = 0
        self._references: dict[str, list[tuple[str, str]]] = {}

    def main(self) -> Part:
        """The part with the document's text. Raises ParseError where there is none."""
        part = self._part(next(iter(self._targets("", "officeDocument")), "word/document.xml"))
        if part is None:
            raise _damaged("it has no document in it")
        if part.root.tag != w("document"):
            raise _damaged("it is a file of another program than Word, or none at all")
        return part

    def related(self, part: Part | None, kind: str) -> list[_Element]:
        """What `part`, or the package itself, refers to as `kind` ("styles", "header", ...), each once; what is
        missing is left out."""
        found = (self._part(name) for name in self._targets(part.name if part else "", kind))
        return [each.root for each in found if each is not None]

    def _targets(self, name: str, kind: str) -> list[str]:
        """Names of the parts that the part of that name refers to as `kind`, each once."""
        if name not in self._references:
            self._references[name] = self._read_references(name)
        return list(dict.fromkeys(target for found, target in self._references[name] if found == kind))

    def _read_references(self, name: str) -> list[tuple[str, str]]:
        folder, file = posixpath.split(name)
        relations = self._part(posixpath.join(folder, "_rels", f"{file}.rels"))
        return [
            (
                posixpath.basename(each.get("Type") or ""),
                posixpath.normpath(posixpath.join("/", folder, each.get("Target") or "")).lstrip("/"),
            )
            for each in (relations.root if relations is not None else ())
            if each.get("TargetMode") != "External"
        ]

    def _part(self, name: str) -> Part | None:
        entry = self._entries.get(name.lower())
        if entry is None:
            return None
        self._xml_bytes += entry.file_size
        if self._xml_bytes > _MOST_XML_BYTES:
            raise _too_large(f"more than {_MOST_XML_BYTES // 2**20} MiB of text and mark-up")
        try:
            # Asked for all there is, it would unpack what an entry holds beyond the size that it says it has.
            with self._archive.open(entry) as file:
                data = file.read(entry.file_size)
        except (BadZipFile, NotImplementedError, zlib.error, EOFError, ValueError) as error:
            raise _damaged(f"its part {_shown(entry.filename)} cannot be unpacked") from error
        return Part(name, _parsed(data, entry.filename))


def _refusal_of_ole(data: bytes) -> ParseError:
    if _ENCRYPTED_STREAM in data:
        return ParseError("encrypted", "a password is needed: save a copy without one")
    return ParseError("damaged", "an old Word 97-2003 file, or another one of that time: save it as .docx")


def _checked_entries(entries: list[ZipInfo], packed_bytes: int) -> dict[str, ZipInfo]:
    """The entries by name in lower case: names of parts differ in more than case."""
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _MOST_PARTS:
        raise _too_large(f"{len(entries)} parts")
    if total > _MOST_BYTES or (total > _RATIO_FROM_BYTES and total > _MOST_RATIO * packed_bytes):
        raise _too_large(f"{total / 2**20:.0f} MiB out of {packed_bytes / 2**20:.1f}")
    found: dict[str, ZipInfo] = {}
    for entry in entries:
        if entry.flag_bits & 1:
            raise ParseError("encrypted", "a password is needed: save a copy without one")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise _damaged("it is packed in a way that Word does not know")
        if entry.filename.lower() in found:
            raise _damaged(f"it has two parts of the name {_shown(entry.filename)}")
        found[entry.filename.lower()] = entry
    return found


def _parsed(data: bytes, name: str) -> _Element:
    try:
        root: _Element = parse_xml(data)
    except XMLSyntaxError as error:
        if "Excessive depth" in str(error):
            raise ParseError("too-deep", f"the elements of its part {_shown(name)} lie more than 256 deep") from error
        raise _damaged(f"the XML of its part {_shown(name)} is broken: {_shown(str(error))}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        # It can only be there to define entities, whose text would be missing.
        raise _damaged(f"its part {_shown(name)} declares a document type, as no program that writes Word files does")
    if root.tag != transitional(str(root.tag)):
        _rename(root)
    return root


def _rename(root: _Element) -> None:
    """Give the elements and attributes of a Strict file the names of all others."""
    for element in root.iter("{*}*"):
        element.tag = transitional(str(element.tag))
        for name, text in element.attrib.items():
            if name != transitional(str(name)):
                del element.attrib[name]
                element.set(transitional(str(name)), text)


def _damaged(what: str) -> ParseError:
    return ParseError("damaged", f"{what}: open it in Word and save it as .docx again")


def _too_large(what: str) -> ParseError:
    return ParseError("expands-too-much", f"it unpacks to {what}: split it, or see what is in it")


def _shown(text: str) -> str:
    """A name out of the file, fit for a message."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:100])
