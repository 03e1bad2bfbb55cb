"""Somebody who may write the index redoes every hash, or gives a signature that is not the one of the version: whoever
has the public key takes none of it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scenario import digest_of, publish
from support.signing import forge, new_key, public, sign
from support.sockets import make_socket

from knowligo_index import open_index
from knowligo_index.cli import cli
from knowligo_index.errors import SignatureError
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing

TWO, THREE = (f"{number}-{digest_of(number)}" for number in (2, 3))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Versions 1, 2 and 3; the last two were signed, and the last one is live."""
    root = tmp_path / "indexes"
    publish(root, 1)
    key = new_key(tmp_path / "keys", root)
    for number in (2, 3):
        publish(root, number)
        sign(root, key)
    return root


@pytest.fixture
def key(tmp_path: Path, root: Path) -> Path:
    return tmp_path / "keys" / "key"


def run(root: Path, *arguments: object) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments), "--index", str(root)], prog_name="knowligo-index")


def signature_of(root: Path, version_id: str) -> Path:
    return root / "signatures" / f"{version_id}.minisig"


def refusal(root: Path, key: Path) -> str:
    """Why neither `verify` nor a program takes the live version; both say the same."""
    with pytest.raises(SignatureError) as refused:
        open_index(root, public_keys=public(key))
    verdict = run(root, "verify", "--key", public(key))
    assert (verdict.exit_code, verdict.stderr) == (1, "")
    assert verdict.stdout == f"* {THREE}  NOT SIGNED: {refused.value}\n"
    return str(refused.value)


def invalid(path: Path, reason: str) -> str:
    return (
        f"version {THREE} has no valid signature ({path}: {reason}): if you published this version, sign it again; "
        "otherwise somebody has changed the index, so copy it again from where it was built."
    )


def other_content(root: Path, key: Path) -> str:
    return invalid(signature_of(root, THREE), f"it was not made of this content by a key in {public(key)}")


def test_what_is_signed_opens(root: Path, key: Path) -> None:
    assert run(root, "verify", "--key", public(key)).stdout == f"* {THREE}  intact and signed: 3 files, 0.0 MB\n"
    with open_index(root, public_keys=public(key)) as index:
        assert index.version == THREE


def test_changed_documents_whose_hashes_were_redone_are_whole_and_not_signed(root: Path, key: Path) -> None:
    forge(root, "version3", "version7")
    assert run(root, "verify").stdout == f"* {THREE}  intact: 3 files, 0.0 MB\n"
    with open_index(root) as index:
        assert "version7" in index.search("gato", mode="lexical")[0].text
    assert refusal(root, key) == other_content(root, key)


def test_a_version_that_was_published_and_never_signed_is_refused(root: Path, key: Path) -> None:
    published = publish(root, 4)
    path = signature_of(root, published.id)
    with pytest.raises(SignatureError) as refused:
        open_index(root, public_keys=public(key))
    assert str(refused.value) == (
        f"version {published.id} is not signed ({path} does not exist): sign it with `knowligo-index sign --key FILE` "
        "on the machine that holds the secret key."
    )


def test_the_signature_of_another_key_is_refused(root: Path, key: Path, tmp_path: Path) -> None:
    forge(root, "version3", "version7")
    sign(root, new_key(tmp_path / "theirs", root))
    assert refusal(root, key) == other_content(root, key)


def test_the_signature_of_another_version_is_refused(root: Path, key: Path) -> None:
    shutil.copy(signature_of(root, TWO), signature_of(root, THREE))
    assert refusal(root, key) == other_content(root, key)


def test_a_public_key_that_comes_with_the_index_is_refused(root: Path, tmp_path: Path) -> None:
    theirs = new_key(tmp_path / "theirs", root)
    forge(root, "version3", "version7")
    sign(root, theirs)
    shutil.copy(public(theirs), root / "key.pub")
    (tmp_path / "link.pub").symlink_to(root / "key.pub")
    for path in (root / "key.pub", tmp_path / "link.pub"):
        verdict = run(root, "verify", "--key", path)
        assert (verdict.exit_code, verdict.stdout) == (2, "")
        assert verdict.stderr == (
            f"Error: {path} is in the index folder, so that whoever can read or change the index could do the same "
            f"with the key: keep keys outside {root}.\n"
        )


