"""Start Python again with the modules of this process and without those of the working directory, which may be a folder
of documents with a file named csv.py in it."""

import os
import sys
from pathlib import Path

_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


def python_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this package in a process of its own; give it `python_path` as PYTHONPATH."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_path() -> str:
    """The folders of Python's path, for the variable PYTHONPATH, without the working directory."""
    return os.pathsep.join(entry for entry in sys.path if entry and not _is_working_directory(entry))


def forget_working_directory() -> None:
    """Import nothing from the working directory any more, into which `python -m` looks first. It stays where this
    package itself is in it, or PYTHONPATH names it."""
    if not sys.flags.safe_path and sys.path and _is_working_directory(sys.path[0]):
        del sys.path[0]


def _is_working_directory(entry: str) -> bool:
    folder = Path.cwd()
    named = [Path(path).resolve() for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return Path(entry).resolve() == folder and folder != _PACKAGE_FOLDER and folder not in named
