"""Parsing in processes of its own, each with limits of time and memory, no network and no files: a source that hangs,
grows or crashes its reader costs that source. `pool` runs them; here are its options.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What the reader of one file may use."""

    parse_seconds: Annotated[
        Annotated[int, Meta(ge=1)], Meta(description="Seconds that reading one file may take.")
    ] = 30
    parse_mib: Annotated[
        Annotated[int, Meta(ge=128)], Meta(description="MiB of memory that reading one file may take.")
    ] = 512
