"""The messages between the build and a parser process, in MessagePack. Not pickle: a process that reads hostile files
could send a pickle that makes the build execute code."""

from dataclasses import dataclass
from multiprocessing.connection import Connection

import msgspec

from knowligo_index.types import Document, Secret


@dataclass(frozen=True, slots=True)
class Request:
    """A source to parse."""

    name: str
    format: str
    sha256: str
    data: bytes


class Parsed(msgspec.Struct, frozen=True, tag=True):
    """The document in the source, and the secrets in the document."""

    document: Document
    secrets: tuple[Secret, ...]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The source gives no document: the fields of a ParseError."""

    reason: str
    detail: str


class ParserUnavailable(msgspec.Struct, frozen=True, tag=True):
    """The parser cannot be used for any source, for example because a package is not installed."""

    message: str


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The process has started and is within its limits."""


Reply = Parsed | Failed | ParserUnavailable | Ready

# A hostile file may have taken control of the process that sends the reply.
_MAX_REPLY_BYTES = 2**30

_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def send(connection: Connection, message: Request | Reply) -> None:
    """Raises OSError where the other process has ended."""
    connection.send_bytes(msgspec.msgpack.encode(message))


def receive_request(connection: Connection) -> Request:
    """Raises EOFError after the last request."""
    return msgspec.msgpack.decode(connection.recv_bytes(), type=Request)


def receive_reply(connection: Connection) -> Reply:
    """Raises EOFError or OSError where the process has ended, OSError or msgspec.DecodeError where it sent something
    else."""
    return _REPLIES.decode(connection.recv_bytes(_MAX_REPLY_BYTES))
