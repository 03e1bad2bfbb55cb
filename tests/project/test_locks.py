"""The locks are of pyproject.toml as it is."""

import re
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
