"""/search: the passages that fit a question."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query

from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import SearchMode
from knowligo_index.service.live_index import SearchResult
from knowligo_index.service.parameters import SearchRequest
from knowligo_index.service.responses import JsonResponse
from knowligo_index.service.state import ServiceState
from knowligo_index.store.passage import Passage
from knowligo_index.system.utf8 import utf8_text


def search_routes(service: ServiceState) -> APIRouter:
    """GET, so that a search has an address; and POST, so that the question is not in the logs of proxies."""
    router = APIRouter()

    async def search(request: SearchRequest) -> JsonResponse:
        result = await service.search(request.q, request.k, request.mode)
        return JsonResponse(search_document(result, request.q, request.mode, context=request.context))

    @router.get("/search")
    async def search_by_address(request: Annotated[SearchRequest, Query()]) -> JsonResponse:
        return await search(request)

    @router.post("/search")
    async def search_by_body(request: SearchRequest) -> JsonResponse:
        return await search(request)

    return router


def search_document(
    result: SearchResult, question: str, mode: SearchMode, *, context: bool = False
) -> dict[str, object]:
    """What `search --json` prints; with `context`, each hit also has the passages before and after it."""
    hits = [_with_context(hit) for hit in result.hits] if context else result.hits
    # JSON may escape lone surrogates, which cannot be written as UTF-8.
    request = {"version": result.version, "query": utf8_text(question), "mode": mode}
    return {**request, "answered": result.answered, "hits": hits}


def _with_context(hit: Hit) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(hit)
    return fields | {"previous": _passage_fields(hit.previous), "next": _passage_fields(hit.next)}


def _passage_fields(passage: Passage | None) -> dict[str, object] | None:
    """The fields of a passage that a hit has, too."""
    if passage is None:
        return None
    fields: dict[str, object] = msgspec.to_builtins(passage)
    return {name: value for name, value in fields.items() if name not in ("id", "tokens")}
