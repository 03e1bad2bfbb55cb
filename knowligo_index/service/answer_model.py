"""The model that words answers, asked with Groq's client."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from http import HTTPStatus
from typing import cast

import groq
import httpx
from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.prompts import Message
from knowligo_index.service.refusals import RefusalError, try_later

# Passages are put into words, not made up: the likeliest words are wanted.
_TEMPERATURE = 0.0

_CONNECT_SECONDS = 5.0

# Where the other end asks for a pause and does not say how long.
_RETRY_SECONDS = "10"


class GroqModel:
    """Streams answers. Whatever goes wrong at the other end is a RefusalError with a status and a sentence."""

    def __init__(self, options: ServiceOptions, api_key: str) -> None:
        self._options = options
        self._end_at = math.inf
        self._timeouts: set[asyncio.Timeout] = set()
        self._client = groq.AsyncGroq(
            api_key=api_key,
            base_url=options.answer_url,
            timeout=httpx.Timeout(options.answer_seconds, connect=min(_CONNECT_SECONDS, options.answer_seconds)),
            # A person is waiting, with the passages before them: whether to try again is for them to say, and one that
            # is told to slow down must not be asked again by everyone at once.
            max_retries=0,
        )

    async def answer(self, conversation: Sequence[Message]) -> AsyncIterator[str]:
        """The answer, piece by piece. Raises RefusalError, also in the middle: 504 when the whole takes longer than it
        may, 429 with Retry-After where the model has too much to do, 502 where it fails or is not to be understood."""
        deadline = asyncio.get_running_loop().time() + self._options.answer_seconds
        finished = False
        with self._told_plainly():
            async with self._until(deadline):
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
                    # For each step alone: a client that reads slowly has time between them.
                    async with self._until(deadline):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    text, ended = _read(chunk)
                    finished = finished or ended
                    if text:
                        yield text
        if not finished:
            raise RefusalError(
                HTTPStatus.BAD_GATEWAY, f"the answer of {self._where} breaks off: ask again, or read the passages."
            )

    def end_by(self, when: float) -> None:
        """Every answer ends at this time of the event loop, if not before: the service is being stopped."""
        self._end_at = when
        for timeout in self._timeouts:
            timeout.reschedule(min(when, timeout.when() or when))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @contextlib.asynccontextmanager
    async def _until(self, deadline: float) -> AsyncIterator[None]:
        """Raises TimeoutError when it is past the deadline, or past the end of all answers."""
        async with asyncio.timeout_at(min(deadline, self._end_at)) as timeout:
            self._timeouts.add(timeout)
            try:
                yield
            finally:
                self._timeouts.remove(timeout)

    @property
    def _where(self) -> str:
        return f"{self._options.answer_model} at {self._options.answer_url}"

    @contextlib.contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """What can go wrong between here and the model, as RefusalError."""
        try:
            yield
        except (TimeoutError, groq.APITimeoutError, httpx.TimeoutException) as error:
            if asyncio.get_running_loop().time() >= self._end_at:
                raise try_later(
                    HTTPStatus.SERVICE_UNAVAILABLE, "the service is being stopped: ask again in a moment.", "5"
                ) from error
            raise RefusalError(
                HTTPStatus.GATEWAY_TIMEOUT,
                f"{self._where} had not answered after {self._options.answer_seconds:g} s: ask again, or read the "
                "passages.",
            ) from error
        except groq.RateLimitError as error:
            raise try_later(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{self._where} is asked too much: ask again later, or read the passages.",
                _seconds(error.response.headers.get("retry-after")),
            ) from error
        except (groq.AuthenticationError, groq.PermissionDeniedError) as error:
            raise RefusalError(
                HTTPStatus.BAD_GATEWAY, f"{self._where} does not take the key: see to GROQ_API_KEY."
            ) from error
        except groq.APIStatusError as error:
            raise RefusalError(
                HTTPStatus.BAD_GATEWAY,
                f"{self._where} answered with status {error.status_code}: see to answer_model and answer_url, or read "
                "the passages.",
            ) from error
        except (groq.APIConnectionError, httpx.TransportError) as error:
            raise RefusalError(
                HTTPStatus.BAD_GATEWAY,
                f"the connection to {self._where} failed: ask again, or read the passages.",
            ) from error
        except (groq.GroqError, ValueError) as error:
            raise RefusalError(
                HTTPStatus.BAD_GATEWAY,
                f"{self._where} gave no answer that can be read: ask again, or read the passages.",
            ) from error


class _UnreadableError(ValueError):
    """Something else than a chunk of an answer."""


def _read(chunk: object) -> tuple[str, bool]:
    """The text of a chunk, and whether it is the last one. Raises _UnreadableError: the client hands on whatever
    comes."""
    choices = getattr(chunk, "choices", None)
    if not isinstance(chunk, ChatCompletionChunk) or not isinstance(choices, list):
        raise _UnreadableError
    # The last chunk may hold nothing but what was used.
    if not choices:
        return "", False
    delta = getattr(choices[0], "delta", None)
    text = getattr(delta, "content", None)
    if delta is None or not isinstance(text, str | None):
        raise _UnreadableError
    return text or "", getattr(choices[0], "finish_reason", None) is not None


def _seconds(value: str | None) -> str:
    """Of a Retry-After that may be missing, or a date."""
    try:
        return str(max(1, math.ceil(float(value or ""))))
    except (ValueError, OverflowError):
        return _RETRY_SECONDS
