import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from support.exports import Exports
from support.pdf_fixtures import below, pdf
from support.small_knowledge import NETWORK, PLAN
from support.tiny_model import make_tiny_model

from knowligo_index import Hit, IndexReader, open_index
from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.errors import (
    ClosedIndexError,
    DamagedIndexError,
    EncoderMismatchError,
    IndexNotFoundError,
    NewerSchemaError,
    SettingError,
)
from knowligo_index.search.open_version import SearchMode
from knowligo_index.settings import Settings
from knowligo_index.store.version import manifest_hash_line

QUESTIONS = {
    "¿Qué incluye el plan profesional?": "plan.md",
    "password of the mailbox": "en/mailbox.txt",
    "E-4012: la sesión venció": "red.md",
}


def sources(hits: list[Hit]) -> list[str]:
    return [hit.source for hit in hits]


def shares(
    dense: list[Hit], lexical: list[Hit], place: Callable[[Hit], str] = lambda hit: hit.source
) -> dict[str, float]:
    """Scores of a hybrid search, from the cosines of all passages of a small index of the tiny model, and the lexical
    evidence."""
    unrelated = (sum(hit.score for hit in dense) + 8 * 0.61) / (len(dense) + 8)
    found = {place(hit): 0.375 * max((hit.score - unrelated) / (1 - unrelated), 0.0) for hit in dense}
    for hit in lexical:
        found[place(hit)] += 0.625 * hit.score
    return found


def live(index: Path) -> Path:
    return index / "versions" / (index / "CURRENT").read_text().split()[0]


def rewrite_manifest(index: Path, change: Callable[[Any], object]) -> None:
    """Change the live manifest, and CURRENT and the file beside it so that the hashes are right again."""
    path = live(index) / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name("manifest.json.sha256").write_bytes(manifest_hash_line(sha256))
    (index / "CURRENT").write_text(f"{live(index).name} {sha256}\n")


@pytest.mark.parametrize("mode", get_args(SearchMode))
@pytest.mark.parametrize(("question", "source"), QUESTIONS.items())
def test_the_passage_that_answers_comes_first(built_once: Path, question: str, source: str, mode: SearchMode) -> None:
    with open_index(built_once) as index:
        hits = index.search(question, mode=mode)
    assert sources(hits)[0] == source
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_hit_says_where_it_stands(built_once: Path) -> None:
    with open_index(built_once) as index:
        (hit,) = index.search("profesional", k=1, mode="lexical")
    start = PLAN.index("# Plan profesional")
    assert hit == Hit(
        rank=1,
        score=hit.score,
        source="plan.md",
        title="Plan profesional",
        headings=("Plan profesional",),
        page_start=None,
        page_end=None,
        line_start=4,
        line_end=12,
        char_start=start,
        char_end=len(PLAN) - 1,
        text=PLAN[start:-1],
    )


def test_a_hit_reads_its_neighbours_until_the_index_is_closed(settings: Settings) -> None:
    sections = [f"## Gato {number}\n\nEl gato duerme al sol {'y la leche ' * 24}.\n" for number in range(3)]
    (settings.knowledge / "gatos.md").write_text("# Gatos\n\n" + "\n".join(sections))
    build(settings)
    with open_index(settings.index) as index:
        first, middle, last = sorted(index.search("gato duerme", 3, "lexical"), key=lambda hit: hit.char_start)
        assert (first.previous, last.next) == (None, None)
        assert middle.previous is not None
        assert middle.next is not None
        assert (middle.previous.char_start, middle.next.char_start) == (first.char_start, last.char_start)
        copy = pickle.loads(pickle.dumps(middle))
    assert (copy, copy.previous, replace(middle, rank=1).next) == (middle, None, None)
    with pytest.raises(ClosedIndexError, match="is closed: search before you close the index, or open it again"):
        _ = middle.next


