"""A seccomp filter: which system calls this process may still make, kept by the Linux kernel also against native code.

The filter is a list of what a process that only computes and reads needs; everything else fails with EPERM, also what
later kernels add. No package that is well kept compiles such a filter without a C library that slim images lack, so it
is written in the kernel's own form, a classic BPF program; see seccomp(2) and include/uapi/linux/{seccomp,filter}.h.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from functools import cache
from typing import NamedTuple

_AUDIT_ARCH_X86_64 = 0xC000003E

# Offsets in struct seccomp_data; arguments are 64 bits wide, low half first.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_OR_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000

# The other ABI of x86-64 has the same numbers with this bit.
_X32_BIT = 0x40000000

# Numbers of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).
_ALLOWED = {
    "read": 0,
    "write": 1,
    "close": 3,
    "stat": 4,
    "fstat": 5,
    "lstat": 6,
    "poll": 7,
    "lseek": 8,
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "pread64": 17,
    "readv": 19,
    "writev": 20,
    "access": 21,
    "select": 23,
    "sched_yield": 24,
    "mremap": 25,
    "mincore": 27,
    "madvise": 28,
    "dup": 32,
    "dup2": 33,
    "nanosleep": 35,
    "getpid": 39,
    "exit": 60,
    "uname": 63,
    "getcwd": 79,
    "readlink": 89,
    "gettimeofday": 96,
    "getrlimit": 97,
    "getrusage": 98,
    "sysinfo": 99,
    "times": 100,
    "getuid": 102,
    "getgid": 104,
    "geteuid": 107,
    "getegid": 108,
    "getppid": 110,
    "sigaltstack": 131,
    "statfs": 137,
    "fstatfs": 138,
    "gettid": 186,
    "time": 201,
    "futex": 202,
    "sched_getaffinity": 204,
    "getdents64": 217,
    "restart_syscall": 219,
    "clock_gettime": 228,
    "clock_getres": 229,
    "clock_nanosleep": 230,
    "exit_group": 231,
    "newfstatat": 262,
    "readlinkat": 267,
    "faccessat": 269,
    "pselect6": 270,
    "ppoll": 271,
    "set_robust_list": 273,
    "dup3": 292,
    "getcpu": 309,
    "getrandom": 318,
    "membarrier": 324,
    "statx": 332,
    "rseq": 334,
    "faccessat2": 439,
}

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_libc = ctypes.CDLL(None, use_errno=True)

_SECCOMP, _SET_MODE_FILTER, _SYNCHRONISE_THREADS = 317, 1, 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def prepare_filter() -> None:
    """Do now what takes time in `allow_only_computing`, for the processes that this one forks."""
    _code_around_process_id()


def allow_only_computing() -> None:
    """From now on every thread of this process may compute, read, and write to what is already open. It may not open a
    file for writing, make a socket, a process or a thread, execute, signal or trace another process, or change another
    one's limits or its own. `forbid_new_privileges` must have been called.

    Raises OSError where the kernel has no seccomp, or the machine is not one that the filter is written for.
    """
    if not (sys.platform == "linux" and platform.machine() == "x86_64" and sys.maxsize > 2**32):
        raise OSError(errno.ENOSYS, "the filter is written for Linux on x86-64 alone")
    code = struct.pack("=I", os.getpid()).join(_code_around_process_id())
    program = _Program(len(code) // 8, code)
    if _libc.syscall(_SECCOMP, _SET_MODE_FILTER, _SYNCHRONISE_THREADS, ctypes.byref(program)) != 0:
        number = ctypes.get_errno() or errno.EINVAL
        raise OSError(number, os.strerror(number))


class _Condition(NamedTuple):
    """Of an argument of a system call: the bits of `mask` in its lower half have one of the values."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    half: int = 0
    """1 for the upper half"""


# Stands for the number of the process, which is not known before it is forked.
_PROCESS_ID = 0x7FFFFFFF

# Numbers of system calls that are allowed where every condition holds.
_ALLOWED_CONDITIONALLY = {
    2: (_Condition(1, (0,), _WRITE_FLAGS),),  # open
    257: (_Condition(2, (0,), _WRITE_FLAGS),),  # openat
    16: (_Condition(1, (0x5401, 0x5450, 0x5451)),),  # ioctl: TCGETS, FIONCLEX, FIOCLEX
    72: (_Condition(1, (0, 1, 2, 3, 1030)),),  # fcntl: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC
    234: (_Condition(0, (_PROCESS_ID,)),),  # tgkill, with which abort() ends this process
    # prlimit64 of this process, without new limits: an administrator's process could raise its own.
    302: (_Condition(0, (0,)), _Condition(2, (0,)), _Condition(2, (0,), half=1)),
}


@cache
def _code_around_process_id() -> tuple[bytes, bytes]:
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _AUDIT_ARCH_X86_64),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER_OR_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]
    for number in _ALLOWED.values():
        lines += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for number, conditions in _ALLOWED_CONDITIONALLY.items():
        tests = [line for condition in conditions for line in _lines_of(condition)]
        lines += [(_JUMP_EQUAL, 0, len(tests) + 1, number), *tests, (_RETURN, 0, 0, _ALLOW)]
    lines.append((_RETURN, 0, 0, _FAIL | errno.EPERM))
    # struct sock_filter: code, jump if true, jump if false, operand.
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    before, after = code.split(struct.pack("=I", _PROCESS_ID))
    return before, after


def _lines_of(condition: _Condition) -> list[tuple[int, int, int, int]]:
    """Go on after these lines where the condition holds, and fail where it does not."""
    offset = _ARGUMENTS + 8 * condition.argument + 4 * condition.half
    # Over the tests of the values that remain, and the failure.
    tests = [
        (_JUMP_EQUAL, remaining, 0, value)
        for remaining, value in zip(range(len(condition.values), 0, -1), condition.values, strict=True)
    ]
    return [(_LOAD, 0, 0, offset), (_AND, 0, 0, condition.mask), *tests, (_RETURN, 0, 0, _FAIL | errno.EPERM)]
