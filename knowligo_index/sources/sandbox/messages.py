"""What the build and a parser's process say to each other, in MessagePack: a process that reads hostile files must
not be able to make the build run anything, as unpickling what it sends would."""

from dataclasses import dataclass
from multiprocessing.connection import Connection

import msgspec

from knowligo_index.types import Document, Secret


@dataclass(frozen=True, slots=True)
class Request:
    """Parse this."""

    name: str
    format: str
    sha256: str
    data: bytes


class Parsed(msgspec.Struct, frozen=True, tag=True):
    """The document in it, and the secrets in that."""

    document: Document
    secrets: tuple[Secret, ...]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """There is none: a ParseError."""

    reason: str
    detail: str


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """No source can be parsed like this: a sentence for the person."""

    sentence: str


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process is there, and within its limits."""


Reply = Parsed | Failed | Stopped | Ready

# What a hostile file may make a process say is not taken on trust.
_MOST_BYTES = 2**30

_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def send(connection: Connection, message: Request | Reply) -> None:
    """Raises OSError where nobody reads it."""
    connection.send_bytes(msgspec.msgpack.encode(message))


def receive_request(connection: Connection) -> Request:
    """Raises EOFError where there are no more."""
    return msgspec.msgpack.decode(connection.recv_bytes(), type=Request)


def receive_reply(connection: Connection) -> Reply:
    """Raises EOFError or OSError where the process has ended, OSError or msgspec.DecodeError where it says something
    else."""
    return _REPLIES.decode(connection.recv_bytes(_MOST_BYTES))
