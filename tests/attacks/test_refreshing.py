"""What is put in the place of CURRENT while a service runs does not keep the service from noticing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.serving import RunningService, running, wait_until


def wait_for_status(service: RunningService, status: str) -> dict[str, object]:
    for _ in wait_until(f"{status} in /health"):
        health: dict[str, object] = service.get("/health").json
        if health["status"] == status:
            return health
    raise AssertionError


REPLACEMENTS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", REPLACEMENTS)
def test_what_is_no_file_in_place_of_current_is_reported_and_the_service_recovers(index: Path, kind: str) -> None:
    current = index / "CURRENT"
    line = current.read_bytes()
    with running(index, "--refresh-seconds", "0.1") as service:
        version = service.get("/health").json["version"]
        current.unlink()
        REPLACEMENTS[kind](current)
        health = wait_for_status(service, "stale")
        assert str(health["problem"]).startswith(f"{current} is damaged (")
        assert (health["version"], service.metric("knowligo_index_stale")) == (version, 1)
        assert service.get("/search?q=plan").status == 200
        current.unlink()
        current.write_bytes(line)
        assert wait_for_status(service, "ok")["version"] == version
        assert service.metric("knowligo_index_stale") == 0
