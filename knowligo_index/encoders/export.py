"""Have a model exported to OpenVINO's format by a process of its own: torch and NNCF take most of a gigabyte of
memory, which no build needs after that, and a build whose encoder is exported already need not import them at all."""

import subprocess
import sys

import msgspec

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import EncoderError, MissingExtraError


class ExportTask(msgspec.Struct, frozen=True):
    """What the exporting process reads from standard input, as JSON."""

    model: str
    """where the model is: a folder, or the file of the embedded encoder"""
    target: str
    """an empty folder"""
    description: EncoderDescription


class ExportFailure(msgspec.Struct, frozen=True):
    """What it writes to standard output where it gives up, as JSON. Otherwise it writes nothing."""

    message: str
    missing_package: bool = False


def export_model(task: ExportTask) -> None:
    """Write a whole export into the target folder. Raises EncoderError where the model cannot be exported, or
    MissingExtraError where the `build` extra is not installed."""
    run = subprocess.run(
        [sys.executable, "-m", "knowligo_index.encoders.export_worker"],
        input=msgspec.json.encode(task),
        capture_output=True,
        check=False,
    )
    if run.returncode == 0:
        return
    try:
        failure = msgspec.json.decode(run.stdout, type=ExportFailure)
    except msgspec.MsgspecError as error:
        told = run.stderr.decode("utf-8", "replace").strip() or f"exit code {run.returncode}"
        raise EncoderError(
            f"the model in {task.model} cannot be exported ({told.splitlines()[-1][:200]}): "
            "choose another with --encoder."
        ) from error
    raise MissingExtraError(failure.message) if failure.missing_package else EncoderError(failure.message)
