"""Exported encoders whose files fit their hashes and are no model: every command says so in one sentence."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.exports import Exports
from support.small_knowledge import TINY_PRECISION

from knowligo_index.cli import cli
from knowligo_index.encoders import EncoderOptions
from knowligo_index.encoders.exported import ExportedEncoder, open_exported, seal_exported
from knowligo_index.errors import DamagedIndexError, EncoderError
from knowligo_index.settings import Settings


def rewrite(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text(change(path.read_text()))

    return apply


def cut_weights(folder: Path) -> None:
    path = folder / "model.bin"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_embeddings(folder: Path) -> None:
    path = folder / "embeddings.bin"
    path.write_bytes(path.read_bytes()[:-7])


def empty_embeddings(folder: Path) -> None:
    (folder / "embeddings.bin").write_bytes(b"")


UNLOADABLE: dict[str, Callable[[Path], None]] = {
    "no XML": rewrite("model.xml", lambda _: "no XML"),
    "empty": rewrite("model.xml", lambda _: ""),
    "cut off": rewrite("model.xml", lambda text: text[: len(text) // 2]),
    "an operation that is none": rewrite("model.xml", lambda text: text.replace('type="MatMul"', 'type="Evil"')),
    "an entity that expands": rewrite(
        "model.xml", lambda _: '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><net name="&c;"/>'
    ),
    "offsets beyond the weights": rewrite("model.xml", lambda text: re.sub(r'offset="\d+"', 'offset="99999999"', text)),
    "negative sizes": rewrite("model.xml", lambda text: re.sub(r'size="\d+"', 'size="-1"', text)),
    "weights that are cut off": cut_weights,
    "embeddings that are cut off": cut_embeddings,
    "embeddings that are empty": empty_embeddings,
}


@pytest.fixture
def exported(tmp_path: Path, tiny_model: Path, exports: Exports) -> ExportedEncoder:
    """A copy of an export, to do with as a test pleases."""
    export = exports.of(EncoderOptions(id=str(tiny_model), precision=TINY_PRECISION))
    return open_exported(Path(shutil.copytree(export, tmp_path / "export")))


@pytest.mark.parametrize("damage", UNLOADABLE.values(), ids=UNLOADABLE)
def test_a_model_that_is_none_is_a_sentence(exported: ExportedEncoder, damage: Callable[[Path], None]) -> None:
    damage(exported.folder)
    seal_exported(exported)
    with pytest.raises((DamagedIndexError, EncoderError)) as refused:
        open_exported(exported.folder).load(1).encode_queries(["¿Qué incluye el plan?"])
    message = str(refused.value)
    assert message.startswith((f"the exported encoder in {exported.folder} cannot be loaded (", "encoder "))
    assert ("\n" in message, len(message) < 700) == (False, True)


def test_a_model_whose_vectors_have_another_dimension_is_a_sentence(exported: ExportedEncoder) -> None:
    seal_exported(replace(exported, description=replace(exported.description, dimension=31)))
    with pytest.raises(EncoderError) as refused:
        open_exported(exported.folder).load(1).encode_queries(["¿Qué incluye el plan?"])
    assert "gave vectors of the shape (1, 32) for 1 texts instead of 31 dimensions" in str(refused.value)


@pytest.mark.parametrize("damage", ["no XML", "cut off", "offsets beyond the weights"])
def test_every_command_that_encodes_says_it_in_one_line(settings: Settings, damage: str) -> None:
    flags = ["--encoder", settings.encoder.id, "--max-failed", "0.5", "--threads", "1"]
    build = ["build", str(settings.knowledge), *flags]
    index = ["--index", str(settings.index)]

    def hurt() -> None:
        (folder,) = (settings.index / "encoders").iterdir()
        export = open_exported(folder)
        UNLOADABLE[damage](folder)
        seal_exported(export)

    good = shutil.copytree(settings.index, settings.index.with_name("good"))
    hurt()
    first = CliRunner().invoke(cli, [*build, *index])
    shutil.rmtree(settings.index)
    shutil.move(good, settings.index)
    assert CliRunner().invoke(cli, [*build, *index]).exit_code == 0
    hurt()
    questions = settings.knowledge.parent / "questions.jsonl"
    questions.write_text('{"question": "¿Qué código?", "source": "red.md"}\n')
    commands = (["search", "plan"], ["serve", "--port", "0"], ["evaluate", str(questions)])
    for result in [first, *(CliRunner().invoke(cli, [*command, *index]) for command in commands)]:
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        assert re.fullmatch(r"Error: [^\n]+\n", result.stderr), result.stderr
