"""Settings of the service. They need none of its packages, so that the other commands can read them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


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
            # The API key is sent there.
            pattern=r"^(https://|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$))",
            description="Server of that model: Groq, or another one with the same protocol; https, or http on this "
            "machine.",
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
