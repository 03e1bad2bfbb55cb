"""/health and /metrics: for health checks and for Prometheus."""

from http import HTTPStatus

import anyio.to_thread
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from knowligo_index.service.responses import JsonResponse
from knowligo_index.service.state import ServiceState


def monitoring_routes(service: ServiceState) -> APIRouter:
    """No limit of requests applies to them: a busy service must not look like one that fails."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> JsonResponse:
        index = service.index
        if index.search_problem is not None:
            # Without a search of its own, a service that gets no requests would never be found to work again.
            await anyio.to_thread.run_sync(index.try_search, limiter=service.search_limiter)
        problem = index.search_problem or index.refresh_problem
        status = "failing" if index.search_problem else "stale" if index.refresh_problem else "ok"
        manifest = index.reader.manifest
        return JsonResponse(
            {
                "status": status,
                "version": manifest.version,
                "documents": manifest.documents.indexed,
                "chunks": manifest.chunks,
                "answers": service.model is not None,
                "problem": problem,
            },
            HTTPStatus.SERVICE_UNAVAILABLE if status == "failing" else HTTPStatus.OK,
        )

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(service.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return router
