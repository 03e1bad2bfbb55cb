"""What the fuzzer begins with: the sample knowledge base, the hostile corpus and what once was a finding."""

import io
import tempfile
import zipfile
import zlib
from pathlib import Path

from corpus import CASES
from corpus_case import BOMB
from support.sample_manifest import MANIFEST

from knowligo_index.parsers import suffixes
from knowligo_index.store.manifest import encode_manifest

ROOT = Path(__file__).parents[2]
FINDINGS = Path(__file__).parent / "findings"
LONGEST = 20_000  # bytes; what is longer takes the fuzzer's time, and the hostile corpus has it


def seeds(target: str) -> list[bytes]:
    """Small inputs, each of them once."""
    found = [path.read_bytes() for path in sorted(FINDINGS.glob(f"{target}-*"))]
    if target == "manifest":
        found.append(encode_manifest(MANIFEST))
    elif target == "word-xml":
        found += [_document_xml(data) for data in _files("word")]
    else:
        found += _files(target)
    return [data for data in dict.fromkeys(found) if 0 < len(data) <= LONGEST]


def _files(format_name: str) -> list[bytes]:
    formats = suffixes()
    samples = sorted(path for path in (ROOT / "knowledge").rglob("*") if formats.get(path.suffix) == format_name)
    found = [path.read_bytes() for path in samples]
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            path = Path(folder, f"{number}{Path(case.name).suffix}")
            # Here there are no limits of memory and time to stop what is made to meet them.
            if formats.get(path.suffix.lower()) == format_name and case.expect.isdisjoint(BOMB):
                case.make(path)
                if path.is_file() and not path.is_symlink() and path.stat().st_size <= LONGEST:
                    found.append(path.read_bytes())
    return found


def _document_xml(data: bytes) -> bytes:
    """The text's XML of a Word file; nothing, where it has none that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.open("word/document.xml").read(LONGEST + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, EOFError, zlib.error):
        return b""
