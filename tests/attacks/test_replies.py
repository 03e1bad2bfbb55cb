"""The build believes nothing that the process of a parser says and that it can check itself. Each reply is sent by a
parser that a hostile file has taken control of, in a real process."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.bad_parser import bad_parser_installed, outcomes

from knowligo_index import open_index
from knowligo_index.build import build
from knowligo_index.build.result import BuildResult
from knowligo_index.gate.options import GateOptions
from knowligo_index.settings import Settings
from knowligo_index.sources.ledger import of_sources
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.pool import ParserPool
from knowligo_index.types import Source

KILLED = "crashed: its parser process died (SIGKILL): export it again, or report it"

DEEP = "bytes([0x91]) * 100_000 + bytes([0xC0])"
"""lists in lists, 100,000 deep"""

BLOCKS = "msgspec.msgpack.encode({'kind': 'list', 'char_start': 0, 'char_end': 1})[:-1]"


@pytest.fixture
def bad_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "installed"
    folder.mkdir()
    with bad_parser_installed(folder, monkeypatch):
        yield


def built(settings: Settings, *texts: str) -> BuildResult:
    """A build of the small knowledge base and of these texts, as 0.bad, 1.bad and so on."""
    for number, text in enumerate(texts):
        (settings.knowledge / f"{number}.bad").write_text(text)
    return build(replace(settings, gate=GateOptions(max_failed=1.0)))


def reasons(result: BuildResult) -> dict[str, str]:
    return {entry.source: entry.reason or entry.status for entry in of_sources(result.ledger)}


@pytest.mark.usefixtures("bad_parser")
def test_a_deep_reply_costs_its_file_and_not_the_build(settings: Settings) -> None:
    without = reasons(built(settings))
    result = built(settings, f"send({DEEP})", f"send(parsed(blocks=raw({DEEP})))", f"send(parsed(more=raw({DEEP})))")
    assert result.status == "published"
    assert reasons(result) == without | {"0.bad": "crashed", "1.bad": "crashed", "2.bad": "crashed"}


@pytest.mark.usefixtures("bad_parser")
def test_a_document_is_published_under_the_name_of_its_file_alone(settings: Settings) -> None:
    without = reasons(built(settings))
    says = "Contraseña del correo: zanahoria."
    victim = next(name for name, reason in without.items() if reason == "indexed")
    block = f"{{'kind': 'paragraph', 'char_start': 0, 'char_end': {len(says)}}}"
    result = built(
        settings, f"send(parsed(source={victim!r}, format='markdown', language='de', text={says!r}, blocks=[{block}]))"
    )
    assert reasons(result) == without | {"0.bad": "indexed"}
    with open_index(settings.index) as reader:
        hits = reader.search("zanahoria", k=50, mode="lexical")
        assert {hit.source for hit in hits if "zanahoria" in hit.text} == {"0.bad"}
    (entry,) = [entry for entry in of_sources(result.ledger) if entry.source == "0.bad"]
    assert entry.format == "bad"


@pytest.mark.usefixtures("bad_parser")
def test_what_a_reply_says_of_the_machine_does_not_end_the_build(settings: Settings) -> None:
    without = reasons(built(settings))
    result = built(
        settings,
        "send(msgspec.msgpack.encode({'type': 'ParserUnavailable', 'message': 'x'}))",
        "send(msgspec.msgpack.encode({'type': 'Ready', 'missing': []}))",
        "send(msgspec.msgpack.encode({'type': 'Died', 'status': 10**9}))",
        "send(msgspec.msgpack.encode({'type': 'Failed', 'reason': 'no-reason', 'detail': 'x'}))",
        "signal.raise_signal(35)",
    )
    assert result.status == "published"
    assert reasons(result) == without | {f"{number}.bad": "crashed" for number in range(5)}


@pytest.mark.usefixtures("bad_parser")
def test_a_message_of_a_parser_is_one_short_line(settings: Settings) -> None:
    failed = "{'type': 'Failed', 'reason': 'damaged', 'detail': '\\x1b]0;x\\x07 a\\n b ' + 10**5 * 'x'}"
    result = built(settings, f"send(msgspec.msgpack.encode({failed}))", "send(parsed(warnings=['\\x1b[2J\\na']))")
    entries = {entry.source: entry for entry in of_sources(result.ledger)}
    assert entries["0.bad"].detail == "]0;x a b " + 491 * "x"
    assert entries["1.bad"].warnings == ["[2J a"]


@pytest.mark.usefixtures("bad_parser")
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        # Not a reply, too long, or cut off
        ("send(b'')", KILLED),
        ("send(b'\\xc1')", KILLED),
        ("send(parsed() + b'x')", KILLED),
        ("send(parsed()[:-1])", KILLED),
        ("send(b'\\xdd\\xff\\xff\\xff\\xff')", KILLED),
        ("send(parsed(text=raw(b'\\xdb\\xff\\xff\\xff\\xff')))", KILLED),
        ("send(parsed(text=raw(b'\\xa3\\xed\\xa0\\x80')))", KILLED),
        ("send(parsed(blocks=[{'kind': 'none', 'char_start': 0, 'char_end': 1}]))", KILLED),
        ("reply(struct.pack('>Q', 2**63) + b'x'); time.sleep(60)", KILLED),
        ("reply(b'nonsense'); time.sleep(60)", KILLED),
        ("reply(struct.pack('>Q', 9) + b'x'); time.sleep(60)", "timed-out"),
        ("reply(struct.pack('>Q', 9) + b'x'); os.close(*pipes()); time.sleep(60)", KILLED),
        ("reply(struct.pack('>Q', 99))\nwhile True: reply(b'x'); time.sleep(0.1)", "timed-out"),
        # A child that ends or stops itself
        ("signal.raise_signal(signal.SIGKILL)", KILLED),
        ("signal.raise_signal(signal.SIGSTOP)", "timed-out"),
        ("signal.raise_signal(signal.SIGTERM)", "crashed: its parser process died (SIGTERM)"),
        ("os._exit(0)", "crashed: its parser process died (exit status 0)"),
        # Documents that do not hold together
        ("send(parsed(text='xy'))", "damaged: the parser left out characters 1 to 2: report this"),
        ("send(parsed(text=' '))", "no-text"),
        ("send(parsed(blocks=[]))", "empty"),
        (
            "send(parsed(blocks=[{'kind': 'paragraph', 'char_start': 0, 'char_end': 2}]))",
            "damaged: its parser returned parts that end at character 2, beyond their place",
        ),
        (
            "send(parsed(blocks=[{'kind': 'paragraph', 'char_start': -1, 'char_end': 1}]))",
            "damaged: its parser returned parts out of order at character -1",
        ),
        (
            "send(parsed(blocks=[{'kind': 'heading', 'char_start': 0, 'char_end': 1, 'level': 7}]))",
            "damaged: its parser returned parts out of order at character 0",
        ),
        ("send(parsed(line_starts=[0, 9]))", "damaged: its parser returned pages or lines out of order"),
        ("send(parsed(page_starts=[-1]))", "damaged: its parser returned pages or lines out of order"),
        ("send(parsed(page_starts=100_001 * [0]))", "damaged: its parser returned 100,001 pages"),
        ("send(parsed(renditions=[[0, 1, ''], [0, 1, '']]))", "damaged: its parser returned renditions out of order"),
        ("send(parsed(renditions=[[0, 2, '']]))", "damaged: its parser returned renditions beyond its end"),
        ("send(parsed(warnings=1001 * ['']))", "damaged: its parser returned too many warnings"),
        ("send(parsed(encoding=1001 * 'x'))", "damaged: its parser returned too many warnings"),
        (
            "send(parsed(dropped=[{'kind': 'script', 'times': -1, 'characters': 0}]))",
            "damaged: its parser returned numbers out of range",
        ),
        (
            "send(parsed(page_problems=[{'page': 0, 'reason': 'damaged', 'detail': ''}]))",
            "damaged: its parser returned pages out of order",
        ),
    ],
)
def test_a_false_reply_costs_its_file_and_no_other(reply: str, outcome: str) -> None:
    before, became, after = outcomes(["'before'", f"{reply}\nos._exit(0)", "'after'"], SandboxOptions(parse_seconds=1))
    assert before == after == "parsed"
    assert became.startswith(outcome)


def nested(depth: int) -> str:
    """A reply whose blocks lie inside each other."""
    block = "{'kind': 'list', 'char_start': 0, 'char_end': 1, 'children': [block]}"
    return f"block = {{'kind': 'item', 'char_start': 0, 'char_end': 1}}\nfor _ in range({depth}): block = {block}"


@pytest.mark.usefixtures("bad_parser")
def test_blocks_may_lie_inside_each_other_as_deep_as_they_can_be_followed() -> None:
    texts = [f"{nested(depth)}\nsend(parsed(blocks=[block])); os._exit(0)" for depth in (150, 250)]
    assert outcomes(texts) == [
        "parsed",
        "too-deep: its parts lie inside each other deeper than they can be followed",
    ]


@pytest.mark.usefixtures("bad_parser")
def test_the_second_of_two_replies_answers_nothing() -> None:
    text = "send(parsed()); send(parsed(title='second')); time.sleep(60)"
    assert titles([text, "'x'", "'y'"]) == ["T", "T", "T"]


@pytest.mark.usefixtures("bad_parser")
def test_what_a_file_leaves_behind_changes_no_other() -> None:
    leaving = (
        "import bad_parser, knowligo_index.parsers, knowligo_index.types\n"
        "bad_parser.parse = knowligo_index.parsers.parse = None\n"
        "knowligo_index.types.Document.__init__ = None\n"
        "os.environ['X'] = 'x'; sys.path.clear(); sys.modules.clear(); sys.setrecursionlimit(50); sys.stdout = None"
    )
    looking = "assert 'X' not in os.environ and sys.path and sys.stdout and sys.getrecursionlimit() > 50"
    assert outcomes([looking, leaving, looking, looking]) == ["parsed", outcomes([leaving])[0], "parsed", "parsed"]


def titles(texts: list[str]) -> list[str]:
    """Of the documents, or the reasons."""
    sources = [Source(f"{number}.bad", Path("x"), "bad", 1, str(number)) for number in range(len(texts))]
    with ParserPool(sources, lambda source: texts[int(source.sha256)].encode(), SandboxOptions(), 1) as pool:
        return [outcome.document.title if isinstance(outcome, Parsed) else outcome.reason for _, outcome in pool]


MEASURED = """
import json, resource, sys
from support.bad_parser import outcomes

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

