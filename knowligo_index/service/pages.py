"""The page on which a person asks."""

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

_FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/passages.js": ("passages.js", "text/javascript"),
    "/texts.js": ("texts.js", "text/javascript"),
}

PAGE_PATHS = tuple(_FILES)


# What the page is told of the service it belongs to.
_ANSWERS = {False: b'data-answers="no"', True: b'data-answers="yes"'}


def page_routes(*, answers: bool) -> APIRouter:
    """One route for each of its files, which are read once. `answers`: whether it can ask for them."""
    router = APIRouter(include_in_schema=False)
    folder = files("knowligo_index.service") / "page"
    for path, (name, media_type) in _FILES.items():
        content = (folder / name).read_bytes().replace(_ANSWERS[False], _ANSWERS[answers])
        _add(router, path, content, media_type)
    return router


def _add(router: APIRouter, path: str, content: bytes, media_type: str) -> None:
    @router.api_route(path, methods=["GET", "HEAD"])
    async def file() -> Response:
        # With another release all of them must change together.
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})
