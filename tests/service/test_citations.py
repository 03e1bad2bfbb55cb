import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.service.citations import CitationFilter


def filtered(*pieces: str, passages: int = 3) -> tuple[str, list[int], list[int]]:
    """The text that is shown, the passages that were cited, and the numbers that name none."""
    citations = CitationFilter(passages)
    shown = "".join(citations.feed(piece) for piece in pieces) + citations.end()
    return shown, citations.cited, citations.unknown


@pytest.mark.parametrize(
    ("text", "shown", "cited", "unknown"),
    [
        ("Cuesta 20 € [2].", "Cuesta 20 € [2].", [2], []),
        ("Sí [2][1], y no [2].", "Sí [2][1], y no [2].", [2, 1], []),
        ("Sí [1, 3].", "Sí [1, 3].", [1, 3], []),
        ("Sí [1; 3].", "Sí [1, 3].", [1, 3], []),
        ("Sí [4].", "Sí.", [], [4]),
        ("Sí [2, 9].", "Sí [2].", [2], [9]),
        ("[0] y [7] y [7]", " y y", [], [0, 7]),
        ("Sí 【2】, no 【1†L3-L5】.", "Sí [2], no [1].", [2, 1], []),
        ("a[i] = [x] [2024] [1.5] []", "a[i] = [x] [2024] [1.5] []", [], []),
        ("sin cerrar [1", "sin cerrar [1", [], []),
        ("con espacio  ", "con espacio  ", [], []),
        ("", "", [], []),
    ],
)
def test_marks_that_name_no_passage_are_left_out(text: str, shown: str, cited: list[int], unknown: list[int]) -> None:
    assert filtered(text) == (shown, cited, unknown)


def test_a_mark_may_come_in_pieces() -> None:
    assert filtered("Sí", " ", "[", "4", "]", ", no [", "1,", " 3", "] x") == ("Sí, no [1, 3] x", [1, 3], [4])


def test_text_is_held_back_only_where_a_mark_may_come_of_it() -> None:
    citations = CitationFilter(3)
    pieces = ("Hola [", "no", " era", " [1", "]", " fin")
    assert [citations.feed(piece) for piece in pieces] == ["Hola", " [no", " era", "", " [1]", " fin"]


@given(st.lists(st.text("ab [1]【】,;9†\n0", max_size=6), max_size=8))
def test_how_the_text_is_cut_changes_nothing(pieces: list[str]) -> None:
    assert filtered(*pieces) == filtered("".join(pieces))
