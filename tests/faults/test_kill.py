"""kill -9 at every system call that changes something: what opens is the old version or the new one, whole."""

from pathlib import Path

import pytest
from index_operations import (
    OPERATIONS,
    Operation,
    check_next_publish,
    check_whole,
    fresh,
    moves_current,
    prepare,
    sampled,
)
from tracing import Call, kill_at, needs_strace, record


@needs_strace
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_killed_at_any_call_the_index_is_the_old_one_or_the_new_one(
    tmp_path: Path, operation: Operation, whole: bool
) -> None:
    prepared = prepare(tmp_path, operation)
    root = fresh(prepared)
    calls = record(operation.arguments(root), root, tmp_path)
    assert check_whole(root, {operation.after}) == operation.after
    old = operation.before or None
    moving = next((place for place, call in enumerate(calls) if moves_current(call)), len(calls))
    for call in sampled(calls, whole):
        root = fresh(prepared)
        assert kill_at(call, operation.arguments(root), tmp_path) == -9, f"{call} did not come"
        assert check_whole(root, {old, operation.after}) == (old if calls.index(call) <= moving else operation.after)
        check_next_publish(root)
    # One call further than the last: nothing is killed, and the command ends well.
    beyond = Call(calls[-1].name, 65_000, (), (), 0)
    root = fresh(prepared)
    assert kill_at(beyond, operation.arguments(root), tmp_path) == 0
    assert check_whole(root, {operation.after}) == operation.after
    print(f"killed at {len(sampled(calls, whole))} of {len(calls)} calls")
