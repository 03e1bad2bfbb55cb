"""`sign`: make a pair of keys, and sign the live version. The format of keys and signatures is that of minisign."""

import base64
import os
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowligo_index.errors import DamagedIndexError, SettingError, StorageError
from knowligo_index.store.files import is_folder, make_folder, remove_entry, replace_file, sync_folder, write_file
from knowligo_index.store.publishing import Writer
from knowligo_index.store.signatures import (
    MAX_BYTES,
    SIGNATURES,
    TEMPORARY,
    load_minisign,
    refuse_in_index,
    signature_path,
)
from knowligo_index.store.verification import verify_version
from knowligo_index.system.hashing import open_regular, read_regular
from knowligo_index.system.os_errors import reason_of

# Of the owner and, for reading, of the group: in Kubernetes a process that is not root can only read a secret in this
# way.
_FORBIDDEN_MODE = 0o037

# The work and the memory (256 MiB) for which scrypt makes a key of a password: less than what minisign takes (1 GiB),
# since containers have less, and eight times what its library would.
_SCRYPT = {"opslimit": 2**25, "memlimit": 2**28}


@dataclass(frozen=True, slots=True)
class NewKey:
    """What `sign --new-key --json` prints."""

    secret_key: str
    public_key: str
    """paths of the two files"""


@dataclass(frozen=True, slots=True)
class Signed:
    """What `sign --json` prints."""

    version: str
    signature: str
    """path of the signature"""


def read_password(path: Path) -> str:
    """The password in the first line of a file. Raises SettingError."""
    try:
        lines = read_regular(path.resolve(), MAX_BYTES).decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingError(f"{path} cannot be read ({reason}): name a file that holds the password.") from error
    if not lines or not lines[0]:
        raise SettingError(f"{path} holds no password: write it into the first line.")
    return lines[0]


def make_key(path: Path, index: Path, password: str | None = None) -> NewKey:
    """Write a new secret key into `path`, which only its owner may read, and its public key into `path`.pub. With a
    password, the secret key is encrypted.

    Raises SettingError if one of the files exists or would be in the folder `index`, MissingExtraError or StorageError.
    """
    minisign = load_minisign("making a key")
    public_path = path.with_name(f"{path.name}.pub")
    refuse_in_index(path, index)
    for file in (path, public_path):
        if os.path.lexists(file):
            raise SettingError(f"{file} exists and is not replaced: name another file with --new-key.")
    pair = minisign.KeyPair.generate()
    # As minisign writes it: the id as a number whose last byte comes first.
    pair.public_key.untrusted_comment = f"minisign public key {key_id(bytes(pair.public_key)):016X}"
    with pair.secret_key as secret_key:
        if password is not None:
            secret_key.encrypt(password, **_SCRYPT)
        write_file(path, bytes(secret_key) + b"\n", mode=0o600)
    write_file(public_path, bytes(pair.public_key) + b"\n")
    sync_folder(path.parent)
    return NewKey(str(path), str(public_path))


def secret_key(path: Path, index: Path, password: str | None = None) -> AbstractContextManager[Any]:
    """The secret key in a file, a `minisign.SecretKey`; as a context manager, it is wiped from memory at the end.

    Raises SettingError if the file cannot be read, may be read by everyone, is in the folder `index`, holds no secret
    key, or one that the password does not open; MissingExtraError.
    """
    minisign = load_minisign("signing")
    refuse_in_index(path, index)
    try:
        with open_regular(path.resolve()) as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise SettingError(f"{path} cannot be read ({reason_of(error)}): name the file with the secret key.") from error
    if mode & _FORBIDDEN_MODE:
        raise SettingError(
            f"{path} can be read or changed by others than its owner (mode {mode:04o}): run `chmod 600 {path}`, and "
            "make a new key if somebody may have read this one."
        )
    try:
        key = minisign.SecretKey.from_bytes(data)
    except ValueError as error:
        raise SettingError(
            f"{path} does not hold a secret key of minisign: make one with `knowligo-index sign --new-key FILE`."
        ) from error
    if key.is_encrypted():
        if password is None:
            raise SettingError(
                f"{path} is protected with a password: name a file that holds the password with --password-file."
            )
        try:
            key.decrypt(password)
        except (ValueError, MemoryError) as error:
            reason = str(error) or "there is not enough memory"
            raise SettingError(
                f"{path} cannot be opened with the password ({reason}): correct the password."
            ) from error
    opened: AbstractContextManager[Any] = key
    return opened


def sign_live_version(writer: Writer, key: Any) -> Signed:
    """Compare every file of the live version with its manifest, sign what CURRENT holds with the secret key `key`, and
    write the signature into the index.

    Raises IndexNotFoundError, DamagedIndexError or StorageError.
    """
    store = writer.store
    pointer = store.pointer()
    if pointer is None:
        raise store.no_index()
    verdict = verify_version(store)
    if not verdict.ok:
        raise DamagedIndexError(f"nothing was signed: {verdict.problems[0]}")
    comment = f"timestamp:{int(time.time())}\tfile:CURRENT\tversion:{pointer.version}"
    signature = bytes(key.sign(pointer.line(), trusted_comment=comment)) + b"\n"
    return Signed(pointer.version, str(_write_signature(store.root, pointer.version, signature)))


def key_id(public_key_file: bytes) -> int:
    """The id in a file with a public key, by which minisign names the key."""
    return int.from_bytes(base64.b64decode(public_key_file.splitlines()[1])[2:10], "little")


def _write_signature(root: Path, version_id: str, signature: bytes) -> Path:
    folder, path = root / SIGNATURES, signature_path(root, version_id)
    if os.path.lexists(folder) and not is_folder(folder):
        raise StorageError(f"{folder} is not a folder: move it away and sign again; nothing was signed.")
    make_folder(folder)
    temporary = folder / TEMPORARY
    remove_entry(temporary)
    replace_file(path, signature, temporary)
    return path
