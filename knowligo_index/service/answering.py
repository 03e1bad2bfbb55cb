"""/ask: an answer in words, from the passages and nothing else, with the passages."""

import time
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from knowligo_index.search.hit import Hit
from knowligo_index.service.citations import CitationFilter
from knowligo_index.service.core import AnswerModel, Service
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.parameters import AskRequest
from knowligo_index.service.prompts import messages, unanswered
from knowligo_index.service.refusals import RefusalError
from knowligo_index.service.responses import JsonResponse, refusal_response, server_sent_event
from knowligo_index.service.searching import found_as_json

_NO_KEY = RefusalError(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "nobody words answers here, since the service was started without GROQ_API_KEY: read the passages.",
)

_NO_PASSAGE = RefusalError(
    HTTPStatus.NOT_FOUND, "no passage has a word of the question: ask in other words, or with mode hybrid."
)

_OUTCOMES = {HTTPStatus.GATEWAY_TIMEOUT: "timed-out", HTTPStatus.TOO_MANY_REQUESTS: "rate-limited"}

_STREAM_HEADERS = {
    # nginx would otherwise hold the pieces back until it has a buffer full of them.
    "X-Accel-Buffering": "no"
}


def answer_routes(service: Service) -> APIRouter:
    """POST alone: an answer costs money, and an address could be asked by whoever comes upon it."""
    router = APIRouter()

    @router.post("/ask")
    async def ask(request: AskRequest) -> Response:
        found = await service.search(request.question, request.k, request.mode)
        passages = found_as_json(found, request.question, request.mode, context=request.context)
        if not found.hits:
            service.metrics.answers.labels("no-passage").inc()
            return refusal_response(_NO_PASSAGE, passages)
        if service.model is None:
            service.metrics.answers.labels("no-key").inc()
            return refusal_response(_NO_KEY, passages)
        if found.answered is False:
            service.metrics.answers.labels("unanswered").inc()
            return _unanswered(request, passages)
        answer = Answer(service.model, service.metrics, request.question, found.hits)
        if request.stream:
            return StreamingResponse(_events(answer, passages), headers=_STREAM_HEADERS, media_type="text/event-stream")
        try:
            text = "".join([piece async for piece in answer.pieces()])
        except RefusalError as refusal:
            return refusal_response(refusal, passages)
        return JsonResponse({"answer": text, **answer.citations(), **passages})

    return router


def _unanswered(request: AskRequest, passages: dict[str, object]) -> Response:
    """The documents do not answer: a model would only be tempted to make something of passages that are about other
    things."""
    text = unanswered(request.question)
    citations: dict[str, object] = {"citations": [], "unknown_citations": []}
    if not request.stream:
        return JsonResponse({"answer": text, **citations, **passages})
    events = (
        server_sent_event("passages", passages),
        server_sent_event("text", {"text": text}),
        server_sent_event("done", citations),
    )
    return Response(b"".join(events), headers=_STREAM_HEADERS, media_type="text/event-stream")


async def _events(answer: "Answer", passages: dict[str, object]) -> AsyncIterator[bytes]:
    """First the passages, for the person has use for them at once."""
    yield server_sent_event("passages", passages)
    try:
        async for piece in answer.pieces():
            yield server_sent_event("text", {"text": piece})
        yield server_sent_event("done", answer.citations())
    except RefusalError as refusal:
        told: dict[str, object] = {"error": refusal.sentence, "status": int(refusal.status)}
        if "Retry-After" in refusal.headers:
            told["retry_after"] = int(refusal.headers["Retry-After"])
        yield server_sent_event("error", told)


class Answer:
    """One answer, while it is being worded."""

    def __init__(self, model: AnswerModel, metrics: Metrics, question: str, hits: list[Hit]) -> None:
        self._model = model
        self._metrics = metrics
        self._conversation = messages(question, hits)
        self._filter = CitationFilter(len(hits))

    async def pieces(self) -> AsyncIterator[str]:
        """The text, without citations of passages that there are not. Raises RefusalError where it fails."""
        begun, outcome = time.perf_counter(), "abandoned"
        try:
            empty = True
            async for piece in self._model.answer(self._conversation):
                text = self._filter.feed(piece)
                empty = empty and not text.strip()
                if text:
                    yield text
            text = self._filter.end()
            self._check_said(empty=empty and not text.strip())
            if text:
                yield text
            outcome = "answered"
        except RefusalError as refusal:
            outcome = _OUTCOMES.get(refusal.status, "failed")
            raise
        finally:
            self._metrics.answers.labels(outcome).inc()
            self._metrics.answer_seconds.observe(time.perf_counter() - begun)
            self._metrics.unknown_citations.inc(len(self._filter.unknown))

    def _check_said(self, *, empty: bool) -> None:
        if empty:
            raise RefusalError(
                HTTPStatus.BAD_GATEWAY, "the model had nothing to say: ask in other words, or read the passages."
            )

    def citations(self) -> dict[str, object]:
        """Which passages it names, and which numbers that it named are none of a passage."""
        return {"citations": self._filter.cited, "unknown_citations": self._filter.unknown}
