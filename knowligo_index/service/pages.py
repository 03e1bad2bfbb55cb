"""The page on which a person asks."""

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

_FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}

PAGE_PATHS = tuple(_FILES)


def page_routes() -> APIRouter:
    """One route for each of its three files, which are read once."""
    router = APIRouter(include_in_schema=False)
    folder = files("knowligo_index.service") / "page"
    for path, (name, media_type) in _FILES.items():
        _add(router, path, (folder / name).read_bytes(), media_type)
    return router


def _add(router: APIRouter, path: str, content: bytes, media_type: str) -> None:
    @router.api_route(path, methods=["GET", "HEAD"])
    async def file() -> Response:
        # With another release the three must change together.
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})
