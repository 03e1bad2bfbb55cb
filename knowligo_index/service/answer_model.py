"""What the service needs of a language model."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from knowligo_index.service.prompts import Message


class AnswerModel(Protocol):
    """A model that generates answers."""

    def answer(self, conversation: Sequence[Message]) -> AsyncIterator[str]:
        """The answer, piece by piece. Raises RequestError, possibly after some pieces."""
        ...

    def end_by(self, when: float) -> None:
        """Every answer ends at this time of the event loop at the latest."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
