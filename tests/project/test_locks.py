"""The locks are of pyproject.toml as it is."""

import re
import runpy
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
BOUND = re.compile(r"(?P<name>[\w-]+)(?:\[[\w,]+\])?(?:>=|==)(?P<release>[0-9.]+)")


def release_of(text: str) -> tuple[int, ...]:
    """Equal for equal releases: 1.2 is 1.2.0."""
    numbers = [int(number) for number in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def test_the_lowest_releases_are_the_lower_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = list(project["dependencies"])
    for extra in ("build", "minilm", "serve", "sign"):
        requirements += project["optional-dependencies"][extra]
    bounds = {}
    for requirement in requirements:
        bound = BOUND.match(requirement)
        assert bound is not None, requirement
        bounds[bound["name"].lower()] = release_of(bound["release"])
    lock = (ROOT / "locks" / "lowest.txt").read_text(encoding="utf-8")
    pins = {name: release_of(release) for name, release in re.findall(r"^([\w-]+)==([0-9.]+)", lock, re.MULTILINE)}
    assert {name: pins[name] for name in bounds} == bounds


def test_every_package_of_every_lock_is_pinned_and_hashed() -> None:
    """pip refuses a lock with a missing hash only when it is installed, and no test installs all of them."""
    locks = sorted((ROOT / "locks").glob("*.txt"))
    written = runpy.run_path(str(ROOT / "tools" / "lock.py"))["LOCKS"]
    assert sorted(lock.stem for lock in locks) == sorted(written)
    for lock in locks:
        text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
        requirements = [line for line in text.splitlines() if line[:1].isalnum()]
        assert len(requirements) > 5
        pinned = re.compile(r"[\w.-]+==\S+(?: ; [^-]+?)?(?: +--hash=sha256:[0-9a-f]{64})+(?: *#.*)?")
        assert (lock.name, [line for line in requirements if not pinned.fullmatch(line)]) == (lock.name, [])


def test_what_writes_the_locks_is_itself_locked() -> None:
    lock = (ROOT / "locks" / "lock.txt").read_text(encoding="utf-8")
    pins = set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))
    assert {"pip-tools", "pip", "setuptools", "wheel", "build"} <= pins
    assert "pip-tools==" not in (ROOT / "Makefile").read_text(encoding="utf-8")
