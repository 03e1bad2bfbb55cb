"""How many threads encode and how many processes parse: decided here alone, from the CPUs and the memory that this
process may use.

The encoder computes a batch a thread. FAISS and torch take their OpenMP threads from the variables that
`cpu.limit_threads` sets before they are imported; of the two only one is ever at work, FAISS after the encoder, so that
they do not fight for CPUs. Processes parse while the encoder waits for them, and wait while it is behind.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.system.cgroup import limits_of
from knowligo_index.system.cpu import available_cpus, default_threads

_MIB = 2**20

# What a build has in memory besides the processes that parse: Python and its libraries, the encoder, FAISS.
_ENGINE_MIB = {"openvino": 768, "torch": 1536}


@dataclass(frozen=True, slots=True)
class ThreadPlan:
    """What a build uses of the machine."""

    cpus: int
    """that it may use"""
    memory_mib: int
    """that it may use, in MiB"""
    encoder_threads: int
    """and OpenMP's"""
    parser_processes: int

    def __str__(self) -> str:
        return (
            f"{self.cpus} CPUs and {self.memory_mib:,} MiB of memory: {self.encoder_threads} threads encode, "
            f"up to {self.parser_processes} processes parse"
        )


def plan_threads(threads: int | None, parse_mib: int, engine: str, root: Path = Path("/")) -> ThreadPlan:
    """The plan for an engine, where a process that parses may take `parse_mib`. `threads` is what was asked for; None:
    what the environment asks for, else all CPUs there are."""
    wanted = threads or default_threads(root)
    memory = memory_limit(root) // _MIB
    room = (memory - _ENGINE_MIB[engine]) // parse_mib
    return ThreadPlan(available_cpus(root), memory, wanted, max(1, min(wanted, room)))


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use: the machine's, or the lowest limit of its control groups."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *limits_of("memory", _limit_v2, _limit_v1, root)])


def _limit_v2(folder: Path) -> int | None:
    return _read_bytes(folder / "memory.max")


def _limit_v1(folder: Path) -> int | None:
    return _read_bytes(folder / "memory.limit_in_bytes")


def _read_bytes(path: Path) -> int | None:
    """None where there is no limit: v2 says "max"."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
