"""Take each safeguard out of the store, one at a time, and find the first fault test that fails without it.

    python tests/faults/mutants.py [--write] [WORD]

From the repository's root, in about a quarter of an hour; --write puts the table into docs/store.md, WORD tries only
the safeguards that have it in their line of the table. Exits with 1 where no test fails without a safeguard.
`make faults` runs for each line of the table the test that the line names (test_mutants.py): that takes minutes.
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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from launching import WITHOUT_TORCH

REPOSITORY = Path(__file__).parents[2]
PAGE = Path("docs/store.md")
MARKS = ("<!-- mutants -->\n", "<!-- /mutants -->")
HEADER = ("| Where | Taken out | Caught by |", "| --- | --- | --- |")
SURVIVED = "SURVIVED"
MOST_SECONDS = 300
CPUS = os.cpu_count() or 1

FILES = [
    "encoders/exported.py",
    "encoders/exported_files.py",
    "store/*.py",
    "search/reader.py",
    "search/open_version.py",
    "evaluation/version_diff.py",
    "build/previous_version.py",
    "build/pipeline.py",
]
FLUSHES = ("fsync", "flush", "sync_file", "sync_folder")
CHECKS = ("check", "check_encoder", "check_file", "check_opens", "_compare")
ERRORS = ("damaged", "damaged_export", "differs", "DamagedIndexError")

# What a rename is without being one: the same in the end, and not in between. Arguments are {0}, {1} and {2}.
COPIES = {
    "rename": "(__import__('shutil').copytree({self}, {0}), __import__('shutil').rmtree({self}))",
    "replace": "({0}.write_bytes({self}.read_bytes()), {self}.unlink())",
    "rename_folder": "(__import__('shutil').copytree({0}, {1}), __import__('shutil').rmtree({0}))",
    "replace_file": "{0}.write_bytes({1})",
}
# What a check returns, without the check.
UNCHECKED = {"check_file": "({self}.folder / {0})", "read_file": "({self}.folder / {0}).read_bytes()"}

# The tests that are made for such a safeguard first. test_mutants.py is not among them: it compares the table with the
# safeguards that the code has.
SMALL_TESTS = ["test_damage", "test_versions", "test_commands", "test_signing"]
FLUSH_TESTS = ["test_power_loss", "test_failing_disk", "test_kill", *SMALL_TESTS]
CHECK_TESTS = ["test_encoder_damage", *SMALL_TESTS, "test_failing_disk", "test_kill", "test_power_loss"]

# Shows that the tests, and the commands they run, have the copy: the package may be installed from the repository.
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


def first_failure(site: Site | None, tests: Sequence[str]) -> str:
    """The first of these tests that fails in a copy of the repository without the site, or with nothing taken out;
    SURVIVED where all pass. A test is named as for pytest, from the repository's root.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "repository"
        for name in ("knowligo_index", "tests"):
            shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPOSITORY / "pyproject.toml", copy)
        (copy / "tests/faults/test_which.py").write_text(WHICH)
        if site:
            mutate(copy, site)
        return _run(copy, ["tests/faults/test_which.py", *tests])


def tests_of(site: Site | None) -> list[str]:
    """The files of tests that may fail without the site, in the order in which they are tried."""
    names = FLUSH_TESTS if site and site.flushes else CHECK_TESTS
    tests = [f"tests/faults/{name}.py" for name in names]
    if site and site.path in ("build/command.py", "build/pipeline.py"):
        tests.insert(0, "tests/build/test_build.py")
    return tests


def _run(copy: Path, tests: Sequence[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", WITHOUT_TORCH: "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"--basetemp={copy.parent}/tmp"]
    with subprocess.Popen(
        [*command, *tests], cwd=copy, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        try:
            output, _ = running.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return f"no end within {MOST_SECONDS} seconds"
    if running.returncode == 0:
        return SURVIVED
    failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\w+)", output, re.MULTILINE)
    assert failed, output
    assert failed[1] != "test_the_copy_is_what_is_tested", output
    return failed[1]


def line_of(site: Site, caught_by: str) -> str:
    """The site's line in the table."""
    return f"{site.row} {f'`{caught_by}`' if caught_by.startswith('test_') else caught_by} |"


def table_in(page: str) -> list[str]:
    """The lines of the table in the page, without its header."""
    return page.split(MARKS[0])[1].split(MARKS[1])[0].splitlines()[len(HEADER) :]


def with_table(page: str, lines: Sequence[str]) -> str:
    """The page with these lines in its table."""
    before, after = page.split(MARKS[0])[0], page.split(MARKS[1])[1]
    return before + MARKS[0] + "\n".join([*HEADER, *lines, ""]) + MARKS[1] + after


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("word", nargs="?", default="")
    options = parser.parse_args()
    baseline = first_failure(None, tests_of(None))
    if baseline != SURVIVED:
        print(f"{baseline} fails with nothing taken out: mend that first.")
        return 1
    sites = [site for site in find_sites(REPOSITORY / "knowligo_index") if options.word in site.row]
    lines: list[str] = []
    survivors = 0
    with ThreadPoolExecutor(CPUS) as pool:
        failures = pool.map(first_failure, sites, map(tests_of, sites))
        for site, caught_by in zip(sites, failures, strict=True):
            survivors += caught_by == SURVIVED
            lines.append(line_of(site, caught_by))
            print(lines[-1], flush=True)
    print(f"{len(sites)} safeguards, {survivors} of them caught by no test")
    if options.write:
        path = REPOSITORY / PAGE
        path.write_text(with_table(path.read_text(), lines))
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
