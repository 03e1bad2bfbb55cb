import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from support.tiny_model import HIDDEN, make_tiny_model

from knowligo_index.encoders import EncoderOptions, find_encoder, go_offline
from knowligo_index.encoders.protocol import CountedText, Encoder, Flush
from knowligo_index.errors import ChunkingError, EncoderError

TEXTS = [
    "El plan profesional incluye soporte las 24 horas.",
    "El gato duerme al sol.",
    "",
    "¿Cómo se restaura la contraseña? 🔑 E-4012, 20 € al mes",
    "printer " * 20,
]


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, to damage and to change."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file's value in place."""
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def fingerprint(folder: Path) -> str:
    return find_encoder(EncoderOptions(str(folder))).description.fingerprint


def torch_encoder(folder: Path) -> Encoder:
    """The model as the reference engine runs it, which reads no export."""
    return find_encoder(EncoderOptions(str(folder), engine="torch")).load(None, threads=1)


def message(encoder_id: str) -> str:
    """Why this encoder cannot be used."""
    with pytest.raises(EncoderError) as refused:
        find_encoder(EncoderOptions(encoder_id))
    return str(refused.value)


def test_an_encoder_that_is_nowhere_is_named_with_the_way_to_get_it() -> None:
    assert message("acme/none") == (
        "encoder 'acme/none' is neither a folder nor in the local hub cache: on a machine with a network run "
        "`hf download acme/none`, copy the folder whose path it prints to this machine, and name that folder with "
        "--encoder."
    )


def test_a_name_that_no_hub_would_accept_is_simply_not_found() -> None:
    assert message("no/such/folder").startswith("encoder 'no/such/folder' is neither a folder nor in the local hub")


def test_weights_that_are_not_safetensors_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert message(str(folder)) == (
        f"encoder folder {folder} has no model.safetensors: only safetensors weights are loaded, since other formats "
        "can run code; convert the model or choose another with --encoder."
    )


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "modules.json"])
def test_a_folder_without_a_file_it_needs_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert message(str(folder)) == (
        f"encoder folder {folder} has no {name}: it is not a complete sentence-transformers model; "
        "copy the model's folder again or choose another with --encoder."
    )


def test_a_model_without_pooling_is_refused(folder: Path) -> None:
    edit(folder / "modules.json", lambda modules: modules.pop())
    assert message(str(folder)) == (
        f"encoder folder {folder} has no pooling module: it is not a sentence-transformers model that gives one "
        "vector per text; choose another with --encoder."
    )


@pytest.mark.parametrize(("content", "why"), [("{", "cannot be read (Expecting"), ("3", "does not contain an object")])
def test_a_broken_file_of_the_model_is_named(folder: Path, content: str, why: str) -> None:
    (folder / "config.json").write_text(content)
    assert message(str(folder)).startswith(f"{folder / 'config.json'} of the encoder {why}")


def test_the_description_says_what_the_folder_says(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path / "model", query_prompt="query: ", passage_prompt="passage: ", max_tokens=48)
    description = find_encoder(EncoderOptions(str(model))).description
    assert (description.id, description.dimension, description.max_tokens) == (str(model), HIDDEN, 48)
    assert (description.query_prompt, description.passage_prompt) == ("query: ", "passage: ")
    assert description.pooling == "mean_tokens"


def test_the_default_prompt_serves_where_there_is_none_of_that_name(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path / "model", query_prompt="query: ", default_prompt_name="query")
    assert find_encoder(EncoderOptions(str(model))).description.passage_prompt == "query: "


def test_a_copy_of_the_folder_has_the_same_fingerprint(tiny_model: Path, folder: Path) -> None:
    assert fingerprint(folder) == fingerprint(tiny_model)


@pytest.mark.parametrize(
    "different",
    [{"seed": 1}, {"strip_accents": True}, {"query_prompt": "query: "}, {"passage_prompt": "p: "}, {"max_tokens": 255}],
    ids=lambda different: next(iter(different)),
)
def test_what_changes_a_vector_changes_the_fingerprint(
    tiny_model: Path, tmp_path: Path, different: dict[str, Any]
) -> None:
    model = make_tiny_model(tmp_path / "model", **{"max_tokens": 256, **different})
    assert fingerprint(model) != fingerprint(tiny_model)


def test_what_changes_no_vector_leaves_the_fingerprint(tiny_model: Path, folder: Path) -> None:
    edit(folder / "config.json", lambda config: config.update(transformers_version="5.0.0", _name_or_path="elsewhere"))
    edit(folder / "tokenizer.json", lambda tokenizer: tokenizer.update(truncation=None, padding=None))
    assert (folder / "tokenizer.json").read_bytes() != (tiny_model / "tokenizer.json").read_bytes()
    assert fingerprint(folder) == fingerprint(tiny_model)


