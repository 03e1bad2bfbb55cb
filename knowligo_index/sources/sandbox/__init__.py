"""Parsing in separate processes, each with limits of time and memory and without access to the network or to files: a
source that makes its parser hang, run out of memory or crash costs only that source. `pool` runs the processes.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """The limits for parsing one file."""

    parse_seconds: Annotated[
        Annotated[int, Meta(ge=1)], Meta(description="Maximum number of seconds for reading one file.")
    ] = 30
    parse_mib: Annotated[
        Annotated[int, Meta(ge=128)], Meta(description="Maximum memory for reading one file, in MiB.")
    ] = 512
