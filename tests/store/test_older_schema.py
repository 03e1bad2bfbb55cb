"""What becomes of an index whose live version an earlier release made, in a schema that this one does not read."""

import hashlib
import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knowligo_index.build import build
from knowligo_index.cli import cli
from knowligo_index.errors import OlderSchemaError
from knowligo_index.operations.nightly import run_night
from knowligo_index.search.reader import open_index
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.current import Pointer
from knowligo_index.store.manifest import MANIFEST_FILE
from knowligo_index.store.version import MANIFEST_HASH_FILE, manifest_hash_line


def make_older(index: Path) -> str:
    """Give the live version the manifest of an earlier release, with all the hashes that go with it; its id."""
    pointer = Store(index).pointer()
    assert pointer is not None
    folder = index / "versions" / pointer.version
    manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
    manifest |= {"schema": 1, "fusion": {"weights": {"known": 0.5, "unknown": 0.2}, "evidence": []}}
    data = json.dumps(manifest).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / MANIFEST_FILE).write_bytes(data)
    (folder / MANIFEST_HASH_FILE).write_bytes(manifest_hash_line(sha256))
    (index / "CURRENT").write_bytes(Pointer(pointer.version, sha256).line())
    return pointer.version


@pytest.fixture
def older(settings: Settings) -> str:
    """The index of the settings has one version, of schema 1."""
    build(settings)
    return make_older(settings.index)


def sentence_of(settings: Settings, version: str) -> str:
    return (
        f"{settings.index / 'versions' / version / MANIFEST_FILE} was written in schema 1 by an earlier release and "
        "this one reads schema 2: build the index again with this release, which leaves that version as it is, or use "
        "the release that made it."
    )


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="knowligo-index")


def test_it_does_not_open(settings: Settings, older: str) -> None:
    with pytest.raises(OlderSchemaError) as refused:
        open_index(settings.index)
    assert str(refused.value) == sentence_of(settings, older)


def test_a_build_makes_a_new_version_with_one_warning(
    settings: Settings, older: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        result = build(settings)
    assert (result.status, result.manifest.counter, result.manifest.previous) == ("published", 2, older)
    (warning,) = [record.message for record in caplog.records]
    assert warning == (
        f"The live version, {older}, was made by an earlier release, in a schema that this one does not read: "
        "everything is built anew, and nothing is compared with it."
    )
    # The same documents: what was read, cut and encoded before is known.
    assert result.embedded == 0
    with open_index(settings.index) as index:
        assert index.search("soporte", k=1)[0].source == "plan.md"
    assert build(settings).status == "unchanged"


@pytest.mark.parametrize(
    "command",
    [["show"], ["search", "soporte"], ["gc"], ["diff"], ["evaluate", "{questions}"]],
    ids=lambda command: str(command[0]),
)
def test_commands_say_so_in_a_sentence(settings: Settings, older: str, command: list[str]) -> None:
    questions = settings.knowledge.parent / "asked.jsonl"
    questions.write_text('{"question": "x", "source": "plan.md"}\n')
    arguments = [argument.format(questions=questions) for argument in command]
    told = run(*arguments, "--index", settings.index)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == f"Error: {sentence_of(settings, older)}\n"
    assert Store(settings.index).version_ids() == [older]


def test_it_is_listed_with_its_problem(settings: Settings, older: str) -> None:
    listed = run("list", "--index", settings.index)
    assert (listed.exit_code, listed.stdout) == (0, f"* {older}  {sentence_of(settings, older)}\n")


def test_it_is_not_verified_and_not_called_damaged(settings: Settings, older: str) -> None:
    for arguments in (["verify"], ["verify", "--all"]):
        verified = run(*arguments, "--index", settings.index)
        assert verified.exit_code == 1
        assert verified.stdout == f"* {older}  not verified: {sentence_of(settings, older)}\n"


def after_the_next_build(settings: Settings, count: int = 1) -> list[str]:
    versions: list[str] = []
    for number in range(count):
        (settings.knowledge / "new.md").write_text(f"# Nuevo\n\nTexto número {number}.\n")
        versions.append(build(settings).manifest.version)
    return versions


def test_nobody_goes_back_to_it(settings: Settings, older: str) -> None:
    (live,) = after_the_next_build(settings)
    for arguments in (["rollback"], ["rollback", older], ["diff"], ["diff", older]):
        told = run(*arguments, "--index", settings.index)
        assert (told.exit_code, told.stderr) == (1, f"Error: {sentence_of(settings, older)}\n")
    assert Store(settings.index).current_id() == live


def test_gc_removes_it_when_enough_versions_have_come_after_it(settings: Settings, older: str) -> None:
    first, *_ = after_the_next_build(settings)
    assert run("gc", "--keep", 2, "--index", settings.index).exit_code == 0
    assert Store(settings.index).version_ids() == [older, first]
    others = after_the_next_build(settings, 3)
    assert run("gc", "--keep", 2, "--index", settings.index).exit_code == 0
    assert Store(settings.index).version_ids() == others[1:]


def test_a_night_publishes_and_tidies_up(settings: Settings, older: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWLIGO_ENCODER", settings.encoder.id)
    monkeypatch.setenv("KNOWLIGO_MAX_FAILED", "0.5")
    night = run_night(str(settings.knowledge), str(settings.index), keep=3, limit_seconds=120)
    assert (night.status, night.exit_code, night.message) == ("published", 0, None)
    assert night.gc is not None
    assert night.gc["kept"] == [older, night.version]
