"""The options of the gate."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What keeps a version from being published."""

    max_failed: Annotated[
        Annotated[float, Meta(ge=0, le=1)],
        Meta(
            description="Maximum share of the documents (0 to 1) that may be quarantined; above it nothing is "
            "published.",
            extra={"metavar": "RATIO"},
        ),
    ] = 0.1
    min_recall: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(
            description="Minimum share of the golden questions (0 to 1) that one of the first 5 passages must answer; "
            "default: any, but not significantly fewer than the live version answers.",
            extra={"metavar": "RATIO"},
        ),
    ] = None
    max_shrink: Annotated[
        Annotated[float, Meta(ge=0, le=1)],
        Meta(
            description="Maximum share of the live version's documents, or of its passages, that may be missing; above "
            "it nothing is published.",
            extra={"metavar": "RATIO"},
        ),
    ] = 0.3
    allow_shrink: Annotated[bool, Meta(description="Publish a version however much smaller than the live one.")] = False
    no_publish: Annotated[bool, Meta(description="Make the version, and leave the live one.")] = False
    allow_secrets: Annotated[bool, Meta(description="Publish documents that hold private keys or access tokens.")] = (
        False
    )
