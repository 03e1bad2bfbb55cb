"""KnowLigo Index: build and search versioned passage indexes, offline.

This is the door for programs that read an index. It loads no torch, no parser and no command line; numpy and FAISS
are loaded when one of its names is first used, so that the command line's help need not wait for them.
"""

from typing import TYPE_CHECKING

from knowligo_index.release import __version__ as __version__

if TYPE_CHECKING:
    from knowligo_index.hit import Hit, Passage
    from knowligo_index.reader import IndexReader, open_index

__all__ = ["Hit", "IndexReader", "Passage", "open_index"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from knowligo_index import reader

    return getattr(reader, name)
