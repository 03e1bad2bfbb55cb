"""A process of root that may no more than any owner of its files: mode 000 closes a file to it."""

import ctypes
import os
import sys

_PR_CAPBSET_DROP = 24
_CAPABILITY_VERSION_3 = 0x20080522
# Read, write and search regardless of modes; read and search regardless of modes.
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("process", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def obey_modes() -> None:
    """Let the modes of files bind this process and its children, also where it is root's. Cannot be undone. Raises
    OSError where the system does not allow that."""
    if os.geteuid() != 0:
        return
    if sys.platform != "linux":
        raise OSError("only Linux takes single rights from root")
    library = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_CAPABILITY_VERSION_3, 0), (_Capabilities * 2)()
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        _check(library.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0))
    _check(library.capget(ctypes.byref(header), sets))
    for name in ("effective", "permitted", "inheritable"):
        taken = 1 << _CAP_DAC_OVERRIDE | 1 << _CAP_DAC_READ_SEARCH
        setattr(sets[0], name, getattr(sets[0], name) & ~taken)
    _check(library.capset(ctypes.byref(header), sets))


def _check(result: int) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