def test_a_tokenizer_setting_that_changes_the_vectors_changes_the_fingerprint(tiny_model: Path, folder: Path) -> None:
    """transformers 5 makes a BERT tokenizer anew from tokenizer_config.json."""
    edit(folder / "tokenizer_config.json", lambda config: config.update(strip_accents=True))
    before, after = (SentenceTransformer(str(path), device="cpu").encode("sesión") for path in (tiny_model, folder))
    assert np.abs(before - after).max() > 0.01
    assert fingerprint(folder) != fingerprint(tiny_model)
    edit(folder / "tokenizer_config.json", lambda config: config.update(strip_accents=False, name_or_path="elsewhere"))
    assert fingerprint(folder) == fingerprint(tiny_model)


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"strip_accents": True}, "¿Qué INCLUYE el plan Ñandú?"),
        ({"do_lower_case": False}, "¿Qué INCLUYE el plan Ñandú?"),
    ],
    ids=["accents", "case"],
)
def test_a_model_whose_two_tokenizer_files_disagree_is_refused(
    folder: Path, setting: dict[str, bool], text: str
) -> None:
    edit(folder / "tokenizer_config.json", lambda config: config.update(setting))
    with pytest.raises(EncoderError) as refused:
        torch_encoder(folder)
    assert str(refused.value) == (
        f"tokenizer.json and tokenizer_config.json in {folder} disagree (they tokenize {text!r} differently), so "
        "tokens cannot be counted: copy the model's folder again or choose another with --encoder."
    )


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("modules.json", "[{}]", "lists a module without a type"),
        ("modules.json", "{}", "does not contain a list"),
        ("tokenizer_config.json", "[]", "does not contain an object"),
        ("sentence_bert_config.json", "3", "does not contain an object"),
        ("config_sentence_transformers.json", '{"prompts": {"query": 3}}', "has a prompt that is not text"),
    ],
)
def test_a_file_of_the_wrong_shape_is_named(folder: Path, name: str, content: str, why: str) -> None:
    (folder / name).write_text(content)
    assert message(str(folder)) == f"{folder / name} of the encoder {why}: copy the model's folder again."


def test_a_model_that_does_not_say_how_much_it_reads_is_refused(folder: Path) -> None:
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 0}')
    assert message(str(folder)) == (
        f"encoder folder {folder} does not give the maximum number of tokens of an input: choose another with "
        "--encoder."
    )


def test_a_tokenizer_that_is_none_is_named(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    model = find_encoder(EncoderOptions(str(folder)))
    with pytest.raises(EncoderError, match=f"^{folder / 'tokenizer.json'} is not a tokenizer \\(Model missing"):
        model.tokenizer()
    with pytest.raises(EncoderError, match=f"^{folder / 'tokenizer.json'} is not a tokenizer "):
        torch_encoder(folder)


@pytest.mark.parametrize(("name", "why"), [("model.safetensors", "SafetensorError: "), ("config.json", "ValueError: ")])
def test_a_model_that_cannot_be_loaded_is_named(folder: Path, name: str, why: str) -> None:
    (folder / name).write_text("{}")
    with pytest.raises(EncoderError) as refused:
        torch_encoder(folder)
    assert str(refused.value).startswith(f"the model in {folder} cannot be loaded ({why}")
    assert str(refused.value).endswith("): copy its folder again or choose another with --encoder.")


def test_a_folder_is_described_by_its_whole_path(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_model.parent)
    assert find_encoder(EncoderOptions(tiny_model.name)).description.id == str(tiny_model.resolve())


def test_tokens_are_counted_as_the_model_is_fed(tmp_path: Path) -> None:
    path = make_tiny_model(tmp_path / "model", passage_prompt="passage: ", max_tokens=256)
    counts = find_encoder(EncoderOptions(str(path))).tokenizer().count_inputs(TEXTS)
    model = SentenceTransformer(str(path), device="cpu")
    fed = [len(model.preprocess([f"passage: {text}"])["input_ids"][0]) for text in TEXTS]
    assert counts == fed
    # [CLS] passage : el plan profesional incluye soporte las 2 ##4 horas . [SEP]; the tokenizer's file cuts at 16.
    assert (counts[0], counts[2], counts[4]) == (14, 4, 24)


def test_token_starts_are_offsets_in_code_points(tiny_model: Path) -> None:
    starts = find_encoder(EncoderOptions(str(tiny_model))).tokenizer().token_starts("🔑 el año, 🔑 el niño")
    assert starts.tolist() == [0, 2, 5, 8, 10, 12, 15]


def test_passages_are_encoded_as_sentence_transformers_does(tmp_path: Path) -> None:
    path = make_tiny_model(tmp_path / "model", query_prompt="query: ", passage_prompt="passage: ", max_tokens=256)
    encoder = torch_encoder(path)
    model = SentenceTransformer(str(path), device="cpu")
    model.max_seq_length = 256
    passages = model.encode(TEXTS, prompt="passage: ", normalize_embeddings=True)
    queries = model.encode(TEXTS, prompt="query: ", normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), passages, atol=1e-6)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), queries, atol=1e-6)
    assert np.abs(passages - queries).max() > 0.01


