"""Landlock: what this process may read, kept by the Linux kernel (5.13 and later) also against native code.

No package that is well kept offers it, so its three system calls are made directly; see landlock(7) and
include/uapi/linux/landlock.h, from which the numbers come.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3

# Accesses that each version of the interface knows; those that are handled are forbidden but where a rule allows them.
_FILE_ACCESSES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_ACCESSES = {4: (1 << 2) - 1}
_SCOPES = {6: (1 << 2) - 1}

_libc = ctypes.CDLL(None, use_errno=True)


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneathAttributes(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def landlock_version() -> int:
    """The version of the interface that the kernel has; 0 where it has none or it is switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)))


def forbid_new_privileges() -> None:
    """No program that this process starts gains privileges, and an unprivileged process may restrict itself. Raises
    OSError."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def reading_ruleset(files: Iterable[Path], folders: Iterable[Path]) -> int:
    """A descriptor for `allow_only`: a process may read `files` and everything below them, list `folders`, and open
    nothing else; it may not execute, connect, or send signals to others as far as the kernel's version can forbid it.
    Paths that this process cannot open are left out. Raises OSError where the kernel has no Landlock."""
    version = landlock_version()
    if version == 0:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    attributes = _RulesetAttributes(
        _of_version(_FILE_ACCESSES, version), _of_version(_NETWORK_ACCESSES, version), _of_version(_SCOPES, version)
    )
    # An older kernel refuses a structure with fields that it does not know.
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _check(_libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0))
    try:
        for path in files:
            _allow(ruleset, path, _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE)
        for path in folders:
            _allow(ruleset, path, _READ_DIR)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def allow_only(ruleset: int) -> None:
    """Hold this process to what the ruleset allows, for good. `forbid_new_privileges` must have been called. Raises
    OSError."""
    _check(_libc.syscall(_RESTRICT_SELF, ruleset, 0))


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _PathBeneathAttributes(access, descriptor)
        _check(_libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(descriptor)


def _of_version(accesses: dict[int, int], version: int) -> int:
    return max((bits for since, bits in accesses.items() if since <= version), default=0)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