def line(path: Path, number: int, change: Callable[[str], str]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number] = change(lines[number])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def flip(encoded: str) -> str:
    """Another letter in the middle."""
    return f"{encoded[:60]}{'A' if encoded[60] != 'A' else 'B'}{encoded[61:]}"


NO_FORMAT = "it is not in the format of minisign"
CHANGES: dict[str, tuple[Callable[[Path], object], str | None]] = {
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:150]), NO_FORMAT),
    "empty": (lambda path: path.write_bytes(b""), NO_FORMAT),
    "other text": (lambda path: path.write_text("signed by me\n" * 4), NO_FORMAT),
    "not UTF-8": (lambda path: path.write_bytes(b"\xff" + path.read_bytes()), NO_FORMAT),
    "a line more": (lambda path: path.write_bytes(path.read_bytes() * 2), NO_FORMAT),
    "signature": (lambda path: line(path, 1, flip), None),
    "trusted comment": (lambda path: line(path, 2, lambda text: text.replace("timestamp:1", "timestamp:2")), None),
    "global signature": (lambda path: line(path, 3, flip), None),
    "large": (lambda path: os.truncate(path, 2**30), "1,073,741,824 bytes instead of at most 65,536"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_signature_is_refused(root: Path, key: Path, change: str) -> None:
    path = signature_of(root, THREE)
    damage, reason = CHANGES[change]
    damage(path)
    assert refusal(root, key) == (invalid(path, reason) if reason else other_content(root, key))


def test_the_untrusted_comment_is_not_signed(root: Path, key: Path) -> None:
    line(signature_of(root, THREE), 0, lambda text: "untrusted comment: mine")
    with open_index(root, public_keys=public(key)) as index:
        assert index.version == THREE


FOREIGN: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (lambda path: path.mkdir(), "is a directory"),
    "pipe": (os.mkfifo, "a named pipe instead of a regular file"),
    "link": (lambda path: path.symlink_to("/dev/zero"), "a link instead of a regular file"),
    "socket": (make_socket, "a socket instead of a regular file"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_file_in_place_of_a_signature_is_refused_at_once_and_stops_no_command(
    root: Path, key: Path, kind: str
) -> None:
    make, reason = FOREIGN[kind]
    path = signature_of(root, THREE)
    path.unlink()
    make(path)
    assert refusal(root, key) == invalid(path, reason)
    for command in (("gc", "--keep", "1"), ("rollback", TWO), ("rollback", THREE), ("verify",), ("list",)):
        assert run(root, *command).exit_code == 0, command
    publish(root, 5)
    assert os.path.lexists(path), "what is not a signature is left alone"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["file", "pipe", "link", "socket"])
def test_what_is_no_folder_in_place_of_the_signatures_stops_no_command(
    root: Path, key: Path, tmp_path: Path, kind: str
) -> None:
    folder = root / "signatures"
    shutil.rmtree(folder)
    target = tmp_path / "elsewhere"
    target.mkdir()
    made: dict[str, Callable[[Path], object]] = {
        "file": Path.touch,
        "pipe": os.mkfifo,
        "link": lambda path: path.symlink_to(target),
        "socket": make_socket,
    }
    made[kind](folder)
    assert run(root, "verify", "--key", public(key)).exit_code == 1
    refused = run(root, "sign", "--key", key)
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"Error: {folder} is not a folder: move it away and sign again; nothing was signed.\n",
    )
    assert list(target.iterdir()) == []
    for command in (("gc", "--keep", "1"), ("rollback", TWO), ("verify",), ("list",)):
        assert run(root, *command).exit_code == 0, command
    publish(root, 5)
    assert os.path.lexists(folder)


def test_a_signature_does_not_say_that_a_version_is_the_newest(root: Path, key: Path) -> None:
    """docs/signatures.md says so: an older version that was signed is accepted, since `rollback` must lead to it."""
    old = Store(root).open(TWO)
    (root / "CURRENT").write_text(f"{TWO} {old.manifest_sha256}\n", encoding="ascii")
    with open_index(root, public_keys=public(key)) as index:
        assert index.version == TWO


def test_after_a_rollback_the_signature_is_valid_again(root: Path, key: Path) -> None:
    for version_id in (TWO, THREE):
        with writing(Store(root), "test") as writer:
            writer.rollback(version_id)
        with open_index(root, public_keys=public(key)) as index:
            assert index.version == version_id
