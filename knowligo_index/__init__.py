"""KnowLigo Index: build and search versioned passage indexes, offline.

This is the door for programs that read an index. It loads no torch, no parser and no command line; numpy and FAISS
are loaded when one of its names is first used, so that the command line's help need not wait for them.
"""

from importlib import import_module

from knowligo_index.system.package_version import __version__ as __version__
from knowligo_index.system.python_process import forget_working_directory

# Before anything is imported that may be in the working directory, too: a folder of documents may hold a json.py.
forget_working_directory()

# `typing` would be such a module. Type checkers take the name for the one in it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from knowligo_index.search.hit import Hit
    from knowligo_index.search.reader import IndexReader, open_index
    from knowligo_index.store.passage import Passage

# So that `python -m knowligo_index.nightly` runs `operations/nightly.py`, and likewise `schedule` and `healthcheck`:
# systemd units, images and cron jobs start them by these names. Code imports them from `knowligo_index.operations`.
__path__.append(f"{__path__[0]}/operations")

__all__ = ["Hit", "IndexReader", "Passage", "open_index"]

_HOMES = {
    "Hit": "knowligo_index.search.hit",
    "IndexReader": "knowligo_index.search.reader",
    "Passage": "knowligo_index.store.passage",
    "open_index": "knowligo_index.search.reader",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
