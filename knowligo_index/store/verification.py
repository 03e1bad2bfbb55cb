"""`verify`: whether every file of a version is still what it was when the version was built."""

from dataclasses import dataclass

from knowligo_index.encoders.exported import open_exported
from knowligo_index.errors import DamagedIndexError, KnowligoError, NewerSchemaError, OlderSchemaError, SignatureError
from knowligo_index.store import Store
from knowligo_index.store.current import Pointer
from knowligo_index.store.signatures import PublicKeys
from knowligo_index.store.version import Version


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` reports about one version, or about CURRENT if that is damaged."""

    version: str
    current: bool
    ok: bool
    files: int
    """number of files that were compared with the manifest"""
    bytes: int
    """size of these files"""
    problems: list[str]
    """one sentence each"""
    readable: bool = True
    """False if another release built it, in a schema that this one does not read: it may be intact"""
    signed: bool | None = None
    """whether it has a signature by one of the public keys; None if none were given, or if it cannot be read"""


def verify_version(store: Store, version_id: str | None = None, public_keys: PublicKeys | None = None) -> Verdict:
    """Compare every file of the version with this id, or of the live one, with its manifest, and check the encoder of
    its questions and, if there are `public_keys`, its signature. Raises IndexNotFoundError."""
    try:
        current = store.current_id()
    except DamagedIndexError as error:
        if version_id is None:
            return Verdict("CURRENT", current=True, ok=False, files=0, bytes=0, problems=[str(error)])
        current = None
    name = version_id or current
    try:
        with store.leased(version_id) as version:
            problems = [str(problem) for problem in version.problems()] + _problems_of_encoder(store, version)
            problem = _problem_of_signature(store, version, public_keys) if public_keys else None
            problems += [problem] if problem else []
            return Verdict(
                version.id,
                current=version.id == current,
                ok=not problems,
                files=len(version.manifest.files),
                bytes=version.manifest.size,
                problems=problems,
                signed=problem is None if public_keys else None,
            )
    except KnowligoError as error:
        # A version that the caller named and that does not exist is the caller's mistake; one that CURRENT names is
        # damage.
        if name is None or (version_id and not (store.versions / name).is_dir()):
            raise
        readable = not isinstance(error, OlderSchemaError | NewerSchemaError)
        return Verdict(name, name == current, ok=False, files=0, bytes=0, problems=[str(error)], readable=readable)


def _problems_of_encoder(store: Store, version: Version) -> list[str]:
    """What is wrong with the encoder of the version's questions."""
    folder = store.encoders / version.manifest.encoder.fingerprint
    try:
        exported = open_exported(folder, version.manifest.encoder_record)
    except FileNotFoundError:
        return [f"{folder}, the encoder of the version's questions, is missing: build the index again."]
    except DamagedIndexError as error:
        return [str(error)]
    return [
        f"{folder / name} does not belong to the exported encoder: remove it." for name in exported.unlisted_files()
    ]


def _problem_of_signature(store: Store, version: Version, public_keys: PublicKeys) -> str | None:
    try:
        public_keys.check(store.root, Pointer(version.id, version.manifest_sha256))
    except SignatureError as error:
        return str(error)
    return None


def verify_all(store: Store, public_keys: PublicKeys | None = None) -> list[Verdict]:
    """`verify_version` of every version, in the order of their counters; then of CURRENT, if it names none of them."""
    verdicts = [verify_version(store, version_id, public_keys) for version_id in store.version_ids()]
    if not any(verdict.current for verdict in verdicts):
        try:
            verdicts.append(verify_version(store, public_keys=public_keys))
        except KnowligoError as error:
            if not verdicts:
                raise
            verdicts.append(Verdict("CURRENT", current=True, ok=False, files=0, bytes=0, problems=[str(error)]))
    return verdicts