def test_a_hit_in_a_pdf_names_its_pages(settings: Settings) -> None:
    lines = "El horario de ventas es de lunes a viernes.", "El gato duerme al sol."
    (settings.knowledge / "manual.pdf").write_bytes(pdf(*(below([line]) for line in lines)))
    build(settings)
    with open_index(settings.index) as index:
        (hit,) = index.search("gato", k=1)
    assert (hit.source, hit.page_start, hit.page_end, hit.line_start, hit.line_end) == ("manual.pdf", 1, 2, None, None)
    assert hit.text.split("\n\f") == list(lines)


@pytest.mark.parametrize(
    ("question", "words"),
    [("venció la sesión de red", ["red.md", "plan.md"]), ("zzzzz sesión", ["red.md"])],
    ids=["words of the index", "and one that it has not"],
)
def test_scores_are_cosines_evidence_and_a_share_of_both(built_once: Path, question: str, words: list[str]) -> None:
    with open_index(built_once) as index:
        (dense, lexical, hybrid) = (index.search(question, 3, mode) for mode in ("dense", "lexical", "hybrid"))
        fusion = index.manifest.fusion
    assert (len(dense), sources(lexical), len(hybrid)) == (3, words, 3)
    assert (fusion.dense_weight, fusion.unrelated_cosine, fusion.answered) == (0.375, 0.61, 0.12)
    assert {hit.source: hit.score for hit in hybrid} == pytest.approx(shares(dense, lexical), abs=1e-6)
    assert [hit.score for hit in hybrid] == sorted((hit.score for hit in hybrid), reverse=True)


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_a_passage_has_the_same_score_however_many_are_asked_for(built_once: Path, mode: SearchMode) -> None:
    with open_index(built_once) as index:
        all_three = index.search("venció la sesión de red", 3, mode)
        for k in (1, 2, 100):
            assert index.search("venció la sesión de red", k, mode) == all_three[:k]


@pytest.mark.parametrize("k", [2, 4, 10])
def test_passages_of_one_document_are_not_marked_down(settings: Settings, k: int) -> None:
    sections = [f"## Gato {number}\n\nEl gato duerme al sol {'y la leche ' * 24}.\n" for number in range(4)]
    (settings.knowledge / "gatos.md").write_text("# Gatos\n\n" + "\n".join(sections))
    build(settings)
    question = "El gato duerme"
    with open_index(settings.index) as index:
        dense, lexical = (index.search(question, 10, mode) for mode in ("dense", "lexical"))
        hybrid = index.search(question, k)
    assert sorted(sources(dense)) == ["en/mailbox.txt", *["gatos.md"] * 4, "plan.md", "red.md"]
    expected = shares(dense, lexical, place=lambda hit: f"{hit.source} {hit.char_start}")
    best = sorted(expected.values(), reverse=True)[:k]
    assert sources(hybrid[:4]) == ["gatos.md"] * min(k, 4)
    assert [hit.score for hit in hybrid] == pytest.approx(best, abs=1e-6)
    assert [expected[f"{hit.source} {hit.char_start}"] for hit in hybrid] == pytest.approx(best, abs=1e-6)


def copies(settings: Settings, count: int) -> IndexReader:
    """An index with `count` equal passages, a00.md and so on, and the three other documents after them."""
    for number in range(count):
        (settings.knowledge / f"a{number:02}.md").write_text(
            f"---\nid: {number}\n---\n# Gato\n\nEl gato duerme al sol.\n"
        )
    build(settings)
    return open_index(settings.index)


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_equal_passages_come_in_the_order_of_the_index_whatever_k_is(settings: Settings, mode: SearchMode) -> None:
    with copies(settings, 12) as index:
        for k in range(1, 13):
            assert sources(index.search("gato", k, mode)) == [f"a{number:02}.md" for number in range(k)]


def test_equal_passages_come_in_order_where_there_are_more_than_are_looked_at(settings: Settings) -> None:
    with copies(settings, 130) as index:
        found = sources(index.search("gato", 120, "dense"))
    assert found == sorted(f"a{number:02}.md" for number in range(130))[:120]


