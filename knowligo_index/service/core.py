"""What the service is made of, and the search that every part of it begins with."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import anyio
import anyio.to_thread

from knowligo_index.search.open_version import SearchMode
from knowligo_index.service.live_index import Found, LiveIndex
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.parameters import check_question
from knowligo_index.service.prompts import Message


class AnswerModel(Protocol):
    """What words answers."""

    def answer(self, conversation: Sequence[Message]) -> AsyncIterator[str]:
        """The answer, piece by piece. Raises RefusalError, also in the middle."""
        ...

    def end_by(self, when: float) -> None:
        """Every answer ends at this time of the event loop, if not before."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True)
class Service:
    """The parts of one running service."""

    options: ServiceOptions
    index: LiveIndex
    metrics: Metrics
    model: AnswerModel | None
    """None where there is no key"""
    searches_at_once: anyio.CapacityLimiter
    """one for each thread that may search; the others wait for their turn"""

    async def search(self, question: str, k: int, mode: SearchMode) -> Found:
        """The passages that fit the question best. Raises RefusalError where it is none, KnowligoError where the index
        fails."""
        check_question(question, self.options.max_question)
        return await anyio.to_thread.run_sync(
            partial(self._timed_search, question, k, mode), limiter=self.searches_at_once
        )

    def end_answers(self, seconds: float) -> None:
        """So many seconds from now every answer is to have ended. To be called in the event loop."""
        if self.model is not None:
            self.model.end_by(asyncio.get_running_loop().time() + seconds)

    def _timed_search(self, question: str, k: int, mode: SearchMode) -> Found:
        begun = time.perf_counter()
        try:
            return self.index.search(question, k, mode)
        finally:
            self.metrics.search_seconds.labels(mode).observe(time.perf_counter() - begun)
