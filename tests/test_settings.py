import json
import re
from pathlib import Path

import pytest

from knowligo_index.encoders import EncoderOptions
from knowligo_index.errors import SettingError
from knowligo_index.gate.options import GateOptions
from knowligo_index.service.options import ServiceOptions
from knowligo_index.settings import Settings, known_settings, load_settings, loading


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "knowligo.toml"


def refusal(flags: dict[str, object], environment: dict[str, str], folder: Path) -> str:
    with pytest.raises(SettingError) as refused:
        load_settings(flags, environment, folder)
    return str(refused.value)


def test_where_nothing_is_given_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings({"threads": None}, {"PATH": "/bin", "KNOWLIG_X": "1"}, tmp_path) == Settings()


def test_a_flag_beats_a_variable_beats_the_file_beats_the_default(toml: Path) -> None:
    environment = {"KNOWLIGO_CHUNK_TOKENS": "150", "KNOWLIGO_INDEX": "env"}
    toml.write_text('chunk_tokens = 160\nindex = "toml"\noverlap_tokens = 9\n')
    settings = load_settings({"chunk_tokens": "140"}, environment, toml.parent)
    assert settings.chunking.chunk_tokens == 140
    assert settings.index == Path("env")
    assert settings.chunking.overlap_tokens == 9
    assert settings.knowledge == Path("knowledge")
    assert load_settings({}, environment, toml.parent).chunking.chunk_tokens == 150
    assert load_settings({}, {}, toml.parent).chunking.chunk_tokens == 160


def test_every_setting_may_come_from_every_place(toml: Path) -> None:
    values: dict[str, object] = {
        "knowledge": "k",
        "index": "i",
        "questions": "q.jsonl",
        "threads": 3,
        "encoder": "acme/x",
        "engine": "torch",
        "precision": "float32",
        "chunk_tokens": 99,
        "overlap_tokens": 11,
        "max_file_mib": 7,
        "parse_seconds": 8,
        "parse_mib": 200,
        "near_duplicates": 0.75,
        "max_failed": 0.5,
        "min_recall": 0.8,
        "max_shrink": 0.4,
        "allow_shrink": True,
        "no_publish": True,
        "allow_secrets": True,
        "host": "0.0.0.0",
        "port": 8080,
        "refresh_seconds": 0.5,
        "max_question": 50,
        "max_concurrent": 51,
        "searches_per_minute": 52,
        "answers_per_minute": 53,
        "trusted_proxies": "10.0.0.0/8",
        "answer_model": "acme/m",
        "answer_url": "http://localhost",
        "answer_seconds": 5.5,
        "answer_tokens": 54,
        "require_signature": "i.pub",
        "max_connections": 55,
        "allowed_hosts": "help.example.com, *.example.org",
        "token_file": "t",
    }
    assert set(values) == set(known_settings())
    flags = load_settings({name: str(value) for name, value in values.items()}, {}, toml.parent)
    variables = load_settings(
        {}, {f"KNOWLIGO_{name.upper()}": str(value) for name, value in values.items()}, toml.parent
    )
    assert flags == variables
    known = known_settings()
    in_file = {name: value for name, value in values.items() if known[name].may_be_in_file}
    elsewhere = {name: str(value) for name, value in values.items() if name not in in_file}
    toml.write_text("\n".join(f"{name} = {json.dumps(value)}" for name, value in in_file.items()))
    assert load_settings(elsewhere, {}, toml.parent) == flags
    assert {"host", "trusted_proxies", "answer_url"} <= set(elsewhere)
    assert {setting.owner for name, setting in known.items() if name in elsewhere} == {"service"}
    assert (flags.knowledge, flags.index, flags.questions) == (Path("k"), Path("i"), Path("q.jsonl"))
    assert (flags.threads, flags.encoder) == (3, EncoderOptions("acme/x", "torch", "float32"))
    assert (flags.chunking.chunk_tokens, flags.chunking.overlap_tokens) == (99, 11)
    assert (flags.sources.max_file_mib, flags.sandbox.parse_seconds, flags.sandbox.parse_mib) == (7, 8, 200)
    assert flags.duplicates.near_duplicates == 0.75
    assert flags.gate == GateOptions(0.5, 0.8, 0.4, allow_shrink=True, no_publish=True, allow_secrets=True)
    assert flags.service == ServiceOptions(
        *("0.0.0.0", 8080, 0.5, 50, 51, 52, 53, "10.0.0.0/8", "acme/m", "http://localhost", 5.5, 54, Path("i.pub")),
        *(55, "help.example.com, *.example.org", Path("t")),
    )


@pytest.mark.parametrize(
    ("name", "value"), [("answer_url", "https://other.example"), ("host", "0.0.0.0"), ("trusted_proxies", "10.0.0.0/8")]
)
def test_a_file_beside_documents_may_not_set_it(toml: Path, name: str, value: str) -> None:
    toml.write_text(f'{name} = "{value}"\n')
    flag = f"--{name.replace('_', '-')}"
    assert refusal({}, {}, toml.parent) == (
        f"{name} in {toml} is not taken from a file, which may lie beside documents that others write: remove that "
        f"line, and set KNOWLIGO_{name.upper()} or {flag}."
    )


def test_the_readme_says_which_settings_a_file_may_not_set() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    forbidden = {name for name, setting in known_settings().items() if not setting.may_be_in_file}
    rows = re.findall(r"^\| `--[a-z-]+` \| `KNOWLIGO_\w+` \| `(\w+)` \| (.*) \|$", readme, re.MULTILINE)
    assert {name for name, default in rows if default.endswith("; not in `knowligo.toml`")} == forbidden
    listed = re.search(r"^\| (.+) \| an error: ", readme, re.MULTILINE)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed[1])) == forbidden


