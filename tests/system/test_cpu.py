import os
from pathlib import Path

import pytest
from support.control_groups import machine

from knowligo_index.system.cpu import available_cpus, cpu_features, default_threads, limit_threads


@pytest.fixture(autouse=True)
def _sixteen_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """The affinity mask of the machine the tests run on must not decide what they find."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)


def quota_v1(group: str, quota: int, mount: str = "cpu") -> dict[str, str]:
    return {f"{mount}{group}/cpu.cfs_quota_us": f"{quota}\n", f"{mount}{group}/cpu.cfs_period_us": "100000\n"}


def test_without_proc_the_affinity_mask_decides(tmp_path: Path) -> None:
    assert available_cpus(tmp_path) == 16


def test_where_there_is_no_affinity_mask_the_cores_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert available_cpus(tmp_path) == 6


@pytest.mark.parametrize(
    ("quota", "cpus"),
    [
        ("max 100000", 16),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("100000 50000", 2),
        ("10000 100000", 1),
        ("6400000 100000", 16),
        ("max", 16),
    ],
)
def test_the_quota_of_a_v2_group_is_rounded_up(tmp_path: Path, quota: str, cpus: int) -> None:
    root = machine(tmp_path, "0::/build.slice/night\n", {"build.slice/night/cpu.max": f"{quota}\n"})
    assert available_cpus(root) == cpus


@pytest.mark.parametrize(
    ("own", "parents", "cpus"), [("4", "2", 2), ("max", "3", 3), ("2", "4", 2), ("max", "max", 16)]
)
def test_the_lowest_quota_of_a_v2_group_and_its_ancestors_holds(
    tmp_path: Path, own: str, parents: str, cpus: int
) -> None:
    files = {"a/b/c/cpu.max": f"{own} 1\n", "a/b/cpu.max": "max 1\n", "a/cpu.max": f"{parents} 1\n"}
    assert available_cpus(machine(tmp_path, "0::/a/b/c\n", files)) == cpus


def test_another_groups_quota_is_not_ours(tmp_path: Path) -> None:
    files = {"a/cpu.max": "max 100000\n", "b/cpu.max": "100000 100000\n", "a/child/cpu.max": "100000 100000\n"}
    assert available_cpus(machine(tmp_path, "0::/a\n", files)) == 16


@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
@pytest.mark.parametrize(("quota", "cpus"), [(250_000, 3), (-1, 16), (0, 16)])
def test_the_quota_of_a_v1_group(tmp_path: Path, mount: str, quota: int, cpus: int) -> None:
    memberships = "12:cpuset:/other\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n"
    root = machine(tmp_path, memberships, quota_v1("/docker/abc", quota, mount))
    assert available_cpus(root) == cpus


def test_the_lowest_quota_of_a_v1_group_and_its_ancestors_holds(tmp_path: Path) -> None:
    files = {**quota_v1("/a/b", 800_000), **quota_v1("/a", 500_000), **quota_v1("", -1)}
    assert available_cpus(machine(tmp_path, "3:cpu:/a/b\n", files)) == 5


def test_a_controller_whose_name_only_begins_with_cpu_is_not_asked(tmp_path: Path) -> None:
    files = {**quota_v1("/few", 100_000), **quota_v1("/many", 700_000)}
    assert available_cpus(machine(tmp_path, "5:cpuset:/few\n4:cpu:/many\n", files)) == 7


def test_on_a_hybrid_machine_both_hierarchies_count(tmp_path: Path) -> None:
    files = {**quota_v1("/a", 700_000), "unified/a/cpu.max": "300000 100000\n"}
    assert available_cpus(machine(tmp_path, "4:cpu,cpuacct:/a\n0::/a\n", files)) == 3


def test_on_a_hybrid_machine_the_quota_may_be_in_v1_alone(tmp_path: Path) -> None:
    files = {**quota_v1("/a", 700_000), "unified/a/cgroup.procs": "1\n"}
    assert available_cpus(machine(tmp_path, "4:cpu,cpuacct:/a\n0::/a\n", files)) == 7


def test_in_a_container_that_shows_the_hosts_path_the_mount_is_the_group(tmp_path: Path) -> None:
    root = machine(tmp_path / "v2", "0::/kubepods/pod1/abc\n", {"cpu.max": "400000 100000\n"})
    assert available_cpus(root) == 4
    root = machine(tmp_path / "v1", "4:cpu,cpuacct:/docker/abc\n", quota_v1("", 200_000))
    assert available_cpus(root) == 2


@pytest.mark.parametrize(
    ("openmp", "mkl", "threads"),
    [
        ("3", None, 3),
        ("3", "5", 3),
        (None, "5", 5),
        ("4,2", None, 4),
        (" 4 , 2", None, 4),
        ("many", "5", 5),
        ("0", "5", 5),
        ("-2", "5", 5),
        ("", "5", 5),
        ("2.5", "5", 5),
        ("²", "5", 5),
    ],
)
def test_the_environment_says_how_many_threads(
    monkeypatch: pytest.MonkeyPatch, openmp: str | None, mkl: str | None, threads: int
) -> None:
    for name, value in (("OMP_NUM_THREADS", openmp), ("MKL_NUM_THREADS", mkl)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert default_threads() == threads


def test_where_the_environment_says_nothing_every_available_cpu_gets_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert default_threads() == available_cpus()


@pytest.mark.parametrize(("threads", "parallel"), [(1, "false"), (4, "true")])
def test_every_library_is_told_how_many_threads_to_start(
    monkeypatch: pytest.MonkeyPatch, threads: int, parallel: str
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    limit_threads(threads)
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
    assert [os.environ[name] for name in names] == [str(threads)] * 4
    assert os.environ["TOKENIZERS_PARALLELISM"] == parallel


@pytest.mark.parametrize("name", ["flags", "Features"])
def test_what_the_cpu_can_do_is_read_from_the_first_of_its_cores(tmp_path: Path, name: str) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text(
        f"processor\t: 0\n{name}\t\t: fpu avx512_bf16\n\nprocessor\t: 1\n{name}: x\n"
    )
    assert cpu_features(tmp_path) == {"fpu", "avx512_bf16"}


def test_where_nothing_says_what_the_cpu_can_do_nothing_is_assumed(tmp_path: Path) -> None:
    assert cpu_features(tmp_path) == frozenset()
    (tmp_path / "other/proc").mkdir(parents=True)
    (tmp_path / "other/proc/cpuinfo").write_text("processor: 0\n")
    assert cpu_features(tmp_path / "other") == frozenset()


def test_the_features_of_the_cpu_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("flags: avx2\n")
    assert cpu_features(tmp_path) == {"avx2"}
    (tmp_path / "proc/cpuinfo").unlink()
    assert cpu_features(tmp_path) == {"avx2"}
