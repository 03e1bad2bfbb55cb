"""The export that an index keeps: made once, the same bytes each time, made again where it is damaged."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file
from support.exports import Exports
from support.tiny_model import HIDDEN, make_tiny_model

from knowligo_index import open_index
from knowligo_index.build import build
from knowligo_index.cli import cli
from knowligo_index.encoders import EncoderOptions, find_encoder, openvino_engine
from knowligo_index.encoders.engine_choice import Precision
from knowligo_index.encoders.export_check import check_export
from knowligo_index.encoders.exported import open_exported, seal_exported
from knowligo_index.encoders.openvino_engine import this_platform
from knowligo_index.encoders.torch_engine import load_module
from knowligo_index.errors import DamagedIndexError, EncoderError, MissingExtraError
from knowligo_index.settings import Settings
from knowligo_index.system.hashing import sha256sum_line

FILES = ["embeddings.bin", "encoder.json", "encoder.json.sha256", "model.bin", "model.xml", "tokenizer.json"]
INT8_FILES = ["compiled.bin", *FILES]


def export_folder(settings: Settings) -> Path:
    (folder,) = (settings.index / "encoders").iterdir()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_the_same_model_is_exported_to_the_same_bytes(
    tmp_path: Path, tiny_model: Path, exports: Exports, precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = EncoderOptions(str(tiny_model), precision=precision)
    first = exports.of(options)
    assert sorted(contents(first)) == (INT8_FILES if precision == "int8" else FILES)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    find_encoder(options).export(tmp_path)
    assert contents(tmp_path) == contents(first)


def test_a_build_keeps_the_export_it_finds(settings: Settings) -> None:
    folder = export_folder(settings)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    result = build(settings)
    assert export_folder(settings).name == result.manifest.encoder.fingerprint
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize("changed", [True, False], ids=["changed", "unchanged"])
def test_a_build_makes_a_missing_or_damaged_export_again(
    settings: Settings, changed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    build(settings)
    folder = export_folder(settings)
    whole = contents(folder)
    if changed:
        (settings.knowledge / "plan.md").write_text("# Otro plan\n\nEl gato duerme al sol.\n")
        (folder / "model.bin").write_bytes(b"damage")
    else:
        shutil.rmtree(folder)
    assert build(settings).status == ("published" if changed else "unchanged")
    assert contents(export_folder(settings)) == whole
    assert (f"{folder / 'model.bin'}, a file of the exported encoder, is damaged" in caplog.text) is changed
    with open_index(settings.index) as index:
        assert index.search("password of the mailbox", k=1, mode="dense")[0].source == "en/mailbox.txt"


def of_the_first_schema(record: dict[str, Any]) -> None:
    """As releases wrote it that had the embeddings in the model."""
    record["schema"] = 1
    del record["compiled_for"], record["embeddings"], record["unrelated_cosine"], record["files"]["embeddings.bin"]


def of_a_later_schema(record: dict[str, Any]) -> None:
    record["schema"] = 4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (of_the_first_schema, "it was written by another release (Object missing required field `embeddings`)"),
        (of_a_later_schema, "it was written by another release, in schema 4"),
    ],
)
def test_an_export_of_another_release_is_named_and_made_anew(
    settings: Settings, change: Callable[[dict[str, Any]], None], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = export_folder(settings)
    whole = contents(folder)
    record = json.loads(whole["encoder.json"])
    change(record)
    data = json.dumps(record).encode()
    (folder / "encoder.json").write_bytes(data)
    (folder / "encoder.json.sha256").write_bytes(sha256sum_line(hashlib.sha256(data).hexdigest(), "encoder.json"))
    with pytest.raises(DamagedIndexError) as refused:
        open_exported(folder)
    assert str(refused.value) == (
        f"{folder / 'encoder.json'}, a file of the exported encoder, is damaged ({why}): build the index again, which "
        "exports the encoder anew, or copy the folder again from where it came from "
        "(under another name, then rename it)."
    )
    assert build(settings).status == "published"
    assert "The encoder is exported again: " in caplog.text
    assert contents(folder) == whole


def test_the_table_of_embeddings_stands_beside_the_model(tiny_model: Path, exports: Exports) -> None:
    table = load_file(tiny_model / "model.safetensors")["embeddings.word_embeddings.weight"]
    for precision, type_ in (("float32", "<f4"), ("bfloat16", "<f2"), ("int8", "<f2")):
        folder = exports.of(EncoderOptions(str(tiny_model), precision=precision))  # type: ignore[arg-type]
        assert (folder / "embeddings.bin").read_bytes() == table.astype(type_).tobytes()
        kind = "float32" if precision == "float32" else "float16"
        assert json.loads((folder / "encoder.json").read_text())["embeddings"] == {"kind": kind, "dimension": HIDDEN}


def test_versions_of_two_encoders_are_searched_with_their_own(
    settings: Settings, exports: Exports, tmp_path: Path
) -> None:
    first = build(settings).manifest.version
    other = EncoderOptions(str(make_tiny_model(tmp_path / "other", seed=1, max_tokens=256)), precision="float32")
    exports.give(settings.index, other)
    second = build(replace(settings, encoder=other)).manifest.version
    for version in (first, second):
        with open_index(settings.index, version) as index:
            assert index.search("password of the mailbox", k=1, mode="dense")[0].source == "en/mailbox.txt"


def test_the_torch_engine_leaves_an_export_for_the_questions(settings: Settings, tiny_model: Path) -> None:
    encoder = EncoderOptions(str(tiny_model), engine="torch")
    manifest = build(replace(settings, encoder=encoder)).manifest
    assert (manifest.encoder.engine, manifest.encoder.precision) == ("torch", "float32")
    assert sorted(contents(settings.index / "encoders" / manifest.encoder.fingerprint)) == FILES
    with open_index(settings.index) as index:
        assert index.search("password of the mailbox", k=1, mode="dense")[0].source == "en/mailbox.txt"


def test_a_model_that_cannot_be_exported_leaves_nothing(tmp_path: Path, tiny_model: Path, settings: Settings) -> None:
    broken = Path(shutil.copytree(tiny_model, tmp_path / "broken"))
    (broken / "model.safetensors").write_text("{}")
    before = [path.name for path in (settings.index / "encoders").iterdir()]
    with pytest.raises(EncoderError, match=f"^the model in {broken} cannot be loaded \\(SafetensorError: "):
        build(replace(settings, encoder=replace(settings.encoder, id=str(broken))))
    assert [path.name for path in (settings.index / "encoders").iterdir()] == before


def test_an_export_that_gives_other_vectors_than_the_model_is_refused(
    tmp_path: Path, tiny_model: Path, exports: Exports
) -> None:
    exported = open_exported(exports.of(EncoderOptions(str(tiny_model), precision="int8"))).load(threads=1)
    other = find_encoder(EncoderOptions(str(make_tiny_model(tmp_path / "other", seed=1)), precision="int8"))
    tokenizer = other.tokenizer()
    with pytest.raises(EncoderError) as refused:
        check_export(exported, load_module(other.path, tokenizer), tokenizer, ["el gato duerme al sol"])
    assert re.fullmatch(
        rf"encoder {tiny_model} in int8 gives other vectors than in float32 \(cosine -?0\.[0-8][0-9]+, 0\.95 needed\): "
        r"choose another --precision, or --engine torch\.",
        str(refused.value),
    )


def test_what_dead_processes_left_of_an_export_is_removed(settings: Settings) -> None:
    (settings.index / "encoders" / ".staging-4711").mkdir()
    build(settings)
    assert export_folder(settings).is_dir()


def test_without_the_build_extra_the_package_to_install_is_named(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n")
    # The exporter has the path of this process, whatever PYTHONPATH says.
    monkeypatch.syspath_prepend(hidden)
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(MissingExtraError) as refused:
        find_encoder(EncoderOptions(str(tiny_model), precision="float32")).export(target)
    assert str(refused.value) == (
        "exporting an encoder needs the package torch: install it with `pip install 'knowligo-index[build]'`."
    )


def test_the_encoder_can_be_exported_before_there_is_an_index(
    tmp_path: Path, settings: Settings, tiny_model: Path
) -> None:
    given = ["--encoder", str(tiny_model), "--precision", "float32", "--index", str(tmp_path / "new")]
    ended = CliRunner().invoke(cli, ["export-encoder", "--json", *given])
    assert ended.exit_code == 0, ended.output
    folder = Path(json.loads(ended.stdout)["encoder"])
    assert folder == tmp_path / "new" / "encoders" / export_folder(settings).name
    assert contents(folder) == contents(export_folder(settings))
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [".lock", "encoders"]
    written = (folder / "model.bin").stat().st_mtime_ns
    build(replace(settings, index=tmp_path / "new"))
    assert (folder / "model.bin").stat().st_mtime_ns == written


def test_in_bfloat16_a_weight_takes_two_bytes(tiny_model: Path, exports: Exports) -> None:
    sizes = [
        (exports.of(EncoderOptions(str(tiny_model), precision=precision)) / "model.bin").stat().st_size
        for precision in ("float32", "bfloat16")
    ]
    # It also holds whole numbers, such as shapes.
    assert 1.8 < sizes[0] / sizes[1] < 2.0


@pytest.fixture
def int8_export(tmp_path: Path, tiny_model: Path, exports: Exports) -> Path:
    """A copy of an export in int8, to be changed."""
    return Path(shutil.copytree(exports.of(EncoderOptions(str(tiny_model), precision="int8")), tmp_path / "int8"))


def opened_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what OpenVINO opens from now on."""
    names: list[str] = []

    import_model, read_model = ov.Core.import_model, ov.Core.read_model

    def imported(core: ov.Core, *given: Any) -> ov.CompiledModel:
        model = import_model(core, *given)
        names.append("compiled.bin")
        return model

    def read(core: ov.Core, *given: Any) -> ov.Model:
        names.append("model.xml")
        return read_model(core, *given)

    monkeypatch.setattr(ov.Core, "import_model", imported)
    monkeypatch.setattr(ov.Core, "read_model", read)
    return names