def test_equal_passages_behind_a_better_one_come_in_the_order_of_the_index(settings: Settings) -> None:
    (settings.knowledge / "z.md").write_text("# Gato\n\nGato, gato.\n")
    with copies(settings, 12) as index:
        found = [sources(index.search("gato gato", k, "dense")) for k in (1, 2, 3)]
    assert found == [["z.md"], ["z.md", "a00.md"], ["z.md", "a00.md", "a01.md"]]


def test_equal_passages_behind_a_better_one_come_in_order_where_there_are_more_than_are_looked_at(
    settings: Settings,
) -> None:
    (settings.knowledge / "z.md").write_text("# Gato\n\nGato, gato.\n")
    with copies(settings, 130) as index:
        found = sources(index.search("gato gato", 3, "dense"))
    assert found == ["z.md", "a00.md", "a01.md"]


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_k_limits_the_hits_and_may_be_more_than_there_are(built_once: Path, mode: SearchMode) -> None:
    with open_index(built_once) as index:
        found = index.search("el plan de la red of the mailbox", k=1000, mode=mode)
        assert sorted(sources(found)) == ["en/mailbox.txt", "plan.md", "red.md"]
        assert index.search("el plan de la red of the mailbox", k=2, mode=mode) == found[:2]


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_no_k_is_too_large(built_once: Path, mode: SearchMode) -> None:
    with open_index(built_once) as index:
        assert index.search("el plan", 10**30, mode) == index.search("el plan", 3, mode)


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_half_a_character_pair_in_a_question_is_taken_for_a_question_mark(built_once: Path, mode: SearchMode) -> None:
    with open_index(built_once) as index:
        found = index.search("\ud83d sesión\udcf3", 3, mode)
        assert found == index.search("? sesión?", 3, mode)
        assert "red.md" in sources(found)


@pytest.mark.parametrize("k", [0, -1])
@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_k_below_one_is_an_error(built_once: Path, k: int, mode: SearchMode) -> None:
    with open_index(built_once) as index, pytest.raises(SettingError) as refused:
        index.search("gato", k, mode)
    assert str(refused.value) == f"-k is {k}: ask for 1 passage or more."


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_a_batch_is_the_searches_one_by_one(built_once: Path, mode: SearchMode) -> None:
    with open_index(built_once) as index:
        batch = index.search_batch(list(QUESTIONS), 3, mode)
        single = [index.search(question, 3, mode) for question in QUESTIONS]
        assert index.search_batch([], 3, mode) == []
    scores = [hit.score for hits in batch for hit in hits]
    assert scores == pytest.approx([hit.score for hits in single for hit in hits], abs=1e-6)
    assert [[replace(hit, score=0) for hit in hits] for hits in batch] == [
        [replace(hit, score=0) for hit in hits] for hits in single
    ]


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_searches_may_run_in_several_threads(built_once: Path, mode: SearchMode) -> None:
    with open_index(built_once) as index, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda question: index.search(question, 1, mode)[0].source, [*QUESTIONS] * 40))
    assert found == [*QUESTIONS.values()] * 40


def test_refresh_moves_to_the_version_that_is_live(settings: Settings) -> None:
    first = build(settings).manifest.version
    with open_index(settings.index) as index:
        assert index.refresh() is False
        (settings.knowledge / "red.md").write_text(NETWORK.replace("E-4012", "E-9999"))
        second = build(settings).manifest.version
        assert (index.version, index.search("E-9999", mode="lexical")) == (first, [])
        assert index.refresh() is True
        assert (index.version, sources(index.search("E-9999", mode="lexical"))) == (second, ["red.md"])
        assert index.refresh() is False
    with open_index(settings.index, first) as index:
        assert sources(index.search("E-4012", mode="lexical")) == ["red.md"]


def test_documents_and_ledger_are_those_of_the_version(built_once: Path) -> None:
    with open_index(built_once) as index:
        documents = [(document.source, document.format, document.chunks) for document in index.documents()]
        assert documents == [("en/mailbox.txt", "text", 1), ("plan.md", "markdown", 1), ("red.md", "markdown", 1)]
        assert len(index.ledger()) == 7
        assert index.manifest.version == index.version == live(built_once).name


