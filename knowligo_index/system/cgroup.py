"""The control groups that this process is in: where a container's limits of CPU time and memory stand."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Limit = TypeVar("Limit")


def limits_of(
    controller: str,
    read_v2: Callable[[Path], Limit | None],
    read_v1: Callable[[Path], Limit | None],
    root: Path = Path("/"),
) -> list[Limit]:
    """The limits that hold for this process, its own group's and its ancestors', in cgroup v2 and v1. `read_v2` and
    `read_v1` give that of a group's folder, or None. `root` is where /proc and /sys/fs/cgroup are looked for."""
    try:
        memberships = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    limits: list[Limit] = []
    for line in memberships:
        # hierarchy-id:controllers:/path; the unified hierarchy (v2) has id 0 and no controllers.
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            mounts, read = ["sys/fs/cgroup", "sys/fs/cgroup/unified"], read_v2
        elif controller in controllers.split(","):
            mounts, read = [f"sys/fs/cgroup/{name}" for name in dict.fromkeys((controller, controllers))], read_v1
        else:
            continue
        for mount in mounts:
            limits += _limits_below(root / mount, group, read)
    return limits


def _limits_below(top: Path, group: str, read: Callable[[Path], Limit | None]) -> list[Limit]:
    folder = top / group.strip("/")
    limits: list[Limit] = []
    # In a container the path may be the host's and not exist here: then the mount itself is our group.
    for candidate in [folder, *folder.parents] if folder.is_dir() else [top]:
        limit = read(candidate)
        if limit is not None:
            limits.append(limit)
        if candidate == top:
            break
    return limits
