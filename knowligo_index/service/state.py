"""What the routes of a service share: its options, the index, the metrics, and the model that generates answers."""

import asyncio
import time
from dataclasses import dataclass
from functools import partial

import anyio
import anyio.to_thread

from knowligo_index.search.open_version import SearchMode
from knowligo_index.service.answer_model import AnswerModel
from knowligo_index.service.live_index import LiveIndex, SearchResult
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.parameters import check_question


@dataclass(frozen=True)
class ServiceState:
    """The parts of one running service."""

    options: ServiceOptions
    index: LiveIndex
    metrics: Metrics
    model: AnswerModel | None
    """None if the service has no API key"""
    search_limiter: anyio.CapacityLimiter
    """allows as many searches at once as there are threads; further ones wait"""

    async def search(self, question: str, k: int, mode: SearchMode) -> SearchResult:
        """The `k` passages that fit the question best. Raises RequestError if the question is empty or too long, and
        KnowligoError if the index fails."""
        check_question(question, self.options.max_question)
        return await anyio.to_thread.run_sync(
            partial(self._timed_search, question, k, mode), limiter=self.search_limiter
        )

    def end_answers(self, seconds: float) -> None:
        """End every answer within this time. Must be called in the event loop."""
        if self.model is not None:
            self.model.end_by(asyncio.get_running_loop().time() + seconds)

    def _timed_search(self, question: str, k: int, mode: SearchMode) -> SearchResult:
        start = time.perf_counter()
        try:
            return self.index.search(question, k, mode)
        finally:
            self.metrics.search_seconds.labels(mode).observe(time.perf_counter() - start)
