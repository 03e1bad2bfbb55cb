from dataclasses import replace

import pytest

from knowligo_index.cli.text.hits import hit_text
from knowligo_index.search.hit import Hit

HIT = Hit(1, 0.98765, "red.md", "Red", ("Red", "VPN"), None, None, 3, 4, 10, 20, "uno\n\ndos")


def test_a_hit_is_where_it_stands_and_its_lines_without_the_blank_ones() -> None:
    assert hit_text(HIT) == "1. 0.988  red.md, lines 3-4  Red > VPN\n   uno\n   dos"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ({"line_start": 3, "line_end": 3}, "red.md, line 3"),
        ({"line_start": None, "line_end": None, "page_start": 2, "page_end": 2}, "red.md, page 2"),
        ({"line_start": None, "line_end": None, "page_start": 2, "page_end": 4}, "red.md, pages 2-4"),
        ({"line_start": None, "line_end": None}, "red.md"),
    ],
)
def test_a_hit_is_placed_by_its_lines_or_its_pages(place: dict[str, int | None], line: str) -> None:
    shown = hit_text(replace(HIT, headings=(), **place))  # type: ignore[arg-type]
    assert shown.splitlines()[0] == f"1. 0.988  {line}"


def test_eight_lines_of_a_passage_are_shown_and_no_more() -> None:
    lines = [f"línea {number}" for number in range(1, 10)]
    eight = [f"   {line}" for line in lines[:8]]
    assert hit_text(replace(HIT, text="\n".join(lines[:8]))).splitlines()[1:] == eight
    assert hit_text(replace(HIT, text="\n\n".join(lines))).splitlines()[1:] == [*eight, "   ..."]


def test_a_line_is_cut_at_160_characters() -> None:
    assert hit_text(replace(HIT, text="ñ" * 160)).splitlines()[1] == f"   {'ñ' * 160}"
    assert hit_text(replace(HIT, text="ñ" * 161)).splitlines()[1] == f"   {'ñ' * 160}..."


def test_what_a_terminal_would_obey_is_shown_and_not_sent() -> None:
    hit = replace(HIT, source="a\x1b[31m\nb.md", headings=("Pla\u202en",), text="uno\x07\tdos\xa0tres \u200b🔑")
    assert hit_text(hit) == "1. 0.988  a\\x1b[31m\\nb.md, lines 3-4  Pla\\u202en\n   uno\\x07 dos tres \\u200b🔑"
