"""What the CPU offers this process: how many CPUs it may use, and which instructions there are.

The number of cores of the host is wrong in a container: with a quota of two CPUs on a host of 64 cores, 64 threads
would take turns on two. The quota is read from cgroup v2 (`cpu.max`) or v1 (`cpu.cfs_quota_us`); the lowest one of the
process's own group and its ancestors applies.
"""

import contextlib
import math
import os
from functools import cache
from pathlib import Path

from knowligo_index.system.cgroup import limits_of

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def available_cpus(root: Path = Path("/")) -> int:
    """The number of CPUs that this process may use: those of its affinity mask, limited by the quota of its cgroup,
    rounded up, at least 1.

    `root` is the folder that contains /proc and /sys/fs/cgroup.
    """
    cpus = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    for quota in limits_of("cpu", _quota_v2, _quota_v1, root):
        cpus = min(cpus, quota)
    return max(1, math.ceil(cpus))


def default_threads(root: Path = Path("/")) -> int:
    """The number of threads in OMP_NUM_THREADS or else MKL_NUM_THREADS; without either, `available_cpus(root)`."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        # OMP_NUM_THREADS may be a list with a number for each level of nesting: the first one counts.
        threads = os.environ.get(variable, "").split(",")[0].strip()
        if threads.isdecimal() and int(threads) > 0:
            return int(threads)
    return available_cpus(root)


def limit_threads(threads: int) -> None:
    """Make OpenMP, MKL and OpenBLAS start `threads` threads. Call it before numpy, torch or faiss is imported: they
    read these variables once."""
    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(threads)
    # The tokenizers library, written in Rust, has a thread pool of its own, which would compete with OpenMP's.
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"


@cache
def cpu_features(root: Path = Path("/")) -> frozenset[str]:
    """The instruction set extensions of the CPU under their Linux names, such as "avx512_bf16"; empty on other
    systems. They are read once per process and `root`, the folder that contains /proc."""
    with contextlib.suppress(OSError), (root / "proc/cpuinfo").open(encoding="ascii", errors="replace") as lines:
        # The file repeats the line for every core, and the kernel takes long to write it all.
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip() in ("flags", "Features"):
                return frozenset(value.split())
    return frozenset()


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
