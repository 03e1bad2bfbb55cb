"""The web page: a form for questions, with the passages and the answer."""

from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

_FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/events.js": ("events.js", "text/javascript"),
    "/passages.js": ("passages.js", "text/javascript"),
    "/texts.js": ("texts.js", "text/javascript"),
    "/token.js": ("token.js", "text/javascript"),
}

PAGE_PATHS = tuple(_FILES)

# An attribute in index.html: whether the service generates answers.
_ANSWERS = {False: b'data-answers="no"', True: b'data-answers="yes"'}


def page_routes(*, answers: bool) -> APIRouter:
    """A route for each file of the page. The files are read once. `answers`: whether the page offers answers."""
    router = APIRouter(include_in_schema=False)
    folder = files("knowligo_index.service") / "page"
    for path, (name, media_type) in _FILES.items():
        content = (folder / name).read_bytes().replace(_ANSWERS[False], _ANSWERS[answers])
        _add_route(router, path, content, media_type)
    return router


def _add_route(router: APIRouter, path: str, content: bytes, media_type: str) -> None:
    @router.api_route(path, methods=["GET", "HEAD"])
    async def file() -> Response:
        # After an update of the service, a browser must not combine files of two releases.
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})
