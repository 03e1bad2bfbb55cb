"""The result of a nightly run, and the files that it is written to."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from knowligo_index.system.hashing import read_regular
from knowligo_index.system.own_files import replace_content

NightStatus = Literal["published", "unchanged", "staged", "refused", "locked", "failed", "stopped"]

REQUESTS_VARIABLE = "NIGHTLY_REQUESTS"
"""environment variable with the names of the requests that this run answers, set by `operations.schedule`"""

# Result files of requests that are kept: enough for a month of nights.
_RESULTS_KEPT = 30

_MAX_RESULT_BYTES = 2**26


@dataclass(frozen=True, slots=True)
class NightResult:
    """The result of a nightly run. Its fields are those of the line of JSON."""

    time: str
    """when the run ended, UTC"""
    status: NightStatus
    exit_code: int
    """exit code of `build`; 1 if only `sign` or `gc` failed"""
    message: str | None
    """what went wrong and what to do; None if nothing did"""
    version: str | None
    """the version that was built, or the live one if nothing had changed"""
    seconds: float
    requests: list[str]
    build: dict[str, Any] | None
    """the output of `build --json`"""
    gc: dict[str, Any] | None
    """the output of `gc --json`"""
    sign: dict[str, Any] | None = None
    """the output of `sign --json`; None without a key"""

    def line(self) -> str:
        """The result as JSON, without a line end."""
        return json.dumps(asdict(self), ensure_ascii=False)


def requests_of_this_run() -> list[str]:
    """Names of the requests that this run answers."""
    return os.environ.get(REQUESTS_VARIABLE, "").split()


def write_result(folder: Path, result: NightResult) -> None:
    """Write `latest.json` and a file for each request that the run answers into `folder`, and remove all but the
    newest 30 files of requests. Raises OSError.

    Each file is replaced in one step: a reader never sees a part of it. No other file is written to or removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = (result.line() + "\n").encode()
    for name in ("latest", *result.requests):
        replace_content(folder / f"{name}.json", content, folder / f".{name}.{os.getpid()}")
    times = {path: path.stat().st_mtime for path in folder.glob("*.json") if _answers_request(path)}
    for path in sorted(times, key=lambda path: times[path])[:-_RESULTS_KEPT]:
        path.unlink(missing_ok=True)


def _answers_request(path: Path) -> bool:
    """Whether it is a result file of a request, and not a file of somebody else, or a link."""
    if path.name == "latest.json":
        return False
    try:
        content = json.loads(read_regular(path, _MAX_RESULT_BYTES))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.keys() >= {"time", "status", "exit_code", "requests"}
