"""How many CPUs this process may use, and telling the numeric libraries so before they load.

The host's core count is the wrong answer in a container: a quota of two CPUs on a 64-core host would start 64
threads that take turns on two. The quota comes from cgroup v2 (`cpu.max`) or v1 (`cpu.cfs_quota_us`), the lowest of
the process's own group and its ancestors.
"""

import math
import os
from pathlib import Path

from knowligo_index.system.cgroup import limits_of

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def available_cpus(root: Path = Path("/")) -> int:
    """CPUs that this process may use: the affinity mask, capped by the cgroup's quota, rounded up, at least 1.

    `root` is where /proc and /sys/fs/cgroup are looked for.
    """
    cpus = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    for quota in limits_of("cpu", _quota_v2, _quota_v1, root):
        cpus = min(cpus, quota)
    return max(1, math.ceil(cpus))


def default_threads(root: Path = Path("/")) -> int:
    """What the environment asks for in OMP_NUM_THREADS or MKL_NUM_THREADS, else `available_cpus(root)`."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        # OMP_NUM_THREADS may be a list, one number for each level of nesting: the first is the one that counts.
        first = os.environ.get(variable, "").split(",")[0].strip()
        if first.isdecimal() and int(first) > 0:
            return int(first)
    return available_cpus(root)


def limit_threads(threads: int) -> None:
    """Make OpenMP, MKL and OpenBLAS start `threads` threads. Call before numpy, torch or faiss is imported: they
    read these variables once."""
    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    # Rust's tokenizer has a thread pool of its own, which would compete with OpenMP's.
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"


def _quota_v2(folder: Path) -> float | None:
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        return None


def _quota_v1(folder: Path) -> float | None:
    try:
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        return None if quota <= 0 else quota / int((folder / "cpu.cfs_period_us").read_text())
    except (OSError, ValueError):
        return None


def cpu_features(root: Path = Path("/")) -> frozenset[str]:
    """What the CPU can do, by the names that Linux has for it, such as "avx512_bf16"; empty on other systems."""
    try:
        lines = (root / "proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()