@pytest.mark.parametrize(
    ("given", "reads", "budget"), [(None, 512, 256), (None, 64, 64), (99, 512, 99), (300, 64, 300)]
)
def test_a_chunk_has_256_tokens_or_what_the_encoder_reads_unless_told(
    tmp_path: Path, given: int | None, reads: int, budget: int
) -> None:
    options = load_settings({"chunk_tokens": given}, {}, tmp_path).chunking
    assert (options.chunk_tokens, options.budget(reads)) == (given, budget)


def test_a_home_folder_is_expanded(tmp_path: Path) -> None:
    assert load_settings({"index": "~/i"}, {}, tmp_path).index == Path.home() / "i"


def test_the_golden_questions_are_in_the_knowledge_folder_unless_told(tmp_path: Path) -> None:
    assert load_settings({"knowledge": "k"}, {}, tmp_path).golden_questions == Path("k/questions.jsonl")
    assert load_settings({"questions": "q.jsonl"}, {}, tmp_path).golden_questions == Path("q.jsonl")


def test_a_folder_that_may_not_be_read_is_named(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, maximum: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(loading, "read_regular", refuse)
    assert refusal({}, {}, toml.parent) == (
        f"{toml} cannot be read (permission denied): run this in a folder that you may read, such as /."
    )


def test_an_unknown_key_is_an_error_that_names_the_nearest(toml: Path) -> None:
    assert refusal({"chunk_token": "1"}, {}, toml.parent) == (
        "--chunk-token on the command line is not a setting: did you mean --chunk-tokens?"
    )
    assert refusal({}, {"KNOWLIGO_CHUNKTOKENS": "1"}, toml.parent) == (
        "KNOWLIGO_CHUNKTOKENS in the environment is not a setting: did you mean KNOWLIGO_CHUNK_TOKENS?"
    )
    toml.write_text("thread = 1\n")
    assert refusal({}, {}, toml.parent) == f"thread in {toml} is not a setting: did you mean threads?"


def test_an_unknown_key_like_no_other_is_answered_with_all_there_are(toml: Path) -> None:
    toml.write_text("[zzz]\nx = 1\n")
    assert refusal({}, {}, toml.parent) == (
        f"zzz in {toml} is not a setting: settings are allow_secrets, allow_shrink, allowed_hosts, answer_model, "
        "answer_seconds, answer_tokens, answer_url, answers_per_minute, chunk_tokens, encoder, engine, host, index, "
        "knowledge, max_concurrent, max_connections, max_failed, max_file_mib, max_question, max_shrink, min_recall, "
        "near_duplicates, no_publish, overlap_tokens, parse_mib, parse_seconds, port, precision, questions, "
        "refresh_seconds, require_signature, searches_per_minute, threads, token_file, trusted_proxies."
    )


@pytest.mark.parametrize(
    ("flags", "environment", "message"),
    [
        (
            {"chunk_tokens": "many"},
            {},
            "--chunk-tokens on the command line is 'many', which is not valid: expected `int`, got `str`.",
        ),
        (
            {},
            {"KNOWLIGO_CHUNK_TOKENS": "31"},
            "KNOWLIGO_CHUNK_TOKENS in the environment is '31', which is not valid: expected `int` >= 32.",
        ),
        (
            {"overlap_tokens": "-1"},
            {},
            "--overlap-tokens on the command line is '-1', which is not valid: expected `int` >= 0.",
        ),
        (
            {"engine": "onnx"},
            {},
            "--engine on the command line is 'onnx', which is not valid: expected one of auto, torch, openvino. ",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_or_size_is_told_in_a_sentence(
    tmp_path: Path, flags: dict[str, object], environment: dict[str, str], message: str
) -> None:
    assert refusal(flags, environment, tmp_path).startswith(message)


def test_a_wrong_value_is_told_with_what_the_setting_means(tmp_path: Path) -> None:
    assert refusal({"chunk_tokens": "many"}, {}, tmp_path) == (
        "--chunk-tokens on the command line is 'many', which is not valid: expected `int`, got `str`. "
        "Maximum number of tokens in a passage, special tokens and breadcrumb included; default: 256, or the maximum "
        "input of the encoder if that is less."
    )


@pytest.mark.parametrize(("value", "threads"), [("1", 1), ("64", 64)])
def test_threads_count_from_one(tmp_path: Path, value: str, threads: int) -> None:
    assert load_settings({"threads": value}, {}, tmp_path).threads == threads
    assert refusal({"threads": "0"}, {}, tmp_path).startswith("--threads on the command line is '0', which is not ")
    assert "'two'" in refusal({"threads": "two"}, {}, tmp_path)


@pytest.mark.parametrize("line", ['chunk_tokens = "160"', "chunk_tokens = 160.0", "chunk_tokens = true", "index = 3"])
def test_in_the_file_a_number_is_a_number_and_a_path_is_text(toml: Path, line: str) -> None:
    toml.write_text(line)
    name = line.split(" = ")[0]
    assert refusal({}, {}, toml.parent).startswith(f"{name} in {toml} is ")


@pytest.mark.parametrize("content", [b"chunk_tokens =", b"a = 1\na = 2\n", b"\xff\xfe"])
def test_a_broken_file_is_named(toml: Path, content: bytes) -> None:
    toml.write_bytes(content)
    message = refusal({}, {}, toml.parent)
    assert message.startswith(f"{toml} cannot be read as TOML (")
    assert message.endswith("): correct it or remove it.")


def test_a_wrong_value_is_an_error_even_where_another_overrules_it(toml: Path) -> None:
    toml.write_text("chunk_tokens = 1\n")
    assert refusal({"chunk_tokens": "100"}, {}, toml.parent).startswith(f"chunk_tokens in {toml} is 1")
