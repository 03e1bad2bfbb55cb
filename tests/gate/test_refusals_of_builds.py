"""What the gate refuses, on real builds; docs/gate.md says what each sentence means."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.careless_splitter import TABLE, cut_every
from support.tiny_model import make_tiny_model

from knowligo_index import open_index
from knowligo_index.build import build, cached_chunking
from knowligo_index.build.result import BuildResult
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderModel, find_encoder
from knowligo_index.encoders.exported import ExportedEncoder, open_exported
from knowligo_index.encoders.protocol import Encoder, TokenCounter
from knowligo_index.encoders.tokenizer import ModelTokenizer
from knowligo_index.gate.options import GateOptions
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.manifest import Refusal
from knowligo_index.store.publishing import writing
from knowligo_index.store.vectors import VectorIndexBuilder
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.types import Chunk, Document

COUNT = 12
WORDS = ["printer", "network", "cable", "server", "backup", "key", "phone", "office", "price", "month", "card", "cat"]


def text_of(number: int, about: str) -> str:
    return f"# Guide {number}\n\nThe {about} of office {number} is in room A-{number:03}. Call for the {about}.\n"


@pytest.fixture
def many(settings: Settings) -> Settings:
    """Twelve documents, and a golden question for each."""
    for path in list(settings.knowledge.rglob("*")):
        if path.is_file():
            path.unlink()
    for number in range(COUNT):
        (settings.knowledge / f"{number:02}.md").write_text(text_of(number, WORDS[number]))
    lines = [
        {
            "question": f"where is the {WORDS[number]}? A-{number:03}",
            "source": f"{number:02}.md",
            "contains": f"A-{number:03}",
        }
        for number in range(COUNT)
    ]
    (settings.knowledge / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return settings


def edit(settings: Settings, name: str = "00.md") -> None:
    path = settings.knowledge / name
    path.write_text(path.read_text() + "\nIt is open on monday.\n")


def refused(settings: Settings, before: BuildResult) -> list[Refusal]:
    """Build; the gate must refuse, the live version stay, and the refused one be there for a look."""
    result = build(settings)
    assert result.status == "refused"
    assert result.made is not None
    store = Store(settings.index)
    assert store.current_id() == before.manifest.version
    assert store.version_ids() == [before.manifest.version, result.made.version]
    assert store.open(result.made.version).manifest.refusals == result.refusals
    return result.refusals


def test_a_harmless_edit_is_let_through(many: Settings) -> None:
    before = build(many)
    edit(many)
    result = build(many)
    assert (result.status, result.refusals) == ("published", [])
    assert Store(many.index).current_id() == result.manifest.version != before.manifest.version


def test_half_of_the_documents_gone_are_refused_unless_it_is_meant(many: Settings) -> None:
    before = build(many)
    for number in range(COUNT // 2):
        (many.knowledge / f"{number:02}.md").unlink()
    shrunk = [refusal for refusal in refused(many, before) if refusal.code == "index-shrunk"]
    assert [refusal.sentence for refusal in shrunk] == [
        f"only 6 of the 12 {unit} of version {before.manifest.version} remain, a greater loss than --max-shrink 0.3 "
        "allows: restore them, or pass --allow-shrink if they were removed on purpose."
        for unit in ("documents", "passages")
    ]
    (many.knowledge / "questions.jsonl").unlink()
    assert build(replace(many, gate=GateOptions(allow_shrink=True))).status == "published"


def test_a_chunker_that_cuts_inside_a_table_is_refused(many: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build(many)
    (many.knowledge / "table.md").write_text(TABLE)

    def cut(document: Document, options: ChunkingOptions, counter: TokenCounter) -> list[Chunk]:
        chunks = cut_every(document, 120)
        counts = counter.count_inputs([chunk.encoder_input for chunk in chunks])
        return [replace(chunk, tokens=count) for chunk, count in zip(chunks, counts, strict=True)]

    monkeypatch.setattr(cached_chunking, "chunk_document", cut)
    split = [refusal for refusal in refused(many, before) if refusal.code == "table-row-split"]
    assert [refusal.sentence.split(", at character")[0] for refusal in split] == [
        "table.md is cut inside a row of a table"
    ]


class _Rounded:
    """An encoder whose vectors are those of weights in few bits: of another precision than it says."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def __getattr__(self, name: str) -> object:
        return getattr(self._encoder, name)

    def encode_passages(self, inputs: Sequence[str]) -> FloatMatrix:
        vectors = np.round(self._encoder.encode_passages(inputs) * 16) / 16
        unit: FloatMatrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return unit


