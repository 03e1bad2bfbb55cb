import os
from pathlib import Path

import pytest
from support.control_groups import machine

from knowligo_index.system.threads import ThreadPlan, memory_limit, plan_threads

GIB = 2**30


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen CPUs and 64 GiB, whatever the tests run on."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 64 * GIB // 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)


def v2(root: Path, memory: str, cpus: str = "max 100000") -> Path:
    return machine(root, "0::/night\n", {"night/memory.max": f"{memory}\n", "night/cpu.max": f"{cpus}\n"})


@pytest.mark.parametrize(("limit", "found"), [("max", 64 * GIB), (str(2 * GIB), 2 * GIB), (str(99 * GIB), 64 * GIB)])
def test_the_memory_is_that_of_the_group_or_of_the_machine(tmp_path: Path, limit: str, found: int) -> None:
    assert memory_limit(v2(tmp_path, limit)) == found


def test_the_memory_of_a_v1_group_and_of_its_parents_counts(tmp_path: Path) -> None:
    files = {"memory/a/b/memory.limit_in_bytes": "9223372036854771712", "memory/a/memory.limit_in_bytes": str(3 * GIB)}
    assert memory_limit(machine(tmp_path, "5:memory:/a/b\n4:cpu:/a\n", files)) == 3 * GIB


@pytest.mark.parametrize(
    ("memory", "engine", "threads", "parsers"),
    [
        ("max", "openvino", None, 2),
        (str(8 * GIB), "openvino", None, 2),
        (str(8 * GIB), "openvino", 6, 6),
        (str(4 * GIB), "openvino", 8, 6),
        (str(4 * GIB), "torch", 8, 5),
        (str(1 * GIB), "openvino", None, 1),
        (str(GIB // 2), "torch", 3, 1),
    ],
)
def test_there_are_as_many_processes_as_threads_but_for_the_memory(
    tmp_path: Path, memory: str, engine: str, threads: int | None, parsers: int
) -> None:
    plan = plan_threads(threads, 512, engine, v2(tmp_path, memory, "200000 100000"))
    assert (plan.cpus, plan.parser_processes) == (2, parsers)


def test_the_environment_says_how_many_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    plan = plan_threads(None, 512, "openvino", v2(tmp_path, str(2 * GIB)))
    assert plan == ThreadPlan(cpus=16, memory_mib=2048, encoder_threads=3, parser_processes=2)
    assert str(plan) == "16 CPUs and 2,048 MiB of memory: 3 threads encode, up to 2 processes parse"
