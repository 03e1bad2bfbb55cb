import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scenario import digest_of, publish
from support.signing import new_key, public

from knowligo_index.cli import cli
from knowligo_index.store import Store
from knowligo_index.store.locks import writer_lock

ONE, TWO = (f"{number}-{digest_of(number)}" for number in (1, 2))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in (1, 2):
        publish(tmp_path / "indexes", number)
    return tmp_path / "indexes"


def run(root: Path, *arguments: object) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments), "--index", str(root)], prog_name="knowligo-index")


def test_a_new_key_signs_and_its_public_key_verifies(root: Path, tmp_path: Path) -> None:
    key, path = tmp_path / "key", root / "signatures" / f"{TWO}.minisig"
    made = run(root, "sign", "--new-key", key)
    assert (made.exit_code, made.stdout) == (0, f"The secret key is in {key}; the public key is in {key}.pub.\n")
    before = run(root, "verify", "--key", public(key))
    assert before.exit_code == 1
    assert before.stdout == (
        f"* {TWO}  NOT SIGNED: version {TWO} is not signed ({path} does not exist): sign it with `knowligo-index sign "
        "--key FILE` on the machine that holds the secret key.\n"
    )
    signed = run(root, "sign", "--key", key)
    assert (signed.exit_code, signed.stdout) == (0, f"Version {TWO} is signed: {path}\n")
    after = run(root, "verify", "--key", public(key))
    assert (after.exit_code, after.stdout) == (0, f"* {TWO}  intact and signed: 3 files, 0.0 MB\n")


def test_as_json(root: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    made = json.loads(run(root, "sign", "--new-key", key, "--json").stdout)
    assert made == {"secret_key": str(key), "public_key": f"{key}.pub"}
    path = root / "signatures" / f"{TWO}.minisig"
    assert json.loads(run(root, "sign", "--key", key, "--json").stdout) == {"version": TWO, "signature": str(path)}
    everything = run(root, "verify", "--all", "--key", public(key), "--json")
    verdicts = json.loads(everything.stdout)["versions"]
    assert everything.exit_code == 1
    assert [(each["version"], each["ok"], each["signed"], len(each["problems"])) for each in verdicts] == [
        (ONE, False, False, 1),
        (TWO, True, True, 0),
    ]


def test_a_version_that_is_damaged_and_not_signed_has_both_problems(root: Path, tmp_path: Path) -> None:
    key = new_key(tmp_path / "keys", root)
    (root / "versions" / TWO / "ledger.jsonl").write_bytes(b"")
    damaged, unsigned = run(root, "verify", "--key", public(key)).stdout.splitlines()
    assert damaged.startswith(f"* {TWO}  DAMAGED: {root}/versions/{TWO}/ledger.jsonl is damaged (")
    assert unsigned.startswith(f"* {TWO}  DAMAGED: version {TWO} is not signed (")


def test_a_key_with_a_password(root: Path, tmp_path: Path) -> None:
    key, password = tmp_path / "key", tmp_path / "password"
    password.write_text("contraseña\n", encoding="utf-8")
    assert run(root, "sign", "--new-key", key, "--password-file", password).exit_code == 0
    refused = run(root, "sign", "--key", key)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"Error: {key} is protected with a password: name a file that holds the password with --password-file.\n"
    )
    assert run(root, "sign", "--key", key, "--password-file", password).exit_code == 0
    assert run(root, "verify", "--key", public(key)).exit_code == 0


def test_one_of_both_flags_is_needed(root: Path, tmp_path: Path) -> None:
    sentence = "Error: sign needs either --key or --new-key: give one of them.\n"
    for flags in ((), ("--key", tmp_path / "a", "--new-key", tmp_path / "b")):
        refused = run(root, "sign", *flags)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (2, "", sentence)
    assert list(tmp_path.glob("b*")) == []


def test_nothing_is_signed_while_another_process_changes_the_index(root: Path, tmp_path: Path) -> None:
    key = new_key(tmp_path / "keys", root)
    with writer_lock(root, "build"):
        refused = run(root, "sign", "--key", key)
    assert refused.exit_code == 75
    assert refused.stderr.startswith(f"Error: the index {root} is locked by `build`, process ")
    assert not (Store(root).root / "signatures").exists()
