"""Control groups as Linux shows them in files."""

from pathlib import Path


def machine(root: Path, memberships: str, files: dict[str, str]) -> Path:
    """A tree with /proc/self/cgroup, and these files below /sys/fs/cgroup."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(memberships)
    for name, content in files.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root
