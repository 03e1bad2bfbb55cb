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
from knowligo_index.service.access import Access
from knowligo_index.service.answer_model import AnswerModel
from knowligo_index.service.answer_routes import answer_routes
from knowligo_index.service.limits import Limits
from knowligo_index.service.live_index import LiveIndex
from knowligo_index.service.metrics import Metrics
from knowligo_index.service.monitoring_routes import monitoring_routes
from knowligo_index.service.options import ServiceOptions
from knowligo_index.service.page_routes import page_routes
from knowligo_index.service.parameters import NO_JSON_OBJECT, request_error
from knowligo_index.service.rates import Rates
from knowligo_index.service.request_errors import RequestError
from knowligo_index.service.request_metrics import RequestMetrics
from knowligo_index.service.response_headers import ResponseHeaders
from knowligo_index.service.responses import error_response
from knowligo_index.service.search_routes import search_routes
from knowligo_index.service.state import ServiceState
from knowligo_index.system.package_version import __version__

_log = logging.getLogger("knowligo_index.service")


def create_app(
    index: LiveIndex, options: ServiceOptions, api_key: str | None = None, token: str | None = None
) -> FastAPI:
    """The application, which closes the index when it ends. `api_key` is Groq's; without it, or if it is empty, /ask
    returns only the passages. `token` is the one that requests must have; without it, or if it is empty, none."""
    metrics = Metrics()
    metrics.opened(index.reader.manifest)
    index.on_refresh = metrics.refreshed
    metrics.set_stale_function(lambda: index.refresh_problem is not None)
    metrics.set_refresh_seconds_function(lambda: index.refresh_seconds)
    model = _answer_model(options, api_key) if api_key else None
    service = ServiceState(options, index, metrics, model, anyio.CapacityLimiter(index.threads))

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        index.follow(options.refresh_seconds)
        try:
            yield
        finally:
            index.close()
            if model is not None:
                await model.close()

    app = FastAPI(
        title="KnowLigo Index",
        version=__version__,
        # FastAPI's pages of documentation load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = service
    page = page_routes(answers=model is not None)
    for routes in (search_routes(service), answer_routes(service), monitoring_routes(service), page):
        app.include_router(routes)
    _add_error_handlers(app)
    # The one that is added last is called first.
    rates = Rates()
    app.add_middleware(Limits, options=options, rates=rates, metrics=metrics)
    app.add_middleware(Access, options=options, rates=rates, metrics=metrics, token=token)
    app.add_middleware(ResponseHeaders)
    app.add_middleware(RequestMetrics, metrics=metrics)
    return app


def _answer_model(options: ServiceOptions, api_key: str) -> AnswerModel:
    # Imported only here: Groq's client takes a tenth of a second and memory, and a service without a key needs none.
    from knowligo_index.service.groq_model import GroqModel

    return GroqModel(options, api_key)


def _add_error_handlers(app: FastAPI) -> None:
    """Answer every error with `{"error": message}`."""

    @app.exception_handler(RequestError)
    async def request_failed(request: Request, error: RequestError) -> Response:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    async def parameter_not_valid(request: Request, error: RequestValidationError) -> Response:
        return error_response(request_error(error))

    @app.exception_handler(SettingError)
    async def search_not_valid(request: Request, error: SettingError) -> Response:
        return error_response(RequestError(HTTPStatus.BAD_REQUEST, str(error)))

    @app.exception_handler(KnowligoError)
    async def search_failed(request: Request, error: KnowligoError) -> Response:
        # The message names folders of this machine, which clients must not learn.
        _log.error("A search failed: %s", error)
        message = "the index cannot be searched: try again later, or report this to the administrator of the service."
        return error_response(RequestError(HTTPStatus.SERVICE_UNAVAILABLE, message))

    @app.exception_handler(HTTPException)
    async def route_failed(request: Request, error: HTTPException) -> Response:
        path = request.url.path[:100]
        messages = {
            # The body is not UTF-8.
            400: NO_JSON_OBJECT,
            404: f"there is nothing at {path}: searches are at /search.",
            405: f"{path} does not allow {request.method}: use a method that the header Allow lists.",
        }
        message = messages.get(error.status_code, f"{error.detail}.")
        return error_response(RequestError(HTTPStatus(error.status_code), message, dict(error.headers or {})))

    @app.exception_handler(Exception)
    async def unexpected_error(request: Request, error: Exception) -> Response:
        message = "an unexpected error occurred, which is in the log: report this to the administrator of the service."
        return error_response(RequestError(HTTPStatus.INTERNAL_SERVER_ERROR, message))
