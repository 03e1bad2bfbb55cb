"""reStructuredText: what stands for other text."""

from pathlib import Path

import pytest
from support.document_checks import check_document

from knowligo_index.parsers import parse
from knowligo_index.parsers.restructuredtext import inline
from knowligo_index.types import Document, Dropped, Source


def read(text: str) -> Document:
    document = parse(Source("guia.rst", Path("guia.rst"), "restructuredtext", 1, "0" * 64), text.encode())
    check_document(document)
    return document


@pytest.mark.parametrize(
    ("definitions", "hidden"),
    [
        (".. |a| replace:: texto", 0),
        (".. |a| replace:: texto\n.. |b| replace:: otro texto", 9),
        (".. |a| replace:: texto\n.. |b| image:: x.png\n   :alt: El router", 8),
        (".. |b| replace:: otro\n.. |b| replace:: más\n.. |a| replace:: texto", 7),
    ],
)
def test_a_definition_that_stands_nowhere_is_counted(definitions: str, hidden: int) -> None:
    document = read(f"Un |a|.\n\n{definitions}\n")
    assert document.text == "Un texto."
    assert sum(each.characters for each in document.dropped if each.kind == "hidden-text") == hidden


def test_a_definition_too_long_to_stand_for_anything_is_counted() -> None:
    document = read(f"Un |a|.\n\n.. |a| replace:: {'x' * 10_001}\n")
    assert (document.text, document.dropped) == ("Un |a|.", (Dropped("hidden-text", 1, 10_001),))


def test_definitions_make_no_more_text_than_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inline, "_MAX_TOTAL_CHARACTERS", 13)
    document = read("|a| |a| |a|\n\n.. |a| replace:: cuatro\n")
    assert (document.text, document.dropped) == ("cuatro cuatro |a|", ())
