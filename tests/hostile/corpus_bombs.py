"""Word files that are small and grow without end when they are unpacked."""

from functools import cache

from corpus_case import BOMB, Case, Content, Outcome, case
from corpus_docx import DOCUMENT, RELATIONS, TYPES, Zip, bomb_of, document, docx, pack, paragraph, parts_of

MIB = 2**20

# Nobody needs the part that grows: left where it is, or refused for it.
UNUSED: tuple[Outcome, ...] = ("indexed", "expands-too-much")
LYING: tuple[Outcome, ...] = ("damaged", "expands-too-much")


def _bomb(name: str, content: Content, why: str, *expect: Outcome) -> Case:
    return case(f"word/bomb-{name}.docx", content, *expect, why=why)


@cache
def _document_bomb(times: int) -> tuple[bytes, int, int]:
    """A document with a text of so many MiB."""
    head, tail = document("<w:p><w:r><w:t>@</w:t></w:r></w:p>").split("@")
    return bomb_of(b"red " * (MIB // 4), times, head.encode(), tail.encode())


def _with(name: str, times: int, said: str, claimed: int | None = None) -> bytes:
    """A Word file in which this part has so many MiB, or claims another size."""
    packed, size, crc = _document_bomb(times)
    made = Zip()
    made.add_parts({each: part for each, part in parts_of(paragraph(said)).items() if each != name})
    made.add(name, packed, size if claimed is None else claimed, crc)
    return made.data()


def _overlapping(said: str) -> bytes:
    """A thousand entries that are one."""
    packed, size, crc = _document_bomb(16)
    made = Zip()
    made.add_parts({name: part for name, part in parts_of(said).items() if name != DOCUMENT})
    where = made.add(DOCUMENT, packed, size, crc)
    for number in range(1_000):
        made.add(f"word/header{number}.xml", packed, size, crc, at=where)
    return made.data()


def _entries(said: str) -> bytes:
    made = Zip()
    made.add_parts(parts_of(paragraph(said)))
    for number in range(100_000):
        made.add(f"word/x{number}.xml", b"", 0, 0, method=0)
    return made.data()


def _in_each_other(said: str) -> bytes:
    inner = pack({"zeros": bytes(MIB)})
    for _ in range(6):
        inner = pack({f"{number}.zip": inner for number in range(10)})
    return docx(paragraph(said), {"word/embeddings/package.zip": inner})


CASES = [
    _bomb("text", lambda said: _with(DOCUMENT, 1024, said), "a text of 1 GiB in a megabyte", *BOMB),
    _bomb("media", lambda said: _with("word/media/image1.png", 1024, said), "an image of 1 GiB", *UNUSED),
    _bomb("styles", lambda said: _with("word/styles.xml", 1024, said), "1 GiB that nothing leads to", *UNUSED),
    _bomb("types", lambda said: _with(TYPES, 1024, said), "a table of types of 1 GiB", *UNUSED),
    _bomb("relations", lambda said: _with(RELATIONS, 1024, said), "relations of 1 GiB", *BOMB),
    _bomb("says-small", lambda said: _with(DOCUMENT, 1024, said, 1_000), "it says that it has 1000 bytes", *LYING),
    _bomb("says-large", lambda said: _with(DOCUMENT, 1, said, 2**32 - 2), "it says that it has 4 GiB", *LYING),
    _bomb("overlapping", _overlapping, "a thousand entries over one another", *LYING),
    _bomb("entries", _entries, "100,000 entries, and the table says how many modulo 65,536", *UNUSED, "damaged"),
    _bomb("in-bombs", _in_each_other, "1 TiB, six packages deep", *UNUSED),
]
