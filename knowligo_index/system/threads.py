"""How many threads encode and how many processes parse, decided here alone from the CPUs and the memory that this
process may use.

The encoder computes one batch per thread. FAISS and torch take their OpenMP threads from the variables that
`cpu.limit_threads` sets before they are imported; FAISS starts when the encoder is done, so the two do not compete for
CPUs. Processes parse while the encoder waits for them, and pause while the encoder is behind.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.system.cgroup import limits_of
from knowligo_index.system.cpu import available_cpus, default_threads

_MIB = 2**20

# Memory that a build takes besides the processes that parse: Python and its libraries, the encoder, FAISS.
_ENGINE_MIB = {"openvino": 768, "torch": 1536}


@dataclass(frozen=True, slots=True)
class ThreadPlan:
    """How much of the machine a build uses."""

    cpus: int
    """CPUs that the build may use"""
    memory_mib: int
    """memory that the build may use, MiB"""
    encoder_threads: int
    """threads of the encoder, and of OpenMP"""
    parser_processes: int
    """maximum number of processes that parse"""

    def __str__(self) -> str:
        return (
            f"{self.cpus} CPUs and {self.memory_mib:,} MiB of memory: {self.encoder_threads} threads encode, "
            f"up to {self.parser_processes} processes parse"
        )


def plan_threads(threads: int | None, parse_mib: int, engine: str, root: Path = Path("/")) -> ThreadPlan:
    """The plan for an engine, where a process that parses may take `parse_mib` MiB. `threads` is the number of encoder
    threads; None stands for `cpu.default_threads`."""
    encoder_threads = threads or default_threads(root)
    memory_mib = memory_limit(root) // _MIB
    processes_in_memory = (memory_mib - _ENGINE_MIB[engine]) // parse_mib
    parser_processes = max(1, min(encoder_threads, processes_in_memory))
    return ThreadPlan(available_cpus(root), memory_mib, encoder_threads, parser_processes)


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use: the machine's memory or the lowest limit of its control groups."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *limits_of("memory", _limit_v2, _limit_v1, root)])


def _limit_v2(folder: Path) -> int | None:
    return _read_bytes(folder / "memory.max")


def _limit_v1(folder: Path) -> int | None:
    return _read_bytes(folder / "memory.limit_in_bytes")


def _read_bytes(path: Path) -> int | None:
    """The number in the file; None where there is no limit, which v2 writes as "max"."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
