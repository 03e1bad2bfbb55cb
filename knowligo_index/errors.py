"""What can go wrong, one class per cause.

The message of each error is one sentence for the person who must act: what, where, and the way out. `exit_code`
is what the command line exits with.
"""

from typing import ClassVar, Literal, Self, get_args


class KnowligoError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code: ClassVar[int] = 1


class SettingError(KnowligoError):
    """A flag, environment variable or line of knowligo.toml is unknown or has a value that makes no sense."""

    exit_code = 2


class KnowledgeError(KnowligoError):
    """The knowledge folder is missing, empty, or holds something that cannot be read."""


class EncoderError(KnowligoError):
    """The encoder was not found on this machine, or is not one that can be used."""


class EncoderMismatchError(EncoderError):
    """The encoder at hand is not the one the index was built with."""


class SandboxError(KnowligoError):
    """No process can read documents here."""


class ChunkingError(KnowligoError):
    """A passage cannot be made to fit the encoder's limit."""


class IndexNotFoundError(KnowligoError):
    """There is no index, or no such version of it."""


class ClosedIndexError(KnowligoError):
    """Something is asked of an index that was closed."""


class DamagedIndexError(KnowligoError):
    """A file of a version is missing, cut, altered, or not what the manifest says it is."""


class StorageError(KnowligoError):
    """The disk or the system refused to write, flush, rename or remove a file of the index."""


class IndexLockedError(KnowligoError):
    """Another process is changing the index."""

    exit_code = 75


class NewerSchemaError(KnowligoError):
    """The index was written by a newer release than this one."""


class OlderSchemaError(KnowligoError):
    """The index was written by an older release, whose files this one does not read."""


class RefusedError(KnowligoError):
    """The gate kept a version from being published; the live one stays."""

    exit_code = 3


class ServiceError(KnowligoError):
    """The service cannot listen where it is to."""


class MissingExtraError(KnowligoError):
    """An optional part of the installation is needed and not there."""

    @classmethod
    def for_package(cls, task: str, package: str | None, extra: str = "build") -> Self:
        """The error where `task`, as in "reading pdf files", needs a package of this extra of the distribution."""
        return cls(f"{task} needs the package {package}: install it with {pip_install(extra)}.")


def pip_install(extra: str) -> str:
    """The command that installs this package with one of its extras, in backquotes."""
    return f"`pip install 'knowligo-index[{extra}]'`"


SkipReason = Literal[
    "unsupported-format",
    "golden-questions",
    "hidden",
    "symlink",
    "not-a-regular-file",
    "empty",
    "duplicate",
    "near-duplicate",
]
"""Nothing is wrong with such a source: there is nothing to index."""

QuarantineReason = Literal[
    "unreadable",
    "too-large",
    "changed-while-read",
    "unknown-encoding",
    "nul-characters",
    "encrypted",
    "no-text",
    "needs-ocr",
    "garbled",
    "too-deep",
    "expands-too-much",
    "damaged",
    # its reader's process was stopped, or died
    "timed-out",
    "out-of-memory",
    "crashed",
]
"""Such a source should be in the index and is not."""

Reason = SkipReason | QuarantineReason
"""Why a source is not indexed. docs/ledger.md says what each means and what to do."""


_SKIP_REASONS = get_args(SkipReason)


class ParseError(Exception):
    """One source gave no document. Never reaches the person: the build writes it to the ledger and goes on."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail

    @property
    def status(self) -> Literal["skipped", "quarantined"]:
        """An empty file, say, is nothing to index; most others are a loss."""
        return "skipped" if self.reason in _SKIP_REASONS else "quarantined"
