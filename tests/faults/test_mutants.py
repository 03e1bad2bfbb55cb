"""The table of safeguards in docs/store.md is of the code as it is; `mutants.py` fills its last column."""

from mutants import PAGE, REPOSITORY, SURVIVED, find_sites, rows_of


def test_the_table_of_safeguards_has_each_of_them_and_no_other() -> None:
    page = (REPOSITORY / PAGE).read_text()
    assert rows_of(page) == [site.row for site in find_sites(REPOSITORY / "knowligo_index")]
    assert SURVIVED not in page
