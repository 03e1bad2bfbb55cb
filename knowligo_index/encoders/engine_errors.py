"""Errors of an engine and of numpy, for an export whose files fit their hashes and are no model of its description."""

import contextlib
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from knowligo_index.errors import DamagedIndexError, EncoderError

# OpenVINO raises RuntimeErrors of several lines; numpy the others, where the sizes or types of arrays do not match.
_ERRORS = (RuntimeError, ValueError, IndexError, TypeError, OverflowError)

_MAX_REASON = 200


class _Export(Protocol):
    @property
    def folder(self) -> Path: ...


Export = TypeVar("Export", bound=_Export)
Loaded = TypeVar("Loaded")
Arguments = ParamSpec("Arguments")


def reported_as_damage(
    load: Callable[Concatenate[Export, Arguments], Loaded],
) -> Callable[Concatenate[Export, Arguments], Loaded]:
    """A method that loads an export, with DamagedIndexError in place of the errors of the engine."""

    @wraps(load)
    def load_or_report(export: Export, /, *arguments: Arguments.args, **options: Arguments.kwargs) -> Loaded:
        try:
            return load(export, *arguments, **options)
        except _ERRORS as error:
            raise DamagedIndexError(
                f"the exported encoder in {export.folder} cannot be loaded ({_reason(error)}): remove that folder and "
                "build the index again, which exports the encoder anew, or copy it again from where it came from."
            ) from error

    return load_or_report


@contextlib.contextmanager
def reported_as_failure(encoder_id: str) -> Iterator[None]:
    """Within the block, errors of the engine become an EncoderError."""
    try:
        yield
    except _ERRORS as error:
        raise EncoderError(
            f"encoder {encoder_id} failed on a text ({_reason(error)}): its files are damaged, or it is not a text "
            "encoder; choose another with --encoder."
        ) from error


def _reason(error: Exception) -> str:
    """The error in one short line; the last line of OpenVINO's is the cause, the others are places in its code."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:_MAX_REASON]
