"""Eight builders at once: one of them at a time changes the index, and the others say who does."""

import contextlib
import os
import re
import signal
import time
from pathlib import Path

from launching import Command
from scenario import digest_of, number_of_live_version, publish

from knowligo_index.store import Store
from knowligo_index.store.publishing import writing
from knowligo_index.store.staging import leftovers
from knowligo_index.store.version import counter_of

BUILDERS = 8
LOCKED = re.compile(
    r"Error: the index \S+ is locked by (?:another process|`scenario`, process (?P<holder>\d+) on .*, since .*Z): wait "
    r"until it is done, or stop it, and try again\.\n"
)


def test_of_eight_builders_at_once_some_publish_and_the_rest_exit_with_75(tmp_path: Path, whole: bool) -> None:
    root = tmp_path / "index"
    published = refused = 0
    for turn in range(50 if whole else 4):
        numbers = [100 * turn + which for which in range(1, BUILDERS + 1)]
        # In every other round one of them is killed, early or late.
        doomed = turn // 2 % BUILDERS if turn % 2 else None
        commands = [Command(["scenario:command", str(number), "--index", str(root)], tmp_path) for number in numbers]
        before = Store(root).version_ids()
        for command in commands:
            command.go()
        if doomed is not None:
            time.sleep(0.002 * turn)
            with contextlib.suppress(ProcessLookupError):
                os.kill(commands[doomed].pid, signal.SIGKILL)
        statuses = [command.wait() for command in commands]
        assert set(statuses) <= ({0, 75} if doomed is None else {0, 75, -9})
        assert doomed is not None or 0 in statuses
        made = [command.output().strip() for command, status in zip(commands, statuses, strict=True) if status == 0]
        for command, status in zip(commands, statuses, strict=True):
            if status == 75:
                told = LOCKED.fullmatch(command.output())
                assert told, command.output()
                assert told["holder"] is None or int(told["holder"]) in {each.pid for each in commands}
        new = [version for version in Store(root).version_ids() if version not in before]
        # Each has a number of its own, and its text; one more may be there of the one that was killed.
        assert set(made) <= set(new)
        assert len(new) <= len(made) + (doomed is not None)
        assert [counter_of(version) for version in Store(root).version_ids()] == list(range(1, len(before + new) + 1))
        live = number_of_live_version(root)
        assert live is None or live in numbers or (not made and doomed is not None)
        assert doomed is not None or Store(root).current_id() == max(made, key=counter_of)
        for version in new:
            Store(root).open(version).check()
        published += len(made)
        refused += statuses.count(75)
    publish(root, 9999)
    assert (number_of_live_version(root), leftovers(Store(root))) == (9999, [])
    print(f"{published} published, {refused} refused")
    assert published >= (50 if whole else 4) / 2
    assert refused > 0


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    root = tmp_path / "index"
    publish(root, 1)
    # The first is stopped while it holds the lock: whoever tries meanwhile is refused.
    first = Command(["scenario:command", "2", "--index", str(root)], tmp_path).go()
    while not (root / ".lock").read_bytes():
        assert first.is_running(), "it was over before it could be stopped"
    os.kill(first.pid, signal.SIGSTOP)
    second = Command(["scenario:command", "3", "--index", str(root)], tmp_path)
    assert second.run() == 75
    assert f"process {first.pid} on " in second.output()
    assert number_of_live_version(root) == 1
    os.kill(first.pid, signal.SIGKILL)
    assert first.wait() == -9
    with writing(Store(root), "test") as writer:
        assert writer.next_counter() in (2, 3)
    assert Command(["scenario:command", "3", "--index", str(root)], tmp_path).run() == 0
    assert number_of_live_version(root) == 3


def test_a_publish_has_the_content_it_was_given(tmp_path: Path) -> None:
    """What the test above counts on: number and digest belong together."""
    assert Command(["scenario:command", "7", "--index", str(tmp_path / "index")], tmp_path).run() == 0
    assert Store(tmp_path / "index").current_id() == f"1-{digest_of(7)}"
