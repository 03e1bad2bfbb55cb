"""Hard limits of the user's own that are lower than those of a parser process, which cannot raise them."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

OUTCOMES = """
import json, resource, sys
from pathlib import Path
import pytest
from support.bad_parser import bad_parser_installed, outcomes
from knowligo_index.sources.sandbox import SandboxOptions

for name, value in json.loads(sys.argv[2]).items():
    resource.setrlimit(getattr(resource, name), (value, value))
with pytest.MonkeyPatch.context() as patch, bad_parser_installed(Path(sys.argv[1]), patch):
    print(json.dumps(outcomes(sys.argv[3:], SandboxOptions(parse_seconds=30, parse_mib=512))))
"""


def outcomes_with(limits: dict[str, int], installed: Path, *texts: str) -> list[str]:
    """What becomes of the texts in a build with these hard limits."""
    done = subprocess.run(
        [sys.executable, "-c", OUTCOMES, str(installed), json.dumps(limits), *texts],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    outcomes: list[str] = json.loads(done.stdout)
    return outcomes


@pytest.mark.parametrize(
    "limits",
    [
        {"RLIMIT_CPU": 20},
        {"RLIMIT_NOFILE": 40},
        {"RLIMIT_NPROC": 5000},
        {"RLIMIT_AS": 400 * 2**20},
        {"RLIMIT_CORE": 0},
        {"RLIMIT_CPU": 20, "RLIMIT_NOFILE": 40, "RLIMIT_NPROC": 5000, "RLIMIT_AS": 400 * 2**20, "RLIMIT_CORE": 0},
    ],
    ids="+".join,
)
def test_documents_are_parsed_under_a_lower_hard_limit(limits: dict[str, int], tmp_path: Path) -> None:
    assert outcomes_with(limits, tmp_path, "'a'", "'b'") == ["parsed", "parsed"]


def test_a_lower_limit_of_processor_time_costs_the_file_that_needs_more(tmp_path: Path) -> None:
    assert outcomes_with({"RLIMIT_CPU": 4}, tmp_path, "while True: pass", "'b'") == [
        "timed-out: reading it takes more processor time than `ulimit -t` allows: raise that limit",
        "parsed",
    ]


def test_a_lower_limit_of_memory_costs_the_file_that_needs_more(tmp_path: Path) -> None:
    assert outcomes_with({"RLIMIT_AS": 400 * 2**20}, tmp_path, "x = bytearray(450 * 2**20)", "'b'") == [
        "out-of-memory: parsing it takes more memory than is allowed for a file",
        "parsed",
    ]


def test_the_limits_of_a_parser_hold_where_the_user_has_none(tmp_path: Path) -> None:
    kinds = ("RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_FSIZE")
    limits = ", ".join(f"resource.getrlimit(resource.{kind})" for kind in kinds)
    expected = [(35, 36), (64, 64), (0, 0), (512 * 2**20, 512 * 2**20), (0, 0), (0, 0)]
    nofile = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert outcomes_with({"RLIMIT_NOFILE": min(nofile, 1024)}, tmp_path, f"assert [{limits}] == {expected}") == [
        "parsed"
    ]