def test_an_index_that_is_not_there_is_told(tmp_path: Path, built_once: Path) -> None:
    with pytest.raises(IndexNotFoundError, match=r"^there is no index in "):
        open_index(tmp_path)
    with pytest.raises(IndexNotFoundError, match=r"^there is no version 9-000000000000 in "):
        open_index(built_once, "9-000000000000")
    with pytest.raises(IndexNotFoundError, match=r"^there is no version \.\./versions in "):
        open_index(built_once, "../versions")


@pytest.mark.parametrize("name", ["vectors.faiss", "chunks.sqlite", "ledger.jsonl", "manifest.json"])
@pytest.mark.parametrize("position", [0, -1])
def test_one_flipped_bit_anywhere_is_found_on_opening(index: Path, name: str, position: int) -> None:
    path = live(index) / name
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedIndexError, match=f"^{path} is damaged "):
        open_index(index)


def test_a_newer_schema_is_refused(index: Path) -> None:
    rewrite_manifest(index, lambda manifest: manifest.update(schema=3))
    with pytest.raises(NewerSchemaError, match="was written in schema 3 and this release reads up to 2"):
        open_index(index)


def encoder_folder(index: Path) -> Path:
    (folder,) = (index / "encoders").iterdir()
    return folder


ENCODER_FILES = ["encoder.json", "encoder.json.sha256", "embeddings.bin", "model.xml", "model.bin", "tokenizer.json"]


@pytest.mark.parametrize("name", ENCODER_FILES)
@pytest.mark.parametrize("damage", ["flipped", "gone"])
def test_a_damaged_encoder_is_found_before_it_is_loaded(index: Path, name: str, damage: str) -> None:
    path = encoder_folder(index) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    if damage == "flipped":
        path.write_bytes(data)
    with open_index(index) as opened:
        for mode in ("dense", "hybrid"):
            with pytest.raises(DamagedIndexError, match=f"^{encoder_folder(index)}.*build the index again"):
                opened.search("gato", mode=mode)
        assert sources(opened.search("E-4012", mode="lexical")) == ["red.md"]


def test_an_encoder_that_is_another_is_refused(index: Path, exports: Exports, tmp_path: Path) -> None:
    other = make_tiny_model(tmp_path / "other", seed=1, max_tokens=256)
    folder = encoder_folder(index)
    shutil.rmtree(folder)
    shutil.copytree(exports.of(EncoderOptions(str(other), precision="float32")), folder)
    with open_index(index) as opened, pytest.raises(DamagedIndexError) as damaged:
        opened.search("gato")
    assert str(damaged.value) == (
        f"{folder / 'encoder.json'}, a file of the exported encoder, is damaged (its SHA-256 is not the one in the "
        "manifest of the version): build the index again, which exports the encoder anew, or copy the folder again "
        "from where it came from (under another name, then rename it)."
    )
    # The manifest of an earlier release names only the fingerprint.
    earlier = Path(shutil.copytree(Path(__file__).parents[1] / "store/data/index-schema-2", tmp_path / "earlier"))
    earlier_folder = encoder_folder(earlier)
    shutil.rmtree(earlier_folder)
    shutil.copytree(folder, earlier_folder)
    with open_index(earlier) as opened, pytest.raises(EncoderMismatchError) as refused:
        opened.search("gato")
    assert str(refused.value) == (
        f"{earlier_folder} holds another encoder than version {opened.version} was built with: copy it again from "
        "where the index came from, or remove it and build the index again."
    )


