"""Names and texts from outside write no control sequences to the terminal, and forge no line of what is printed."""

import hashlib
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from knowligo_index.cli import cli
from knowligo_index.cli.output import PrintableFormatter
from knowligo_index.settings import Settings
from knowligo_index.store.version import manifest_hash_line

ESCAPES = {
    "title of the window": "\x1b]0;owned\x07",
    "clear the screen": "\x1b[2J",
    "begun with one byte": "\x9b8m",
    "direction of writing": "\u202e",
    "back to the beginning of the line": "\r* 9-0  forged",
    "line of its own": "\n* 9-0  forged",
}
UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and everything that was printed."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def is_safe(printed: str) -> bool:
    return UNSAFE.search(printed) is None and not any(line.startswith("* 9-") for line in printed.splitlines())


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_names_and_texts_of_documents(settings: Settings, escape: str) -> None:
    knowledge, index = settings.knowledge, settings.index
    (knowledge / f"a{escape}.md").write_text(f"# T{escape}\n\nEl código es E-4012 {escape} y nada más.\n")
    (knowledge / f"b{escape}.png").write_text("x")
    (knowledge / f"c{escape}.pdf").write_text("no PDF")
    (knowledge / f"d{escape}.html").write_text(f"<title>T{escape}</title><p>E-4013 {escape}")
    flags = ["--index", index, "--threads", 1]
    build = [*flags, "--encoder", settings.encoder.id, "--max-failed", 0.5, "-v"]
    printed = [run("build", knowledge, *build)]
    (knowledge / f"a{escape}.md").write_text("Otro texto.\n")
    printed.append(run("build", knowledge, *build))
    commands: list[list[Any]] = [["search", "E-4012"], ["list"], ["show"], ["diff"], ["verify"], ["gc", "--keep", 1]]
    for command in commands:
        printed += [run(*command, "--index", index), run(*command, "--index", index, "--json")]
    printed.append(run("diff", "--index", index, "--format", "markdown"))
    assert {exit_code for exit_code, _ in printed} == {0}
    assert [text for _, text in printed if not is_safe(text)] == []
    assert json.loads(printed[3][1])["answered"] is True


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
@pytest.mark.parametrize("field", ["encoder", "created_at", "created_by", "languages", "settings"])
def test_fields_of_a_manifest(index: Path, field: str, escape: str) -> None:
    version = (index / "CURRENT").read_text().split()[0]
    path = index / "versions" / version / "manifest.json"
    manifest = json.loads(path.read_text())
    if field == "encoder":
        manifest["encoder"]["id"] = f"model{escape}"
    elif field in ("languages", "settings"):
        manifest[field] = {f"es{escape}": 3}
    else:
        manifest[field] += escape
    data = json.dumps(manifest).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    path.with_name("manifest.json.sha256").write_bytes(manifest_hash_line(sha256))
    (index / "CURRENT").write_text(f"{version} {sha256}\n")
    for command in (["list"], ["show"], ["search", "E-4012"], ["verify"]):
        for form in ([], ["--json"]):
            _, printed = run(*command, "--index", index, *form)
            assert is_safe(printed), printed


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_names_that_are_in_errors(tmp_path: Path, settings: Settings, escape: str) -> None:
    missing = tmp_path / f"a{escape}"
    for command in (
        ["build", missing, "--index", settings.index],
        ["build", settings.knowledge, "--index", settings.index, "--encoder", f"model{escape}"],
        ["search", "x", "--index", missing],
        ["show", f"9{escape}", "--index", settings.index],
        ["evaluate", missing, "--index", settings.index],
    ):
        exit_code, printed = run(*command)
        assert (exit_code, printed.count("\n"), is_safe(printed)) == (1, 1, True), printed


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_lines_of_the_log(escape: str) -> None:
    with pytest.raises(ValueError, match="a") as raised:
        int(f"a{escape}")
    trace = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, f"m{escape} %s", (f"b{escape}",), trace)
    lines = PrintableFormatter("%(levelname)s %(message)s").format(record).split("\n")
    assert lines[0].startswith("ERROR m")
    assert lines[1] == "Traceback (most recent call last):"
    assert UNSAFE.search("".join(lines)) is None
