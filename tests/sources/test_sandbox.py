"""Parsing in processes of their own, with parsers that misbehave in every way there is."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.bad_parser import bad_parser_installed, outcomes

from knowligo_index.errors import ParseError, SandboxError
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.pool import ParserPool
from knowligo_index.types import Source


@pytest.fixture
def bad_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with bad_parser_installed(tmp_path, monkeypatch):
        yield


@pytest.mark.usefixtures("bad_parser")
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("time.sleep(60)", "timed-out: reading it took more than 1 s"),
        ("while True: pass", "timed-out: reading it took more than 1 s"),
        ("x = bytearray(2**30)", "out-of-memory: parsing it takes more memory than is allowed for a file"),
        ("os._exit(3)", "crashed: its parser process died (exit status 3)"),
        ("ctypes.string_at(0)", "crashed: its parser process died (SIGSEGV)"),
        ("reply(b'nonsense')", "crashed: its parser process died ("),
        ("reply(bytes(6) + b'\\x10\\0non'); time.sleep(9)", "timed-out: "),
        ("reply(b'\\0\\x7f' * 4)", "crashed: its parser process died ("),
        ("reply(bytes(7) + b'\\3non'); time.sleep(9)", "crashed: its parser process died (SIGKILL)"),
        ("raise KeyError('x')", "damaged: the parser failed: KeyError: 'x'"),
        ("socket.create_connection(('127.0.0.1', 9))", "damaged: the parser failed: PermissionError: "),
        ("subprocess.run(['true'])", "damaged: the parser failed: PermissionError: "),
        ("os.system('true')", "damaged: the parser failed: PermissionError: "),
        ("Path('/etc/hostname').read_text()", "damaged: the parser failed: PermissionError: "),
        ("Path('x').write_text('')", "damaged: the parser failed: PermissionError: "),
        ("os.remove('x')", "damaged: the parser failed: PermissionError: "),
        ("undefined()", "damaged: the parser failed: NameError"),
        ("def f(g): return g(g)\nf(f)", "too-deep: "),
        ("os.abort()", "out-of-memory: its parser aborted, as native code does when 512 MiB of memory are not enough"),
    ],
)
def test_a_reader_that_misbehaves_costs_its_file_and_no_other(text: str, outcome: str) -> None:
    found = outcomes(["'before'", text, "'after'"], SandboxOptions(parse_seconds=1))
    assert found[0] == found[2] == "parsed"
    assert found[1].startswith(outcome)


def test_the_command_reads_documents_wherever_it_is_run(tmp_path: Path) -> None:
    """A package that is installed for editing lies in no folder of Python's path, unless it is the working one."""
    (tmp_path / "lento.md").write_text("El router se reinicia solo.")
    code = """
from pathlib import Path
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.pool import ParserPool
from knowligo_index.types import Source
source = Source("lento.md", Path("lento.md"), "markdown", 1, "")
with ParserPool([source], lambda s: s.path.read_bytes(), SandboxOptions(), 1) as pool:
    print([outcome.document.text for _, outcome in pool])
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("['El router se reinicia solo.']\n", "")


@pytest.mark.usefixtures("bad_parser")
def test_what_a_library_prints_is_no_reply() -> None:
    assert outcomes(["print('nonsense' * 1000, flush=True)", "os.write(1, b'x')"]) == ["parsed", "parsed"]


@pytest.mark.usefixtures("bad_parser")
def test_many_processes_give_the_same_in_the_same_order() -> None:
    texts = [f"time.sleep({number % 3 / 50})" if number % 5 else "os._exit(1)" for number in range(25)]
    assert outcomes(texts, processes=4) == outcomes(texts, processes=1)


@pytest.mark.usefixtures("bad_parser")
def test_a_file_that_cannot_be_read_is_told_in_its_place() -> None:
    def read(source: Source) -> bytes:
        if source.name == "1.bad":
            raise ParseError("unreadable", "gone")
        return b"'x'"

    sources = [Source(f"{number}.bad", Path("x"), "bad", 1, "") for number in range(3)]
    with ParserPool(sources, read, SandboxOptions(), 2) as pool:
        found = [outcome for _, outcome in pool]
    assert [isinstance(outcome, Parsed) for outcome in found] == [True, False, True]
    assert isinstance(found[1], ParseError)
    assert found[1].reason == "unreadable"


@pytest.mark.usefixtures("bad_parser")
def test_a_process_that_does_not_start_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowligo_index.system.python_process.sys.executable", "/bin/false")
    with pytest.raises(
        SandboxError, match=r"^the process that parses documents does not start \(it printed nothing\): "
    ):
        outcomes(["'x'"])


@pytest.mark.usefixtures("bad_parser")
def test_nothing_is_left_running_when_the_caller_stops_early() -> None:
    texts = ["'x'", *["time.sleep(50)"] * 5]
    sources = [Source(f"{number}.bad", Path("x"), "bad", 1, str(number)) for number in range(len(texts))]
    with ParserPool(sources, lambda source: texts[int(source.sha256)].encode(), SandboxOptions(), 2) as pool:
        pool.take()
        started = time.monotonic()
    assert time.monotonic() - started < 20
    left = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "sandbox.worker"], capture_output=True, check=False)
    assert left.stdout == b""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.usefixtures("bad_parser")
def test_nothing_is_left_running_when_the_build_is_killed(tmp_path: Path) -> None:
    script = """
        from pathlib import Path
        from knowligo_index.sources.sandbox import SandboxOptions
        from knowligo_index.sources.sandbox.pool import ParserPool
        from knowligo_index.types import Source
        source = Source("a.bad", Path("x"), "bad", 1, "")
        text = f"import time; Path('/dev/null'); time.sleep(3)"
        print("ready", flush=True)
        with ParserPool([source] * 9, lambda _: text.encode(), SandboxOptions(parse_seconds=2), 2) as pool:
            list(pool)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    build = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert build.stdout is not None
    assert build.stdout.readline() == "ready\n"
    workers: list[int] = []
    deadline = time.monotonic() + 60
    while len(workers) < 2 and time.monotonic() < deadline:
        found = subprocess.run(["pgrep", "-P", str(build.pid)], capture_output=True, text=True, check=False)
        workers = [int(line) for line in found.stdout.split()]
        time.sleep(0.1)
    assert len(workers) == 2
    build.send_signal(signal.SIGKILL)
    build.wait()
    build.stdout.close()
    while any(_runs(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [worker for worker in workers if _runs(worker)] == []


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.usefixtures("bad_parser")
def test_others_are_parsed_while_a_slow_one_is_waited_for() -> None:
    texts = ["time.sleep(2)", *(f"x = {number}" for number in range(40))]
    sources = [Source(f"{number}.bad", Path("x"), "bad", 1, str(number)) for number in range(len(texts))]
    begun: list[str] = []

    def read(source: Source) -> bytes:
        begun.append(source.name)
        return texts[int(source.sha256)].encode()

    with ParserPool(sources, read, SandboxOptions(), 2) as pool:
        assert pool.take()[0].name == "0.bad"
        assert begun == [source.name for source in sources]
        assert [source.name for source, _ in pool] == [source.name for source in sources[1:]]


@pytest.mark.usefixtures("bad_parser")
def test_what_is_parsed_ahead_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowligo_index.sources.sandbox.pool._MAX_CHARACTERS_AHEAD", 10)
    texts = ["time.sleep(1)", *["x = 123456"] * 12]
    begun: list[int] = []

    def read(source: Source) -> bytes:
        begun.append(int(source.sha256))
        return texts[begun[-1]].encode()

    sources = [Source(f"{number}.bad", Path("x"), "bad", 1, str(number)) for number in range(len(texts))]
    with ParserPool(sources, read, SandboxOptions(), 2) as pool:
        pool.take()
        # The second, parsed with the first, used up the limit; the third may have begun since the first was taken.
        assert begun[:3] in ([0, 1], [0, 1, 2])
        assert [source.name for source, _ in pool] == [source.name for source in sources[1:]]
