"""Settings of the service. Apart from it, so that the other commands need not have what it is made of."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """Where the service listens, what it lets through, and who words its answers."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.", extra={"metavar": "ADDRESS"})] = (
        DEFAULT_HOST
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0: any that is free.")] = DEFAULT_PORT
    refresh_seconds: Annotated[
        float,
        Meta(gt=0, description="How often to see whether another version is live.", extra={"metavar": "SECONDS"}),
    ] = 1.0
    max_question: Annotated[int, Meta(ge=1, le=100_000, description="Most characters in a question.")] = 1_000
    max_concurrent: Annotated[
        int, Meta(ge=1, description="Most searches and answers under way at once; above, 503 with Retry-After.")
    ] = 256
    searches_per_minute: Annotated[
        int, Meta(ge=0, description="Most searches of a client in a minute; 0: no limit. Above, 429 with Retry-After.")
    ] = 600
    answers_per_minute: Annotated[
        int,
        Meta(
            ge=0, description="Most worded answers of a client in a minute; 0: no limit. Above, 429 with Retry-After."
        ),
    ] = 20
    trusted_proxies: Annotated[
        str,
        Meta(
            description="Addresses or networks, with commas between them, whose X-Forwarded-For is believed.",
            extra={"metavar": "ADDRESSES"},
        ),
    ] = ""
    answer_model: Annotated[
        str, Meta(min_length=1, description="Model that words the answers of /ask.", extra={"metavar": "ID"})
    ] = "openai/gpt-oss-120b"
    answer_url: Annotated[
        str,
        Meta(
            pattern="^https?://",
            description="Where that model is asked: Groq, or what speaks its protocol.",
            extra={"metavar": "URL"},
        ),
    ] = "https://api.groq.com"
    answer_seconds: Annotated[
        float, Meta(gt=0, description="Longest that an answer may take.", extra={"metavar": "SECONDS"})
    ] = 30.0
    answer_tokens: Annotated[
        int, Meta(ge=1, description="Most tokens in an answer, the model's thoughts included.")
    ] = 2_048