def test_a_search_needs_neither_the_model_nor_torch(index: Path) -> None:
    script = (
        "import sys; from knowligo_index import open_index; "
        "print(open_index(sys.argv[1]).search('mailbox')[0].source); "
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'huggingface_hub', 'nncf'} & {*sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", script, str(index)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["en/mailbox.txt", "[]"]


def test_an_index_opens_from_another_folder_than_it_was_built_in(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tiny_model(tmp_path / "own", max_tokens=256)
    monkeypatch.chdir(tmp_path)
    build(replace(settings, encoder=EncoderOptions("own")))
    monkeypatch.chdir("/")
    with open_index(settings.index) as index:
        assert sources(index.search("password of the mailbox", k=1, mode="dense")) == ["en/mailbox.txt"]


def test_an_encoder_that_is_gone_is_told(index: Path) -> None:
    folder = encoder_folder(index)
    shutil.rmtree(folder)
    with open_index(index) as opened, pytest.raises(DamagedIndexError) as refused:
        opened.search("gato")
    assert str(refused.value) == (
        f"{folder}, the encoder of version {opened.version}, is missing: copy it from where the index came from, or "
        "build the index again."
    )


def test_an_encoder_that_gives_other_vectors_than_it_did_is_refused(index: Path) -> None:
    def turn(manifest: Any) -> None:
        manifest["probes"][1]["vector"] = manifest["probes"][0]["vector"]

    rewrite_manifest(index, turn)
    with open_index(index) as opened, pytest.raises(EncoderMismatchError) as refused:
        opened.search("gato")
    message = str(refused.value)
    assert f"no longer gives the vectors of version {live(index).name} (cosine 0." in message
    assert message.endswith(
        "on a probe text, 0.9999 needed): its files are the same, so the libraries that run it differ; "
        "install the releases in the manifest, or build again."
    )


def test_probes_that_differ_by_rounding_alone_are_accepted(index: Path) -> None:
    def nudge(manifest: Any) -> None:
        manifest["probes"][0]["vector"][0] += 1e-5

    rewrite_manifest(index, nudge)
    with open_index(index) as opened:
        assert sources(opened.search("password of the mailbox", k=1)) == ["en/mailbox.txt"]


def test_reading_needs_no_right_to_write_and_writes_nothing(index: Path) -> None:
    paths = [index, *index.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = [(path, path.stat().st_mtime_ns) for path in paths]
    try:
        with open_index(index) as opened:
            assert sources(opened.search("password of the mailbox", k=1)) == ["en/mailbox.txt"]
            assert len(opened.ledger()) == 7
            # Root may write where it has no right to: that nothing changed is what shows it did not.
            assert [(path, path.stat().st_mtime_ns) for path in [index, *index.rglob("*")]] == before
    finally:
        for path in paths:
            path.chmod(0o755)


@pytest.mark.parametrize("mode", get_args(SearchMode))
@pytest.mark.parametrize("query", ["", " \n"])
def test_an_empty_query_is_refused(built_once: Path, query: str, mode: SearchMode) -> None:
    with open_index(built_once) as index, pytest.raises(SettingError) as refused:
        index.search_batch(["gato", query], mode=mode)
    assert str(refused.value) == "the query is empty: ask a question or name some words."


def test_a_successor_is_another_reader_of_the_live_version(settings: Settings) -> None:
    build(settings)
    with open_index(settings.index) as index:
        (before,) = index.search("precio", k=1, mode="lexical")
        assert index.successor() is None
        (settings.knowledge / "plan.md").write_text(PLAN.replace("20 €", "30 €"))
        build(settings)
        successor = index.successor()
        assert successor is not None
        with successor:
            assert (index.version[:2], successor.version[:2]) == ("1-", "2-")
            assert "30 €" in successor.search("precio", k=1)[0].text
            assert index.search("precio", k=1, mode="lexical") == [before]
            assert successor.successor() is None


def test_a_successor_whose_encoder_is_missing_is_none(settings: Settings, tmp_path: Path, exports: Exports) -> None:
    build(settings)
    with open_index(settings.index) as index:
        encoder = replace(settings.encoder, id=str(make_tiny_model(tmp_path / "other", seed=1, max_tokens=256)))
        exports.give(settings.index, encoder)
        build(replace(settings, encoder=encoder))
        shutil.rmtree(settings.index / "encoders" / find_encoder(encoder).description.fingerprint)
        with pytest.raises(DamagedIndexError, match="the encoder of version 2-"):
            index.successor()
        assert index.version.startswith("1-")
        assert len(index.search("precio")) == 3
