"""/health and /metrics: for health checks and for Prometheus."""

from http import HTTPStatus

import anyio.to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from knowligo_index.service.access import HAS_ACCESS, HEALTH_PATH
from knowligo_index.service.responses import JsonResponse
from knowligo_index.service.state import ServiceState


def monitoring_routes(service: ServiceState) -> APIRouter:
    """No limit of requests applies to them: a busy service must not look like one that fails. Of the health, a request
    without access sees only the status."""
    router = APIRouter()

    @router.get(HEALTH_PATH)
    async def health(request: Request) -> JsonResponse:
        index = service.index
        if index.search_problem is not None:
            # Without a search of its own, a service that gets no requests would never be found to work again.
            await anyio.to_thread.run_sync(index.try_search, limiter=service.search_limiter)
        problem = index.search_problem or index.refresh_problem
        status = "failing" if index.search_problem else "stale" if index.refresh_problem else "ok"
        manifest = index.reader.manifest
        details = {
            "version": manifest.version,
            "documents": manifest.documents.indexed,
            "chunks": manifest.chunks,
            "answers": service.model is not None,
            "problem": problem,
        }
        return JsonResponse(
            {"status": status, **(details if getattr(request.state, HAS_ACCESS) else {})},
            HTTPStatus.SERVICE_UNAVAILABLE if status == "failing" else HTTPStatus.OK,
        )

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(service.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return router
