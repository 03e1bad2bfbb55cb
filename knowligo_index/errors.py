"""The errors of the package, one class per cause.

The message of each error is one sentence for the person who must act: what is wrong, where, and what to do.
`exit_code` is the exit code of the command line.
"""

from typing import ClassVar, Literal, Self, get_args


class KnowligoError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code: ClassVar[int] = 1


class SettingError(KnowligoError):
    """A flag, environment variable or line of knowligo.toml is unknown or has a value that is not allowed."""

    exit_code = 2


class KnowledgeError(KnowligoError):
    """The knowledge folder is missing, empty, or holds something that cannot be read."""


class EncoderError(KnowligoError):
    """The encoder was not found on this machine, or is not one that can be used."""


class EncoderMismatchError(EncoderError):
    """The encoder on this machine is not the one that the index was built with."""


class SandboxError(KnowligoError):
    """Documents cannot be parsed in processes of their own on this machine."""


class ChunkingError(KnowligoError):
    """A passage cannot be made to fit the encoder's limit."""


class IndexNotFoundError(KnowligoError):
    """There is no index, or no such version of it."""


class ClosedIndexError(KnowligoError):
    """An index is used after it was closed."""


class DamagedIndexError(KnowligoError):
    """A file of a version is missing, truncated or altered, or does not match the manifest."""


class SignatureError(KnowligoError):
    """A version is not signed by a key that is trusted."""


class StorageError(KnowligoError):
    """The disk or the system refused to write, flush, rename or remove a file of the index."""


class IndexLockedError(KnowligoError):
    """Another process is changing the index."""

    exit_code = 75


class NewerSchemaError(KnowligoError):
    """The index was written by a newer release than this one."""


class OlderSchemaError(KnowligoError):
    """The index was written by an older release, whose schema this one does not read."""


class RefusedError(KnowligoError):
    """The gate kept a version from being published; the live version stays."""

    exit_code = 3


class ServiceError(KnowligoError):
    """The service cannot listen on its address."""


class OutputError(KnowligoError):
    """The result of a command cannot be printed."""


class MissingExtraError(KnowligoError):
    """An optional part of the package is needed and not installed."""

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
    # The process that parsed it was stopped, or died.
    "timed-out",
    "out-of-memory",
    "crashed",
]
"""Such a source should be in the index and could not be read."""

Reason = SkipReason | QuarantineReason
"""Why a source is not indexed. docs/ledger.md describes each reason, and what to do about it."""


_SKIP_REASONS = get_args(SkipReason)


class ParseError(Exception):
    """A source gave no document. A build catches it, writes it to the ledger and continues."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail

    @property
    def status(self) -> Literal["skipped", "quarantined"]:
        """skipped: there is nothing to index, as in an empty file; quarantined: something is missing from the index."""
        return "skipped" if self.reason in _SKIP_REASONS else "quarantined"
