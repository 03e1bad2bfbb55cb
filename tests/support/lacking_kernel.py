"""A kernel without Landlock or seccomp: `python lacking_kernel.py landlock,seccomp COMMAND ...` runs the command with a
filter under which the system calls of these fail as they do in a kernel that has none."""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence

# Numbers of x86-64.
_CALLS = {"landlock": 444, "seccomp": 317}

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def command_without(protections: Sequence[str], command: Sequence[str]) -> list[str]:
    """The command, on a kernel that lacks these protections: "landlock" and "seccomp"."""
    return [sys.executable, __file__, ",".join(protections), *command]


def main() -> None:
    """Lack what the first argument names, and become the command in the others."""
    numbers = [_CALLS[name] for name in sys.argv[1].split(",")]
    tests = [line for number in numbers for line in ((0x15, 0, 1, number), (0x06, 0, 0, _FAIL | errno.ENOSYS))]
    lines = [(0x20, 0, 0, 0), *tests, (0x06, 0, 0, _ALLOW)]
    program = _Program(len(lines), b"".join(struct.pack("=HBBI", *line) for line in lines))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*arguments) != 0:
            sys.exit(os.strerror(ctypes.get_errno()))
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
