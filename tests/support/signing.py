"""Keys and signatures for tests, and an index that somebody has changed together with its hashes."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from knowligo_index.store import Store
from knowligo_index.store.publishing import writing
from knowligo_index.store.signing import make_key, secret_key, sign_live_version
from knowligo_index.system.hashing import FileEntry


def new_key(folder: Path, index: Path, name: str = "key") -> Path:
    """The path of a new secret key; that of the public key has .pub at its end."""
    folder.mkdir(exist_ok=True)
    make_key(folder / name, index)
    return folder / name


def public(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")


def sign(index: Path, key: Path) -> Path:
    """Sign the live version; the path of the signature."""
    with secret_key(key, index) as opened, writing(Store(index), "test") as writer:
        return Path(sign_live_version(writer, opened).signature)


def forge(index: Path, old: str, new: str) -> None:
    """Change a word in the documents of the live version, and redo the hashes: what anyone can do who may write."""
    store = Store(index)
    version_id = store.current_id()
    assert version_id is not None
    folder = store.versions / version_id
    with closing(sqlite3.connect(folder / "chunks.sqlite")) as database:
        database.execute("UPDATE documents SET text = replace(text, ?, ?)", (old, new))
        database.commit()
    redo_hashes(index, folder)


def redo_hashes(index: Path, folder: Path) -> None:
    """Write the manifest of a version, its hash and CURRENT for the files that are there."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name in manifest["files"]:
        entry = FileEntry.of((folder / name).read_bytes())
        manifest["files"][name] = {"size": entry.size, "sha256": entry.sha256}
    data = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_bytes(data)
    (folder / "manifest.json.sha256").write_text(f"{sha256}  manifest.json\n", encoding="ascii")
    (index / "CURRENT").write_text(f"{folder.name} {sha256}\n", encoding="ascii")
