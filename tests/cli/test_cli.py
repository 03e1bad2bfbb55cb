import errno
import hashlib
import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from support.small_knowledge import PLAN

import knowligo_index
from knowligo_index import __version__
from knowligo_index.cli import cli
from knowligo_index.errors import StorageError
from knowligo_index.settings import Settings
from knowligo_index.store.version import manifest_hash_line

ROOT = Path(knowligo_index.__file__).parents[1]
SLOW_TO_LOAD = {"numpy", "faiss", "torch", "tokenizers", "tqdm", "pypdf", "markdown_it", "sentence_transformers"}

SHOW_HELP = """
import sys
from knowligo_index.__main__ import main
for sys.argv in (["x", "--help"], ["x", "build", "--help"], ["x", "search", "--help"]):
    try:
        main()
    except SystemExit as end:
        assert end.code == 0
print(*sys.modules)
"""


def run(*arguments: object, environment: dict[str, str | None] | None = None) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], env=environment, prog_name="knowligo-index")


def run_build(settings: Settings, *more: object) -> Result:
    """`build` with these settings as flags."""
    flags = ["--index", settings.index, "--encoder", settings.encoder.id, "--threads", 1, "--max-failed", 0.5]
    return run("build", settings.knowledge, *flags, *more)


def output(result: Result) -> Any:
    """The one JSON document on standard output; nothing may be on standard error."""
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def check_error(result: Result, exit_code: int, message: str) -> None:
    """Nothing on standard output; on standard error one line that begins so."""
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("\n")


def in_a_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowligo_index", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_build_prints_what_it_did_and_a_search_to_try(settings: Settings) -> None:
    (settings.knowledge / "questions.jsonl").write_text("")
    result = run_build(settings)
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines[0].startswith("Published: version 1-")
    assert lines[0].endswith(f" in {settings.index}")
    assert lines[1:3] == [
        "  documents  3 indexed, 4 skipped, 1 quarantined",
        "  passages   3 of 120 tokens in total, 0 truncated",
    ]
    assert lines[4] == (
        "  quarantined scan.pdf (damaged: it is not a complete PDF (Stream has ended unexpectedly): "
        "save it again, or get another copy)"
    )
    assert sorted(lines[5:9]) == [
        "  skipped     .git (hidden)",
        "  skipped     empty.txt (empty: the file contains only white space)",
        "  skipped     logo.png (unsupported-format)",
        "  skipped     questions.jsonl (golden-questions)",
    ]
    words = shlex.split(lines[9].removeprefix("Try: "))
    # The console script; or, where it is not installed, a form that imports nothing from the working directory.
    script = Path(sys.executable).with_name("knowligo-index")
    program = [str(script)] if script.exists() else [sys.executable, "-P", "-m", "knowligo_index"]
    # A program below the working directory is named from there.
    program[0] = os.path.relpath(program[0]) if Path(program[0]).is_relative_to(Path.cwd()) else program[0]
    assert words == [*program, "search", "your question", "--index", str(settings.index)]
    found = subprocess.run([*words[:-3], "E-4012", *words[-2:]], capture_output=True, text=True, check=False)
    assert (found.returncode, "red.md" in found.stdout) == (0, True)
    assert run_build(settings).stdout.startswith("Unchanged: version 1-")


def test_a_secret_is_published_where_the_flag_allows_it(settings: Settings) -> None:
    (settings.knowledge / "acceso.md").write_text("La clave es AKIA" + "QWERTYUIOPASDFGH.\n")
    assert (run_build(settings).exit_code, settings.index.joinpath("CURRENT").exists()) == (3, False)
    assert run_build(settings, "--allow-secrets").stdout.startswith("Published: ")


