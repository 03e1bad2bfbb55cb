"""Signatures of versions. A hash says that a version is whole; a signature says who published it.

The signature of a version is `signatures/<version id>.minisig`, a detached signature in the format of minisign. It
covers the line that CURRENT holds while the version is live: the id and the SHA-256 of the manifest, which has the
hashes of the other files. Because it is found by the version's id, it is valid again after a rollback, and there is no
second file that would have to change in the same moment as CURRENT.
"""

import stat
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from knowligo_index.errors import MissingExtraError, SettingError, SignatureError
from knowligo_index.store.current import Pointer
from knowligo_index.store.files import is_folder
from knowligo_index.store.version import VERSION_ID
from knowligo_index.system.hashing import read_regular
from knowligo_index.system.os_errors import reason_of

SIGNATURES = "signatures"
SUFFIX = ".minisig"
TEMPORARY = ".signature.new"
"""name of a signature that is being written"""

MAX_BYTES = 64 * 1024
"""of a signature, and of a file with keys"""

_COMMENT = b"untrusted comment:"


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The keys whose signatures are accepted."""

    path: Path
    """the file that they were read from"""
    keys: tuple[Any, ...]
    """`minisign.PublicKey`"""

    @classmethod
    def read(cls, path: Path, index: Path) -> Self:
        """The public keys in a file: one or more, each as minisign writes it, one after the other.

        Raises SettingError if the file cannot be read, holds anything else, or is in the folder `index`, and
        MissingExtraError if the extra `sign` is not installed.
        """
        minisign = load_minisign("checking a signature")
        refuse_in_index(path, index)
        try:
            # The files of a secret in Kubernetes are links.
            lines = read_regular(path.resolve(), MAX_BYTES).splitlines()
        except OSError as error:
            raise SettingError(
                f"{path} cannot be read ({reason_of(error)}): name the file with the public key of the index."
            ) from error
        try:
            encoded = [line for line in lines if line.strip() and not line.startswith(_COMMENT)]
            keys = tuple(minisign.PublicKey.from_base64(line) for line in encoded)
        except ValueError:
            keys = ()
        if not keys:
            raise SettingError(
                f"{path} does not hold public keys of minisign: name the file that ends in .pub, which "
                "`knowligo-index sign --new-key` writes beside the secret key."
            )
        return cls(path, keys)

    def check(self, root: Path, pointer: Pointer) -> None:
        """Raises SignatureError if the index in `root` has no signature, by one of the keys, of this content of
        CURRENT."""
        path = signature_path(root, pointer.version)
        try:
            self.check_signature(pointer.line(), read_regular(path, MAX_BYTES))
        except FileNotFoundError as error:
            raise SignatureError(
                f"version {pointer.version} is not signed ({path} does not exist): sign it with `knowligo-index sign "
                "--key FILE` on the machine that holds the secret key."
            ) from error
        except (OSError, ValueError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            raise SignatureError(
                f"version {pointer.version} has no valid signature ({path}: {reason}): if you published this version, "
                "sign it again; otherwise somebody has changed the index, so copy it again from where it was built."
            ) from error

    def check_signature(self, content: bytes, signature: bytes) -> None:
        """Raises ValueError, with the reason, if `signature` is not one that one of the keys made of `content`."""
        minisign = load_minisign("checking a signature")
        try:
            parsed = minisign.Signature.from_bytes(signature)
        except ValueError as error:
            raise ValueError("it is not in the format of minisign") from error
        for key in self.keys:
            try:
                key.verify(content, parsed)
            except ValueError:
                continue
            return
        raise ValueError(f"it was not made of this content by a key in {self.path}")


def load_minisign(task: str) -> ModuleType:
    """The package `minisign`, which only those who use signatures need. Raises MissingExtraError, which names the
    task."""
    try:
        import minisign
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package(task, "py-minisign", "sign") from error
    module: ModuleType = minisign
    return module


def refuse_in_index(path: Path, index: Path) -> None:
    """Raises SettingError if a key is in the folder of the index, which is copied, and changed by others than the owner
    of the key."""
    if path.resolve().is_relative_to(index.resolve()):
        raise SettingError(
            f"{path} is in the index folder, so that whoever can read or change the index could do the same with the "
            f"key: keep keys outside {index}."
        )


def signature_path(root: Path, version_id: str) -> Path:
    """The file with the signature of a version of the index in `root`."""
    return root / SIGNATURES / f"{version_id}{SUFFIX}"


def unneeded_signatures(root: Path, version_ids: list[str]) -> list[str]:
    """Signatures of other versions than these, and one that was not written to its end, as sorted paths relative to
    `root`. Whatever else is in the folder is not listed."""
    folder = root / SIGNATURES
    if not is_folder(folder):
        return []
    try:
        names = sorted(path.name for path in folder.iterdir() if stat.S_ISREG(path.lstat().st_mode))
    except OSError:
        # Without them the index is as good, and `gc` has more to do.
        return []
    needed = {f"{version_id}{SUFFIX}" for version_id in version_ids}
    return [f"{SIGNATURES}/{name}" for name in names if _is_ours(name) and name not in needed]


def _is_ours(name: str) -> bool:
    return name == TEMPORARY or (name.endswith(SUFFIX) and VERSION_ID.fullmatch(name.removesuffix(SUFFIX)) is not None)