outcomes(["'x'"])
before = peak()
print(json.dumps([outcomes([sys.argv[1]]), peak() - before]))
"""

MAX_MIB = 100
"""memory that the reply to a small file takes in the build: 32 MiB as it arrives, and 64 MiB when it is decoded"""


NUMBERS = "b'\\xdd' + struct.pack('>I', {count}) + {number} * ({count})"

# The value of a field, and the name of the next one.
FIRST = "b'\\x90\\xabline_starts'"


def numbers(count: str, number: str = "bytes(1)") -> str:
    """A list of so many numbers of one or more bytes."""
    return NUMBERS.format(count=count, number=number)


@pytest.mark.usefixtures("bad_parser")
@pytest.mark.parametrize(
    "reply",
    [
        f"parsed(line_starts=raw({numbers('40 * 2**20')}))",
        f"parsed(line_starts=raw({numbers('31 * 2**20')}))",
        f"parsed(line_starts=raw({numbers('2**20 - 500')}))",
        f"parsed(line_starts=raw({numbers('10 * 2**20', 'bytes([0xCD, 0x7F, 0xFF])')}))",
        f"parsed(renditions=raw({numbers('7 * 2**20', 'bytes([0x93, 0, 0, 0xA0])')}))",
        f"parsed(more=raw({numbers('31 * 2**20')}))",
        # Of two fields of one name the first is decoded, too.
        f"parsed(warnings=raw({FIRST} + {numbers('31 * 2**20')}), line_starts=[]).replace(b'\\x87', b'\\x88', 1)",
        numbers("31 * 2**20"),
        "bytes([0x81]) * (31 * 2**20)",
        "parsed(metadata={str(number): [] for number in range(150_000)})",
    ],
    ids=range(10),
)
def test_a_large_reply_takes_little_memory_in_the_build(reply: str) -> None:
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, f"send({reply}); os._exit(0)"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    (outcome,), mib = json.loads(measured.stdout)
    # What is not refused is small enough.
    assert outcome in (KILLED, "parsed")
    assert mib < MAX_MIB


HOLDING = """
import os, sys, time
from knowligo_index.sources.sandbox.messages import Ready, encode
from knowligo_index.sources.sandbox.pipes import receive, send
send(1, encode(Ready([])))
receive(0, 2**20)
send(1, encode(Ready([])))
receive(0, 2**20)
if os.fork() == 0:
    open(sys.argv[1] + "/" + str(os.getpid()), "w").close()
    time.sleep(25)