def test_where_nobody_reads_what_it_prints_a_build_is_done_all_the_same(settings: Settings) -> None:
    command = [sys.executable, "-m", "knowligo_index", "build", str(settings.knowledge), "--index", str(settings.index)]
    command += ["--encoder", settings.encoder.id, "--max-failed", "0.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors, (settings.index / "CURRENT").exists()) == (0, "", True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the golden questions {0} (no such file or directory): name another file."),
        ('{"question": "¿Qué?", "source": "red.md"}\nno', "{0}, line 2, is not a golden question (Input data was "),
        (
            '{"question": 1}',
            "{0}, line 1, is not a golden question (Expected `str`, got `int` - at `$.question`): write",
        ),
    ],
)
def test_golden_questions_that_are_none_are_told_before_anything_is_built(
    settings: Settings, tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "asked.jsonl"
    if content is not None:
        path.write_text(content)
    check_error(run_build(settings, "--questions", path), 1, message.format(path))
    assert [entry.name for entry in settings.index.iterdir()] == ["encoders"]


def test_build_as_json_has_the_fields_of_the_contract(settings: Settings) -> None:
    first = output(run_build(settings, "--json"))
    assert list(first) == [
        *("version", "status", "documents", "chunks", "embedded", "reused", "tokens", "truncated"),
        *("seconds", "peak_rss_bytes"),
    ]
    assert (first["status"], first["documents"]) == ("published", {"indexed": 3, "skipped": 3, "quarantined": 1})
    assert (first["chunks"], first["embedded"], first["reused"], first["truncated"]) == (3, 3, 0, 0)
    second = output(run_build(settings, "--json"))
    assert (second["status"], second["version"], second["embedded"], second["reused"]) == (
        *("unchanged", first["version"]),
        *(0, 3),
    )


def test_quiet_prints_nothing_and_verbose_the_settings(settings: Settings) -> None:
    quiet = run_build(settings, "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
    verbose = run_build(settings, "-v")
    assert verbose.stderr.splitlines() == [
        f"knowledge = {settings.knowledge}",
        f"index = {settings.index}",
        "questions = default",
        "threads = 1",
        "max_file_mib = 64",
        "parse_seconds = 30",
        "parse_mib = 512",
        "near_duplicates = 0.95",
        "max_failed = 0.5",
        "min_recall = default",
        "max_shrink = 0.3",
        "allow_shrink = False",
        "no_publish = False",
        "allow_secrets = False",
        f"encoder = {settings.encoder.id}",
        "engine = auto",
        "precision = float32",
        "chunk_tokens = default",
        "overlap_tokens = 0",
    ]


def test_search_as_json_has_the_fields_of_the_contract(built_once: Path) -> None:
    question = "¿Qué incluye el plan profesional?"
    found = output(run("search", question, "--index", built_once, "-k", 1, "--json"))
    (hit,) = found.pop("hits")
    assert found == {"version": built_version(built_once), "query": question, "mode": "hybrid", "answered": True}
    assert 0.3 < hit.pop("score") < 1
    start = PLAN.index("# Plan")
    assert list(hit.items()) == [
        ("rank", 1),
        ("source", "plan.md"),
        ("title", "Plan profesional"),
        ("headings", ["Plan profesional"]),
        ("page_start", None),
        ("page_end", None),
        ("line_start", 4),
        ("line_end", 12),
        ("char_start", start),
        ("char_end", len(PLAN) - 1),
        ("text", PLAN[start:-1]),
        ("breadcrumb", ""),
    ]


def built_version(index: Path) -> str:
    return (index / "CURRENT").read_text().split()[0]


def test_search_prints_where_a_hit_is_and_its_lines(built_once: Path) -> None:
    score = output(run("search", "E-4012", "--index", built_once, "-k", 1, "--json"))["hits"][0]["score"]
    result = run("search", "E-4012", "--index", built_once, "-k", 1)
    assert result.stdout.splitlines() == [
        f"1. {score:.3f}  red.md, lines 1-6  Red",
        "   # Red",
        "   | Código | Causa |",
        "   | --- | --- |",
        "   | E-4012 | la sesión venció |",
        "   | E-4013 | cable de red |",
    ]
    assert run("search", "zzz", "--index", built_once, "--mode", "lexical").stdout == "Nothing found.\n"


def test_a_search_that_finds_too_little_says_so_first(built_once: Path) -> None:
    found = json.loads(run("search", "zzz qqq", "--index", built_once, "--json").stdout)
    assert found["answered"] is False
    lines = run("search", "zzz qqq", "--index", built_once).stdout.splitlines()
    assert lines[0] == (
        "The documents do not seem to answer this: the best passage has a score of "
        f"{found['hits'][0]['score']:.3f}, below the threshold of 0.12."
    )
    assert lines[2].startswith("1. ")
    assert run("search", "E-4012", "--index", built_once).stdout.startswith("1. ")


def test_list_marks_the_live_version(settings: Settings) -> None:
    assert run("list", "--index", settings.index).stdout == f"No version was published in {settings.index} yet.\n"
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    run_build(settings)
    (settings.knowledge / "red.md").unlink()
    run_build(settings, "--allow-shrink")
    old, new = (path.name for path in sorted((settings.index / "versions").iterdir()))
    listed = output(run("list", "--index", settings.index, "--json"))
    sizes = [version.pop("bytes") for version in listed["versions"]]
    common = {"created_at": "1970-01-01T00:00:00Z", "refused": False, "problem": None}
    assert listed == {
        "current": new,
        "versions": [
            {"version": old, "current": False, "documents": 3, "chunks": 3, **common},
            {"version": new, "current": True, "documents": 2, "chunks": 2, **common},
        ],
    }
    assert run("list", "--index", settings.index).stdout.splitlines() == [
        f"  {old}  1970-01-01T00:00:00Z  3 documents  3 passages  {sizes[0] / 1e6:.1f} MB",
        f"* {new}  1970-01-01T00:00:00Z  2 documents  2 passages  {sizes[1] / 1e6:.1f} MB",
    ]


def test_with_a_damaged_current_list_tells_what_one_can_go_back_to(built_once: Path) -> None:
    version = built_version(built_once)
    current = built_once / "CURRENT"
    line = current.read_bytes()
    try:
        current.write_bytes(b"?")
        listed = run("list", "--index", built_once)
        assert (listed.exit_code, listed.stdout.split()[0]) == (1, version)
        assert listed.stderr == (
            f"Error: {current} is damaged (it is not one line with a version id and a SHA-256): name the version to go "
            "back to, `knowligo-index rollback ID` (`knowligo-index list` shows them), or build the index again.\n"
        )
        as_json = run("list", "--index", built_once, "--json")
        found = json.loads(as_json.stdout)
        assert (found["current"], [each["version"] for each in found["versions"]]) == (None, [version])
        assert run("rollback", "--index", built_once).stderr == listed.stderr
        assert run("rollback", version, "--index", built_once).exit_code == 0
        assert current.read_bytes() == line
    finally:
        current.write_bytes(line)


def test_show_tells_what_is_in_a_version_and_what_is_not(built_once: Path) -> None:
    version = built_version(built_once)
    shown = output(run("show", version, "--index", built_once, "--json"))
    assert list(shown) == ["manifest", "documents", "not_indexed"]
    manifest = json.loads((built_once / "versions" / version / "manifest.json").read_text())
    assert shown["manifest"] == manifest
    assert [document["source"] for document in shown["documents"]] == ["en/mailbox.txt", "plan.md", "red.md"]
    missing = [(entry["source"], entry["reason"]) for entry in shown["not_indexed"]]
    assert missing == [
        (".git", "hidden"),
        ("empty.txt", "empty"),
        ("logo.png", "unsupported-format"),
        ("scan.pdf", "damaged"),
    ]
    text = run("show", "--index", built_once).stdout
    assert text.startswith(f"Version {version}, built {manifest['created_at']} by knowligo-index {__version__}, ")
    assert "  red.md  'Red': 1 passages, 34 tokens\n" in text


@pytest.mark.parametrize("command", [("search", "x"), ("show",), ("build", "none")])
def test_what_fails_exits_with_1_and_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    missing = "knowledge folder none does not exist" if command[0] == "build" else f"there is no index in {tmp_path}:"
    check_error(run(*command, "--index", tmp_path), 1, missing)


def test_wrong_use_exits_with_2(built_once: Path) -> None:
    check_error(run("search", "x", "--index", built_once, "-k", 0), 2, "-k is 0: ask for 1 passage or more.")
    check_error(run("build", "--threads", "0"), 2, "--threads on the command line is '0', which is not valid: ")
    unknown = run("list", environment={"KNOWLIGO_THREAD": "1"})
    check_error(unknown, 2, "KNOWLIGO_THREAD in the environment is not a setting: did you mean KNOWLIGO_THREADS?")
    assert run("search", "x", "--mode", "fuzzy").exit_code == 2
    assert run("frobnicate").exit_code == 2
    assert run("build", "--chunk-token", "1").stderr.endswith("Did you mean '--chunk-tokens'?\n")


def test_an_index_of_a_newer_release_is_refused(index: Path) -> None:
    folder = index / "versions" / "9-0123456789ab"
    folder.mkdir()
    manifest = b'{"schema": 3}'
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "manifest.json.sha256").write_bytes(manifest_hash_line(hashlib.sha256(manifest).hexdigest()))
    result = run("show", "9-0123456789ab", "--index", index)
    path = index / "versions" / "9-0123456789ab" / "manifest.json"
    check_error(result, 1, f"{path} was written in schema 3 and this release reads up to 2: upgrade knowligo-index")


def test_an_index_that_is_a_file_is_wrong_use(settings: Settings) -> None:
    file = settings.knowledge.parent / "file"
    file.write_text("a file")
    check_error(run_build(replace(settings, index=file)), 2, f"--index {file} is a file: name a folder.\n")


def test_what_the_system_refuses_is_told_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below = replace(settings, index=tmp_path / "file" / "indexes")
    message = f"{tmp_path / 'file'} is not a folder, and the index needs one there: move it away and try again.\n"
    check_error(run_build(below), 1, message)
    debug = run_build(below, "--debug")
    assert isinstance(debug.exception, StorageError)


def test_a_full_disk_is_told_in_a_sentence_and_the_live_version_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_build(settings)
    live = built_version(settings.index)
    (settings.knowledge / "red.md").unlink()

    def refuse(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    path = settings.index / "versions" / ".staging" / "vectors.faiss"
    message = f"cannot write {path} (no space left on device): check the disk and try again.\n"
    check_error(run_build(settings), 1, message)
    assert (built_version(settings.index), [path.name for path in (settings.index / "versions").iterdir()]) == (
        *(live, [live]),
    )


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid"])
def test_a_query_in_another_encoding_than_the_terminals_is_searched_for(built_once: Path, mode: str) -> None:
    query = b"sesi\xf3n E-4012".decode("utf-8", "surrogateescape")
    arguments = ["search", query, "--index", built_once, "--mode", mode, "-k", 3]
    assert ("red.md" in run(*arguments).stdout, run(*arguments).exit_code) == (True, 0)
    assert output(run(*arguments, "--json"))["query"] == "sesi?n E-4012"


BROKEN = [
    ("tokenizer.json", "{}", "{0}/tokenizer.json is not a tokenizer ("),
    ("modules.json", "[{}]", "{0}/modules.json of the encoder lists a module without a type: copy"),
    ("model.safetensors", "{}", "the model in {0} cannot be loaded (SafetensorError: "),
    ("config.json", "{}", "the model in {0} cannot be loaded (ValueError: Unrecognized model in "),
]


@pytest.mark.parametrize(("name", "content", "message"), BROKEN)
def test_a_broken_model_is_told_in_a_sentence(
    settings: Settings, tmp_path: Path, tiny_model: Path, name: str, content: str, message: str
) -> None:
    encoders = [path.name for path in (settings.index / "encoders").iterdir()]
    broken = Path(shutil.copytree(tiny_model, tmp_path / "broken"))
    (broken / name).write_text(content)
    check_error(run_build(settings, "--encoder", broken), 1, message.format(broken))
    # Where the fault shows only on loading the model, the lock has been taken, the cache and a place for versions made.
    assert {path.name for path in settings.index.iterdir()} <= {".lock", "cache", "encoders", "versions"}
    assert list((settings.index / "versions").glob("*")) == []
    assert [path.name for path in (settings.index / "encoders").iterdir()] == encoders


def test_a_traceback_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("garbage")
    plain = in_a_process("show", "--index", str(tmp_path))
    debug = in_a_process("show", "--index", str(tmp_path), "--debug")
    assert plain.stderr.startswith(f"Error: {tmp_path / 'CURRENT'} is damaged (")
    assert (plain.returncode, plain.stderr.count("\n"), plain.stdout) == (1, 1, "")
    assert debug.stderr.startswith("Traceback (most recent call last):\n")
    assert (debug.returncode, "DamagedIndexError: " in debug.stderr) == (1, True)


@pytest.mark.parametrize("command", cli.commands.values(), ids=list(cli.commands))
def test_every_command_has_help_with_an_example_that_it_takes(command: click.Command) -> None:
    name = command.name or ""
    shown = run(name, "--help")
    assert (shown.exit_code, run(name, "-h").stdout) == (0, shown.stdout)
    example = (command.epilog or "").removeprefix("Example: ")
    assert f"Example: {example}" in " ".join(shown.stdout.split())
    program, words = shlex.split(example)[0], shlex.split(example)[1:]
    assert (program, words[0]) == ("knowligo-index", name)
    assert command.make_context(name, words[1:]).params != {}
    assert command.help
    documented = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in documented if not option.help] == []
    assert {"index", "as_json", "debug"} <= {option.name for option in documented}


def test_help_waits_for_no_numeric_library_and_no_parser() -> None:
    shown = subprocess.run([sys.executable, "-c", SHOW_HELP], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(shown.stdout.splitlines()[-1].split())
    assert "knowligo_index.cli" in loaded
    assert loaded & SLOW_TO_LOAD == set()


def test_the_version_is_the_packages() -> None:
    assert run("--version").stdout == f"knowligo-index, version {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_the_commands(shell: str) -> None:
    source = run(environment={"_KNOWLIGO_INDEX_COMPLETE": f"{shell}_source"})
    assert source.exit_code == 0
    assert f"_KNOWLIGO_INDEX_COMPLETE={shell}_complete" in source.stdout
    words = {"COMP_WORDS": "knowligo-index sea", "COMP_CWORD": "sea" if shell == "fish" else "1"}
    completed = run(environment={"_KNOWLIGO_INDEX_COMPLETE": f"{shell}_complete", **words})
    assert "search" in completed.stdout
    assert "build" not in completed.stdout
