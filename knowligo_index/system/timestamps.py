"""Timestamps as the index and its logs write them."""

from datetime import UTC, datetime


def utc_timestamp(seconds: float | None = None) -> str:
    """The time `seconds` after 1970, or the current time, as ISO 8601 in UTC: "2026-01-31T23:59:59Z".

    Raises ValueError, OverflowError or OSError where the system has no date for `seconds`.
    """
    moment = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
