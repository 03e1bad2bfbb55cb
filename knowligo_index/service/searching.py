"""/search: the passages that fit a question."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query

from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import SearchMode
from knowligo_index.service.core import Service
from knowligo_index.service.live_index import Found
from knowligo_index.service.parameters import SearchRequest
from knowligo_index.service.responses import JsonResponse
from knowligo_index.system.utf8 import utf8_text
from knowligo_index.types import Passage


def search_routes(service: Service) -> APIRouter:
    """GET, so that a search has an address, and POST, so that a question is in no log of addresses."""
    router = APIRouter()

    async def search(request: SearchRequest) -> JsonResponse:
        found = await service.search(request.q, request.k, request.mode)
        return JsonResponse(found_as_json(found, request.q, request.mode, context=request.context))

    @router.get("/search")
    async def search_by_address(request: Annotated[SearchRequest, Query()]) -> JsonResponse:
        return await search(request)

    @router.post("/search")
    async def search_by_body(request: SearchRequest) -> JsonResponse:
        return await search(request)

    return router


def found_as_json(found: Found, question: str, mode: SearchMode, *, context: bool = False) -> dict[str, object]:
    """As `search --json` prints it; with `context`, each hit has the passages before and after it."""
    hits = [_with_context(hit) for hit in found.hits] if context else found.hits
    asked = {"version": found.version, "query": _encodable(question), "mode": mode}
    return {**asked, "answered": found.answered, "hits": hits}


def _with_context(hit: Hit) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(hit)
    return fields | {"previous": _beside(hit.previous), "next": _beside(hit.next)}


def _beside(passage: Passage | None) -> dict[str, object] | None:
    if passage is None:
        return None
    fields: dict[str, object] = msgspec.to_builtins(passage)
    # What a hit does not have either.
    return {name: value for name, value in fields.items() if name not in ("id", "tokens")}


def _encodable(question: str) -> str:
    """JSON may escape lone surrogates, which cannot be written as UTF-8."""
    return utf8_text(question)
