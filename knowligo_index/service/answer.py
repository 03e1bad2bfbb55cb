"""One generated answer: its text, its citations, and its metrics."""

import time
from collections.abc import AsyncIterator
from http import HTTPStatus

from knowligo_index.search.hit import Hit
from knowligo_index.service.answer_model import AnswerModel
from knowligo_index.service.citations import CitationFilter
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.prompts import messages
from knowligo_index.service.request_errors import RequestError

_OUTCOMES = {HTTPStatus.GATEWAY_TIMEOUT: "timed-out", HTTPStatus.TOO_MANY_REQUESTS: "rate-limited"}


class Answer:
    """An answer to a question from the passages of these hits."""

    def __init__(self, model: AnswerModel, metrics: Metrics, question: str, hits: list[Hit]) -> None:
        self._model = model
        self._metrics = metrics
        self._conversation = messages(question, hits)
        self._filter = CitationFilter(len(hits))

    async def pieces(self) -> AsyncIterator[str]:
        """The text, without citations of passages that do not exist. Raises RequestError, possibly after some
        pieces."""
        start, outcome = time.perf_counter(), "abandoned"
        try:
            empty = True
            async for piece in self._model.answer(self._conversation):
                text = self._filter.feed(piece)
                empty = empty and not text.strip()
                if text:
                    yield text
            text = self._filter.end()
            _check_not_empty(empty=empty and not text.strip())
            if text:
                yield text
            outcome = "answered"
        except RequestError as error:
            outcome = _OUTCOMES.get(error.status, "failed")
            raise
        finally:
            self._metrics.answers.labels(outcome).inc()
            self._metrics.answer_seconds.observe(time.perf_counter() - start)
            self._metrics.unknown_citations.inc(len(self._filter.unknown))

    def citations(self) -> dict[str, object]:
        """Numbers of the passages that the answer cites, and cited numbers that are of no passage."""
        return {"citations": self._filter.cited, "unknown_citations": self._filter.unknown}


def _check_not_empty(*, empty: bool) -> None:
    if empty:
        raise RequestError(
            HTTPStatus.BAD_GATEWAY, "the answer of the model is empty: use other words, or read the passages."
        )
