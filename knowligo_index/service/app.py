"""The service as an ASGI application."""

import contextlib
import logging
from collections.abc import AsyncIterator
from http import HTTPStatus

import anyio
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from knowligo_index.errors import KnowligoError, SettingError
from knowligo_index.service.answering import answer_routes
from knowligo_index.service.core import AnswerModel, Service
from knowligo_index.service.envelope import Envelope
from knowligo_index.service.limits import Limits
from knowligo_index.service.live_index import LiveIndex
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.pages import page_routes
from knowligo_index.service.parameters import NO_JSON_OBJECT, refusal_of
from knowligo_index.service.refusals import RefusalError
from knowligo_index.service.responses import refusal_response
from knowligo_index.service.searching import search_routes
from knowligo_index.service.watching import watch_routes
from knowligo_index.system.release import __version__

_log = logging.getLogger("knowligo_index.service")


def create_app(index: LiveIndex, options: ServiceOptions, api_key: str | None = None) -> FastAPI:
    """The application, which closes the index when it ends. `api_key` is Groq's; without it, or with an empty one, /ask
    gives the passages alone."""
    metrics = Metrics()
    metrics.opened(index.reader.manifest)
    index.on_move = metrics.moved
    metrics.stale_where(lambda: index.refresh_problem is not None)
    model = _model(options, api_key) if api_key else None
    service = Service(options, index, metrics, model, anyio.CapacityLimiter(index.threads))

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        index.follow(options.refresh_seconds)
        try:
            yield
        finally:
            index.close()
            if model is not None:
                await model.close()

    # The pages that FastAPI makes of the schema load their scripts from elsewhere.
    app = FastAPI(
        title="KnowLigo Index",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = service
    page = page_routes(answers=model is not None)
    for routes in (search_routes(service), answer_routes(service), watch_routes(service), page):
        app.include_router(routes)
    _tell_errors(app)
    app.add_middleware(Limits, options=options, metrics=metrics)
    app.add_middleware(Envelope, metrics=metrics)
    return app


def _model(options: ServiceOptions, api_key: str) -> AnswerModel:
    # Groq's client takes a tenth of a second and some memory, which a service that only searches has no use for.
    from knowligo_index.service.answer_model import GroqModel

    return GroqModel(options, api_key)


def _tell_errors(app: FastAPI) -> None:
    """Every error is `{"error": sentence}`."""

    @app.exception_handler(RefusalError)
    async def refused(request: Request, error: RefusalError) -> Response:
        return refusal_response(error)

    @app.exception_handler(RequestValidationError)
    async def not_a_question(request: Request, error: RequestValidationError) -> Response:
        return refusal_response(refusal_of(error))

    @app.exception_handler(SettingError)
    async def wrong(request: Request, error: SettingError) -> Response:
        return refusal_response(RefusalError(HTTPStatus.BAD_REQUEST, str(error)))

    @app.exception_handler(KnowligoError)
    async def index_fails(request: Request, error: KnowligoError) -> Response:
        # The sentence names folders of this machine, which are nobody's business.
        _log.error("A search failed: %s", error)
        sentence = "the index fails: try again later, or tell those who look after it."
        return refusal_response(RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, sentence))

    @app.exception_handler(HTTPException)
    async def not_here(request: Request, error: HTTPException) -> Response:
        sentences = {
            # Bytes that are no text.
            400: NO_JSON_OBJECT,
            404: f"there is nothing at {request.url.path[:100]}: ask /search.",
            405: f"{request.url.path[:100]} does not take {request.method}: see its Allow header.",
        }
        sentence = sentences.get(error.status_code, f"{error.detail}.")
        return refusal_response(RefusalError(HTTPStatus(error.status_code), sentence, dict(error.headers or {})))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        sentence = "the service failed at this request: see its log."
        return refusal_response(RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, sentence))
