"""What a case of the corpus is, and what the modules of the corpus share."""

import os
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from knowligo_index.errors import Reason

Outcome = Literal["indexed"] | Reason

# A small file that grows without end is told by what it does, or stopped by the limit it meets first.
BOMB: tuple[Outcome, ...] = ("expands-too-much", "out-of-memory", "timed-out")
# Nesting that no writer makes: read as far as it goes, or refused.
NESTED: tuple[Outcome, ...] = ("indexed", "too-deep")
# Bytes that are no text: most have NULs, and either reason is right.
BINARY: tuple[Outcome, ...] = ("nul-characters", "unknown-encoding")
# What some programs repair and others refuse.
REPAIRABLE: tuple[Outcome, ...] = ("indexed", "damaged")

SAID = "§"
"""stands for the case's own sentence in a content"""


@dataclass(frozen=True, slots=True)
class Case:
    """A hostile file and what should become of it."""

    name: str
    """path relative to the folder, with forward slashes; bytes that are not UTF-8 are lone surrogates"""
    make: Callable[[Path], None]
    """writes the file, or what is no file, at this path; its folder is there"""
    expect: frozenset[Outcome]
    """any of them is right"""
    why: str
    needle: str | None = None
    """is in the text, where it is indexed"""
    absent: str | None = None
    """is in no passage, where it is indexed"""
    secret: bool = False
    """it is indexed, and a secret in it is reported"""


Content = str | bytes | Callable[[str], str | bytes]
"""What is in a file: a text in which SAID stands for the sentence, bytes, or what makes either from the sentence."""


def sentence(name: str) -> str:
    """The sentence of the case with this name. All are different, so that no two cases are duplicates."""
    return f"Reinicie el equipo K{zlib.crc32(os.fsencode(name)):010d} y espere."


def case(
    name: str,
    content: Content,
    *expect: Outcome,
    why: str,
    needle: str | None = "",
    absent: str | None = None,
    secret: bool = False,
) -> Case:
    """A case of a regular file. An empty `needle` is the sentence, where the content may hold it."""
    says = callable(content) or (isinstance(content, str) and SAID in content)
    if needle == "":
        needle = sentence(name) if says and "indexed" in expect else None
    return Case(name, partial(_write, name, content), frozenset(expect), why, needle, absent, secret)


def content_of(name: str, content: Content) -> bytes:
    """The bytes of a case's file."""
    said = sentence(name)
    made = content(said) if callable(content) else content
    return made.replace(SAID, said).encode() if isinstance(made, str) else made


def _write(name: str, content: Content, path: Path) -> None:
    path.write_bytes(content_of(name, content))


def noise(size: int, seed: int = 0) -> bytes:
    """Random bytes, the same ones each time."""
    return random.Random(seed).randbytes(size)


def deflated(block: bytes, times: int) -> bytes:
    """`block` repeated so often as one raw deflate stream. After a full flush nothing refers back, so the compressed
    block is repeated instead of the block."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    # A last empty block, since the others do not say that they are the last.
    return once * times + b"\x03\x00"


PROSE = (
    "Para restablecer la contraseña del buzón, abra la página de acceso y pulse «¿Olvidó su clave?». El técnico le "
    "llamará mañana por la mañana; si está en España, también puede escribir al señor Núñez. La sesión caducará "
    "después de un año, según el compromiso de atención. Reinicie el módem, compruebe la conexión a Internet y "
    "elija la opción «Añadir dispositivo». Así recibirá más información sobre el próximo mantenimiento. "
)
"""Spanish, with letters that each encoding writes in its own way."""