TEXTS = ["el gato duerme al sol", "precio del plan por mes"]


def test_a_compiled_model_gives_the_vectors_of_the_model(int8_export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = open_exported(int8_export)
    expected = replace(exported, compiled_for=None).load(threads=1).encode_passages(TEXTS)
    opened = opened_by(monkeypatch)
    for threads in (1, 2):
        np.testing.assert_array_equal(exported.load(threads).encode_passages(TEXTS), expected)
    assert opened == ["compiled.bin", "compiled.bin"]


def test_on_another_platform_the_model_is_compiled(int8_export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = open_exported(int8_export)
    assert exported.compiled_for == this_platform()
    expected = exported.load(threads=1).encode_passages(TEXTS)
    opened = opened_by(monkeypatch)
    found = replace(exported, compiled_for="0" * 64).load(threads=1).encode_passages(TEXTS)
    np.testing.assert_array_equal(found, expected)
    assert opened == ["model.xml"]


def test_a_compiled_model_that_is_not_taken_is_compiled_again(
    int8_export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = open_exported(int8_export)
    expected = exported.load(threads=1).encode_passages(TEXTS)
    (int8_export / "compiled.bin").write_bytes(b"what another release wrote")
    with pytest.raises(DamagedIndexError) as refused:
        exported.load(threads=1)
    assert str(refused.value) == (
        f"{int8_export / 'compiled.bin'}, a file of the exported encoder, is damaged (its size or SHA-256 is not the "
        "one in encoder.json): build the index again, which exports the encoder anew, or copy the folder again from "
        "where it came from (under another name, then rename it)."
    )
    seal_exported(exported)
    opened = opened_by(monkeypatch)
    np.testing.assert_array_equal(open_exported(int8_export).load(threads=1).encode_passages(TEXTS), expected)
    assert opened == ["model.xml"]


def test_a_platform_is_a_release_on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    platforms = {this_platform()}
    monkeypatch.setattr(openvino_engine, "cpu_features", lambda: frozenset({"avx2"}))
    platforms.add(this_platform())
    monkeypatch.setattr(ov, "get_version", lambda: "2026.9.9")
    platforms.add(this_platform())
    assert len(platforms) == 3
    # Elsewhere than on Linux nobody says what the CPU can do.
    monkeypatch.setattr(openvino_engine, "cpu_features", frozenset)
    assert this_platform() is None
