"""/ask: an answer that a language model generates from the passages, together with these passages."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from knowligo_index.service.answer import Answer
from knowligo_index.service.parameters import AskRequest
from knowligo_index.service.prompts import unanswered
from knowligo_index.service.request_errors import RequestError
from knowligo_index.service.responses import JsonResponse, error_response, server_sent_event
from knowligo_index.service.search_routes import search_document
from knowligo_index.service.state import ServiceState

_NO_KEY = RequestError(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "this service generates no answers, because it was started without GROQ_API_KEY: read the passages.",
)

_NO_PASSAGE = RequestError(
    HTTPStatus.NOT_FOUND, "no passage contains a word of the question: use other words, or mode hybrid."
)

_STREAM_HEADERS = {
    # Without this, nginx collects pieces in a buffer until it is full.
    "X-Accel-Buffering": "no"
}


def answer_routes(service: ServiceState) -> APIRouter:
    """POST only: an answer costs money, and programs such as crawlers call any address with GET."""
    router = APIRouter()

    @router.post("/ask")
    async def ask(request: AskRequest) -> Response:
        result = await service.search(request.question, request.k, request.mode)
        passages = search_document(result, request.question, request.mode, context=request.context)
        if not result.hits:
            service.metrics.answers.labels("no-passage").inc()
            return error_response(_NO_PASSAGE, passages)
        if service.model is None:
            service.metrics.answers.labels("no-key").inc()
            return error_response(_NO_KEY, passages)
        if result.answered is False:
            service.metrics.answers.labels("unanswered").inc()
            return _unanswered_response(request, passages)
        answer = Answer(service.model, service.metrics, request.question, result.hits)
        if request.stream:
            return StreamingResponse(_events(answer, passages), headers=_STREAM_HEADERS, media_type="text/event-stream")
        try:
            text = "".join([piece async for piece in answer.pieces()])
        except RequestError as error:
            return error_response(error, passages)
        return JsonResponse({"answer": text, **answer.citations(), **passages})

    return router


def _unanswered_response(request: AskRequest, passages: dict[str, object]) -> Response:
    """For a question that the documents do not answer. The model is not called: from passages about other things it
    might make up an answer."""
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


async def _events(answer: Answer, passages: dict[str, object]) -> AsyncIterator[bytes]:
    """The passages first, because they can be read while the answer is being generated."""
    yield server_sent_event("passages", passages)
    try:
        async for piece in answer.pieces():
            yield server_sent_event("text", {"text": piece})
        yield server_sent_event("done", answer.citations())
    except RequestError as error:
        fields: dict[str, object] = {"error": error.message, "status": int(error.status)}
        if "Retry-After" in error.headers:
            fields["retry_after"] = int(error.headers["Retry-After"])
        yield server_sent_event("error", fields)
