import os
from pathlib import Path

import pytest
from scenario import digest_of, publish
from support.signing import new_key, public, sign

from knowligo_index import open_index
from knowligo_index.errors import IndexNotFoundError, SettingError
from knowligo_index.store.signing import make_key, read_password, secret_key

ONE = f"1-{digest_of(1)}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish(tmp_path / "indexes", 1)
    return tmp_path / "indexes"


@pytest.fixture
def key(tmp_path: Path, root: Path) -> Path:
    return new_key(tmp_path / "keys", root)


def refusal(path: Path, root: Path, password: str | None = None) -> str:
    with pytest.raises(SettingError) as refused, secret_key(path, root, password):
        pass
    return str(refused.value)


def test_a_secret_key_is_for_its_owner_alone(key: Path) -> None:
    assert (key.stat().st_mode & 0o777, public(key).stat().st_mode & 0o777) == (0o600, 0o644)
    assert key.read_text(encoding="ascii").startswith("untrusted comment: minisign secret key\nRWQAAEIy")


def test_no_key_is_replaced(key: Path, root: Path) -> None:
    before = key.read_bytes(), public(key).read_bytes()
    with pytest.raises(SettingError) as refused:
        make_key(key, root)
    assert str(refused.value) == f"{key} exists and is not replaced: name another file with --new-key."
    assert (key.read_bytes(), public(key).read_bytes()) == before


def test_no_public_key_is_replaced_either(key: Path, root: Path) -> None:
    before = public(key).read_bytes()
    key.unlink()
    with pytest.raises(SettingError) as refused:
        make_key(key, root)
    assert str(refused.value) == f"{public(key)} exists and is not replaced: name another file with --new-key."
    assert (key.exists(), public(key).read_bytes()) == (False, before)


def test_a_new_key_follows_no_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "target")
    with pytest.raises(SettingError, match=f"^{tmp_path}/key exists and is not replaced: "):
        make_key(tmp_path / "key", root)
    assert not (tmp_path / "target").exists()


def test_no_key_is_written_into_the_index_or_read_from_it(key: Path, root: Path) -> None:
    inside = root / "encoders" / "key"
    sentence = (
        f"{inside} is in the index folder, so that whoever can read or change the index could do the same with the "
        f"key: keep keys outside {root}."
    )
    with pytest.raises(SettingError) as refused:
        make_key(inside, root)
    assert str(refused.value) == sentence
    assert not inside.exists()
    inside.write_bytes(key.read_bytes())
    inside.chmod(0o600)
    assert refusal(inside, root) == sentence


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o644, 0o666])
def test_a_secret_key_that_others_may_read_or_change_is_refused(key: Path, root: Path, mode: int) -> None:
    key.chmod(mode)
    assert refusal(key, root) == (
        f"{key} can be read or changed by others than its owner (mode {mode:04o}): run `chmod 600 {key}`, and make a "
        "new key if somebody may have read this one."
    )


def test_a_group_may_read_a_secret_key(key: Path, root: Path) -> None:
    for mode in (0o400, 0o440, 0o640):
        key.chmod(mode)
        sign(root, key)


def test_a_file_that_holds_no_secret_key_is_refused(key: Path, root: Path, tmp_path: Path) -> None:
    public(key).chmod(0o600)
    assert refusal(public(key), root) == (
        f"{public(key)} does not hold a secret key of minisign: make one with `knowligo-index sign --new-key FILE`."
    )
    for path, reason in (
        (tmp_path / "none", "no such file or directory"),
        (tmp_path / "pipe", "a named pipe instead of a regular file"),
    ):
        if path.name == "pipe":
            os.mkfifo(path)
        assert refusal(path, root) == f"{path} cannot be read ({reason}): name the file with the secret key."


def test_a_key_with_a_password_signs_with_that_password_alone(root: Path, tmp_path: Path) -> None:
    key = tmp_path / "locked"
    make_key(key, root, "contraseña")
    assert key.read_text(encoding="ascii").startswith("untrusted comment: minisign encrypted secret key\nRWRTY0Iy")
    assert refusal(key, root) == (
        f"{key} is protected with a password: name a file that holds the password with --password-file."
    )
    assert refusal(key, root, "contrasena") == (
        f"{key} cannot be opened with the password (wrong password for that key): correct the password."
    )
    with secret_key(key, root, "contraseña") as opened:
        assert not opened.is_encrypted()
    assert opened.is_wiped()


def test_the_password_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("una contraseña \nnotes\n", encoding="utf-8")
    assert read_password(path) == "una contraseña "
    for content, sentence in (
        (b"", f"{path} holds no password: write it into the first line."),
        (b"\nword\n", f"{path} holds no password: write it into the first line."),
        (b"\xff\n", f"{path} cannot be read (it is not UTF-8): name a file that holds the password."),
    ):
        path.write_bytes(content)
        with pytest.raises(SettingError) as refused:
            read_password(path)
        assert str(refused.value) == sentence
    path.unlink()
    with pytest.raises(SettingError, match=r"cannot be read \(no such file or directory\)"):
        read_password(path)


def test_an_index_without_a_live_version_is_not_signed(tmp_path: Path, key: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexNotFoundError, match=f"^there is no index in {tmp_path}/empty: make one"):
        sign(tmp_path / "empty", key)


def test_what_a_killed_process_was_writing_is_replaced(root: Path, key: Path) -> None:
    (root / "signatures" / ".signature.new" / "folder").mkdir(parents=True)
    assert sign(root, key) == root / "signatures" / f"{ONE}.minisig"
    assert [path.name for path in (root / "signatures").iterdir()] == [f"{ONE}.minisig"]
    with open_index(root, public_keys=public(key)) as index:
        assert index.version == ONE


def test_a_second_signature_replaces_the_first(root: Path, key: Path, tmp_path: Path) -> None:
    assert sign(root, key) == sign(root, new_key(tmp_path / "keys", root, "other"))
    with open_index(root, public_keys=tmp_path / "keys" / "other.pub") as index:
        assert index.version == ONE
