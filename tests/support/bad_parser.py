"""A parser that does what its document says, as another package would bring one: it stands for a parser of which a
hostile file has taken control."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from knowligo_index.parsers import all_parsers
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.pool import ParserPool
from knowligo_index.types import Source

BAD_PARSER = """
import ctypes, mmap, os, resource, signal, socket, sqlite3, stat, struct, subprocess, sys, threading, time
from pathlib import Path
import msgspec
from knowligo_index.types import Block, Document

native = ctypes.CDLL(None, use_errno=True)

def ok(result):
    # What a call of the C library says when it fails.
    if result in (-1, None, 2**64 - 1):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def reply(data):
    view = memoryview(data)
    while view:
        view = view[os.write(*pipes(), view):]

def send(message):
    # A whole reply, in the way of the process itself.
    reply(struct.pack(">Q", len(message)) + message)

def parsed(**fields):
    # A reply with a document, of which some fields are something else.
    block = {"kind": "paragraph", "char_start": 0, "char_end": 1}
    document = {"source": "x", "format": "bad", "title": "T", "text": "x", "blocks": [block]}
    return msgspec.msgpack.encode({"type": "Parsed", "document": document | fields, "secrets": []})

def raw(data):
    return msgspec.Raw(data)

def pipes():
    return [number for number in range(3, 64) if is_pipe(number)]

def keep_pipes():
    # For a program that replaces this one: the process ends when the program does.
    for number in pipes():
        os.set_inheritable(number, True)

def is_pipe(number):
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False

def is_inherited(number):
    # An open descriptor that is not the pipe for the reply.
    try:
        return number not in pipes()[:1] and bool(os.fstat(number))
    except OSError:
        return False

def parse(source, data):
    text = data.decode()
    variables = globals() | {"source": source}
    exec(text, variables)
    return variables.get("document") or Document(source.name, "bad", "T", text, (Block("paragraph", 0, len(text)),))
"""

ENTRY_POINT = "[knowligo_index.parsers]\nbad = bad_parser:parse\n"


@contextmanager
def bad_parser_installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install it, for this process and those that it starts."""
    metadata = folder / "bad_parser-1.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text(ENTRY_POINT)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-parser\nVersion: 1\n")
    (folder / "bad_parser.py").write_text(BAD_PARSER)
    monkeypatch.syspath_prepend(str(folder))
    all_parsers.cache_clear()
    try:
        yield
    finally:
        all_parsers.cache_clear()


def outcomes(texts: list[str], options: SandboxOptions | None = None, processes: int = 1) -> list[str]:
    """What became of each text: "parsed", or the reason and the detail."""
    sources = [Source(f"{number}.bad", Path("x"), "bad", 1, str(number)) for number in range(len(texts))]
    results: list[str] = []
    with ParserPool(
        sources, lambda source: texts[int(source.sha256)].encode(), options or SandboxOptions(), processes
    ) as pool:
        for (source, outcome), expected in zip(pool, sources, strict=True):
            assert source is expected
            if isinstance(outcome, Parsed):
                assert outcome.document.source == source.name
                results.append("parsed")
            else:
                results.append(f"{outcome.reason}: {outcome.detail}")
    return results
