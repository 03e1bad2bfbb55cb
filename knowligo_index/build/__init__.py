"""Make a version of the index: `build` is the whole of it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowligo_index.build.command import build

__all__ = ["build"]


def __getattr__(name: str) -> object:
    # The command line prints its help without what builds.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from knowligo_index.build.command import build

    return build
