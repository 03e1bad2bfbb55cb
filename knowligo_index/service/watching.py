"""/health and /metrics: for those who look after the service."""

from http import HTTPStatus

import anyio.to_thread
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from knowligo_index.service.core import Service
from knowligo_index.service.responses import JsonResponse


def watch_routes(service: Service) -> APIRouter:
    """Both are beside the limits, so that a service with much to do is not taken for one that is ill."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> JsonResponse:
        index = service.index
        if index.search_problem is not None:
            # Nobody might search until the service is well again, and it would never be found to be.
            await anyio.to_thread.run_sync(index.try_again, limiter=service.searches_at_once)
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