def load_with(monkeypatch: pytest.MonkeyPatch, wrong: object) -> None:
    monkeypatch.setattr(EncoderModel, "load", wrong)


def test_an_encoder_of_another_precision_is_refused(many: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build(many)
    edit(many)
    load = EncoderModel.load
    load_with(monkeypatch, lambda model, *given: _Rounded(load(model, *given)))
    differing = [refusal.sentence for refusal in refused(many, before) if refusal.code == "encoder-differs"]
    (sentence,) = [sentence for sentence in differing if f"version {before.manifest.version}" in sentence]
    assert sentence.startswith("the encoder gives other vectors than version ")
    assert sentence.endswith(
        "minimum 0.9999), though both have the same fingerprint: remove its folder in encoders/ and build again."
    )


def test_another_model_of_the_same_dimension_is_refused(
    many: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = build(many)
    edit(many)
    other = find_encoder(replace(many.encoder, id=str(make_tiny_model(tmp_path / "other", seed=7))))
    folder = tmp_path / "exported"
    folder.mkdir()
    other.export(folder)
    load = EncoderModel.load

    def load_other(model: EncoderModel, exported: ExportedEncoder, threads: int, tokenizer: ModelTokenizer) -> Encoder:
        return load(other, open_exported(folder), threads, tokenizer)

    load_with(monkeypatch, load_other)
    refusals = refused(many, before)
    # Of the passages only the one that was edited was encoded by it; the others came from the cache.
    assert [refusal.code for refusal in refusals] == ["vectors-differ", "encoder-differs"]
    assert "passages that were encoded a second time have other vectors in the index" in refusals[0].sentence
    assert refusals[1].sentence.startswith(f"the encoder gives other vectors than version {before.manifest.version}")


def test_shuffled_vectors_are_refused(many: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build(many)
    edit(many)
    add = VectorIndexBuilder.add
    monkeypatch.setattr(VectorIndexBuilder, "add", lambda index, vectors: add(index, vectors[::-1]))
    (refusal,) = [refusal for refusal in refused(many, before) if refusal.code == "vectors-differ"]
    assert refusal.sentence.startswith(
        "8 of 8 passages that were encoded a second time have other vectors in the index (lowest cosine "
    )


def test_worse_answers_are_refused_with_the_questions_that_were_lost(many: Settings) -> None:
    before = build(many)
    for number in range(7):
        (many.knowledge / f"{number:02}.md").write_text(text_of(number + 100, "lunch"))
    (refusal,) = refused(many, before)
    assert refusal.code == "answers-worse"
    sentence = refusal.sentence
    assert sentence.startswith(
        f"golden questions are answered worse than by version {before.manifest.version}: nDCG@10 0."
    )
    assert "(p = 0.0156, significant below 0.05)" in sentence
    assert '"where is the printer? A-000": 00.md was at rank 1 and is not among the first 50, first is ' in sentence
    assert sentence.endswith("; and 2 more).")


def test_a_few_lost_answers_may_be_chance_and_are_told(many: Settings) -> None:
    build(many)
    (many.knowledge / "03.md").write_text(text_of(103, "lunch"))
    assert build(many).status == "published"


def test_fewer_answers_than_asked_for_are_refused_even_without_a_live_version(many: Settings) -> None:
    for number in range(3):
        (many.knowledge / f"{number:02}.md").write_text(text_of(number + 100, "lunch"))
    result = build(replace(many, gate=GateOptions(min_recall=0.8)))
    assert result.status == "refused"
    (refusal,) = result.refusals
    assert refusal.code == "recall-too-low"
    assert refusal.sentence.startswith(
        "9 of 12 golden questions are answered by one of the first 5 passages (0.750), fewer than --min-recall 0.8 "
        "requires: improve the documents, or lower it (not answered: "
    )
    assert Store(many.index).current_id() is None
    assert build(replace(many, gate=GateOptions(min_recall=0.75))).status == "published"


def test_what_was_refused_can_be_searched_and_published_all_the_same(many: Settings) -> None:
    before = build(many)
    for number in range(COUNT // 2):
        (many.knowledge / f"{number:02}.md").unlink()
    made = build(many).manifest
    with open_index(many.index, made.version) as index:
        assert index.search("A-011", k=1)[0].source == "11.md"
    (listed,) = [each for each in Store(many.index).summaries() if each.version == made.version]
    assert (listed.refused, listed.current) == (True, False)
    with writing(Store(many.index), "rollback") as writer:
        assert writer.rollback(made.version).status == "moved"
        # And back to what was live before it.
        assert writer.rollback().version == before.manifest.version


def test_rollback_never_goes_to_a_refused_version_by_itself(many: Settings) -> None:
    first = build(many)
    for number in range(COUNT // 2):
        (many.knowledge / f"{number:02}.md").unlink()
    assert build(many).status == "refused"
    for number in range(COUNT // 2):
        (many.knowledge / f"{number:02}.md").write_text(text_of(number, WORDS[number]) + "\nNew.\n")
    third = build(many)
    assert third.status == "published"
    assert Store(many.index).predecessor(third.manifest.version) == first.manifest.version


def test_a_version_that_is_not_to_be_published_is_made_and_stays_aside(many: Settings) -> None:
    before = build(many)
    edit(many)
    result = build(replace(many, gate=GateOptions(no_publish=True)))
    assert (result.status, result.refusals) == ("staged", [])
    assert Store(many.index).current_id() == before.manifest.version
    assert Store(many.index).version_ids() == [before.manifest.version, result.manifest.version]


def test_golden_questions_are_part_of_what_a_version_is_made_of(many: Settings) -> None:
    first = build(many)
    assert build(many).status == "unchanged"
    path = many.knowledge / "questions.jsonl"
    path.write_text(path.read_text() + json.dumps({"question": "where is the cat?", "source": "11.md"}) + "\n")
    second = build(many)
    assert (second.status, second.embedded) == ("published", 0)
    assert second.manifest.version != first.manifest.version


def ask_what_nothing_answers(settings: Settings, *, alone: bool) -> None:
    """Ten questions about colours, of which no document says a word; `alone`: and no others."""
    colours = ["red", "green", "blue", "black", "white", "pink", "brown", "grey", "violet", "orange"]
    path = settings.knowledge / "questions.jsonl"
    lines = [json.dumps({"question": f"{colour} {colour} zzzz", "source": None}) + "\n" for colour in colours]
    path.write_text(("" if alone else path.read_text()) + "".join(lines))


@pytest.mark.parametrize("alone", [True, False])
def test_taking_something_for_the_answer_to_what_nothing_answers_is_refused(many: Settings, alone: bool) -> None:
    ask_what_nothing_answers(many, alone=alone)
    before = build(many)
    assert before.status == "published"
    with open_index(many.index) as index:
        assert all(not index.manifest.fusion.is_answered(index.search(f"{c} {c} zzzz")) for c in ("red", "orange"))
    # Now there are these words, and still no answer.
    (many.knowledge / "colours.md").write_text(
        "\n\n".join(f"# {c}\n\n{c} {c} zzzz zzzz {c}" for c in ("red", "green", "blue", "black", "white", "pink"))
    )
    (refusal,) = refused(many, before)
    assert refusal.code == "declined-less"
    assert refusal.sentence.startswith(
        f"questions that nothing answers are declined less often than by version {before.manifest.version}: "
    )
    assert '"red red zzzz": first is colours.md' in refusal.sentence
    assert refusal.sentence.endswith(").")


def test_where_nothing_answers_any_question_no_recall_is_asked_for(many: Settings) -> None:
    ask_what_nothing_answers(many, alone=True)
    assert build(replace(many, gate=GateOptions(min_recall=1.0))).status == "published"
