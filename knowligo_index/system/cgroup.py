"""The control groups of this process, which hold a container's limits of CPU time and memory."""

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
    """The limits that apply to this process: those of its own group and of the group's ancestors, in cgroup v2 and v1.

    `read_v2` and `read_v1` read the limit from the folder of a group, or return None where the group has none. `root`
    is the folder that contains /proc and /sys/fs/cgroup.
    """
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


def _limits_below(mount: Path, group: str, read: Callable[[Path], Limit | None]) -> list[Limit]:
    group_folder = mount / group.strip("/")
    limits: list[Limit] = []
    # In a container the path may be the one on the host, which does not exist here: then the mount itself is the group
    # of this process.
    for folder in [group_folder, *group_folder.parents] if group_folder.is_dir() else [mount]:
        limit = read(folder)
        if limit is not None:
            limits.append(limit)
        if folder == mount:
            break
    return limits
