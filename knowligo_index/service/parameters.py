"""What may be asked, and how a question that is none is told."""

from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from knowligo_index.search.open_version import SearchMode
from knowligo_index.service.refusals import RefusalError

MOST_PASSAGES = 50

NO_JSON_OBJECT = "the body is not a JSON object: send one, with Content-Type: application/json."


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchRequest(_Request):
    """Parameters of /search."""

    q: str = Field(description="the question")
    k: int = Field(5, ge=1, le=MOST_PASSAGES, description="how many passages")
    mode: SearchMode = Field("hybrid", description="by meaning (dense), by words (lexical), or both")
    context: bool = Field(False, description="with the passages before and after each one")


class AskRequest(_Request):
    """The body of /ask."""

    question: str
    k: int = Field(5, ge=1, le=MOST_PASSAGES, description="from how many passages the answer is worded")
    mode: SearchMode = Field("hybrid", description="by meaning (dense), by words (lexical), or both")
    context: bool = Field(False, description="with the passages before and after each one")
    stream: bool = Field(True, description="as server-sent events; else as one JSON document")


def check_question(question: str, most: int) -> None:
    """Raises RefusalError where there is none, or too much of it."""
    if not question.strip():
        raise RefusalError(HTTPStatus.BAD_REQUEST, "the question is empty: ask one, or name some words.")
    if len(question) > most:
        raise RefusalError(
            HTTPStatus.BAD_REQUEST,
            f"the question has {len(question):,} characters: ask with {most:,} or fewer.",
        )


def refusal_of(error: RequestValidationError) -> RefusalError:
    """The first of the problems as a sentence."""
    first: dict[str, Any] = error.errors()[0]
    kind, name = first["type"], str(first["loc"][-1])
    if kind == "json_invalid" or first["loc"] == ("body",):
        sentence = NO_JSON_OBJECT
    elif kind == "missing":
        sentence = f"{name} is missing: give it."
    elif kind == "extra_forbidden":
        sentence = f"{name} is not something to ask for: leave it out."
    else:
        sentence = (
            f"{name} is {str(first['input'])[:50]!r}, and that is wrong: {first['msg'][0].lower()}{first['msg'][1:]}."
        )
    return RefusalError(HTTPStatus.BAD_REQUEST, sentence)
