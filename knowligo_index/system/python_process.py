"""Start Python again with the modules of this process and without those of the working directory, which may be a folder
of documents with a file named csv.py in it.

This is imported before anything else, while the working directory may still be on Python's path: it imports nothing
that the interpreter has not loaded by then.
"""

import os
import sys

_PACKAGE = "knowligo_index"
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))  # noqa: PTH120


def python_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this package in a process of its own; give it `python_path` as PYTHONPATH."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_path() -> str:
    """The folders of Python's path, for the variable PYTHONPATH, without the working directory."""
    return os.pathsep.join(entry for entry in sys.path if entry and not _is_working_directory(entry))


def forget_working_directory() -> None:
    """Import nothing from the working directory any more, if `python -m` is starting a module of this package. It stays
    where this package itself is in it, or PYTHONPATH names it."""
    # As long as Python looks for the module, the first argument is "-m". If that is another module, which imports this
    # package, its own modules may be in the working directory.
    is_starting = sys.argv[:1] == ["-m"] and any(
        argument.removeprefix("-m").split(".")[0] == _PACKAGE for argument in sys.orig_argv
    )
    if is_starting and not sys.flags.safe_path and sys.path and _is_working_directory(sys.path[0]):
        del sys.path[0]


def _is_working_directory(entry: str) -> bool:
    folder = os.path.realpath(os.getcwd())  # noqa: PTH109
    named = [os.path.realpath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return os.path.realpath(entry) == folder and folder != _ROOT and folder not in named
