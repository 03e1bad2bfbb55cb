"""A document that a hostile file made up either is refused or goes through what a build does with it: no combination of
blocks, renditions, pages and titles stops the build."""

import random
import tracemalloc
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from support.word_counter import LetterCounter

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.sources.language import language_of
from knowligo_index.sources.ledger import indexed
from knowligo_index.sources.sandbox.messages import Parsed, encode
from knowligo_index.sources.sandbox.replies import decode_reply, verified
from knowligo_index.types import Block, BlockKind, Document, Exclusion, PageProblem, Rendition, Source

MARKDOWN = """---
title: Correo
---
# Correo

Cómo se <b>configura</b> el correo &amp; la agenda.

- saliente
- entrante
  - puerto 993

| Código | Causa |
| --- | --- |
| E-4012 | la sesión venció |
| E-4013 | cable de red |

```
imap
smtp
```

> Reinicie el equipo.

## Otros
"""
TEXTS = {
    "markdown": MARKDOWN + "\nmucho texto, y más palabras" * 30,
    "csv": "código,causa\n" + "4012,cable\n" * 30,
    "html": "<h1>Red</h1><p>a b c<ul><li>x<li>y</ul><table><tr><th>a<th>b<tr><td>1<td>2</table>",
}
LABELS = ("", "x", "\0", "a\nb", "muy " * 200, "y" * 3000)
CHARACTERS = ("a", " ", "\n", "|", "#", "\0", "\u202e", "é", "\U0001f600", "-", "`")


class Liar:
    """Makes up documents, the same ones each time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def document(self, document: Document) -> Document:
        """The document with some fields made up."""
        size = len(document.text)
        points = self._points
        fields: dict[str, object] = {
            "blocks": self._blocks(0, size, 0),
            "text": "".join(self._random.choices(CHARACTERS, k=size)),
            "renditions": tuple(
                Rendition(*span, self._random.choice(LABELS)) for span in self._spans(points(16, 0, size))
            ),
            "page_starts": tuple(points(6, 0, size)),
            "line_starts": tuple(points(20, 0, size)),
            "title": self._random.choice(["", "\0", "t" * 100_000, " \n"]),
            "exclusions": tuple(Exclusion("comment", *span) for span in self._spans(points(4, 0, size))),
            "metadata": {"\0": "\0", "x": ["a"] * 1000},
            "page_problems": (PageProblem(1, "damaged", "x"),),
        }
        chosen = self._random.sample(sorted(fields), self._random.randint(1, 5))
        return replace(document, **{name: fields[name] for name in chosen})  # type: ignore[arg-type]

    def _points(self, count: int, low: int, high: int) -> list[int]:
        return sorted(self._random.randint(low, high) for _ in range(self._random.randint(0, count)))

    @staticmethod
    def _spans(points: list[int]) -> list[tuple[int, int]]:
        return list(zip(points[::2], points[1::2], strict=False))

    def _blocks(self, low: int, high: int, depth: int) -> tuple[Block, ...]:
        points = self._points(6, low, high)
        covers = depth == 0 or self._random.random() < 0.6
        return tuple(
            Block(
                self._random.choice(get_args(BlockKind)),
                *span,
                self._blocks(*span, depth + 1) if depth < 4 and self._random.random() < 0.5 else (),
                self._random.choice([0, 0, 1, 2, 6]),
                self._random.choice(LABELS),
                self._random.random() < 0.3,
            )
            for span in (pairwise([low, *points, high]) if covers else self._spans(points))
        )


def parsed(format_name: str) -> tuple[Source, Document]:
    data = TEXTS[format_name].encode()
    source = Source(f"a.{format_name}", Path("a"), format_name, len(data), "0" * 64)
    return source, parse(source, data)


@pytest.mark.parametrize("format_name", TEXTS)
def test_a_false_document_is_refused_or_goes_through_a_build(format_name: str) -> None:
    source, document = parsed(format_name)
    liar = Liar(7)
    became: Counter[str] = Counter()
    for _ in range(100):
        try:
            lie = verified(Parsed(liar.document(document), ()), source).document
        except ParseError as error:
            became[error.reason] += 1
            continue
        chunks = chunk_document(lie, ChunkingOptions(), LetterCounter(64))
        indexed(source, lie, chunks, ())
        language_of(lie.text)
        assert all(0 <= chunk.char_start <= chunk.char_end <= len(lie.text) for chunk in chunks)
        became["indexed"] += 1
    assert set(became) <= {"indexed", "damaged", "no-text"}
    assert min(became["indexed"], became["damaged"]) > 10


def a_list(count: int, item: bytes) -> msgspec.Raw:
    return msgspec.Raw(b"\xdd" + count.to_bytes(4) + item * count)


BLOCK = msgspec.msgpack.encode({"kind": "row", "char_start": 300, "char_end": 300, "label": "xy"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("line_starts", a_list(400_000, b"\xcd\x7f\xff")),
        ("page_starts", a_list(1_200_000, b"\x01")),
        ("renditions", a_list(300_000, b"\x93\xcd\x7f\xff\xcd\x7f\xff\xa2xy")),
        ("renditions", a_list(300_000, b"\x93\x00\x00\xa0")),
        ("renditions", a_list(300_000, b"\x93\x00\x00\xa2xy")),
        ("blocks", a_list(50_000, BLOCK)),
        ("text", msgspec.msgpack.encode("a" * 1_200_000 + "\U0001f600")),
        ("warnings", a_list(400_000, b"\xa2xy")),
        ("metadata", msgspec.msgpack.encode({f"{number:x}é": [] for number in range(200_000)})),
        ("dropped", a_list(50_000, msgspec.msgpack.encode({"kind": "script", "times": 300, "characters": 300}))),
        ("exclusions", a_list(50_000, msgspec.msgpack.encode({"reason": "comment", "char_start": 0, "char_end": 0}))),
    ],
)
def test_a_reply_takes_no_more_memory_than_was_expected(field: str, value: bytes | msgspec.Raw) -> None:
    raw = value if isinstance(value, msgspec.Raw) else msgspec.Raw(value)
    document = {"source": "x", "format": "x", "title": "x", "text": "x", "blocks": []}
    reply = msgspec.msgpack.encode({"type": "Parsed", "document": document | {field: raw}, "secrets": []})
    # Shorter ones are not looked at.
    assert len(reply) > 2**20
    tracemalloc.start()
    decode_reply(reply, 2**40)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with pytest.raises(msgspec.DecodeError, match=r"^the reply might take more than [\d,]+ bytes of memory$"):
        decode_reply(reply, peak - 1)


def test_what_parsers_return_is_believed() -> None:
    for format_name in TEXTS:
        source, document = parsed(format_name)
        reply = decode_reply(encode(Parsed(document, ())), 2**26)
        assert isinstance(reply, Parsed)
        assert verified(reply, source).document == document
