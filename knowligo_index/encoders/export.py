"""Export a model to OpenVINO's format in a process of its own. torch and NNCF take most of a gigabyte of memory, which
a build does not need afterwards; a build whose encoder is exported already does not import them at all."""

import os
import subprocess

import msgspec

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import EncoderError, MissingExtraError
from knowligo_index.system.python_process import python_command, python_path


class ExportTask(msgspec.Struct, frozen=True):
    """The task of the exporting process, which reads it from standard input as JSON. Paths are bytes, which need not be
    UTF-8."""

    model: bytes
    """path of the model: a folder, or the file of the embedded encoder"""
    target: bytes
    """path of an empty folder"""
    description: EncoderDescription


class ExportFailure(msgspec.Struct, frozen=True):
    """What the exporting process writes to standard output, as JSON, where it fails with an error of this package."""

    message: str
    missing_package: bool = False
    """whether the `build` extra is not installed"""


def export_model(task: ExportTask) -> None:
    """Write a complete export into the target folder. Raises EncoderError where the model cannot be exported, or
    MissingExtraError where the `build` extra is not installed."""
    process = subprocess.run(
        python_command("knowligo_index.encoders.export_worker"),
        env=os.environ | {"PYTHONPATH": python_path()},
        input=msgspec.json.encode(task),
        capture_output=True,
        check=False,
    )
    if process.returncode == 0:
        return
    try:
        failure = msgspec.json.decode(process.stdout, type=ExportFailure)
    except msgspec.MsgspecError as error:
        output = process.stderr.decode("utf-8", "replace").strip() or f"exit code {process.returncode}"
        raise EncoderError(
            f"the model in {os.fsdecode(task.model)} cannot be exported ({output.splitlines()[-1][:200]}): "
            "choose another with --encoder."
        ) from error
    raise MissingExtraError(failure.message) if failure.missing_package else EncoderError(failure.message)
