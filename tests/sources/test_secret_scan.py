from pathlib import Path

import pytest
from detect_secrets.plugins.base import RegexBasedDetector
from hypothesis import given
from hypothesis import strategies as st
from support.secret_samples import DATABASE_ADDRESSES, TOKENS

from knowligo_index.parsers import parse
from knowligo_index.sources.secret_formats import FORMATS
from knowligo_index.sources.secret_scan import MARKS, WORDS, find_secrets, without_secrets
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
        "Escriba gsk_your_key_here, hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx o AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX.",
        "La clave age empieza por AGE-SECRET-KEY-1, la de npm por npm_ y la de DigitalOcean por dop_v1_.",
        "export ANTHROPIC_API_KEY=sk-ant-... # see the console",
        "postgres://localhost/app, mysql://ana@localhost, amqp://guest:guest@localhost y redis://localhost:6379/0",
        "https://ana:Clave2024@intranet.example/ es la dirección de una página",
        "La respuesta 8Q~ no es nada, y github_pat_ tampoco.",
        "El shpat_ de la tienda y el prefijo GOCSPX- no dicen nada por sí solos.",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert find_secrets(read(text)) == []


def test_on_a_page_and_in_a_text_without_lines_the_place_is_told() -> None:
    paged = Document("a.pdf", "pdf", "A", f"uno\n\f\n{AWS}", (), page_starts=(0, 5))
    bare = Document("a.html", "html", "A", f"uno\n{AWS}", ())
    assert find_secrets(paged) == [Secret("AWS Access Key", "page 2")]
    assert find_secrets(bare) == [Secret("AWS Access Key", "line 2 of its text")]


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize(
    "around", ["{}", "clave={}.", "'{}'", "_{}_", "copia-{}-1", "https://a.example/?k={}&b=1", "«{}»"]
)
def test_every_format_is_found_in_any_surroundings(kind: str, around: str) -> None:
    assert kind in [secret.kind for secret in find_secrets(read(around.format(TOKENS[kind])))]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_word_that_ends_in_a_token_and_the_beginning_of_one_are_none(kind: str) -> None:
    assert find_secrets(read(f"x{TOKENS[kind]}")) == []
    assert find_secrets(read(TOKENS[kind][:-15])) == []


@pytest.mark.parametrize("address", DATABASE_ADDRESSES)
@pytest.mark.parametrize("around", ["{}", "DATABASE_URL={}", "url: '{}'", "_{}_", "<{}>"])
def test_an_address_of_a_database_with_a_password_is_found(address: str, around: str) -> None:
    assert find_secrets(read(around.format(address))) == [Secret("Database Password", "line 1")]


@pytest.mark.parametrize(
    "password",
    [
        *(
            "password",
            "yourpassword",
            "your-password",
            "my_password",
            "contraseña",
            "clave",
            "secret",
            "changeme",
            "pass",
        ),
        *("<password>", "{password}", "${DB_PASSWORD}", "$PASSWORD", "%PASSWORD%", "[password]", "DB_PASSWORD", "***"),
        *("xxxx", "...", "$(cat /run/secrets)", "ana", "guest", "root"),
    ],
)
def test_what_stands_for_a_password_is_none(password: str) -> None:
    assert find_secrets(read(f"postgresql://ana:{password}@localhost:5432/app")) == []


@pytest.mark.parametrize(
    "password", ["xK9s2Lq", "Clave2024", "s3cr3t-db", "$ecreto9", "%40bc9", "QWERTZUIOP", "hunter2"]
)
def test_what_only_resembles_it_is_one(password: str) -> None:
    found = find_secrets(read(f"postgresql://ana:{password}@localhost:5432/app"))
    assert found == [Secret("Database Password", "line 1")]


def test_no_document_of_the_project_is_taken_for_a_leak() -> None:
    root = Path(__file__).parents[2]
    paths = [*(root / "knowledge").rglob("*.md"), *(root / "docs").rglob("*.md"), root / "README.md"]
    assert len(paths) > 20
    assert {path.name: secrets for path in paths if (secrets := find_secrets(read(path.read_text())))} == {}


def test_the_secrets_outside_of_the_text_have_their_places() -> None:
    token = TOKENS["Groq API Key"]
    document = Document(
        f"{token}.md", "markdown", token, "Texto", (), metadata={"autor": ["Ana", token], token: "x"}, warnings=(token,)
    )
    assert find_secrets(document) == [
        Secret("Groq API Key", place)
        for place in (
            "its name",
            "its title",
            "the names of its metadata",
            "its metadata (autor)",
            "a warning about it",
        )
    ]


def test_all_secrets_of_a_name_are_replaced() -> None:
    groq, slack = TOKENS["Groq API Key"], TOKENS["Slack Token"]
    assert without_secrets(f"copia/{groq}-{slack}/{groq}.md") == "copia/gsk_***-xoxb***/gsk_***.md"
    assert without_secrets("copia/plan.md") == "copia/plan.md"


@pytest.mark.parametrize("detector", WORDS)
@given(data=st.data())
def test_every_secret_of_a_detector_contains_one_of_its_words(
    detector: type[RegexBasedDetector], data: st.DataObject
) -> None:
    for pattern in detector().denylist:
        secret = data.draw(st.from_regex(pattern, fullmatch=True)).lower()
        assert any(word in secret for word in WORDS[detector])


@pytest.mark.parametrize("detector", MARKS)
@given(data=st.data())
def test_whatever_a_detector_knows_has_the_mark_it_is_looked_for_by(
    detector: type[RegexBasedDetector], data: st.DataObject
) -> None:
    for pattern in detector().denylist:
        secret = data.draw(st.from_regex(pattern, fullmatch=True))
        assert MARKS[detector].search(secret) is not None
        assert find_secrets(Document("a.txt", "text", "A", secret, ())) != []
