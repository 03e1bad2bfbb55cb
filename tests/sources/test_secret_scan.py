from pathlib import Path

import pytest
from detect_secrets.plugins.base import RegexBasedDetector
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.parsers import parse
from knowligo_index.sources.secret_scan import MARKS, find_secrets
from knowligo_index.types import Document, Secret, Source

# Put together here, so that no scanner takes this file for a leak. None of them ever opened anything.
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"
AWS = "AKIA" + "QWERTYUIOPASDFGH"
GITHUB = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
SLACK = "xoxb-" + "123456789012-123456789012-" + "a1B2c3D4e5F6"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJhbmEifQ" + ".c2lnbmF0dXJh"


def read(text: str) -> Document:
    return parse(Source("a.md", Path("a.md"), "markdown", 1, "0" * 64), text.encode())


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (KEY, "Private Key"),
        (AWS, "AWS Access Key"),
        (GITHUB, "GitHub Token"),
        (SLACK, "Slack Token"),
        (JWT, "JSON Web Token"),
    ],
)
def test_a_secret_is_found_on_its_line(secret: str, kind: str) -> None:
    found = find_secrets(read(f"# Acceso\r\n\r\nUse esto:\r{secret}\n\nFin {secret}\n"))
    assert found == [Secret(kind, "line 4"), Secret(kind, "line 6")]
    assert secret not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2 and user ana:clave",
        "La clave `AKIA` empieza así; el token ghp_xxx también.",
        "https://ana:clave@intranet.example/",
        "b1946ac92492d2347c6235b4d2611184",
        "eyJ no es un token.",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert find_secrets(read(text)) == []


def test_on_a_page_and_in_a_text_without_lines_the_place_is_told() -> None:
    paged = Document("a.pdf", "pdf", "A", f"uno\n\f\n{AWS}", (), page_starts=(0, 5))
    bare = Document("a.html", "html", "A", f"uno\n{AWS}", ())
    assert find_secrets(paged) == [Secret("AWS Access Key", "page 2")]
    assert find_secrets(bare) == [Secret("AWS Access Key", "line 2 of its text")]


@pytest.mark.parametrize("detector", MARKS)
@given(data=st.data())
def test_whatever_a_detector_knows_has_the_mark_it_is_looked_for_by(
    detector: type[RegexBasedDetector], data: st.DataObject
) -> None:
    for pattern in detector().denylist:
        secret = data.draw(st.from_regex(pattern, fullmatch=True))
        assert MARKS[detector].search(secret) is not None
        assert find_secrets(Document("a.txt", "text", "A", secret, ())) != []
