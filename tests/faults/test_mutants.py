"""The table of safeguards in docs/store.md: it has those of the code, and the tests that it names fail without them."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from mutants import CPUS, PAGE, REPOSITORY, Site, find_sites, first_failure, line_of, table_in
from tracing import needs_strace


def files_of_tests() -> dict[str, str]:
    """The file of each test that the table may name, from the repository's root."""
    files = [*(REPOSITORY / "tests/faults").glob("test_*.py"), REPOSITORY / "tests/build/test_build.py"]
    return {
        name: path.relative_to(REPOSITORY).as_posix()
        for path in files
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_the_table_has_every_safeguard_and_a_test_for_each() -> None:
    lines = table_in((REPOSITORY / PAGE).read_text(encoding="utf-8"))
    sites = find_sites(REPOSITORY / "knowligo_index")
    assert [line.rpartition("| `")[0] for line in lines] == [site.row.removesuffix("|") for site in sites]
    assert {line.split("`")[-2] for line in lines} - set(files_of_tests()) == set()


@needs_strace
@pytest.mark.timeout(1200)
def test_without_a_safeguard_the_test_that_the_table_names_fails(whole: bool) -> None:
    if not whole:
        pytest.skip("takes minutes: `make faults` runs it")
    lines = table_in((REPOSITORY / PAGE).read_text(encoding="utf-8"))
    files = files_of_tests()

    def line_as_tested(site: Site, line: str) -> str:
        name = line.split("`")[-2]
        return line_of(site, first_failure(site, [f"{files[name]}::{name}"]))

    with ThreadPoolExecutor(CPUS) as pool:
        assert list(pool.map(line_as_tested, find_sites(REPOSITORY / "knowligo_index"), lines)) == lines
