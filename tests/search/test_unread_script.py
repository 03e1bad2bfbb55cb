"""A page in a script that the default encoder does not read, beside one that it reads: built, reported, asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.exports import Exports

from knowligo_index.build import build
from knowligo_index.build.result import BuildResult
from knowligo_index.cli.text.build import build_text
from knowligo_index.encoders import EncoderOptions
from knowligo_index.search.reader import IndexReader
from knowligo_index.settings import Settings

pytestmark = pytest.mark.model

SPANISH = """# Reembolsos

Si pediste la baja dentro de los primeros treinta días devolvemos lo que pagaste, sin preguntar por qué. El dinero
vuelve a la misma tarjeta en diez días hábiles.
"""

_SUBJECTS = ["принтер", "сервер", "монитор", "телефон", "ноутбук", "маршрутизатор", "сканер", "проектор"]

RUSSIAN = "# Оборудование\n\n" + "\n\n".join(
    f"Если {subject} не включается, проверьте кабель питания и розетку, подождите пять минут и попробуйте ещё раз. "
    "Если это не помогло, позвоните в службу поддержки и назовите инвентарный номер, который указан на наклейке."
    for subject in _SUBJECTS
)

QUESTION = "Почему маршрутизатор не включается?"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, exports: Exports) -> tuple[BuildResult, Path]:
    folder = tmp_path_factory.mktemp("scripts")
    knowledge, index = folder / "knowledge", folder / "indexes"
    knowledge.mkdir()
    (knowledge / "reembolsos.md").write_text(SPANISH, encoding="utf-8")
    (knowledge / "оборудование.md").write_text(RUSSIAN, encoding="utf-8")
    encoder = EncoderOptions(precision="float32")
    exports.give(index, encoder)
    return build(Settings(knowledge=knowledge, index=index, encoder=encoder)), index


@pytest.fixture(scope="module")
def reader(built: tuple[BuildResult, Path]) -> Iterator[IndexReader]:
    with IndexReader(built[1]) as opened:
        yield opened


def test_the_build_names_the_language_and_says_what_follows(built: tuple[BuildResult, Path]) -> None:
    result, index = built
    assert result.manifest.languages == {"es": 1, "ru": 1}
    assert result.manifest.unread_languages == ["ru"]
    (line,) = (line for line in build_text(result, index, verbose=False).splitlines() if line.startswith("  language "))
    assert line == (
        "  language   encoder intfloat/multilingual-e5-small does not read the script of ru (1 documents): they are "
        "found by words alone; to find them by meaning, name a model that reads it with --encoder"
    )


def test_its_page_is_found_by_its_words(reader: IndexReader) -> None:
    hits = reader.search(QUESTION, 5)
    assert {hit.source for hit in hits} == {"оборудование.md"}
    assert "маршрутизатор" in hits[0].text


def test_a_hybrid_search_ranks_as_one_by_words_does(reader: IndexReader) -> None:
    hybrid, lexical = reader.search(QUESTION, 5), reader.search(QUESTION, 5, "lexical")
    assert [hit.text for hit in hybrid] == [hit.text for hit in lexical]
    share = 1 - reader.manifest.fusion.dense_weight
    assert [hit.score for hit in hybrid] == pytest.approx([share * hit.score for hit in lexical])


def test_nothing_is_found_by_its_meaning(reader: IndexReader) -> None:
    assert reader.search(QUESTION, 5, "dense") == []


def test_a_question_that_is_read_is_answered_by_both(reader: IndexReader) -> None:
    asked = "¿Me devuelven la plata si cancelo enseguida?"
    assert reader.search(asked, 1, "dense")[0].source == reader.search(asked, 1)[0].source == "reembolsos.md"


def test_a_batch_keeps_the_questions_apart(reader: IndexReader) -> None:
    read = "¿Cuándo vuelve el dinero?"
    found = reader.search_batch([QUESTION, read], k=1, mode="dense")
    assert [[hit.source for hit in hits] for hits in found] == [[], ["reembolsos.md"]]
