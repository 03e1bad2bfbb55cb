"""`verify`: is everything as it was when it was published?"""

from dataclasses import dataclass

from knowligo_index.encoders.exported import open_exported
from knowligo_index.errors import DamagedIndexError, KnowligoError, NewerSchemaError, OlderSchemaError
from knowligo_index.store import Store
from knowligo_index.store.version import Version


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` says of one version, or of CURRENT where that is damaged."""

    version: str
    current: bool
    ok: bool
    files: int
    """compared with the manifest"""
    bytes: int
    """of these files"""
    problems: list[str]
    """one sentence each"""
    readable: bool = True
    """False where another release made it, in a schema that this one does not read: nothing is known to be wrong"""


def verify_version(store: Store, version_id: str | None = None) -> Verdict:
    """Compare every file of a version, or of the live one, with its manifest. Raises IndexNotFoundError."""
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
            return Verdict(
                version.id,
                current=version.id == current,
                ok=not problems,
                files=len(version.manifest.files),
                bytes=version.manifest.size,
                problems=problems,
            )
    except KnowligoError as error:
        # A version that was asked for and isn't there is the caller's mistake; one that CURRENT names is damage.
        if name is None or (version_id and not (store.versions / name).is_dir()):
            raise
        readable = not isinstance(error, OlderSchemaError | NewerSchemaError)
        return Verdict(name, name == current, ok=False, files=0, bytes=0, problems=[str(error)], readable=readable)


def _problems_of_encoder(store: Store, version: Version) -> list[str]:
    """What is wrong with what the version's questions are encoded with."""
    folder = store.encoders / version.manifest.encoder.fingerprint
    try:
        open_exported(folder)
    except FileNotFoundError:
        return [f"{folder}, what the version's questions are encoded with, is missing: build the index again."]
    except DamagedIndexError as error:
        return [str(error)]
    return []


def verify_all(store: Store) -> list[Verdict]:
    """`verify_version` of every version, oldest first; then of CURRENT, where it names none of them."""
    verdicts = [verify_version(store, version_id) for version_id in store.version_ids()]
    if not any(verdict.current for verdict in verdicts):
        try:
            verdicts.append(verify_version(store))
        except KnowligoError as error:
            if not verdicts:
                raise
            verdicts.append(Verdict("CURRENT", current=True, ok=False, files=0, bytes=0, problems=[str(error)]))
    return verdicts
