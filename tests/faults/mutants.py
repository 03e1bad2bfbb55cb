"""Take each safeguard out of the store, one at a time, and see which fault test misses it.

    python tests/faults/mutants.py [--write] [WORD]

From the repository's root; --write puts the table into docs/store.md, WORD tries only the sites that have it in their
line of the table. Exits with 1 where a safeguard is missed by no test.
"""

import argparse
import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = Path("docs/store.md")
MARKS = ("<!-- mutants -->\n", "<!-- /mutants -->")
SURVIVED = "SURVIVED"

FILES = [
    "store/*.py",
    "search/reader.py",
    "search/open_version.py",
    "evaluation/version_diff.py",
    "build/command.py",
    "build/pipeline.py",
]
FLUSHES = ("fsync", "flush", "sync_file", "sync_folder")
CHECKS = ("check", "check_file", "check_opens", "_compare")
ERRORS = ("damaged", "DamagedIndexError")

# What a rename is without being one: the same in the end, and not in between. Arguments are {0}, {1} and {2}.
COPIES = {
    "rename": "(__import__('shutil').copytree({self}, {0}), __import__('shutil').rmtree({self}))",
    "replace": "({0}.write_bytes({self}.read_bytes()), {self}.unlink())",
    "rename_folder": "(__import__('shutil').copytree({0}, {1}), __import__('shutil').rmtree({0}))",
    "replace_file": "{0}.write_bytes({1})",
}
# What a check returns, without the check.
UNCHECKED = {"check_file": "({self}.folder / {0})", "read_file": "({self}.folder / {0}).read_bytes()"}

# The sites' own tests first; test_mutants.py would see that the sites changed.
FLUSH_TESTS = ["test_power_loss", "test_failing_disk", "test_kill", "test_damage", "test_versions", "test_commands"]
CHECK_TESTS = ["test_damage", "test_versions", "test_commands", "test_failing_disk", "test_kill", "test_power_loss"]

# That the tests, and the commands they run, have the copy: the package may be installed from the repository.
WHICH = """
from pathlib import Path

from launching import Command

import knowligo_index

HERE = str(Path(__file__).parents[2])


def where(_: list[str]) -> None:
    print(knowligo_index.__file__)


def test_the_copy_is_what_is_tested(tmp_path: Path) -> None:
    command = Command(["test_which:where"], tmp_path)
    assert command.run() == 0
    assert knowligo_index.__file__.startswith(HERE)
    assert command.output().startswith(HERE)
"""


@dataclass(frozen=True)
class Site:
    """A place in the package that keeps something from going wrong."""

    path: str
    """from the package's folder"""
    function: str
    removed: str
    line: int
    column: int
    replacement: str
    """source of the expression or condition that comes in its place"""

    @property
    def row(self) -> str:
        """The first two columns of its line in the table."""
        return f"| `{self.path}`: `{self.function}` | `{self.removed}` |".replace("||", r"\|\|")

    @property
    def flushes(self) -> bool:
        return not self.removed.startswith("if ") and self.removed.split("(")[0].rsplit(".")[-1] in {*FLUSHES, *COPIES}


def find_sites(package: Path) -> list[Site]:
    """Every flush, rename and check, in the order of the files."""
    paths = [path for pattern in FILES for path in sorted(package.glob(pattern))]
    found = [_sites_in(path.relative_to(package).as_posix(), ast.parse(path.read_text())) for path in paths]
    return [site for sites in found for site in sites]


def _sites_in(path: str, module: ast.Module) -> Iterator[Site]:
    for function, node in _walk(module, ()):
        if isinstance(node, ast.If) and _raises_damage(node):
            yield Site(path, function, f"if {ast.unparse(node.test)}", node.test.lineno, node.test.col_offset, "False")
        elif isinstance(node, ast.Call) and (replacement := _without(node)):
            removed = re.sub(r"\s+", " ", ast.unparse(node))
            yield Site(path, function, removed, node.lineno, node.col_offset, replacement)