# Half a reply, and the grandchild keeps the pipe open.
os.write(1, b"x")
os._exit(0)
"""


@pytest.mark.usefixtures("bad_parser")
def test_a_process_that_holds_the_pipe_holds_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system forbids no new processes, the deadline ends them all the same."""
    (tmp_path / "holding.py").write_text(HOLDING)
    (tmp_path / "held").mkdir()
    command = [sys.executable, str(tmp_path / "holding.py"), str(tmp_path / "held")]
    monkeypatch.setattr("knowligo_index.sources.sandbox.running_worker.python_command", lambda *_: command)
    started = time.monotonic()
    assert outcomes(["'x'"], SandboxOptions(parse_seconds=3)) == [
        "timed-out: reading it took more than 3 s: split it, or raise --parse-seconds"
    ]
    assert time.monotonic() - started <= 5
    (grandchild,) = (int(path.name) for path in (tmp_path / "held").iterdir())
    while (runs := is_running(grandchild)) and time.monotonic() - started <= 8:
        time.sleep(0.05)
    assert not runs


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.usefixtures("bad_parser")
def test_a_file_that_sleeps_does_not_outlive_a_build_that_is_killed(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from support.bad_parser import outcomes
from knowligo_index.sources.sandbox import SandboxOptions
outcomes(["import time; time.sleep(500)"], SandboxOptions(parse_seconds=500))
"""
    build_process = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    processes: list[int] = []
    deadline = time.monotonic() + 60
    while len(processes) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
        processes = descendants(build_process.pid)
        if len(processes) == 2:
            # Not the process that tries the limits out, which ends at once.
            time.sleep(1)
            processes = descendants(build_process.pid)
    assert len(processes) == 2
    build_process.kill()
    build_process.wait()
    while any(map(is_running, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [process for process in processes if is_running(process)] == []


def descendants(process: int) -> list[int]:
    """The processes that it started, and those that they started."""
    listed = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout.split()
    return [each for child in map(int, listed) for each in (child, *descendants(child))]
