"""Parameters of requests, and the errors for parameters that are missing or not valid."""

from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from knowligo_index.search.open_version import SearchMode
from knowligo_index.service.request_errors import RequestError
from knowligo_index.system.visible_text import is_blank

MAX_PASSAGES = 50

NO_JSON_OBJECT = "the body is not a JSON object: send one, with Content-Type: application/json."


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchRequest(_Request):
    """Parameters of /search."""

    q: str = Field(description="the question")
    k: int = Field(5, ge=1, le=MAX_PASSAGES, description="number of passages")
    mode: SearchMode = Field("hybrid", description="by meaning (dense), by words (lexical), or both")
    context: bool = Field(False, description="with the passages before and after each one")


class AskRequest(_Request):
    """The body of /ask."""

    question: str
    k: int = Field(5, ge=1, le=MAX_PASSAGES, description="number of passages that the answer is generated from")
    mode: SearchMode = Field("hybrid", description="by meaning (dense), by words (lexical), or both")
    context: bool = Field(False, description="with the passages before and after each one")
    stream: bool = Field(True, description="as server-sent events; otherwise as one JSON document")


def check_question(question: str, max_characters: int) -> None:
    """Raises RequestError if the question is empty or too long."""
    if is_blank(question):
        raise RequestError(HTTPStatus.BAD_REQUEST, "the question is empty: write a question or some words.")
    if len(question) > max_characters:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            f"the question has {len(question):,} characters: shorten it to {max_characters:,} or fewer.",
        )


def request_error(error: RequestValidationError) -> RequestError:
    """The error for the first parameter that is not valid."""
    first: dict[str, Any] = error.errors()[0]
    kind, name = first["type"], str(first["loc"][-1])
    if kind == "json_invalid" or first["loc"] == ("body",):
        message = NO_JSON_OBJECT
    elif kind == "missing":
        message = f"the parameter {name} is missing: add it."
    elif kind == "extra_forbidden":
        message = f"{name} is not a parameter: leave it out."
    else:
        reason = f"{first['msg'][0].lower()}{first['msg'][1:]}"
        message = f"{name} is {str(first['input'])[:50]!r}, which is not valid: {reason}."
    return RequestError(HTTPStatus.BAD_REQUEST, message)
