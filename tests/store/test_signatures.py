import base64
import hashlib
import os
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scenario import digest_of, publish
from support.signing import new_key, public, sign

from knowligo_index import open_index
from knowligo_index.errors import MissingExtraError, SettingError, SignatureError
from knowligo_index.store import Store
from knowligo_index.store.garbage import Garbage, collect_garbage
from knowligo_index.store.publishing import writing
from knowligo_index.store.signatures import PublicKeys

ONE, TWO, THREE = (f"{number}-{digest_of(number)}" for number in (1, 2, 3))

# The public key of the author of minisign, and signatures that the program minisign made with it of the content "test":
# in the older format, of the content itself, and in the present one, of its hash.
PUBLIC_KEY = """\
untrusted comment: minisign public key E7620F1842B4E81F
RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3
"""
OLDER_FORMAT = """\
untrusted comment: signature from minisign secret key
RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=
trusted comment: timestamp:1555779966\tfile:test
QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==
"""
PRESENT_FORMAT = """\
untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in (1, 2, 3):
        publish(tmp_path / "indexes", number)
    return tmp_path / "indexes"


@pytest.fixture
def key(tmp_path: Path, root: Path) -> Path:
    return new_key(tmp_path / "keys", root)


@pytest.fixture
def keys_of_minisign(tmp_path: Path) -> PublicKeys:
    path = tmp_path / "minisign.pub"
    path.write_text(PUBLIC_KEY, encoding="ascii")
    return PublicKeys.read(path, tmp_path / "indexes")


@pytest.mark.parametrize("signature", [OLDER_FORMAT, PRESENT_FORMAT], ids=["older format", "present format"])
def test_what_minisign_signed_is_accepted_and_nothing_else(keys_of_minisign: PublicKeys, signature: str) -> None:
    keys_of_minisign.check_signature(b"test", signature.encode())
    changed = (b"tesT", signature), (b"test", signature.replace("file:test", "file:best"))
    for content, text in changed:
        with pytest.raises(ValueError, match=r"^it was not made of this content by a key in ") as refused:
            keys_of_minisign.check_signature(content, text.encode())
        assert str(refused.value) == f"it was not made of this content by a key in {keys_of_minisign.path}"


def test_a_signature_is_what_the_format_of_minisign_says(root: Path, key: Path) -> None:
    """Read by the description of the format, https://jedisct1.github.io/minisign/#signature-format, with nothing of the
    library that made it."""
    comment, encoded, trusted, global_encoded = sign(root, key).read_text(encoding="ascii").splitlines()
    public_comment, public_encoded = public(key).read_text(encoding="ascii").splitlines()
    public_data, data = base64.b64decode(public_encoded), base64.b64decode(encoded)
    assert (public_data[:2], data[:2], data[2:10]) == (b"Ed", b"ED", public_data[2:10])
    assert public_comment == f"untrusted comment: minisign public key {data[9:1:-1].hex().upper()}"
    assert comment == "untrusted comment: signature from minisign secret key"
    hashed = hashlib.blake2b((root / "CURRENT").read_bytes(), digest_size=64).digest()
    ed25519 = Ed25519PublicKey.from_public_bytes(public_data[10:])
    ed25519.verify(data[10:], hashed)
    words = trusted.removeprefix("trusted comment: ").split("\t")
    assert (words[0][:10], words[1:]) == ("timestamp:", ["file:CURRENT", f"version:{THREE}"])
    signed = data[10:] + trusted.removeprefix("trusted comment: ").encode()
    ed25519.verify(base64.b64decode(global_encoded), signed)
    with pytest.raises(InvalidSignature):
        ed25519.verify(base64.b64decode(global_encoded), signed + b" ")


def test_a_file_may_hold_the_old_key_and_the_new_one(root: Path, key: Path, tmp_path: Path) -> None:
    other = new_key(tmp_path / "keys", root, "other")
    both = tmp_path / "both.pub"
    both.write_bytes(public(other).read_bytes() + b"\n" + public(key).read_bytes())
    for signer in (key, other):
        sign(root, signer)
        with open_index(root, public_keys=both) as index:
            assert index.version == THREE
    with pytest.raises(SignatureError):
        open_index(root, public_keys=public(key))


def test_a_link_to_a_public_key_is_followed(root: Path, key: Path, tmp_path: Path) -> None:
    sign(root, key)
    (tmp_path / "linked.pub").symlink_to(public(key))
    with open_index(root, public_keys=str(tmp_path / "linked.pub")) as index:
        assert index.version == THREE


@pytest.mark.parametrize(
    "content", [b"", b"untrusted comment: nothing else\n", b"RWQ=\n", b"\xff\n", b"RWQf6LRCGA9i53mlYecO4IzT51TG\n" * 2]
)
def test_a_file_without_public_keys_is_refused(root: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pub"
    path.write_bytes(content)
    with pytest.raises(SettingError) as refused:
        PublicKeys.read(path, root)
    assert str(refused.value) == (
        f"{path} does not hold public keys of minisign: name the file that ends in .pub, which `knowligo-index sign "
        "--new-key` writes beside the secret key."
    )


@pytest.mark.timeout(60)
def test_a_public_key_that_cannot_be_read_is_refused(root: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pub"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path / "none.pub", "no such file or directory"),
        (pipe, "a named pipe instead of a regular file"),
    ):
        with pytest.raises(SettingError) as refused:
            PublicKeys.read(path, root)
        sentence = f"{path} cannot be read ({reason}): name the file with the public key of the index."
        assert str(refused.value) == sentence


def test_without_the_extra_the_way_to_install_it_is_told(
    root: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "minisign", None)
    with pytest.raises(MissingExtraError) as refused:
        open_index(root, public_keys=public(key))
    assert str(refused.value) == (
        "checking a signature needs the package py-minisign: install it with `pip install 'knowligo-index[sign]'`."
    )
    with open_index(root) as index:
        assert index.version == THREE


def test_a_store_with_keys_opens_no_version_that_is_not_signed(root: Path, key: Path) -> None:
    sign(root, key)
    store = Store(root, PublicKeys.read(public(key), root))
    assert store.open().id == store.open(THREE).id == THREE
    with store.leased() as version:
        assert version.id == THREE
    with pytest.raises(SignatureError, match=f"^version {ONE} is not signed "):
        store.open(ONE)


def test_gc_removes_the_signatures_of_the_versions_that_are_gone(root: Path, key: Path) -> None:
    folder = root / "signatures"
    for version_id in (ONE, TWO, THREE):
        with writing(Store(root), "test") as writer:
            writer.rollback(version_id)
        sign(root, key)
    # Of a version that is gone, and one that was not written to its end; the last two are not ours.
    for name in ("9-0123456789ab.minisig", ".signature.new", "notes.txt", "mine.minisig"):
        (folder / name).write_bytes(b"123")
    gone = [f"signatures/{name}" for name in (".signature.new", f"{ONE}.minisig", "9-0123456789ab.minisig")]
    size = (folder / f"{ONE}.minisig").stat().st_size
    would = collect_garbage(Store(root), 1)
    with writing(Store(root), "test") as writer:
        collected = collect_garbage(Store(root), 1, writer)
    assert would == collected
    assert collected.removed == [f"versions/{ONE}", *gone]
    assert collected.kept == [TWO, THREE]
    assert collected.bytes > size + 6
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{TWO}.minisig",
        f"{THREE}.minisig",
        "mine.minisig",
        "notes.txt",
    ]
    with writing(Store(root), "test") as writer:
        assert collect_garbage(Store(root), 1, writer) == Garbage([], [], [TWO, THREE], 0)
