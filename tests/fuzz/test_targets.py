"""What the fuzzer begins with keeps the promises, what it once found among it; and it would notice if it did not."""

import pytest
import targets
from seeds import seeds
from targets import TARGETS

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.types import Chunk, Document


@pytest.mark.parametrize("target", TARGETS)
def test_every_seed_keeps_the_promises(target: str) -> None:
    inputs = seeds(target)
    assert inputs
    for data in inputs:
        TARGETS[target](data)


def test_a_passage_that_is_missing_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_last(document: Document, options: ChunkingOptions, counter: TokenCounter) -> list[Chunk]:
        return chunk_document(document, options, counter)[:-1]

    monkeypatch.setattr(targets, "chunk_document", without_the_last)
    with pytest.raises(AssertionError, match="characters 0 to 14 are in no chunk"):
        TARGETS["text"](b"El plan basico")


def test_an_error_in_the_package_itself_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowligo_index.parsers.text.paragraphs", lambda text, start, end: 1 / 0)
    # This line is the test's, so the error is not the package's.
    TARGETS["text"](b"El plan basico")
    monkeypatch.setattr("knowligo_index.parsers.text.paragraphs", None)
    with pytest.raises(Exception, match="the parser failed: TypeError"):
        TARGETS["text"](b"El plan basico")