def test_rows_are_unit_vectors_in_the_order_of_the_inputs(tiny_model: Path) -> None:
    encoder = torch_encoder(tiny_model)
    one_by_one = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    together = encoder.encode_passages(TEXTS)
    assert (str(together.dtype), together.shape) == ("float32", (5, HIDDEN))
    np.testing.assert_array_equal(together, one_by_one)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)


def counted(folder: Path, texts: list[str]) -> list[CountedText]:
    counts = find_encoder(EncoderOptions(str(folder))).tokenizer().count_inputs(texts)
    return list(map(CountedText, texts, counts))


@pytest.mark.parametrize(
    ("text", "said", "complaint"),
    [
        (
            "El gato duerme.",
            5,
            "the passage that begins 'El gato duerme.' has 6 tokens instead of the 5 that were counted: report",
        ),
        (
            "gato " * 300,
            256,
            f"the passage that begins {'gato ' * 12!r} has 302 tokens, and the encoder reads at most 256: low",
        ),
    ],
)
def test_a_passage_that_is_longer_than_it_was_counted_is_not_encoded(
    tiny_model: Path, text: str, said: int, complaint: str
) -> None:
    with pytest.raises(ChunkingError, match=re.escape(complaint)):
        list(torch_encoder(tiny_model).stream_passages([[CountedText(text, said)]]))


def test_vectors_come_as_they_are_made(tiny_model: Path) -> None:
    encoder = torch_encoder(tiny_model)
    given: list[int] = []

    def groups() -> Iterator[list[CountedText] | Flush]:
        for start, end in ((0, 3), (3, 5)):
            given.append(end)
            yield counted(tiny_model, TEXTS[start:end])
            yield Flush()

    together = encoder.encode_passages(TEXTS)
    found: list[tuple[list[int], int]] = []
    for numbers, vectors in encoder.stream_passages(groups()):
        np.testing.assert_array_equal(vectors, together[list(numbers)])
        found.append((list(numbers), given[-1]))
    # Because of the Flush no text of the first group waits for the second group.
    assert found == [([0, 1], 3), ([2], 3), ([3, 4], 5)]


def test_without_a_limit_of_its_own_a_model_reads_as_far_as_its_positions(folder: Path) -> None:
    (folder / "sentence_bert_config.json").unlink()
    model = find_encoder(EncoderOptions(str(folder)))
    assert model.description.max_tokens == 512
    same = "gato " * 509
    one, other = torch_encoder(folder).encode_passages([same + "sol", same + "red"])
    assert np.abs(one - other).max() > 1e-4


def test_nothing_to_encode_gives_no_rows(tiny_model: Path) -> None:
    assert torch_encoder(tiny_model).encode_passages([]).shape == (0, HIDDEN)


@pytest.mark.parametrize(("weight", "length"), [(math.nan, "nan"), (0.0, "0")])
def test_a_model_that_gives_no_unit_vector_is_refused(tmp_path: Path, weight: float, length: str) -> None:
    path = make_tiny_model(tmp_path / "model", weight=weight)
    encoder = torch_encoder(path)
    with pytest.raises(EncoderError) as refused:
        encoder.encode_passages(["el gato"])
    assert str(refused.value) == (
        f"encoder {path} gave a vector of length {length} for text 0: its weights are damaged or it is not a text "
        "encoder; choose another with --encoder."
    )


def test_going_offline_overrules_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    go_offline()
    switches = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
    assert [os.environ[name] for name in switches] == ["1", "1", "1", "1"]


def test_a_model_in_the_local_hub_cache_is_found_by_its_id(tiny_model: Path, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    model = tmp_path / "models--acme--tiny"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(commit)
    shutil.copytree(tiny_model, model / "snapshots" / commit)
    # huggingface_hub reads where its cache is when it is imported.
    script = (
        "from knowligo_index.encoders import *; "
        "m = find_encoder(EncoderOptions('acme/tiny')); print(m.path, m.description.id)"
    )
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == f"{model / 'snapshots' / commit} acme/tiny\n"
