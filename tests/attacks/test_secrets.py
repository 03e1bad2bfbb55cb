"""A token in any place of a document that could be published keeps everything from being published, and is repeated
neither in the index folder nor in what the build prints."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.pdf_fixtures import Text, pdf
from support.secret_samples import DATABASE_ADDRESSES, TOKENS
from support.word_fixtures import paragraph, word_file

from knowligo_index.cli import cli
from knowligo_index.settings import Settings


@dataclass(frozen=True)
class Place:
    """A place of a secret in a file."""

    suffix: str
    content: Callable[[str], str | bytes]
    """of the file, for a secret"""
    reported: str
    """what the build says of the place"""


PLACES = {
    "text": Place(".md", lambda secret: f"# Acceso\n\nUse {secret} para entrar.\n", "line 3"),
    "emphasis": Place(".md", lambda secret: f"# Acceso\n\nUse _{secret}_ para entrar.\n", "line 3"),
    "heading": Place(".md", lambda secret: f"# Acceso\n\n## {secret}\n\nTexto.\n", "line 3"),
    "code block": Place(".md", lambda secret: f"# Acceso\n\n```ini\nkey = {secret}\n```\n", "line 4"),
    "comment": Place(".md", lambda secret: f"# Acceso\n\n<!-- {secret} -->\n\nTexto.\n", "line 3"),
    "front matter": Place(".md", lambda secret: f"---\nkey: {secret}\n---\n# Acceso\n\nTexto.\n", "line 2"),
    "alternative text": Place(".md", lambda secret: f"# Acceso\n\n![{secret}](a.png) Texto.\n", "line 3"),
    "link target": Place(".md", lambda secret: f"# Acceso\n\n[Entrar](https://example.net/?k={secret})\n", "line 3"),
    "cell": Place(".csv", lambda secret: f"nombre,clave\nana,{secret}\n", "line 2"),
    "page title": Place(".html", lambda secret: f"<title>{secret}</title><p>Texto de la guía.", "its title"),
    "description": Place(
        ".html", lambda secret: f'<title>A</title><meta name=description content="{secret}"><p>Texto.', "its metadata ("
    ),
    "image": Place(".html", lambda secret: f'<title>A</title><p>Texto.<p><img alt="{secret}" src=a.png>', "line "),
    "Word text": Place(".docx", lambda secret: word_file(paragraph(f"Use {secret} siempre.")), "line 1 of its text"),
    "Word title": Place(
        ".docx", lambda secret: word_file(paragraph("Texto."), core=f"<dc:title>{secret}</dc:title>"), "its title"
    ),
    "Word author": Place(
        ".docx",
        lambda secret: word_file(paragraph("Texto."), core=f"<dc:creator>{secret}</dc:creator>"),
        "its metadata (",
    ),
    "PDF text": Place(".pdf", lambda secret: pdf([Text("Clave de acceso:"), Text(secret, y=700, size=5)]), "page 1"),
    "PDF title": Place(".pdf", lambda secret: pdf([Text("Texto de la guía.")], title=secret), "its title"),
    "PDF author": Place(".pdf", lambda secret: pdf([Text("Texto de la guía.")], author=secret), "its metadata ("),
}

NOT_PUBLISHED = {
    "page comment": Place(".html", lambda secret: f"<title>A</title><p>Texto.<!-- {secret} -->", ""),
    "script": Place(".html", lambda secret: f"<title>A</title><p>Texto.<script>k='{secret}'</script>", ""),
    "link of a page": Place(
        ".html", lambda secret: f'<p>Texto. <a href="https://a.example/?k={secret}">Entrar</a>', ""
    ),
}


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def build_output(settings: Settings, *more: str) -> tuple[int, str]:
    """Exit code of a build, and all that it prints."""
    flags = ["--index", str(settings.index), "--encoder", settings.encoder.id, "--threads", "1", "--max-failed", "0.5"]
    result = CliRunner().invoke(cli, ["build", str(settings.knowledge), *flags, "--verbose", *more])
    return result.exit_code, result.output


def hides(index: Path, printed: str, secrets: list[str]) -> bool:
    """Whether none of the secrets is in a file of the index, in the name of one, or in what was printed."""
    files = [path for path in index.rglob("*") if path.is_file()]
    texts = [printed, *map(str, files), *(path.read_bytes().decode("latin-1") for path in files)]
    for secret in secrets:
        plain = [secret, base64.b64encode(secret.encode()).decode()]
        if any(form in text for form in plain for text in texts):
            return False
    return len(files) > 2


@pytest.mark.timeout(180)
def test_every_format_is_found_in_every_place_of_a_document(settings: Settings) -> None:
    secrets = {**TOKENS, **{address: address for address in DATABASE_ADDRESSES}}
    expected: set[str] = set()
    for number, (kind, secret) in enumerate(secrets.items()):
        for name, place in PLACES.items():
            if secret in DATABASE_ADDRESSES and name == "link target":
                continue  # It is in the address of another one.
            file = f"{number}/{name}{place.suffix}"
            write(settings.knowledge / file, place.content(secret))
            expected.add(f"{file}, {place.reported}|{'Database Password' if secret == kind else kind}")
    exit_code, printed = build_output(settings, "--near-duplicates", "1")
    lines = [line.split(maxsplit=1)[1] for line in printed.splitlines() if line.strip().startswith("secret ")]
    assert {entry for entry in expected if not any(matches(line, entry) for line in lines)} == set()
    assert exit_code == 3
    assert not (settings.index / "CURRENT").exists()
    assert hides(settings.index, printed, list(secrets.values()))


def matches(line: str, entry: str) -> bool:
    place, kind = entry.split("|")
    return line.startswith(place) and line.endswith(f": {kind}")


@pytest.mark.parametrize(
    "name", ["{0}.md", "{0}/acceso.md", "copia_{0}.png", "{0}/logo.png", "{0}.pdf", ".{0}", "{0}.txt"]
)
def test_a_token_in_a_name_is_found_and_not_repeated(settings: Settings, name: str) -> None:
    """Of a document, of its folder, of a file that is no document, of one that is damaged or empty, of a hidden one."""
    token, other = TOKENS["Groq API Key"], TOKENS["Slack Token"]
    for secret in (token, other):
        content = "" if name == "{0}.txt" else f"Texto de {len(secret)} palabras.\n"
        write(settings.knowledge / name.format(secret), content)
    exit_code, printed = build_output(settings)
    assert exit_code == 3
    assert f"{name.format(token[:4] + '***')}, its name: Groq API Key" in printed
    assert f"{name.format(other[:4] + '***')}, its name: Slack Token" in printed
    assert hides(settings.index, printed, [token, other])


def test_markup_inside_a_token_does_not_hide_it(settings: Settings) -> None:
    token = TOKENS["Groq API Key"]
    for name, written in {
        "escaped.md": token.replace("_", "\\_"),
        "bold.md": f"{token[:9]}**{token[9:20]}**{token[20:]}",
        "entity.md": token.replace("_", "&#95;"),
        "hidden.md": f"{token[:9]}\u200b{token[9:]}",
    }.items():
        write(settings.knowledge / name, f"# Acceso\n\nLa clave es {written} hoy.\n")
    exit_code, printed = build_output(settings)
    places = sorted(line.strip() for line in printed.splitlines() if line.strip().startswith("secret "))
    names = ("bold", "entity", "escaped", "hidden")
    assert places == [f"secret      {name}.md, its text without markup: Groq API Key" for name in names]
    assert exit_code == 3
    assert hides(settings.index, printed, [token])


def test_what_is_left_out_of_the_index_is_neither_reported_nor_published(settings: Settings) -> None:
    for name, place in NOT_PUBLISHED.items():
        write(settings.knowledge / f"{name}{place.suffix}", place.content(TOKENS["Groq API Key"]))
    exit_code, printed = build_output(settings)
    assert exit_code == 0
    assert hides(settings.index, printed, [TOKENS["Groq API Key"]])


def test_a_name_with_a_token_is_published_where_the_flag_allows_it(settings: Settings) -> None:
    name = f"{TOKENS['npm Token']}.md"
    write(settings.knowledge / name, "Texto.\n")
    exit_code, printed = build_output(settings, "--allow-secrets")
    assert (exit_code, f"{name}, its name: npm Token" in printed) == (0, True)
