"""Settings of the service. They need none of its packages, so that the other commands can read them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000

# A host name, with a star for any name before it, an IPv4 address, an IPv6 address in brackets, or a star.
_HOST = r"(\*|(\*\.)?[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])"


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """Where the service listens, the limits of requests, and the model that generates answers."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.", extra={"metavar": "ADDRESS"})] = (
        DEFAULT_HOST
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0: any free port.")] = DEFAULT_PORT
    refresh_seconds: Annotated[
        float,
        Meta(
            gt=0,
            description="Number of seconds between checks for a new live version.",
            extra={"metavar": "SECONDS"},
        ),
    ] = 1.0
    max_question: Annotated[int, Meta(ge=1, le=100_000, description="Maximum number of characters in a question.")] = (
        1_000
    )
    max_concurrent: Annotated[
        int,
        Meta(
            ge=1,
            description="Maximum number of searches and answers in progress; further requests get 503 with "
            "Retry-After.",
        ),
    ] = 256
    searches_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            description="Maximum number of searches that one client may make in a minute; 0: no limit. Further "
            "searches get 429 with Retry-After.",
        ),
    ] = 600
    answers_per_minute: Annotated[
        int,
        Meta(
            ge=0,
            description="Maximum number of answers that one client may request in a minute; 0: no limit. Further "
            "requests get 429 with Retry-After.",
        ),
    ] = 20
    trusted_proxies: Annotated[
        str,
        Meta(
            # With "*" any client could choose its own address.
            pattern=r"^[^*]*$",
            description="Addresses or networks, separated by commas, of proxies whose X-Forwarded-For is trusted.",
            extra={"metavar": "ADDRESSES"},
        ),
    ] = ""
    answer_model: Annotated[
        str, Meta(min_length=1, description="Model that generates the answers of /ask.", extra={"metavar": "ID"})
    ] = "openai/gpt-oss-120b"
    answer_url: Annotated[
        str,
        Meta(
            # The API key is sent there. What stands before an @ or after a ? would be in error messages.
            pattern=r"^(https://[^@?#/\s]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/[^@?#\s]*)?$",
            description="Server of that model: Groq, or another one with the same protocol; https, or http on this "
            "machine, without a user name, password or query.",
            extra={"metavar": "URL"},
        ),
    ] = "https://api.groq.com"
    answer_seconds: Annotated[
        float,
        Meta(gt=0, description="Maximum number of seconds that an answer may take.", extra={"metavar": "SECONDS"}),
    ] = 30.0
    answer_tokens: Annotated[
        int,
        Meta(ge=1, description="Maximum number of tokens in an answer, including the model's reasoning."),
    ] = 2_048
    require_signature: Annotated[
        Path | None,
        Meta(
            description="File with public keys; only versions that one of these keys has signed are served.",
            extra={"metavar": "FILE"},
        ),
    ] = None
    max_connections: Annotated[
        int,
        Meta(
            ge=2,
            description="Maximum number of open connections; for another one, the one that has waited longest for a "
            "request is closed. One client may have half of them.",
        ),
    ] = 2_048
    allowed_hosts: Annotated[
        str,
        Meta(
            pattern=r"^$|^" + _HOST + r"(\s*,\s*" + _HOST + r")*$",
            description="Host names without port, separated by commas, that requests may be for, such as "
            "help.example.com or *.example.com; * for any. Default: the loopback names if the service listens on a "
            "loopback address, otherwise any.",
            extra={"metavar": "NAMES"},
        ),
    ] = ""
    token_file: Annotated[
        Path | None,
        Meta(
            description="File with a token of 16 characters or more, which all requests except those to /health and "
            "for the files of the page must have in the header `Authorization: Bearer TOKEN`.",
            extra={"metavar": "FILE"},
        ),
    ] = None
