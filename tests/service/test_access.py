from pathlib import Path

import pytest
from support.groq_server import KEY, groq_server
from support.serving import running, serve

from knowligo_index.service.access import allowed_hosts
from knowligo_index.service.options import ServiceOptions

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    ("host", "named", "expected"),
    [
        ("127.0.0.1", "", ["localhost", "127.0.0.1", "[::1]", "127.0.0.1"]),
        ("127.0.0.5", "", ["localhost", "127.0.0.1", "[::1]", "127.0.0.5"]),
        ("::1", "", ["localhost", "127.0.0.1", "[::1]", "[::1]"]),
        ("localhost", "a.example", ["localhost", "127.0.0.1", "[::1]", "localhost", "a.example"]),
        ("0.0.0.0", "", ["*"]),
        ("::", "", ["*"]),
        ("a.example", "", ["*"]),
        (
            "0.0.0.0",
            "a.example , *.b.example",
            ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "a.example", "*.b.example"],
        ),
    ],
)
def test_which_hosts_are_allowed(host: str, named: str, expected: list[str]) -> None:
    assert allowed_hosts(ServiceOptions(host=host, allowed_hosts=named)) == expected


def test_named_hosts_are_answered_and_the_status_is_told_to_all(built_once: Path) -> None:
    with running(built_once, "--host", "0.0.0.0", "--allowed-hosts", "help.example.com,*.example.org") as service:
        service.url = service.url.replace("0.0.0.0", "127.0.0.1")
        hosts = ["help.example.com:8443", "HELP.example.com", "a.b.example.org", "localhost", "10.0.0.7:8000"]
        assert [service.get("/search?q=red", {"Host": host}).status for host in hosts] == [200, 200, 200, 200, 421]
        # As the kubelet asks.
        assert service.get("/health", {"Host": "10.0.0.7:8000"}).json == {"status": "ok"}


@pytest.mark.parametrize("hosts", ["a b", "https://a", "a:80", "a,", "a*"])
def test_what_is_no_host_is_refused(built_once: Path, hosts: str) -> None:
    ended = serve("--index", built_once, "--allowed-hosts", hosts)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"Error: --allowed-hosts on the command line is {hosts!r}, which is not valid: ")


CANNOT = "which token_file names, cannot be read"

INVALID = (
    "which token_file names, is not valid: write one line of 16 characters or more, letters, digits and punctuation of "
    "ASCII without spaces, such as `openssl rand -hex 32` prints."
)

NO_LINE = "which token_file names, is not one line of ASCII text: write only the secret to it."


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, f"{{path}}, {CANNOT} (no such file or directory): correct the path."),
        ("", f"the token in {{path}}, {INVALID}"),
        (TOKEN[:15], f"the token in {{path}}, {INVALID}"),
        ("two words of a token", f"the token in {{path}}, {INVALID}"),
        (f"{TOKEN}\n{TOKEN}\n", f"{{path}}, {NO_LINE}"),
        (f"{TOKEN}é", f"{{path}}, {NO_LINE}"),
        ("a" * 5_000, f"{{path}}, {NO_LINE}"),
    ],
)
def test_a_file_without_a_token_is_refused(built_once: Path, tmp_path: Path, content: str | None, error: str) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    ended = serve("--index", built_once, "--token-file", path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"Error: {error.format(path=path)}\n")


def test_the_key_of_the_model_may_be_in_a_file(built_once: Path, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    with groq_server() as groq:
        environment = {"GROQ_API_KEY_FILE": str(path), "GROQ_API_KEY": ""}
        with running(built_once, "--answer-url", groq.url, environment=environment) as service:
            assert service.ask("red")[-1].name == "done"
            assert groq.keys == [f"Bearer {KEY}"]
            assert service.logged() == ""


def test_a_key_that_cannot_be_read_or_is_given_twice_is_refused(built_once: Path, tmp_path: Path) -> None:
    path = tmp_path / "key"
    missing = serve("--index", built_once, GROQ_API_KEY_FILE=str(path), GROQ_API_KEY="")
    sentence = f"{path}, which GROQ_API_KEY_FILE names, cannot be read (no such file or directory): correct the path."
    assert (missing.returncode, missing.stderr) == (2, f"Error: {sentence}\n")
    path.write_text("\n")
    empty = serve("--index", built_once, GROQ_API_KEY_FILE=str(path), GROQ_API_KEY="")
    assert (empty.returncode, empty.stderr) == (
        2,
        f"Error: {path}, which GROQ_API_KEY_FILE names, is empty: write the key to it.\n",
    )
    both = serve("--index", built_once, GROQ_API_KEY_FILE=str(path), GROQ_API_KEY=KEY)
    assert (both.returncode, both.stderr) == (
        2,
        "Error: GROQ_API_KEY and GROQ_API_KEY_FILE are both set: set one of them.\n",
    )
