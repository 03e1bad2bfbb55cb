"""A model on a server with the protocol of Groq, called with Groq's client."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import groq
import httpx
from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.prompts import Message
from knowligo_index.service.request_errors import RequestError, retry_later
from knowligo_index.service.response_size import HEADERS, ResponseLimit, UnreadableError
from knowligo_index.system.utf8 import utf8_text

# The answer has to follow the passages: the most probable tokens, and no random choice.
_TEMPERATURE = 0.0

_CONNECT_SECONDS = 5.0

# Retry-After for a rate limit of the server that comes without one.
_RETRY_SECONDS = "10"
_MAX_RETRY_SECONDS = 86_400

# A token has four bytes on average, and hardly one has more than this.
_BYTES_PER_TOKEN = 32
_MIN_BYTES = 1_024


class GroqModel:
    """Streams answers. Every failure of the server or of the connection is raised as RequestError."""

    def __init__(self, options: ServiceOptions, api_key: str) -> None:
        self._options = options
        self._end_at = math.inf
        self._timeouts: set[asyncio.Timeout] = set()
        self._client = groq.AsyncGroq(
            api_key=api_key,
            base_url=options.answer_url,
            timeout=httpx.Timeout(options.answer_seconds, connect=min(_CONNECT_SECONDS, options.answer_seconds)),
            # The user, who has the passages already, decides whether to try again. And retries of many requests at once
            # would keep a server over its rate limit.
            max_retries=0,
            default_headers=HEADERS,
            http_client=groq.DefaultAsyncHttpxClient(
                event_hooks={"response": [ResponseLimit(options.answer_tokens)]},
                # A redirect would take question and passages to an address that nobody has chosen.
                follow_redirects=False,
            ),
        )
        self._name = f"{options.answer_model} at {_without_credentials(options.answer_url)}"
        self._max_bytes = _MIN_BYTES + _BYTES_PER_TOKEN * options.answer_tokens

    async def answer(self, conversation: Sequence[Message]) -> AsyncIterator[str]:
        """The answer, piece by piece. Raises RequestError, possibly after some pieces: 504 if the whole answer takes
        longer than `answer_seconds`, 429 with Retry-After at the server's rate limit, 503 if the service is stopping,
        and 502 if the server fails or sends something else than an answer, or too much of it."""
        deadline = asyncio.get_running_loop().time() + self._options.answer_seconds
        finished = False
        size = 0
        with self._errors_as_request_errors():
            async with self._time_limit(deadline):
                stream = await self._client.chat.completions.create(
                    messages=cast(Sequence[ChatCompletionMessageParam], conversation),
                    model=self._options.answer_model,
                    max_completion_tokens=self._options.answer_tokens,
                    temperature=_TEMPERATURE,
                    stream=True,
                )
            async with stream:
                chunks = aiter(stream)
                while True:
                    # Around each step, not around the loop: between steps, a slow client reads what was sent to it.
                    async with self._time_limit(deadline):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    text, is_last = _read(chunk)
                    finished = finished or is_last
                    size += len(text.encode())
                    if size > self._max_bytes:
                        raise RequestError(
                            HTTPStatus.BAD_GATEWAY,
                            f"the answer of {self._name} has more than {self._max_bytes:,} bytes: ask again, or read "
                            "the passages.",
                        )
                    if text:
                        yield text
        if not finished:
            raise RequestError(
                HTTPStatus.BAD_GATEWAY, f"the answer of {self._name} is incomplete: ask again, or read the passages."
            )

    def end_by(self, when: float) -> None:
        """Every answer ends at this time of the event loop at the latest: the service is stopping."""
        self._end_at = when
        for timeout in self._timeouts:
            timeout.reschedule(min(when, timeout.when() or when))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @contextlib.asynccontextmanager
    async def _time_limit(self, deadline: float) -> AsyncIterator[None]:
        """Raises TimeoutError at the deadline, or when all answers have to end."""
        async with asyncio.timeout_at(min(deadline, self._end_at)) as timeout:
            self._timeouts.add(timeout)
            try:
                yield
            finally:
                self._timeouts.remove(timeout)

    @contextlib.contextmanager
    def _errors_as_request_errors(self) -> Iterator[None]:
        """Raise every error of the client library or the connection as RequestError."""
        try:
            yield
        except (TimeoutError, groq.APITimeoutError, httpx.TimeoutException) as error:
            if asyncio.get_running_loop().time() >= self._end_at:
                raise retry_later(
                    HTTPStatus.SERVICE_UNAVAILABLE, "the service is stopping: ask again in a moment.", "5"
                ) from error
            raise RequestError(
                HTTPStatus.GATEWAY_TIMEOUT,
                f"the answer of {self._name} was not complete after {self._options.answer_seconds:g} s: ask again, or "
                "read the passages.",
            ) from error
        except groq.RateLimitError as error:
            raise retry_later(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"the rate limit of {self._name} is reached: ask again later, or read the passages.",
                _retry_after(error.response.headers.get("retry-after")),
            ) from error
        except (groq.AuthenticationError, groq.PermissionDeniedError) as error:
            raise RequestError(
                HTTPStatus.BAD_GATEWAY, f"{self._name} does not accept the API key: check GROQ_API_KEY."
            ) from error
        except groq.APIStatusError as error:
            raise RequestError(
                HTTPStatus.BAD_GATEWAY,
                f"{self._name} answered with status {error.status_code}: check answer_model and answer_url, or read "
                "the passages.",
            ) from error
        except (groq.APIConnectionError, httpx.TransportError) as error:
            raise RequestError(
                HTTPStatus.BAD_GATEWAY,
                f"the connection to {self._name} failed: ask again, or read the passages.",
            ) from error
        except (groq.GroqError, ValueError, RecursionError) as error:
            raise RequestError(
                HTTPStatus.BAD_GATEWAY,
                f"the answer of {self._name} cannot be read: ask again, or read the passages.",
            ) from error


def _read(chunk: object) -> tuple[str, bool]:
    """The text of a chunk, and whether it is the last one. Raises UnreadableError: the client library does not check
    what it receives."""
    choices = getattr(chunk, "choices", None)
    if not isinstance(chunk, ChatCompletionChunk) or not isinstance(choices, list):
        raise UnreadableError
    # A chunk after the last one may hold only the numbers of tokens used.
    if not choices:
        return "", False
    delta = getattr(choices[0], "delta", None)
    text = getattr(delta, "content", None)
    if delta is None or not isinstance(text, str | None):
        raise UnreadableError
    return utf8_text(text or ""), getattr(choices[0], "finish_reason", None) is not None


def _retry_after(value: str | None) -> str:
    """Whole seconds from a header Retry-After, which may be missing, or a date."""
    try:
        return str(max(1, min(_MAX_RETRY_SECONDS, math.ceil(float(value or "")))))
    except (ValueError, OverflowError):
        return _RETRY_SECONDS


def _without_credentials(url: str) -> str:
    """The address as error messages may show it. The settings allow no user name, password or query in it, but a
    program may give one."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
