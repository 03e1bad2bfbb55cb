"""From the knowledge folder to documents: which files it holds, what each of them says, and which are left out."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Which files of the knowledge folder are read."""

    max_file_mib: Annotated[
        Annotated[int, Meta(ge=1)],
        Meta(description="Maximum size of a file in MiB; a larger file is quarantined without being read."),
    ] = 64