def _walk(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        inner = (*names, child.name) if isinstance(child, ast.FunctionDef | ast.ClassDef) else names
        if not named:
            yield ".".join(names), child
        yield from _walk(child, inner)


def _raises_damage(node: ast.If) -> bool:
    last = node.body[-1]
    if not isinstance(last, ast.Raise) or not isinstance(last.exc, ast.Call):
        return False
    name = ast.unparse(last.exc.func)
    return name in ERRORS or (name == "StorageError" and "does not read back" in ast.unparse(last.exc))


def _without(call: ast.Call) -> str:
    """What comes in the place of a call that is a safeguard; nothing for another call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    arguments = [ast.unparse(argument) for argument in call.args]
    if name == "flush" and owner == "self":
        return ""
    if name == "replace" and (len(arguments) != 1 or not owner):
        return ""
    if name in COPIES:
        return COPIES[name].format(*arguments, self=owner)
    if name in UNCHECKED:
        return UNCHECKED[name].format(*arguments, self=owner)
    return "None" if name in FLUSHES + CHECKS else ""


class _Replace(ast.NodeTransformer):
    def __init__(self, site: Site) -> None:
        self.site = site
        self.replaced = 0

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and self._is_site(node):
            self.replaced += 1
            return ast.parse(self.site.replacement, mode="eval").body
        return self.generic_visit(node)

    def _is_site(self, node: ast.expr) -> bool:
        source = ast.unparse(node)
        same_place = (node.lineno, node.col_offset) == (self.site.line, self.site.column)
        return same_place and self.site.removed in (f"if {source}", re.sub(r"\s+", " ", source))


def mutate(copy: Path, site: Site) -> None:
    """Take the site out of a copy of the repository."""
    path = copy / "knowligo_index" / site.path
    replace = _Replace(site)
    tree = replace.visit(ast.parse(path.read_text()))
    assert replace.replaced == 1, site
    path.write_text(ast.unparse(tree))
    if site.removed == "check_opens(sealed)":
        # The scenario publishes as the build does; what is taken from the one is taken from the other.
        scenario = copy / "tests/faults/scenario.py"
        text = scenario.read_text()
        assert text.count("check_opens(sealed)") == 1
        scenario.write_text(text.replace("check_opens(sealed)", "None"))


def killer_of(site: Site | None) -> str:
    """The first test that fails without the site, or with nothing taken out; SURVIVED where all pass."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "repository"
        for name in ("knowligo_index", "tests"):
            shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPOSITORY / "pyproject.toml", copy)
        (copy / "tests/faults/test_which.py").write_text(WHICH)
        if site:
            mutate(copy, site)
        names = ["test_which", *(FLUSH_TESTS if site and site.flushes else CHECK_TESTS)]
        tests = [f"tests/faults/{name}.py" for name in names if (copy / f"tests/faults/{name}.py").exists()]
        if site and site.path in ("build/command.py", "build/pipeline.py"):
            tests.insert(1, "tests/test_build.py")
        return _first_failure(copy, tests)


def _first_failure(copy: Path, tests: list[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"--basetemp={copy.parent}/tmp"]
    with subprocess.Popen(
        [*command, *tests], cwd=copy, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        try:
            output, _ = running.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return "no end within 120 seconds"
    if running.returncode == 0:
        return SURVIVED
    failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\w+)", output, re.MULTILINE)
    assert failed, output
    assert failed[1] != "test_the_copy_is_what_is_tested", output
    return failed[1]


def table(lines: list[str]) -> str:
    return "\n".join(["| Where | Taken out | Missed by |", "| --- | --- | --- |", *lines, ""])


def rows_of(page: str) -> list[str]:
    """The first two columns of the table in the page."""
    rows = page.split(MARKS[0])[1].split(MARKS[1])[0].splitlines()[2:]
    return [row.rsplit("| ", 1)[0] + "|" for row in rows]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("word", nargs="?", default="")
    options = parser.parse_args()
    baseline = killer_of(None)
    if baseline != SURVIVED:
        print(f"{baseline} fails with nothing taken out: mend that first.")
        return 1
    sites = [site for site in find_sites(REPOSITORY / "knowligo_index") if options.word in site.row]
    find: Callable[[Site], str] = killer_of
    lines: list[str] = []
    survivors = 0
    with ThreadPoolExecutor(2) as pool:
        for site, killer in zip(sites, pool.map(find, sites), strict=True):
            survivors += killer == SURVIVED
            lines.append(f"{site.row} {f'`{killer}`' if killer.startswith('test_') else killer} |")
            print(lines[-1], flush=True)
    print(f"{len(sites)} safeguards, {survivors} missed by no test")
    if options.write:
        page = (REPOSITORY / PAGE).read_text()
        before, after = page.split(MARKS[0])[0], page.split(MARKS[1])[1]
        (REPOSITORY / PAGE).write_text(before + MARKS[0] + table(lines) + MARKS[1] + after)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
